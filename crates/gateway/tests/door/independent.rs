//! Another implementation of the protocol: Python and `websockets`, written from the document alone.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::guest::Tokens;
use super::program::Program;

#[cfg(unix)]
#[test]
fn a_client_made_from_the_document_alone_gets_along() {
    let tokens = Tokens::new();
    let rights = ["vault_update*", "note", "risk_alert", "welcome"];
    let token = tokens.add_with("python", "desk", &["*"], &rights);
    let program = Program::start(&["--tokens", tokens.file.path().to_str().unwrap()]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/door/independent.py");
    let mut python = Command::new(environment());
    python.arg(script).arg(format!("ws://{}/ws", program.address)).env("VAULTWATCH_TOKEN", token);
    let mut child = python.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = lines.next().map(Result::unwrap);
    if ready.as_deref() == Some("ready") {
        program.terminate();
    }
    let status = child.wait().unwrap();
    assert!(
        status.success(),
        "independent.py ended with {status}; the gateway: {}",
        program.said()
    );
}

/// The Python of an environment with `websockets`. It is made once and kept in the target folder.
fn environment() -> PathBuf {
    const REQUIREMENT: &str = "websockets==15.0.1";
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    let target = target.expect("a test lies in cargo's target folder");
    let environment = target.join("websockets-python");
    let python = environment.join("bin/python");
    // Another test may be making it at this moment.
    let lock = File::create(target.join("websockets-python.lock")).unwrap();
    lock.lock().unwrap();
    let stamp = environment.join("complete");
    if fs::read_to_string(&stamp).is_ok_and(|made| made == REQUIREMENT) && python.exists() {
        return python;
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment));
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", REQUIREMENT]));
    fs::write(&stamp, REQUIREMENT).unwrap();
    python
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed with {}: {said}", output.status);
}
