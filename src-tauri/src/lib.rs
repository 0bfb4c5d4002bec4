//! The Tauri shell: window, tray, operating system notifications and the bridge to the page, around
//! [`monitor`], which does the watching.
//!
//! On Linux it is two programs: the watch, which starts no toolkit, and the window, which the watch starts.
//!
//! Invariants: no business rule is decided here. The tray and the window are views; both can be missing, come late
//! or go, and the watch goes on. With the window closed there is no webview.

mod alarm;
mod app;
mod arguments;
mod begun;
mod bridge;
mod call_out;
mod crash;
mod display;
mod failure;
mod feed;
mod host;
mod logging;
mod machine;
mod notify;
mod obstacles;
mod outbox;
mod parts;
mod private;
mod quit;
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "there a click has no name, and the menu no profiles")
)]
mod say;
mod starts;
mod storage;
mod tray;
#[cfg(all(feature = "updater", not(target_os = "linux")))]
mod updates;
mod watch;
mod window;

use std::process::ExitCode;

use arguments::Arguments;
use clap::Parser;

/// The configuration and the page. Here alone, for there are megabytes of it.
fn context() -> tauri::Context {
    tauri::generate_context!()
}

/// Runs the application until it is quit.
#[must_use]
pub fn run() -> ExitCode {
    // Before anything of the desktop is touched: `--help` works without a display.
    let arguments = Arguments::parse();
    match app::run(arguments) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

/// Shows the window of a watch, which has started this program for it, until it is closed.
#[cfg(target_os = "linux")]
#[must_use]
pub fn run_window() -> ExitCode {
    window::run()
}
