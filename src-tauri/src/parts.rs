use std::sync::Arc;

use monitor::settings::SettingsDesk;

use crate::alarm::Sound;
use crate::bridge::StartAgain;
use crate::call_out::Channels;
#[cfg(not(target_os = "linux"))]
use crate::host::Host;
use crate::watch::Watches;
use crate::window::Memory;

/// What the application is made of, as far as its window and the page's commands reach it. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) watches: Watches,
    pub(crate) settings: Arc<SettingsDesk>,
    /// Who is called, of no profile.
    pub(crate) channels: Channels,
    pub(crate) sound: Sound,
    /// Where the window was left, and what its page left.
    pub(crate) memory: Arc<Memory>,
    pub(crate) start_again: Arc<StartAgain>,
    #[cfg(not(target_os = "linux"))]
    pub(crate) host: Host,
}
