//! Against libsodium, through PyNaCl: what we seal it opens, what it seals we open.

use std::io::Write;
use std::path::Path;
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
    let mut python = Command::new(proving::python::with("pynacl==1.6.2"));
    let mut child =
        python.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(question.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "libsodium.py failed with {}", output.status);
    serde_json::from_slice(&output.stdout).unwrap()
}
