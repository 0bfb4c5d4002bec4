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

/// As the recipe in `docs/gateway.md` has it, but for the folders and the address.
#[test]
fn the_example_of_options_is_accepted_once_the_recipe_was_followed() {
    let folder = tempfile::tempdir().unwrap();
    let etc = folder.path().join("etc");
    let state = folder.path().join("state");
    std::fs::create_dir_all(etc.join("tls")).unwrap();
    std::fs::create_dir_all(&state).unwrap();
    let moved = |text: &str| {
        text.replace("/etc/vaultwatch", etc.to_str().unwrap())
            .replace("/var/lib/vaultwatch-gateway", state.to_str().unwrap())
            .replace("0.0.0.0:3001", "127.0.0.1:0")
    };
    for name in ["alerts.toml", "gateway.env"] {
        let text = std::fs::read_to_string(packaging().join("systemd").join(name)).unwrap();
        std::fs::write(etc.join(name), moved(&text)).unwrap();
    }
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["gateway.example".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    std::fs::write(etc.join("tls/chain.pem"), certificate.pem()).unwrap();
    std::fs::write(etc.join("tls/key.pem"), key.serialize_pem()).unwrap();

    let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/gateway.md");
    let recipe = std::fs::read_to_string(recipe).unwrap();
    let step = |begins: &str| {
        let line = recipe.lines().find(|line| line.starts_with(begins));
        moved(line.unwrap_or_else(|| panic!("the recipe has no `{begins}`")))
    };
    for step in [
        step("sed -i"),
        step("vaultwatch-gateway token new desk-1 --read '*' --publish alert_state --tokens /etc")
            .replacen("vaultwatch-gateway", PROGRAM, 1),
    ] {
        let done = Command::new("sh").args(["-c", &step]).output().unwrap();
        assert!(done.status.success(), "{step}: {done:?}");
    }

    // What systemd does with the file: a line is a variable, and this one's words are options.
    let env = std::fs::read_to_string(etc.join("gateway.env")).unwrap();
    let variables = env.lines().filter(|line| !line.starts_with('#'));
    let variables = variables.filter_map(|line| line.split_once('='));
    let variables: std::collections::BTreeMap<_, _> =
        variables.map(|(name, value)| (name, value.trim_matches('"'))).collect();
    let mut child = Command::new(PROGRAM)
        .args(variables["VAULTWATCH_GATEWAY_OPTIONS"].split(' '))
        .envs(&variables)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut said = Vec::new();
    for line in lines {
        said.push(line.unwrap());
        if said.last().unwrap().contains("listening on") {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(said.last().is_some_and(|line| line.contains("listening on wss://")), "{said:?}");
}
