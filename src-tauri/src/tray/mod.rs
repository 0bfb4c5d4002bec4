//! The item in the system tray: a view of the monitor's state, and the way to the window and out.

mod badge;
mod icon;
mod model;

#[cfg(target_os = "linux")]
mod host;
#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod platform;
#[cfg(not(target_os = "linux"))]
#[path = "portable.rs"]
mod platform;

use domain::view::Destination;

pub(crate) use model::Snooze;
pub(crate) use platform::Tray;

/// What somebody wants of us, by the tray or by starting the program once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TrayRequest {
    Open,
    /// The window, there.
    GoTo(Destination),
    /// By this the desktop lets the window come to the front. It comes before what it is for.
    #[cfg(target_os = "linux")]
    Activation(crate::window::Token),
    /// The person is there now, and so is the next window.
    #[cfg(target_os = "linux")]
    Display(crate::window::Display),
    SnoozeAll(Snooze),
    /// To see and hear whether it would be seen and heard.
    TestCritical,
    Quit,
}

/// Called from the tray's own thread; it must not block.
pub(crate) type OnRequest = std::sync::Arc<dyn Fn(TrayRequest) + Send + Sync>;
