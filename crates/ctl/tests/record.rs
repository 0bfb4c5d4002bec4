//! `record` against a real gateway, and what it wrote played again.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

use std::path::Path;
use std::process::Stdio;

use gateway::recording::Recording;
use gateway::{Access, Gateway, Replay, Source};
use proving::patience::{PATIENCE, until, until_so};
#[cfg(target_os = "linux")]
use proving::small_disk::{self, SmallDisk};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

struct Platform {
    gateway: Gateway,
    home: tempfile::TempDir,
}

impl Platform {
    async fn start() -> Self {
        let listen = "127.0.0.1:0".parse().unwrap();
        let gateway = Gateway::bind(listen, Access::open(), Source::Relay).await.unwrap();
        Self { gateway, home: tempfile::tempdir().unwrap() }
    }

    fn record(&self, out: &Path, arguments: &[&str]) -> Child {
        self.recorder(Command::new(env!("CARGO_BIN_EXE_vaultwatchctl")), out, arguments)
    }

    /// `command` is the recorder, or starts it with the arguments it is given.
    fn recorder(&self, mut command: Command, out: &Path, arguments: &[&str]) -> Child {
        let url = format!("{}?token=secret", self.gateway.url());
        command.args(["record", "--url", &url, "--out"]).arg(out).args(arguments);
        command.arg("--data-dir").arg(self.home.path()).kill_on_drop(true);
        for name in ["VAULTWATCH_WEBSOCKET_URL", "VAULTWATCH_PROFILE", "VAULTWATCH_TOKEN"] {
            command.env_remove(name);
        }
        command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
    }

    async fn publish(&self, body: &str) {
        self.ask("POST /v1/publish", body).await;
    }

    async fn ask(&self, what: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.gateway.local_addr()).await.unwrap();
        let request = format!(
            "{what} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer
    }

    /// Waits until the only recorder was greeted. What is published from then on is recorded, the first of it as well: its
    /// place in the log is taken before a byte is sent to it. It counts as a session from its first one on, before that.
    async fn greeted(&self) {
        let greeted = async || {
            let figures = self.ask("GET /metrics", "").await;
            let sent = figures.lines().find_map(|line| line.strip_prefix(SENT));
            sent.expect("a figure") != "0"
        };
        until_so("a recorder", greeted).await;
    }
}

/// The bytes to clients.
const SENT: &str = "vaultwatch_gateway_sent_bytes_total ";

/// The lines of a file, once there are so many.
async fn lines(path: &Path, count: usize) -> Vec<String> {
    let look = async || {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        (lines.len() >= count).then_some(lines)
    };
    until(&format!("{count} lines"), look).await
}

async fn end(mut child: Child) -> (Option<i32>, String) {
    let mut said = String::new();
    let mut stderr = child.stderr.take().unwrap();
    let read = async {
        stderr.read_to_string(&mut said).await.unwrap();
        child.wait().await.unwrap()
    };
    let status = tokio::time::timeout(PATIENCE, read).await.expect("an end");
    (status.code(), said)
}

const VAULT: &str = r#"{"type":"vault_update_A","data":{"full":true,"ltv":70.10,"amount":"1.000000000000000001"},"timestamp":1763800000000}"#;

/// For how long it records: until it is interrupted. A time may be over before a slow machine has connected.
const WHILE: &[&str] = if cfg!(unix) { &[] } else { &["--for", "10s"] };

/// Its end by Ctrl+C, where a program can be told so.
async fn interrupted(child: Child) -> (Option<i32>, String) {
    if cfg!(unix) {
        let id = child.id().expect("it runs").to_string();
        assert!(Command::new("kill").args(["-s", "INT", &id]).status().await.unwrap().success());
    }
    end(child).await
}

#[tokio::test]
async fn what_was_recorded_has_every_digit_and_can_be_played_again() {
    let platform = Platform::start().await;
    platform.publish(VAULT).await;
    let out = platform.home.path().join("out.ndjson");
    let child = platform.record(&out, WHILE);
    lines(&out, 2).await;
    platform.publish(r#"{"type":"risk_alert","data":{"message":"x","metadata":{"currentLTV":70.100}},"timestamp":1763800000001,"id":"r"}"#).await;
    lines(&out, 3).await;
    let (code, said) = interrupted(child).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("2 messages"), "{said}");
    let recorded = lines(&out, 3).await;
    assert_eq!(recorded.len(), 3);
    let header: Value = serde_json::from_str(&recorded[0]).unwrap();
    assert_eq!((&header["type"], &header["data"]["version"]), (&"recording".into(), &1.into()));
    let url = header["data"]["url"].as_str().unwrap();
    assert!(url.ends_with("/ws?…") && !recorded[0].contains("secret"), "{url}");
    assert!(header["data"]["startedAt"].as_i64().unwrap() > 1_763_800_000_000);
    assert!(
        recorded[1].starts_with("{\"at\":") && recorded[1].ends_with(&VAULT[1..]),
        "{}",
        recorded[1]
    );
    assert!(recorded[2].contains(r#""currentLTV":70.100"#) && recorded[2].contains(r#""id":"r""#));

    // Played to a second recorder, it comes out the same.
    let recording = Recording::open(&out).unwrap();
    assert_eq!((recording.messages, recording.bad_lines), (2, 0));
    let listen = "127.0.0.1:0".parse().unwrap();
    let replay = Source::Replay(Replay::new(recording));
    let gateway = Gateway::bind(listen, Access::open(), replay).await.unwrap();
    let again = Platform { gateway, home: tempfile::tempdir().unwrap() };
    let out = again.home.path().join("again.ndjson");
    let child = again.record(&out, &[&["--topic", "vault_update_*"][..], WHILE].concat());
    lines(&out, 2).await;
    // All of it has been played, and still the topic alone is there.
    until_so("the end", async || again.gateway.stats().published >= 2).await;
    assert_eq!(interrupted(child).await.0, Some(0));
    let copy = std::fs::read_to_string(&out).unwrap();
    assert_eq!(copy.lines().count(), 2, "the topic alone: {copy}");
    assert!(copy.contains(r#""ltv":70.10,"amount":"1.000000000000000001""#), "{copy}");
}

#[tokio::test]
async fn a_file_that_is_there_stays_unless_it_may_go() {
    let platform = Platform::start().await;
    let out = platform.home.path().join("out.ndjson");
    std::fs::write(&out, "precious").unwrap();
    let (code, said) = end(platform.record(&out, &["--for", "100ms"])).await;
    assert_eq!(code, Some(2));
    assert!(said.contains("--force"), "{said}");
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "precious");
    let (code, said) = end(platform.record(&out, &["--for", "100ms", "--force"])).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(std::fs::read_to_string(&out).unwrap().starts_with("{\"type\":\"recording\""));
}

#[cfg(unix)]
#[tokio::test]
async fn a_recorder_that_is_killed_leaves_whole_lines_behind() {
    let platform = Platform::start().await;
    let out = platform.home.path().join("out.ndjson");
    let mut child = platform.record(&out, &[]);
    platform.greeted().await;
    for n in 0..50 {
        platform.publish(&format!(r#"{{"type":"note","data":{n},"timestamp":1}}"#)).await;
    }
    let before = lines(&out, 10).await.len();
    child.kill().await.unwrap();
    let recording = Recording::open(&out).unwrap();
    assert!(recording.messages + 1 >= before as u64 && recording.bad_lines == 0, "{recording:?}");
}

/// `/dev/full` takes nothing, as a disk without room.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_said_to_be_one() {
    let platform = Platform::start().await;
    let (code, said) = end(platform.record(Path::new("/dev/full"), &["--force"])).await;
    assert_eq!(code, Some(2));
    assert!(said.contains("/dev/full") && said.contains("No space left"), "{said}");
    assert!(said.contains("make room") && said.contains("no message"), "{said}");
}

/// Recorded onto a disk of 256 KiB, which is there for the recorder alone.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_disk_that_fills_up_ends_the_recording_with_whole_lines() {
    let platform = Platform::start().await;
    let disk = SmallDisk::of("256k");
    let command = disk.command(env!("CARGO_BIN_EXE_vaultwatchctl"));
    let mut child = platform.recorder(command.into(), &disk.path().join("out.ndjson"), &[]);
    tokio::select! {
        () = platform.greeted() => {}
        ended = child.wait() => {
            let (code, said) = (ended.unwrap().code(), end(child).await.1);
            assert!(small_disk::is_not_permitted(code, &said), "{code:?}: {said}");
            println!("not permitted to mount here: {said}");
            return;
        }
    }
    // Five of each length there is from 1 to 20 KB: wherever the disk ends, a line is cut.
    for n in 0..100 {
        let filler = "x".repeat(1_000 + 997 * (n % 20));
        platform.publish(&format!(r#"{{"type":"note","data":"{filler}","timestamp":{n}}}"#)).await;
    }
    let (code, said) = end(child).await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("out.ndjson") && said.contains("No space left"), "{said}");
    assert!(said.contains("make room") && said.contains("--out"), "{said}");
    let kept = disk.kept().join("out.ndjson");
    let text = std::fs::read_to_string(&kept).unwrap();
    assert!(text.ends_with("}\n"), "{:?}", &text[text.len() - 40..]);
    let recording = Recording::open(&kept).unwrap();
    assert!(recording.bad_lines == 0 && recording.messages > 10, "{recording:?}");
    assert!(said.contains(&format!("the {} messages before", recording.messages)), "{said}");
    for (n, line) in text.lines().skip(1).enumerate() {
        assert!(line.ends_with(&format!("\"timestamp\":{n}}}")), "each one, in order: {n}");
    }
}
