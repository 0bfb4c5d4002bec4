use std::ops::Deref;
use std::sync::Arc;

#[cfg(not(target_os = "linux"))]
use serde::Deserialize as _;
#[cfg(not(target_os = "linux"))]
use tauri::{
    Manager as _, Runtime,
    ipc::{CommandArg, CommandItem, InvokeError},
};

#[cfg(not(target_os = "linux"))]
use crate::parts::Parts;
use crate::watch::{Watch, Watches};

/// The watch that a command is about: that of the profile the page names. A page that is about to show another one must
/// not have it answered for this one.
pub(super) struct Here(Arc<Watch>);

impl Deref for Here {
    type Target = Watch;

    fn deref(&self) -> &Watch {
        &self.0
    }
}

impl Here {
    /// The argument that every command of a profile may have.
    pub(super) const ARGUMENT: &str = "profile";

    /// # Errors
    /// What the page is told: it is not watched, or nothing is yet.
    pub(super) fn of(watches: &Watches, profile: Option<&str>) -> Result<Self, &'static str> {
        watches.watch(profile).map(Self).ok_or("this profile is not watched now")
    }
}

#[cfg(not(target_os = "linux"))]
fn parts<R: Runtime>(command: &CommandItem<'_, R>) -> Result<Parts, InvokeError> {
    let parts = command.message.webview_ref().try_state::<Parts>();
    Ok(parts.ok_or_else(|| InvokeError::from("VaultWatch is starting"))?.inner().clone())
}

#[cfg(not(target_os = "linux"))]
impl<'de, R: Runtime> CommandArg<'de, R> for Parts {
    fn from_command(command: CommandItem<'de, R>) -> Result<Self, InvokeError> {
        parts(&command)
    }
}

#[cfg(not(target_os = "linux"))]
impl<'de, R: Runtime> CommandArg<'de, R> for Here {
    fn from_command(command: CommandItem<'de, R>) -> Result<Self, InvokeError> {
        let parts = parts(&command)?;
        let profile = CommandItem { key: Self::ARGUMENT, ..command };
        let profile = Option::<String>::deserialize(profile);
        let profile = profile.map_err(|error| InvokeError::from(error.to_string()))?;
        Self::of(&parts.watches, profile.as_deref()).map_err(InvokeError::from)
    }
}
