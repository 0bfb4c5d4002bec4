//! `send` as a person or a script runs it, against a real gateway, and where there is none.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use gateway::{Access, Gateway, Source};
use proving::patience::PATIENCE;
use proving::port::Reserved;
use realtime::testing::{Peer, PeerError};
use realtime::wire::Frame;
use realtime::{Inbound, Messages, Mode, Options};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::process::Command;

async fn relay() -> Gateway {
    Gateway::bind("127.0.0.1:0".parse().unwrap(), Access::open(), Source::Relay).await.unwrap()
}

/// Somebody else who follows the gateway.
struct Reader {
    messages: Messages,
    _handle: realtime::Handle,
}

impl Reader {
    async fn of(gateway: &Gateway) -> Self {
        let options = Options::new(gateway.url());
        let (handle, messages) = realtime::open(options.validate().unwrap());
        handle.connect().unwrap();
        handle.connected().await.unwrap();
        Self { messages, _handle: handle }
    }

    /// Id and data, as it is written, of the next `count` messages of the type `note`.
    async fn notes(&mut self, count: usize) -> Vec<(String, String)> {
        let mut notes = Vec::new();
        while notes.len() < count {
            let delivery = tokio::time::timeout(PATIENCE, self.messages.recv()).await;
            for inbound in delivery.expect("it arrives").unwrap().messages {
                let Inbound::Message(message) = inbound else { continue };
                if message.ty() == "note" {
                    let id = message.id().unwrap_or_default().to_string();
                    let data: Box<RawValue> = message.decode().unwrap();
                    notes.push((id, data.get().to_owned()));
                }
            }
        }
        notes
    }
}

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {} {}", self.out, self.err))
    }

    fn json_lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A data folder with one profile, `desk`.
struct Desk(TempDir);

impl Desk {
    fn at(url: &str, more: &str) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.moves_to(url, more);
        desk
    }

    fn moves_to(&self, url: &str, more: &str) {
        let config = format!("[profiles.desk]\nurl = '{url}'\n{more}\n");
        std::fs::write(self.0.path().join("config.toml"), config).unwrap();
    }

    async fn run(&self, command: &str, args: &[&str], input: &str) -> Said {
        let mut program = Command::new(env!("CARGO_BIN_EXE_vaultwatchctl"));
        program.args(command.split(' ')).args(["--profile", "desk", "--data-dir"]);
        program.arg(self.0.path()).args(args).kill_on_drop(true);
        for name in ["VAULTWATCH_WEBSOCKET_URL", "VAULTWATCH_PROFILE", "VAULTWATCH_TOKEN"] {
            program.env_remove(name);
        }
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = program.spawn().unwrap();
        // A program that reads nothing may have ended by now.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes()).await;
        let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
        let output = output.expect("it ends").unwrap();
        Said {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    async fn send(&self, args: &[&str]) -> Said {
        self.run("send", args, "").await
    }

    /// A file with these lines.
    fn file(&self, lines: &[String]) -> PathBuf {
        let path = self.0.path().join("lines.ndjson");
        std::fs::write(&path, lines.join("\n")).unwrap();
        path
    }

    /// Publishes these lines.
    async fn send_lines(&self, lines: &[String], more: &[&str]) -> Said {
        let file = self.file(lines);
        self.send(&[&["--lines", file.to_str().unwrap()][..], more].concat()).await
    }

    /// What waits on disk.
    async fn kept(&self) -> Vec<Value> {
        let said = self.run("outbox list", &["--json"], "").await;
        assert_eq!(said.code, Some(0), "{}", said.err);
        said.json_lines()
    }
}

/// Lines of a file to publish, with ids from `n-0` on.
fn lines(count: usize) -> Vec<String> {
    let line =
        |n| format!(r#"{{"type":"note","data":{n}.10,"timestamp":1763800000000,"id":"n-{n}"}}"#);
    (0..count).map(line).collect()
}

/// The same, as a reader gets them.
fn as_read(count: usize) -> Vec<(String, String)> {
    (0..count).map(|n| (format!("n-{n}"), format!("{n}.10"))).collect()
}

/// An address where nobody listens, for as long as its port is held.
fn nowhere() -> (Reserved, String) {
    let nobody = Reserved::take();
    let url = format!("ws://{}/ws", nobody.address());
    (nobody, url)
}

#[tokio::test]
async fn a_message_is_acknowledged_with_its_offset_and_arrives_as_it_was_written() {
    let gateway = relay().await;
    let mut reader = Reader::of(&gateway).await;
    let desk = Desk::at(&gateway.url(), "");
    let said = desk.send(&["note", r#"{"price":1.10}"#, "--id", "n-1", "--json"]).await;
    assert_eq!(said.code, Some(0), "{}", said.err);
    let told = said.json();
    let expected = json!({
        "event": "published", "outcome": "acknowledged", "id": "n-1", "kept": false, "offset": told["offset"],
    });
    assert_eq!(told, expected);
    let offset = told["offset"].as_u64().unwrap();
    assert!(offset > 0);

    // For people, and from standard input.
    let said = desk.run("send", &["note", "-", "--id", "n-2"], r#""two""#).await;
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_eq!(said.out, format!("Acknowledged at offset {} (n-2).\n", offset + 1));
    // The same id is stored once, however often it is sent.
    let again = desk.send(&["note", r#""two""#, "--id", "n-2"]).await;
    assert_eq!((again.code, again.out), (Some(0), said.out));

    let notes = reader.notes(2).await;
    let expected = [("n-1", r#"{"price":1.10}"#), ("n-2", r#""two""#)];
    assert_eq!(notes, expected.map(|(id, data)| (id.to_owned(), data.to_owned())), "every digit");
}

#[tokio::test]
async fn a_plain_server_acknowledges_nothing_which_is_said() {
    let gateway = relay().await;
    let mut reader = Reader::of(&gateway).await;
    let desk = Desk::at(&gateway.url(), "protocol = 'plain'");
    let said = desk.send(&["note", "1", "--id", "p-1"]).await;
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(
        said.out.starts_with("Written (p-1).") && said.out.contains("plain mode"),
        "{}",
        said.out
    );
    let said = desk.send(&["note", "2", "--id", "p-2", "--json"]).await;
    let expected = json!({"event": "published", "outcome": "written", "id": "p-2", "kept": false});
    assert_eq!((said.code, said.json()), (Some(0), expected));
    let data: Vec<_> = reader.notes(2).await.into_iter().map(|(_, data)| data).collect();
    assert_eq!(data, ["1", "2"]);
}

#[tokio::test]
async fn an_outbox_that_is_damaged_is_moved_aside_told_of_and_begun_anew() {
    let gateway = relay().await;
    let desk = Desk::at(&gateway.url(), "");
    let folder = desk.0.path().join("profiles/desk");
    let damaged = vec![b'x'; 8_192];
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("outbox.db"), &damaged).unwrap();
    let said = desk.send(&["note", "1", "--durable"]).await;
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.err.contains("The outbox was damaged"), "{}", said.err);
    let (_, aside) = said.err.split_once("It was moved to ").unwrap();
    let (aside, _) = aside.split_once(';').unwrap();
    assert_eq!(std::fs::read(aside).unwrap(), damaged, "nothing is deleted");
    let said = desk.send(&["note", "2", "--durable"]).await;
    assert_eq!((said.code, said.err.contains("damaged")), (Some(0), false), "{}", said.err);
}

#[tokio::test]
async fn without_a_server_a_durable_message_is_kept_and_sent_when_there_is_one() {
    let (_nobody, nowhere) = nowhere();
    let desk = Desk::at(&nowhere, "");
    let lost = desk.send(&["note", "0", "--wait", "300ms"]).await;
    assert_eq!((lost.code, lost.out.as_str()), (Some(3), ""), "{}", lost.err);
    assert!(lost.err.contains("It was not kept"), "{}", lost.err);

    let said = desk.send(&["note", "1", "--id", "d-1", "--durable", "--wait", "300ms"]).await;
    assert_eq!((said.code, said.out.as_str()), (Some(3), ""), "{}", said.err);
    assert!(said.err.contains("It is kept (d-1)"), "{}", said.err);
    let durable = ["note", "2", "--id", "d-2", "--durable", "--wait", "300ms", "--json"];
    let said = desk.send(&durable).await;
    assert_eq!((said.code, &said.json()["kept"]), (Some(3), &true.into()), "{}", said.err);
    let kept = desk.kept().await;
    let ids: Vec<_> = kept.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["d-1", "d-2"]);
    assert!(kept.iter().all(|item| item["state"] == "queued"), "{kept:?}");

    let gateway = relay().await;
    let mut reader = Reader::of(&gateway).await;
    desk.moves_to(&gateway.url(), "");
    let said = desk.send(&["note", "3", "--id", "d-3", "--durable", "--json"]).await;
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_eq!(
        (&said.json()["outcome"], &said.json()["kept"]),
        (&json!("acknowledged"), &json!(false))
    );
    let notes = reader.notes(3).await;
    let expected = [("d-1", "1"), ("d-2", "2"), ("d-3", "3")];
    let expected = expected.map(|(id, data)| (id.to_owned(), data.to_owned()));
    assert_eq!(notes, expected, "what was kept goes first, and what was not kept never");
    assert!(desk.kept().await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anything_is_sent() {
    let (_nobody, nowhere) = nowhere();
    let desk = Desk::at(&nowhere, "");
    for (args, words) in [
        (&["note", "{"][..], "the data is not valid"),
        (&["note", "text"], "needs its quotes"),
        (&["hello", "1"], "type of the protocol itself"),
        (&["note", "1", "--wait", "soon"], "--wait"),
        (
            &["note", "1", "--token-env", "VAULTWATCH_NO_SUCH_VARIABLE"],
            "VAULTWATCH_NO_SUCH_VARIABLE",
        ),
    ] {
        let said = desk.send(args).await;
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{args:?}: {}", said.err);
        assert!(said.err.contains(words), "{args:?}: {}", said.err);
    }
}

#[tokio::test]
async fn many_messages_are_published_in_order_and_each_is_acknowledged() {
    let gateway = relay().await;
    let mut reader = Reader::of(&gateway).await;
    let desk = Desk::at(&gateway.url(), "");
    // More than are on their way at once, behind what `record` writes first.
    let header = r#"{"type":"recording","data":{"version":1},"timestamp":1}"#.to_owned();
    let all: Vec<_> = [header].into_iter().chain(lines(250)).collect();
    let said = desk.send_lines(&all, &["--json"]).await;
    assert_eq!(said.code, Some(0), "{}", said.err);
    let told = said.json_lines();
    let (summary, each) = told.split_last().unwrap();
    assert_eq!(each.len(), 250);
    for (n, line) in each.iter().enumerate() {
        let expected = json!({
            "event": "published", "outcome": "acknowledged", "id": format!("n-{n}"), "line": n + 2, "kept": false,
            "offset": line["offset"],
        });
        assert_eq!(*line, expected);
    }
    let expected = json!({
        "event": "summary", "acknowledged": 250, "written": 0, "refused": 0, "kept": 0, "lost": 0, "bad": 0,
    });
    assert_eq!(*summary, expected);
    assert_eq!(reader.notes(250).await, as_read(250), "every digit, and none twice");
}

#[tokio::test]
async fn no_more_are_sent_in_a_second_than_was_asked_for() {
    let gateway = relay().await;
    let desk = Desk::at(&gateway.url(), "");
    let begun = Instant::now();
    let said = desk.send_lines(&lines(100), &["--rate", "100/s"]).await;
    // Ten at once, and one in 10 ms from then on.
    assert!(begun.elapsed() >= Duration::from_millis(890), "{:?}", begun.elapsed());
    assert_eq!((said.code, said.out.as_str()), (Some(0), "Acknowledged: 100\n"), "{}", said.err);
}

#[tokio::test]
async fn a_batch_is_a_few_frames_in_plain_mode() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/ws", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let mut peer = Peer::accept(tcp, Mode::V1).await.unwrap();
        let (mut frames, mut ids) = (0, Vec::new());
        let id = |message: &realtime::wire::Message| message.id().unwrap().to_string();
        loop {
            match peer.next_text().await {
                Ok(text) => match Frame::parse(text).unwrap() {
                    Frame::Single(message) => ids.push(id(&message)),
                    Frame::Batch(all) => ids.extend(all.iter().map(|m| id(m.as_ref().unwrap()))),
                },
                Err(PeerError::Closed { .. }) => break,
                Err(error) => panic!("{error}"),
            }
            frames += 1;
        }
        (frames, ids, peer.request().protocols.clone())
    });
    let desk = Desk::at(&url, "");
    let said = desk.send_lines(&lines(500), &["--batch"]).await;
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.starts_with("Written") && said.out.ends_with(": 500\n"), "{}", said.out);
    let (frames, ids, offered) = tokio::time::timeout(PATIENCE, server).await.unwrap().unwrap();
    let expected: Vec<_> = (0..500).map(|n| format!("n-{n}")).collect();
    assert_eq!(ids, expected, "all of them, in order");
    assert!((8..100).contains(&frames), "{frames} frames for 500 messages");
    assert!(offered.is_empty(), "nothing is acknowledged, so nothing else is offered: {offered:?}");

    for (more, args) in [
        ("tenant = 'acme'", &["--batch"][..]),
        ("protocol = 'v1'", &["--batch"]),
        ("", &["--batch", "--durable"]),
        ("", &["--rate", "0"]),
    ] {
        desk.moves_to(&url, more);
        let said = desk.send_lines(&lines(1), args).await;
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{more} {args:?}: {}", said.err);
    }
}

#[tokio::test]
async fn a_line_that_is_no_message_is_told_and_the_others_are_sent() {
    let gateway = relay().await;
    let mut reader = Reader::of(&gateway).await;
    let desk = Desk::at(&gateway.url(), "");
    let mut text = lines(2);
    text.insert(1, r#"{"type":"hello","data":1,"timestamp":1}"#.to_owned());
    let said = desk.run("send", &["--lines", "-"], &text.join("\n")).await;
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert_eq!(said.out, "Acknowledged: 2\nLines that are no message: 1\n");
    assert!(said.err.contains("line 2") && said.err.contains("protocol itself"), "{}", said.err);
    assert_eq!(reader.notes(2).await, as_read(2));
}

#[tokio::test]
async fn many_messages_without_a_server_are_lost_or_kept() {
    let (_nobody, nowhere) = nowhere();
    let desk = Desk::at(&nowhere, "");
    let said = desk.send_lines(&lines(300), &["--wait", "300ms"]).await;
    assert_eq!(said.code, Some(3), "{}", said.err);
    assert!(said.err.contains("What follows is not sent."), "{}", said.err);
    assert!(desk.kept().await.is_empty());
    let said = desk.send_lines(&lines(1), &["--wait", "300ms", "--batch"]).await;
    assert_eq!(said.code, Some(3), "{}", said.err);

    let said = desk.send_lines(&lines(3), &["--wait", "300ms", "--durable"]).await;
    assert_eq!(said.code, Some(3), "{}", said.err);
    assert_eq!(said.out, "Not acknowledged yet, and kept to be sent later: 3\n");
    let kept = desk.kept().await;
    let ids: Vec<_> = kept.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["n-0", "n-1", "n-2"]);
    let gateway = relay().await;
    let mut reader = Reader::of(&gateway).await;
    desk.moves_to(&gateway.url(), "");
    let said = desk.send_lines(&lines(4)[3..], &["--durable"]).await;
    assert_eq!((said.code, said.out.as_str()), (Some(0), "Acknowledged: 1\n"), "{}", said.err);
    assert_eq!(reader.notes(4).await, as_read(4));
}
