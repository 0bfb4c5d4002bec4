//! The program that the watch starts to show its window, on Linux.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    vaultwatch_shell::run_window()
}

/// There the window is in the watch's own process, and this is not shipped.
#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    ExitCode::FAILURE
}
