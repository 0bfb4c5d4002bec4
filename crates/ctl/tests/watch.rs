//! What `watch --json` prints of a connection, against a real gateway.

use std::process::Stdio;
use std::time::Duration;

use gateway::{Access, Gateway, Source};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn everything_that_happens_to_a_connection_is_printed() {
    let listen = "127.0.0.1:0".parse().unwrap();
    let gateway = Gateway::bind(listen, Access::open(), Source::Relay).await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vaultwatchctl"));
    command.args(["watch", "--json", "--stats-every", "100ms", "--url", &gateway.url()]);
    command.arg("--data-dir").arg(home.path()).kill_on_drop(true);
    for name in ["VAULTWATCH_WEBSOCKET_URL", "VAULTWATCH_PROFILE", "VAULTWATCH_TOKEN"] {
        command.env_remove(name);
    }
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = async |event: &str, fits: &dyn Fn(&Value) -> bool| loop {
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("waited for: {event}")).unwrap().unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        if line["event"] == event && fits(&line) {
            return line;
        }
    };

    // Finer than a person's word for it: `connecting` is both.
    let line = next("state", &|line| line["connection"]["state"] == "handshaking").await;
    assert_eq!(
        (&line["state"], &line["previous"]["state"]),
        (&"connecting".into(), &"connecting".into())
    );
    let line = next("state", &|line| line["state"] == "connected").await;
    assert_eq!(line["connection"], serde_json::json!({"state": "connected", "resumed": false}));
    assert!(line["at"].is_i64() && line["attempt"] == 1 && line["delayMs"].is_null(), "{line}");
    let line = next("snapshot", &|_| true).await;
    assert!(line["offset"].is_u64() && line["keys"] == 0, "{line}");

    let snapshot = |event: &Value| event["event"] == "snapshot";
    let line = next("stats", &|line| line["events"].as_array().unwrap().iter().any(snapshot)).await;
    assert_eq!(line["connection"]["mode"], "v1");
    for figures in ["timeInState", "rtt", "queue", "outcomes", "connect"] {
        assert!(line["connection"][figures].is_object(), "{figures}: {line}");
    }
    assert!(line["stages"].is_array() && line["plugins"].is_array());

    gateway.shutdown().await;
    next("goodbye", &|_| true).await;
    let line = next("state", &|line| line["state"] == "reconnecting").await;
    assert_eq!(
        (&line["connection"]["state"], &line["previous"]["state"]),
        (&"backoff".into(), &"connected".into())
    );
    assert!(line["delayMs"].is_u64() && line["cause"].is_string(), "{line}");
    assert!(line["connection"]["cause"].is_object(), "{line}");
}

#[tokio::test]
async fn the_demo_plays_a_scenario_of_ones_own() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("own.toml");
    let scenario = "[[vault]]\nid = \"MINE-1\"\ncollateral = [{ token = \"WETH\", amount = 10.0 }]\n\
                    debt = { token = \"USDC\", amount = 1000.0 }\n";
    std::fs::write(&file, scenario).unwrap();
    let watch = |demo: &std::path::Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vaultwatchctl"));
        command.args(["watch", "--json", "--demo", "--for", "2s"]);
        command.arg("--data-dir").arg(home.path()).kill_on_drop(true);
        command.env("VAULTWATCH_DEMO_SCENARIO", demo);
        command.output()
    };
    let output = watch(&file).await.unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let vaults = told.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let ids: std::collections::BTreeSet<_> = vaults
        .filter(|line| line["event"] == "vault")
        .map(|line| line["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.into_iter().collect::<Vec<_>>(), ["MINE-1"], "{told}");
    let output = watch(&home.path().join("nothing.toml")).await.unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && told.contains("nothing.toml"), "{told}");
}
