//! `rules` as a user runs it: on a configuration, a recording, and against a real gateway.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

use std::path::Path;
use std::process::{Command, Output};

use domain::sample::Sample;
use domain::vault::VaultPatch;
use domain::{UnixMillis, Vault, VaultId};
use gateway::{Access, Gateway, Source};
use serde_json::Value;
use store::{Fold, History, HistoryRetention, SeriesKey};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CONFIG: &str = r#"
[profiles.acme]
url = "ws://127.0.0.1:9"
# nobody is there

[labels]
treasury = ["DAO-*"]

[[rule]]
name = "ltv-high"
metric = "ltv"
when = "above"
enter = 70
exit = 68
severity = "high"
for = "0s"
recovery = "0s"

[[rule]]
name = "ltv-high"
metric = "ltv"
when = "above"
enter = 60
severity = "critical"
scope.labels = ["treasury"]

[[rule]]
name = "on-base"
metric = "room"
when = "below"
enter = 10
severity = "medium"
scope.chains = [8453]

[[policy]]
label = "treasury"
recovery = "10m"
"#;

struct Desk(tempfile::TempDir);

impl Desk {
    fn new(config: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("config.toml"), config).unwrap();
        Self(home)
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vaultwatchctl"));
        command.arg("rules").args(arguments).arg("--data-dir").arg(self.0.path());
        for name in ["VAULTWATCH_WEBSOCKET_URL", "VAULTWATCH_PROFILE", "VAULTWATCH_TOKEN"] {
            command.env_remove(name);
        }
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code(), text(stdout), text(stderr))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

#[test]
fn check_says_what_is_wrong_and_where() {
    let desk = Desk::new(CONFIG);
    let (code, said, _) = desk.run(&["check"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("ok    3 rules in "), "{said}");

    let desk =
        Desk::new(&CONFIG.replace("exit = 68", "exit = 71").replace("\"room\"", "\"rooom\""));
    let (code, said, _) = desk.run(&["check"]);
    assert_eq!(code, Some(1), "{said}");
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(
        lines[0].starts_with(
            "WRONG line 14: rule `ltv-high`: exit is 71, on the wrong side of enter (70)"
        ),
        "{said}"
    );
    assert!(
        lines[1].starts_with("WRONG line 29: rule `on-base`: metric is `rooom`; known are room, "),
        "{said}"
    );
    let (_, said, _) = desk.run(&["check", "--json"]);
    let first: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["line"], &first["rule"], &first["field"]),
        (&14.into(), &"ltv-high".into(), &"exit".into())
    );
    // Nothing starts with rules like these.
    let (code, _, said) = desk.run(&["list"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("line 14") && said.contains("line 29"), "{said}");
}

#[test]
fn list_tells_each_rule() {
    let (code, said, _) = Desk::new(CONFIG).run(&["list"]);
    assert_eq!(code, Some(0));
    let lines: Vec<_> =
        said.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        lines,
        [
            "ltv-high LTV above high 70 (back at 68); for everything",
            "ltv-high LTV above critical 60 (back at 60); for label treasury",
            "on-base room to liquidation below medium 10 (back at 10); for chain 8453",
        ]
    );
}

#[test]
fn explain_supposes_what_it_is_told() {
    let desk = Desk::new(CONFIG);
    let (code, said, _) = desk.run(&["explain", "DAO-1", "--chain", "8453"]);
    assert_eq!(code, Some(0));
    for expected in [
        "DAO-1 (chain 8453, collateral unknown)",
        "hold.critical = 0 s (built in)",
        "recovery = 10 min (label treasury)",
        "applies: for label treasury, the nearest of 2 variants",
        "applies: for chain 8453",
    ] {
        assert!(said.contains(expected), "{expected} in {said}");
    }
    let (_, said, _) = desk.run(&["explain", "ETH-1", "--offline", "--json"]);
    let json: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(json["rules"][0]["applies"], true);
    assert_eq!(json["rules"][1]["applies"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_asks_the_feed() {
    let listen = "127.0.0.1:0".parse().unwrap();
    let gateway = Gateway::bind(listen, Access::open(), Source::Relay).await.unwrap();
    let body = r#"{"type":"vault_update_ETH-1","data":{"full":true,"chainId":8453,"collateral":[{"token":"WETH"}]},"timestamp":1763800000000}"#;
    let mut stream = TcpStream::connect(gateway.local_addr()).await.unwrap();
    let length = body.len();
    let request = format!(
        "POST /v1/publish HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let desk = Desk::new(&CONFIG.replace("ws://127.0.0.1:9", &gateway.url()));
    let (code, said, complaint) =
        tokio::task::spawn_blocking(move || desk.run(&["explain", "ETH-1"])).await.unwrap();
    assert_eq!(code, Some(0), "{complaint}");
    assert!(said.contains("ETH-1 (chain 8453, collateral WETH)"), "{said}{complaint}");
    assert!(said.contains("applies: for chain 8453"), "{said}");
}

/// Sixteen minutes: over 70 % from minute 1 to 5 and from minute 10 on.
fn recording(path: &Path) {
    let mut text = "{\"type\":\"recording\",\"data\":{\"version\":1,\"url\":\"ws://x\",\"startedAt\":1764150000000},\"timestamp\":1764150000000}\n".to_owned();
    for (minute, ltv) in [(0, 60), (1, 71), (5, 60), (10, 75), (16, 76)] {
        let at = minute * 60_000;
        text += &format!(
            "{{\"at\":{at},\"type\":\"vault_update_ETH-1\",\"data\":{{\"ltv\":{ltv}}},\"timestamp\":1}}\n"
        );
    }
    text +=
        "{\"at\":960000,\"type\":\"vault_update_ETH-1\",\"data\":{\"ltv\":true},\"timestamp\":1}\n";
    std::fs::write(path, text).unwrap();
}

#[test]
fn a_recording_is_played() {
    let desk = Desk::new(CONFIG);
    let path = desk.path().join("monday.ndjson");
    recording(&path);
    let file = path.to_str().unwrap();
    let (code, said, complaint) = desk.run(&["dry-run", "ltv-high", "--recording", file]);
    assert_eq!(code, Some(0), "{complaint}");
    let lines: Vec<_> =
        said.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        lines,
        [
            "2025-11-26 09:41:00Z raised high ETH-1: LTV 71.0 %",
            "2025-11-26 09:45:00Z over high ETH-1 recovered: LTV 60.0 %, after 4 min",
            "2025-11-26 09:50:00Z raised high ETH-1: LTV 75.0 %",
            "It would have fired 2 times in 16 min (2025-11-26 09:40:00Z to 2025-11-26 09:56:00Z; 5 values), and got worse 0 times. 1 open at the end.",
        ]
    );
    assert!(complaint.contains("1 messages could not be understood"), "{complaint}");
    let (_, said, _) = desk.run(&["dry-run", "--recording", file, "--json"]);
    let last: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!((&last["raised"], &last["open"]), (&2.into(), &1.into()));
    let (code, _, said) = desk.run(&["dry-run", "nope", "--recording", file]);
    assert_eq!(code, Some(2));
    assert!(said.contains("there is no rule `nope`; there are ltv-high, on-base"), "{said}");
    let (code, _, _) = desk.run(&["dry-run", "ltv-high"]);
    assert_eq!(code, Some(2), "there is no history yet");
}

/// Yesterday's hour between ten and eleven, a point a minute: over 70 % in minutes 20 to 29, for less than a minute in
/// minute 40.
async fn history(path: &Path) -> UnixMillis {
    let history = History::open(path, HistoryRetention::default()).unwrap();
    let now = jiff::Timestamp::now().as_millisecond();
    let begun = (now / 60_000 - 24 * 60 + 5) * 60_000;
    let mut fold = Fold::default();
    let mut recorded = Vec::new();
    for minute in 0..60 {
        let ltvs: &[&str] = match minute {
            20..30 => &["72.5"],
            40 => &["60", "73", "61"],
            _ => &["60"],
        };
        for (third, ltv) in (0..).zip(ltvs) {
            let mut vault = Vault::unknown(VaultId::new("ETH-1").unwrap());
            let patch = format!(r#"{{"ltv":"{ltv}","liquidationThreshold":"80"}}"#);
            vault.apply(serde_json::from_str::<VaultPatch>(&patch).unwrap());
            let at = UnixMillis(begun + minute * 60_000 + third * 20_000);
            fold.add(SeriesKey::Vault(vault.id.clone()), &Sample::of(&vault), at);
        }
        recorded.extend(fold.take());
    }
    history.record(recorded, UnixMillis(now)).unwrap().await.unwrap();
    UnixMillis(begun)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stored_history_is_played() {
    let desk = Desk::new(CONFIG);
    let folder = desk.path().join("profiles").join("acme");
    std::fs::create_dir_all(&folder).unwrap();
    let begun = history(&folder.join("history.db")).await;
    let arguments = ["dry-run", "ltv-high", "--offline", "--json"];
    let (code, said, complaint) =
        tokio::task::spawn_blocking(move || desk.run(&arguments)).await.unwrap();
    assert_eq!(code, Some(0), "{complaint}");
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let timeline: Vec<_> = lines
        .iter()
        .filter(|line| line.get("summary").is_none())
        .map(|line| {
            let second = (line["at"].as_i64().unwrap() - begun.0) / 1_000;
            (line["change"].as_str().unwrap(), second)
        })
        .collect();
    // The spike is played between the calm before and after it: a minute's worst comes in its second third.
    let expected = [("raised", 1_200), ("over", 1_800), ("raised", 2_420), ("over", 2_440)];
    assert_eq!(timeline, expected, "{said}");
    let summary = lines.last().unwrap();
    assert_eq!((&summary["raised"], &summary["open"]), (&2.into(), &0.into()));
}
