//! `follow` as a person runs it, against a real gateway.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../monitor/tests/streams/platform.rs"]
mod platform;

use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::platform::{PATIENCE, Platform};

fn follow(platform: &Platform, args: &[&str]) -> Follow {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vaultwatchctl"));
    command.arg("follow").args(args).args(["--url", &platform.gateway.url(), "--data-dir"]);
    command.arg(home.path()).kill_on_drop(true);
    for name in ["VAULTWATCH_WEBSOCKET_URL", "VAULTWATCH_PROFILE", "VAULTWATCH_TOKEN"] {
        command.env_remove(name);
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let orders = child.stdin.take().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    Follow { child, orders, lines, _home: home }
}

struct Follow {
    child: Child,
    orders: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    _home: TempDir,
}

impl Follow {
    async fn line(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
        line.expect("it prints").unwrap().expect("it runs")
    }

    /// The first line that fits.
    async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let line = serde_json::from_str(&self.line().await).unwrap();
            if wanted(&line) {
                return line;
            }
        }
    }

    async fn order(&mut self, line: &str) {
        self.orders.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }
}

fn connected(line: &Value) -> bool {
    line["isConnected"] == true
}

#[tokio::test]
async fn a_vault_is_followed_alone_with_all_its_fields_and_controls() {
    let platform = Platform::start().await;
    platform.publish("vault_update_B", json!({"ltv": 1, "full": true})).await;
    platform
        .publish(
            "vault_update_A",
            json!({"ltv": 70.12, "liquidationThreshold": 82.5, "full": true}),
        )
        .await;
    let mut follow = follow(&platform, &["vault", "A", "--json", "--control"]);
    let first = follow.until(|_| true).await;
    let mut names: Vec<_> = first.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let expected = [
        "connectionState",
        "data",
        "error",
        "event",
        "isConnected",
        "isConnecting",
        "isReconnecting",
        "lastMessage",
        "messageCount",
        "topic",
    ];
    assert_eq!(names, expected);
    assert_eq!((&first["event"], &first["topic"]), (&"stream".into(), &"vault_update_A".into()));

    let line = follow.until(|line| !line["data"].is_null()).await;
    assert!(connected(&line));
    assert_eq!(line["connectionState"], "connected");
    assert_eq!(line["data"]["ltv"].to_string(), "70.12");
    for n in 0..50 {
        platform.publish("vault_update_B", json!({"ltv": n})).await;
    }
    platform.publish("vault_update_A", json!({"ltv": 75})).await;
    let line = follow.until(|line| line["data"]["ltv"] == 75).await;
    assert_eq!(line["data"]["liquidationThreshold"].to_string(), "82.5", "kept from before");
    assert_eq!(line["messageCount"], 2, "nothing of the other vault");
    assert_eq!(line["lastMessage"]["data"], json!({"ltv": 75}));

    follow.order(r#"send {"ltv":76}"#).await;
    let line = follow.until(|line| line["data"]["ltv"] == 76).await;
    assert_eq!(line["messageCount"], 3, "the gateway has it, and sends it to whoever follows");
    follow.order("clear").await;
    let line = follow.until(|line| line["data"].is_null()).await;
    assert!(connected(&line) && line["lastMessage"].is_null());
    follow.order("disconnect").await;
    follow.until(|line| !connected(line)).await;
    // Its last user gives the connection back.
    platform.clients(1).await;
    follow.order("connect").await;
    follow.until(connected).await;
}

#[tokio::test]
async fn alerts_markets_and_status_are_followed_for_people() {
    let platform = Platform::start().await;
    let mut alerts = follow(&platform, &["alerts"]);
    let mut market = follow(&platform, &["market", "1"]);
    let mut status = follow(&platform, &["status", "--json"]);
    status.until(connected).await;
    let here = platform.gateway.stats_when(|stats| stats.sessions == 4);
    tokio::time::timeout(PATIENCE, here).await.expect("all are there");
    // Alerts are events: a session that is not live yet would not have them.
    while !alerts.line().await.contains("connected") {}
    platform.publish("market_data_1", json!({"priceFeeds": {"WETH": 1936.12}})).await;
    platform.publish("system_status", json!({"isRunning": false, "alertsCount": 3})).await;
    for n in 0..10 {
        let data = json!({"vaultId": "A", "severity": "HIGH", "message": format!("number {n}")});
        platform.publish("risk_alert", data).await;
    }
    for n in 0..10 {
        assert_eq!(alerts.line().await, format!("ALERT High A: number {n}"));
    }
    while !market.line().await.contains("WETH $1,936") {}
    let line = status.until(|line| !line["data"].is_null()).await;
    assert_eq!(
        (&line["data"]["isRunning"], &line["data"]["alertsCount"]),
        (&false.into(), &3.into())
    );
}

#[tokio::test]
async fn it_ends_as_asked_or_says_what_is_wrong() {
    let platform = Platform::start().await;
    let mut timed = follow(&platform, &["status", "--for", "100ms"]);
    let status = tokio::time::timeout(PATIENCE, timed.child.wait()).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(0));
    for wrong in [&["vault"][..], &["market", "ethereum"], &["status", "x"], &["nothing"]] {
        let mut child = follow(&platform, wrong).child;
        let status = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
        assert_eq!(status.code(), Some(2), "{wrong:?}");
    }
}
