//! Packages for Debian and Red Hat, made by the Tauri CLI.

use anyhow::{Result, bail};

use crate::{build, build::Profile, command, step::step};

/// The CLI of the line the app is built with, prebuilt from npm: compiling it takes a quarter of an hour.
const TAURI_CLI: &str = "@tauri-apps/cli@2.12";

/// The window is built already, and by a Trunk that is told to stay offline.
const NO_REBUILD: &str = r#"{"build":{"beforeBuildCommand":null}}"#;

pub(crate) fn run() -> Result<()> {
    let npx = if cfg!(windows) { "npx.cmd" } else { "npx" };
    if !command::exists(npx) {
        bail!(
            "npx is missing, which brings the Tauri CLI: install Node.js (Debian: apt-get install npm)"
        );
    }
    build::build(Profile::Release)?;
    step("bundling", || {
        let mut cli = command::command(npx);
        cli.args(["--yes", TAURI_CLI, "build", "--bundles", "deb,rpm", "--config", NO_REBUILD]);
        cli.args(["--features", "custom-protocol"]);
        command::run(&mut cli)
    })
}
