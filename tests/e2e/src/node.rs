//! Packages of npm that the tests use.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::screenshots::target_folder;

/// The script of axe-core, which finds what stands in the way of somebody who uses a screen reader or a keyboard.
///
/// # Errors
/// When it cannot be installed.
pub async fn axe() -> Result<String> {
    let modules = tokio::task::spawn_blocking(modules).await??;
    let script = modules.join("axe-core/axe.min.js");
    fs::read_to_string(&script).with_context(|| format!("{} cannot be read", script.display()))
}

/// A `node_modules` with what `node/package.json` names, in exactly those versions. It is made once and kept in `target`.
fn modules() -> Result<PathBuf> {
    let folder = target_folder().join("e2e-node");
    fs::create_dir_all(&folder)?;
    // Another test may be making it at this moment.
    let lock = File::create(target_folder().join("e2e-node.lock"))?;
    lock.lock()?;
    let wanted =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("node/package.json"))?;
    let (modules, stamp) = (folder.join("node_modules"), folder.join("complete"));
    if fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) && modules.exists() {
        return Ok(modules);
    }
    fs::write(folder.join("package.json"), &wanted)?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&folder);
    let output = npm
        .stdin(Stdio::null())
        .output()
        .context("npm cannot be started: is it installed (Debian: apt-get install npm)?")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "npm failed with {}: {said}", output.status);
    fs::write(&stamp, wanted)?;
    Ok(modules)
}
