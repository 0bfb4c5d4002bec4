//! Implementations by others that only Python has.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The Python of an environment with one package, named with its version: `pynacl==1.6.2`. It is made once and kept in the
/// target folder.
///
/// # Panics
/// There is no Python, or the package cannot be had.
#[must_use]
pub fn with(requirement: &str) -> PathBuf {
    let name = requirement.split('=').next().unwrap_or_default();
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    let target = target.expect("a test lies in cargo's target folder");
    let environment = target.join(format!("{name}-python"));
    let python = environment.join("bin/python");
    // Another test may be making it at this moment.
    let lock = File::create(target.join(format!("{name}-python.lock"))).unwrap();
    lock.lock().unwrap();
    let stamp = environment.join("complete");
    if fs::read_to_string(&stamp).is_ok_and(|made| made == requirement) && python.exists() {
        return python;
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment));
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", requirement]));
    fs::write(&stamp, requirement).unwrap();
    python
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed with {}: {said}", output.status);
}
