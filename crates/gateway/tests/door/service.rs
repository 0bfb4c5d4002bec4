//! The program as a service manager, a shell and an operator in a hurry treat it.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use futures_util::SinkExt;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::PATIENCE;
use super::guest::{Guest, Tokens};
use super::program::{Program, address_in, command, run};

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_service_manager_is_told_when_clients_are_served_and_when_that_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let manager = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let told = || {
        let mut buffer = [0; 1_024];
        let length = manager.recv(&mut buffer).expect("a word in time");
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    };
    let mut program = Program::prepared("127.0.0.1:0", &[], |command| {
        command.env("NOTIFY_SOCKET", &path);
    });
    let ready = told();
    let served = format!("STATUS=listening on ws://{}/ws", program.address);
    assert_eq!(ready.split('\n').collect::<Vec<_>>(), ["READY=1", &served]);
    let _client = Guest::at(program.address).live(json!({})).await;
    program.terminate();
    assert_eq!(told(), "STOPPING=1\nSTATUS=closing 1 clients");
    assert!(program.ended().await.success(), "{}", program.said());
}

/// `systemctl reload` and the like: whoever asks for files to be read again does not want everybody cut off.
#[tokio::test]
async fn a_hangup_ends_nothing_and_says_what_is_read_again_by_itself() {
    let mut program = Program::start(&[]);
    let (mut client, _) = Guest::at(program.address).live(json!({})).await;
    program.signal("HUP");
    program.says("there is nothing to reload", 1).await;
    assert_eq!(client.publish("1", "note", json!(1)).await["type"], "ack");
    program.terminate();
    assert!(program.ended().await.success(), "{}", program.said());
}

/// As behind `2>&1 | head`, or a log collector that has crashed.
#[tokio::test]
async fn whoever_read_its_log_may_go() {
    let mut command = tokio::process::Command::from(command());
    command.args(["--listen", "127.0.0.1:0", "--log-level", "debug"]).stdin(Stdio::null());
    let mut child = command.stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = loop {
        let line = timeout(PATIENCE, lines.next_line()).await.expect("a line").unwrap();
        if let Some(address) = address_in(&line.expect("it listens")) {
            break address;
        }
    };
    drop(lines);
    // Each of these is something to log.
    for n in 0..5 {
        let (mut client, _) = Guest::at(address).live(json!({})).await;
        client.0.send(Message::text("not json")).await.unwrap();
        assert_eq!(client.until("error").await.pop().unwrap()["data"]["code"], "invalid");
        assert_eq!(client.publish(&n.to_string(), "note", json!(n)).await["type"], "ack");
    }
    let id = child.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").arg(id).status().unwrap().success());
    let status = timeout(PATIENCE, child.wait()).await.expect("to end").unwrap();
    assert!(status.success(), "{status}");
}

#[test]
fn what_makes_no_sense_ends_with_2_and_what_cannot_be_had_with_1() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = format!("--listen={}", taken.local_addr().unwrap());
    for (arguments, code, remedy) in [
        (&["--listen=localhost:3001"][..], 2, "127.0.0.1:3001"),
        (&["--demo", "--speed=5"], 2, "--speed and --repeat are for files"),
        (&["--sqlite=x"], 2, "--help"),
        (&[taken.as_str()], 1, "choose another port"),
    ] {
        let output = run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(remedy), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn a_secret_that_everybody_may_read_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, "0123456789abcdef0123456789abcdef").unwrap();
    let arguments = ["--jwt-key", path.to_str().unwrap()];
    for (mode, told) in [(0o644, true), (0o640, false), (0o600, false)] {
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        let program = Program::start(&arguments);
        let remedy = format!("chmod o= {}", path.display());
        assert_eq!(program.said().contains(&remedy), told, "{mode:o}: {}", program.said());
    }
}

/// `token new` as root leaves a file that the gateway's user cannot read.
#[test]
fn a_file_of_tokens_that_may_not_be_read_is_told_with_the_remedy() {
    let tokens = Tokens::new();
    tokens.add("desk", "desk");
    let path = tokens.file.path();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o000)).unwrap();
    if std::fs::File::open(path).is_ok_and(|mut file| file.read(&mut [0]).is_ok()) {
        println!("whoever runs this may read everything");
        return;
    }
    let output = run(&["--listen=127.0.0.1:0", "--tokens", path.to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && said.contains("chmod 640"), "{said}");
}
