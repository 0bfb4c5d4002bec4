//! The item in the system tray: a view of the monitor's state, and the way to the window and out.

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

pub(crate) use platform::Tray;

/// What somebody wants of the tray.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrayRequest {
    Open,
    Quit,
}

/// Called from the tray's own thread; it must not block.
pub(crate) type OnRequest = std::sync::Arc<dyn Fn(TrayRequest) + Send + Sync>;
