//! The Tauri shell: window, tray, operating system notifications and the bridge to the page, around
//! [`monitor`], which does the watching.
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
mod logging;
mod machine;
mod notify;
mod obstacles;
mod outbox;
mod private;
mod quit;
mod running;
mod starts;
mod storage;
mod tray;
#[cfg(feature = "updater")]
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
    #[cfg(target_os = "linux")]
    if std::env::args_os().nth(1).is_some_and(|word| word == window::WORD) {
        return window::run();
    }
    // Before anything of the desktop is touched: `--help` works without a display.
    let arguments = Arguments::parse();
    match app::run(arguments) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}
