//! The Tauri shell: window, tray, operating system notifications and the bridge to the page, around
//! [`monitor`], which does the watching.
//!
//! Invariants: no business rule is decided here. The tray and the window are views; both can be missing, come late
//! or go, and the watch goes on. With the window closed there is no webview.

mod alarm;
mod app;
mod arguments;
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
mod window;

use std::process::ExitCode;

use arguments::Arguments;
use clap::Parser;

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
