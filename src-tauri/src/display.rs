use thiserror::Error;

/// There is nobody to show a window to.
#[derive(Debug, Error)]
#[error(
    "there is no display to show a window on. Over ssh or on a server, watch with `vaultwatchctl watch` instead: \
     it takes the same --url, --profile and --demo"
)]
pub(crate) struct NoDisplay;

/// Connects to the display. GTK must be asked first, for Tauri panics where it fails.
///
/// # Errors
/// [`NoDisplay`], also where one is named but does not answer.
#[cfg(target_os = "linux")]
pub(crate) fn connect() -> Result<(), NoDisplay> {
    gtk::init().map_err(|_| NoDisplay)
}

/// A display always is there.
#[cfg(not(target_os = "linux"))]
pub(crate) fn connect() -> Result<(), NoDisplay> {
    Ok(())
}
