//! The window's program: compiled, divided, and bound to the browser.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow};
use wasm_split_cli_support as divide;

use crate::{
    command::{cargo, command, run},
    tools::WASM,
    workspace,
};

/// The name of the package, and with it of the program.
const PACKAGE: &str = "vaultwatch-ui";
/// Loads the second program: what the first one imports it from.
pub(super) const LOADER: &str = "later.js";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is shipped: small, and in two programs (docs/decisions/0086).
    Shipped,
    /// With its recording, in development's profile, which the tests in a browser are built in, too.
    Recorded,
}

/// Compiles it, and writes what a browser loads into that folder. Tells where the programs lie, the first one first.
pub(super) fn build(form: Form, dist: &Path) -> Result<Vec<PathBuf>> {
    let compiled = compile(form)?;
    match form {
        Form::Recorded => Ok(vec![bind(&compiled, dist)?]),
        Form::Shipped => {
            let (first, second) = split(&compiled, dist)?;
            let mut programs = vec![bind(&first, dist)?];
            programs.extend(second);
            Ok(programs)
        }
    }
}

fn compile(form: Form) -> Result<PathBuf> {
    let (profile, feature) = match form {
        Form::Shipped => ("wasm-release", super::SHIPPED),
        Form::Recorded => ("dev", "recorded"),
    };
    let mut compile = cargo(&["build", "-p", PACKAGE, "--bin", PACKAGE, "--target", WASM]);
    compile.args(["--profile", profile, "--features", feature]);
    if form == Form::Shipped {
        compile.env("CARGO_ENCODED_RUSTFLAGS", short_paths());
    }
    run(&mut compile)?;
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(workspace::target().join(WASM).join(folder).join(format!("{PACKAGE}.wasm")))
}

/// What a panic tells of its place begins with the name of the crate: where the sources lie on the machine that built it is
/// nobody's business, and some kilobytes.
fn short_paths() -> OsString {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let registries = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok());
    let mut flags = OsString::new();
    for registry in registries.into_iter().flatten().flatten() {
        if !flags.is_empty() {
            // Between two flags.
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(registry.path());
        flags.push("/=");
    }
    flags
}

/// In two: what the page begins with, and what it loads afterwards, which is written where it is loaded from.
fn split(compiled: &Path, dist: &Path) -> Result<(PathBuf, Vec<PathBuf>)> {
    let input =
        fs::read(compiled).with_context(|| format!("cargo has left no {}", compiled.display()))?;
    let first = compiled.with_file_name("first").join(format!("{PACKAGE}.wasm"));
    if let Some(folder) = first.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let (link_name, main_module) = (format!("./{LOADER}"), format!("./{PACKAGE}.js"));
    let mut options = divide::Options::new(&input);
    options.output_dir = dist;
    options.main_out_path = &first;
    options.link_name = &link_name;
    options.main_module = &main_module;
    let made = divide::transform(options)
        .map_err(|error| anyhow!("the window's program cannot be divided: {error:#}"))?;
    Ok((first, made.split_modules))
}

/// Writes what joins it to a browser, and the program that asks for that.
fn bind(program: &Path, dist: &Path) -> Result<PathBuf> {
    run(command("wasm-bindgen")
        // The table of functions is the second program's, too.
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports"])
        .args(["--out-name", PACKAGE, "--out-dir"])
        .arg(dist)
        .arg(program))?;
    Ok(dist.join(format!("{PACKAGE}_bg.wasm")))
}
