//! The desktop application. Everything is in the library, so that it can be tested.

// A release build on Windows brings no console along.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    vaultwatch_shell::run()
}
