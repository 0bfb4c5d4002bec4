//! Starting VaultWatch with the session, in the tray.
//!
//! [`Autostart`] keeps one entry in the user's own configuration, of one of the kinds of [`How`], and nothing besides: no
//! record of its own, so what the desktop's settings or a text editor did to it is seen. On Linux that is a unit of the
//! user's systemd where that runs the session, which starts the watch again when it dies, or else a file in the desktop's
//! autostart folder. Never both.

#![cfg_attr(windows, expect(dead_code, reason = "nothing is written there"))]

mod error;
mod how;
#[cfg(any(test, unix))]
mod kept_file;
mod launch;
mod program;
mod status;

#[cfg(any(test, all(unix, not(target_os = "macos"))))]
mod desktop_file;
#[cfg(any(test, target_os = "macos"))]
mod launch_agent;
#[cfg(any(test, all(unix, not(target_os = "macos"))))]
mod unit;
#[cfg(all(unix, not(target_os = "macos")))]
mod user_manager;
#[cfg(any(test, all(unix, not(target_os = "macos"))))]
mod words;

#[cfg(all(unix, not(target_os = "macos")))]
#[path = "linux.rs"]
mod platform;
#[cfg(target_os = "macos")]
#[path = "macos.rs"]
mod platform;
#[cfg(windows)]
#[path = "windows.rs"]
mod platform;

pub use error::AutostartError;
pub use how::{How, UnknownHow};
pub use launch::{Launch, UnwritableWord};
pub use platform::Autostart;
pub use program::find as find_program;
pub use status::{Entry, Remark, Status};
