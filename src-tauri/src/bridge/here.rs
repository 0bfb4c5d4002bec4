use std::ops::Deref;
use std::sync::Arc;

use serde::Deserialize as _;
use tauri::ipc::{CommandArg, CommandItem, InvokeError};
use tauri::{Manager as _, Runtime};

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
    pub(super) fn of(
        watches: Option<&Watches>,
        profile: Option<&str>,
    ) -> Result<Self, &'static str> {
        let watches = watches.ok_or("VaultWatch is starting")?;
        watches.watch(profile).map(Self).ok_or("this profile is not watched now")
    }
}

impl<'de, R: Runtime> CommandArg<'de, R> for Here {
    fn from_command(command: CommandItem<'de, R>) -> Result<Self, InvokeError> {
        let watches = command.message.webview_ref().try_state::<Watches>();
        let profile = CommandItem { key: Self::ARGUMENT, ..command };
        let profile = Option::<String>::deserialize(profile);
        let profile = profile.map_err(|error| InvokeError::from(error.to_string()))?;
        Self::of(watches.as_deref(), profile.as_deref()).map_err(InvokeError::from)
    }
}
