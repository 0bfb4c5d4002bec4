//! What is shipped for systemd: the unit is one, and the examples are accepted by the program.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn packaging() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging")
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_vaultwatch-gateway");

#[test]
fn systemd_understands_the_unit() {
    let folder = tempfile::tempdir().unwrap();
    let unit = std::fs::read_to_string(packaging().join("systemd/vaultwatch-gateway.service"));
    // Whether the program is installed is not what this is about.
    let unit = unit.unwrap().replace("/usr/bin/vaultwatch-gateway", PROGRAM);
    let path = folder.path().join("vaultwatch-gateway.service");
    std::fs::write(&path, unit).unwrap();
    let verified = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&path).output();
    let Ok(verified) = verified else {
        eprintln!("no systemd-analyze here: the unit was not verified");
        return;
    };
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success() && !said.contains("vaultwatch-gateway.service:"), "{said}");
}

#[test]
fn the_example_of_alerts_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let alerts = std::fs::read_to_string(packaging().join("systemd/alerts.toml")).unwrap();
    assert!(alerts.contains("/var/lib/vaultwatch-gateway/"));
    let alerts = alerts.replace("/var/lib/vaultwatch-gateway/", "");
    let path = folder.path().join("alerts.toml");
    std::fs::write(&path, alerts).unwrap();
    let mut child = Command::new(PROGRAM)
        .args(["--listen", "127.0.0.1:0", "--alerts"])
        .arg(&path)
        .env("VAULTWATCH_WEBHOOK_SECRET", "0123456789abcdef0123456789abcdef")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let listening = lines.any(|line| line.unwrap().contains("listening on"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(listening);
}
