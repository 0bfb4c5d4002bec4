use thiserror::Error;

/// There is nobody to show a window to.
#[derive(Debug, Error)]
#[error(
    "there is no display to show a window on. Over ssh or on a server, watch with `vaultwatchctl watch` instead: \
     it takes the same --url, --profile and --demo; `vaultwatch --hidden` watches without a window"
)]
pub(crate) struct NoDisplay;

/// Whether this start finds a display.
///
/// # Errors
/// [`NoDisplay`].
#[cfg(target_os = "linux")]
pub(crate) fn look() -> Result<(), NoDisplay> {
    crate::window::Display::of_this_start().look()
}

/// A display always is there.
#[cfg(not(target_os = "linux"))]
pub(crate) fn look() -> Result<(), NoDisplay> {
    Ok(())
}
