//! Another implementation of the protocol: Python and `websockets`, written from the document alone.

use std::io::{BufRead, BufReader};
use std::path::Path;
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
    let mut python = Command::new(proving::python::with("websockets==15.0.1"));
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
