//! Child processes whose failure is an error that names them.

use std::{
    env,
    io::ErrorKind,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::workspace;

/// A command that runs in the root of the repository.
pub(crate) fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(workspace::root());
    // `cargo run` describes xtask to its child in these. Build scripts that watch them (ring's does) would run again
    // each time cargo is called from here and by hand in turn.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let describes_xtask = text.starts_with("CARGO_PKG_")
            || text.starts_with("CARGO_MANIFEST_")
            || matches!(&*text, "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE");
        if describes_xtask {
            command.env_remove(&name);
        }
    }
    command
}

/// The cargo that runs xtask, with these arguments.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let program = env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut command = command(&program);
    command.args(args);
    command
}

/// Runs it with the terminal's own output; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    eprintln!("    $ {line}");
    let status = command.status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{line}` ended with {status}");
    }
    Ok(())
}

/// Its standard output, or `None` when the program is not there or did not succeed.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Its standard output; anything but success is an error that holds what it complained about.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` ended with {}:\n{}", shown(command), output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program of this name can be started at all.
pub(crate) fn exists(program: &str) -> bool {
    let probe = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    !matches!(probe, Err(error) if error.kind() == ErrorKind::NotFound)
}

fn cannot_start(command: &Command) -> String {
    format!("`{}` cannot be started: is it installed and on PATH?", name(command))
}

fn shown(command: &Command) -> String {
    let args = command.get_args().map(|arg| arg.to_string_lossy().into_owned());
    std::iter::once(name(command)).chain(args).collect::<Vec<_>>().join(" ")
}

/// The program without its folder: the toolchain's path tells a reader nothing.
fn name(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    program.file_stem().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()
}
