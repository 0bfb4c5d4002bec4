//! `channels`: the real program, against a real server.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

fn ctl(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vaultwatchctl"));
    // No keychain: the bus is nowhere.
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    command.env("DESK_SECRET", "a secret of sixteen bytes or more");
    command.arg("channels").args(args);
    if args[0] != "secret" {
        command.arg("--data-dir").arg(folder);
    }
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

/// Takes one call and answers with that status.
fn answer(status: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let taking = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut call = String::new();
        let mut buffer = [0; 4_096];
        while !call.ends_with("}}") {
            let count = stream.read(&mut buffer).unwrap();
            call.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
        stream.write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes()).unwrap();
        call
    });
    (address, taking)
}

fn config(folder: &Path, address: &str) {
    let text = format!(
        "[channels.webhook]\nurl = \"http://{address}/hook\"\nsecret_env = \"DESK_SECRET\"\n\
         [channels.dead_man]\nurl = \"http://{address}/ping\"\n"
    );
    std::fs::write(folder.join("config.toml"), text).unwrap();
}

#[test]
fn a_test_that_is_taken_ends_well_and_one_that_is_not_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let (address, taking) = answer("200 OK");
    config(folder.path(), &address);
    let output = ctl(folder.path(), &["test", "webhook"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let call = taking.join().unwrap();
    assert!(
        call.starts_with("POST /hook HTTP/1.1") && call.contains("\"event\":\"test\""),
        "{call}"
    );
    assert!(call.contains("vaultwatch-signature: sha256="), "{call}");

    let (address, taking) = answer("503 Busy");
    config(folder.path(), &address);
    let output = ctl(folder.path(), &["test", "webhook"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("503"), "{}", said(&output));
    taking.join().unwrap();
    // Nobody is there any more.
    let output = ctl(folder.path(), &["test", "dead_man"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
}

#[test]
fn what_is_configured_is_listed_without_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    config(folder.path(), "127.0.0.1:1");
    let output = ctl(folder.path(), &["list"]);
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("webhook") && text.contains("http://127.0.0.1:1"), "{text}");
    assert!(!text.contains("/hook") && !text.contains("sixteen bytes"), "{text}");
}

#[test]
fn what_is_not_there_is_bad_usage() {
    let folder = tempfile::tempdir().unwrap();
    config(folder.path(), "127.0.0.1:1");
    for (args, word) in [
        (&["test", "ntfy"][..], "no ntfy is configured"),
        (&["test", "pigeon"], "no channel"),
        (&["secret", "pigeon"], "no channel"),
    ] {
        let output = ctl(folder.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", said(&output));
        assert!(said(&output).contains(word), "{args:?}: {}", said(&output));
    }
    std::fs::write(
        folder.path().join("config.toml"),
        "[channels.ntfy]\nurl = \"http://x.example/y\"\n",
    )
    .unwrap();
    let output = ctl(folder.path(), &["list"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("line 2") && said(&output).contains("ntfy.url"),
        "{}",
        said(&output)
    );
}

#[test]
fn without_a_keychain_a_secret_is_not_said_to_be_kept() {
    let folder = tempfile::tempdir().unwrap();
    let output = ctl(folder.path(), &["secret", "webhook", "--generate"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(output.stdout.is_empty(), "nothing to give to a receiver");
}
