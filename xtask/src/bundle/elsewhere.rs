//! Installers for Windows and macOS, made by the Tauri CLI from the configuration in `tauri.conf.json`.

use anyhow::{Result, bail};

use super::manifest::Updates;
use super::programs;
use super::recipe::tauri;
use super::release::Release;
use crate::build::{self, Profile};
use crate::command;
use crate::setup::{self, Purpose};
use crate::step::{note, step};

/// The CLI of the line the app is built with, prebuilt from npm: compiling it takes a quarter of an hour.
const TAURI_CLI: &str = "@tauri-apps/cli@2.12";

/// What links the updater into the app.
const UPDATER: &[&str] = &["--features", "vaultwatch/updater"];

/// Builds, and bundles what was built.
pub(crate) fn bundle() -> Result<()> {
    let (npx, bundles) = match cfg!(windows) {
        true => ("npx.cmd", "nsis,msi"),
        false => ("npx", "app,dmg"),
    };
    if !command::exists(npx) {
        bail!("npx is missing, which brings the Tauri CLI: install Node.js");
    }
    let updates = Updates::configured(&tauri()?)?;
    let overlay = updates.as_ref().map(Updates::overlay).transpose()?;
    setup::ensure(Purpose::Build)?;
    build::binaries_with(Profile::Release, if updates.is_some() { UPDATER } else { &[] })?;
    step("bundling", || {
        let mut cli = command::command(npx);
        cli.args(["--yes", TAURI_CLI, "bundle", "--bundles", bundles]);
        if let Some(overlay) = &overlay {
            cli.arg("--config").arg(overlay.to_string());
        }
        command::run(&mut cli)
    })?;
    match updates {
        Some(updates) => {
            let manifest = updates.write(&programs().join("bundle"), &Release::current()?)?;
            note(&format!("the manifest of the updates: {}", manifest.display()));
        }
        None => {
            note("updates are off: plugins.updater in tauri.conf.json names no key and address");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::command::{cargo, output};

    /// The Tauri CLI ships each program of the package that requires no feature beyond those it is told of itself, and it
    /// is told of none.
    #[test]
    fn of_the_apps_programs_the_one_that_people_start_is_shipped() {
        let mut metadata = cargo(&["metadata", "--locked", "--no-deps", "--format-version", "1"]);
        let metadata: Value = serde_json::from_str(&output(&mut metadata).unwrap()).unwrap();
        let packages = metadata["packages"].as_array().unwrap();
        let app = packages.iter().find(|package| package["name"] == "vaultwatch").unwrap();
        let targets = app["targets"].as_array().unwrap().iter();
        let programs = targets.filter(|target| target["kind"][0] == "bin");
        let shipped = programs.filter(|program| program["required-features"].is_null());
        let shipped: Vec<_> = shipped.map(|program| &program["name"]).collect();
        assert_eq!(shipped, [&app["default_run"]]);
    }
}
