//! What the application runs in, and who sees to it that there is one of it. On Linux that is the runtime alone: the watch
//! starts no toolkit and needs no display, and the window is another program (`docs/decisions/0085`). Elsewhere it is
//! Tauri's loop of events, with the window in this process.

#[cfg(target_os = "linux")]
mod instance;

#[cfg(target_os = "linux")]
#[path = "alone.rs"]
mod platform;
#[cfg(not(target_os = "linux"))]
#[path = "toolkit.rs"]
mod platform;

#[cfg(target_os = "linux")]
pub(crate) use instance::hand_on;
pub(crate) use platform::{Host, Running};

/// Only on Linux another start is told before anything else.
#[cfg(not(target_os = "linux"))]
pub(crate) async fn hand_on() -> bool {
    false
}
