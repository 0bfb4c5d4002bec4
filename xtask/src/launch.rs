//! From a fresh checkout to a running app.

use std::env;

use anyhow::Result;

use crate::{
    build::{self, Profile},
    command, step, workspace,
};

/// Builds in release and starts what this machine can show: the app, or the command line where there is no display.
pub(crate) fn run(args: &[String]) -> Result<()> {
    if has_display() {
        build::build(Profile::Release)?;
        return command::run(command::command(&binary("vaultwatch")).args(args));
    }
    // Neither the window nor the libraries it needs are of use here: minutes instead of a quarter of an hour.
    step::note(
        "no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so there can be no window",
    );
    if !args.is_empty() {
        step::note("the arguments are the app's and are left out");
    }
    build::command_line()?;
    step::note("watching the demo feed in the terminal instead; Ctrl+C ends it");
    command::run(command::command(&binary("vaultwatchctl")).args(["watch", "--demo"]))
}

/// Windows and macOS always have one; on Linux the session says so.
fn has_display() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

fn binary(name: &str) -> String {
    let path = workspace::target().join("release").join(name);
    path.with_extension(env::consts::EXE_EXTENSION).to_string_lossy().into_owned()
}
