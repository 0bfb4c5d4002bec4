//! Against libsodium, through PyNaCl: what we seal it opens, what it seals we open.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;

use super::vectors::{Vector, vectors};
use super::*;

#[test]
fn both_ways_with_libsodium() {
    let vectors = vectors();
    let ours: Vec<_> =
        vectors.iter().map(|v| v.ring().seal(&v.message(), v.nonce()).unwrap()).collect();
    let asked: Vec<_> = vectors
        .iter()
        .zip(&ours)
        .map(|(v, sealed)| {
            json!({
                "tenant": v.tenant, "key": v.key, "kid": v.kid, "plain": v.plain,
                "message": serde_json::from_str::<serde_json::Value>(&sealed.to_json()).unwrap(),
            })
        })
        .collect();
    let answers = ask(&json!(asked));
    assert_eq!(answers.len(), vectors.len());
    for (vector, answer) in vectors.iter().zip(answers) {
        assert_eq!(answer["opened"], json!(vector.plain), "libsodium opens ours: {vector:?}");
        let theirs = sealed_by_them(vector, &answer["sealed"]);
        assert_eq!(vector.ring().open(&theirs).unwrap(), vector.message(), "we open theirs");
    }
}

fn sealed_by_them(vector: &Vector, data: &serde_json::Value) -> Message {
    with_data(&vector.message(), data)
}

fn ask(question: &serde_json::Value) -> Vec<serde_json::Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/encryption/tests/libsodium.py");
    let mut python = Command::new(environment());
    let mut child =
        python.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(question.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "libsodium.py failed with {}", output.status);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The Python of an environment with PyNaCl. It is made once and kept in the target folder.
fn environment() -> PathBuf {
    const REQUIREMENT: &str = "pynacl==1.6.2";
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    let target = target.expect("a test lies in cargo's target folder");
    let environment = target.join("pynacl-python");
    let python = environment.join("bin/python");
    // Another test may be making it at this moment.
    let lock = File::create(target.join("pynacl-python.lock")).unwrap();
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
