//! Binaryen, which makes a tenth less of the window's programs after the compiler is done with them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    command::{answer, command, exists, run},
    step::{note, step},
    workspace,
};

/// From npm, where it is compiled to run on Node.js, the same on every system. Of Debian's, 108, WebKitGTK did not start
/// what it made.
const PACKAGE: &str = "binaryen@132.0.0";
/// As it names itself.
const VERSION: &str = "version 132";

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// Whether it is here, or can be had. Who only wants to look at the app does not wait for the half thousand packages that
/// npm is in Debian.
pub(super) fn is_at_hand() -> bool {
    is_installed(&optimizer()) || exists(NPM)
}

/// What the compiler uses of an engine by itself, and Binaryen may use, too. The program would say it itself, in a section
/// that goes with its names.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Until nothing gets smaller any more. It takes as long again for a thousandth.
const THOROUGH: &[&str] = &["-Oz", "--converge"];
const ONCE: &[&str] = &["-Oz"];

/// Makes these programs as small as can be, in their places: the first one at any price, for it is waited for.
pub(super) fn shrink(programs: &[PathBuf]) -> Result<()> {
    let optimizer = installed()?;
    let passes = std::iter::once(THOROUGH).chain(std::iter::repeat(ONCE));
    programs
        .iter()
        .zip(passes)
        .try_for_each(|(program, passes)| shrink_one(&optimizer, program, passes))
}

fn shrink_one(optimizer: &Path, program: &Path, passes: &[&str]) -> Result<()> {
    let smaller = program.with_extension("smaller");
    let before = size(program)?;
    let made = run(command("node")
        .arg(optimizer)
        .arg(program)
        .args(FEATURES)
        .args(passes)
        .args(["--strip-debug", "--strip-producers", "--output"])
        .arg(&smaller));
    if made.is_err() {
        // What is left of it would be packed into the app. There may be nothing.
        let _ = fs::remove_file(&smaller);
    }
    made?;
    fs::rename(&smaller, program)
        .with_context(|| format!("{} cannot be replaced", program.display()))?;
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    note(&format!(
        "{name}: {:.0} kB, {:.0} before Binaryen",
        size(program)? as f64 / 1e3,
        before as f64 / 1e3
    ));
    Ok(())
}

/// Where `wasm-opt` is.
fn optimizer() -> PathBuf {
    folder().join("node_modules/binaryen/bin/wasm-opt")
}

fn folder() -> PathBuf {
    workspace::target().join("tools/binaryen")
}

fn is_installed(optimizer: &Path) -> bool {
    let printed = answer(command("node").arg(optimizer).arg("--version"));
    printed.is_some_and(|printed| printed.contains(VERSION))
}

/// The optimizer, installed by npm unless it is there.
fn installed() -> Result<PathBuf> {
    let (folder, optimizer) = (folder(), optimizer());
    if is_installed(&optimizer) {
        return Ok(optimizer);
    }
    step(&format!("installing {PACKAGE} for the window"), || {
        fs::create_dir_all(&folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        run(command(NPM)
            .args(["install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts"])
            .arg("--prefix")
            .arg(&folder)
            .arg(PACKAGE))
    })?;
    if !is_installed(&optimizer) {
        bail!("{PACKAGE} was installed, but {} does not start", optimizer.display());
    }
    Ok(optimizer)
}

fn size(file: &Path) -> Result<u64> {
    let data = fs::metadata(file).with_context(|| format!("{} is missing", file.display()))?;
    Ok(data.len())
}
