//! What `watch --json` prints of a connection, against a real gateway.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

use std::path::Path;
use std::process::Stdio;

use gateway::{Access, Gateway, Source};
use proving::patience::PATIENCE;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;

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
    let own = file.to_str().unwrap();
    let (told, _) = demo_until(&["--demo"], own, and_some_time_more(is_vault)).await;
    let ids: std::collections::BTreeSet<_> = told
        .iter()
        .filter(|line| is_vault(line))
        .map(|line| line["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.into_iter().collect::<Vec<_>>(), ["MINE-1"], "{told:?}");
    let nothing = home.path().join("nothing.toml");
    let mut command = demo_command(home.path(), &["--demo"], nothing.to_str().unwrap());
    let output = command.output().await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("nothing.toml"), "{said}");
}

fn is_vault(line: &Value) -> bool {
    line["event"] == "vault"
}

/// Enough once this was printed, and after that the figures of the connection twice.
fn and_some_time_more(wanted: impl Fn(&Value) -> bool) -> impl FnMut(&Value) -> bool {
    let (mut seen, mut figures) = (false, 0);
    move |line| {
        seen |= wanted(line);
        figures += u32::from(seen && line["event"] == "stats");
        figures == 2
    }
}

#[tokio::test]
async fn a_database_that_is_damaged_is_moved_aside_and_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().to_str().unwrap();
    let path = folder.path().join("vaultwatch.db");
    std::fs::write(&path, vec![b'x'; 8_192]).unwrap();
    let (code, _, said) = demo(&["--demo=stormy", "--store", store, "--for", "1s"]).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("was damaged") && said.contains("vaultwatch.db.corrupt-"), "{said}");
    assert!(std::fs::read(&path).unwrap().starts_with(b"SQLite format 3"), "a new one was begun");
    let (code, _, said) = demo(&["--demo=stormy", "--store", store, "--for", "1s"]).await;
    assert_eq!((code, said.contains("damaged")), (Some(0), false), "{said}");
}

/// A vault that is close to its liquidation from the first message on.
const CRITICAL: &str = r#"{"type":"recording","data":{"version":1,"url":"wss://feed.example/ws","startedAt":1763800000000,"topics":["*"]},"timestamp":1763800000000}
{"at":0,"type":"vault_update_REC-1","data":{"full":true,"ltv":77,"liquidationThreshold":82.5,"maxLTV":80},"timestamp":1763800000000}
{"at":600000,"type":"vault_update_REC-1","data":{"ltv":77.1},"timestamp":1763800600000}
"#;

#[tokio::test]
async fn what_scripts_read_is_english_whatever_was_chosen_in_an_app_on_that_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (kept, _) = store::Store::open(&folder.path().join("vaultwatch.db")).unwrap();
    kept.set_setting("preferences", r#"{"language":"de"}"#.to_owned()).await.unwrap();
    drop(kept);
    let file = folder.path().join("critical.ndjson");
    std::fs::write(&file, CRITICAL).unwrap();
    let file = format!("--demo={}", file.display());
    let arguments = [&*file, "--store", folder.path().to_str().unwrap()];
    let is_alert = |line: &Value| line["event"] == "alert";
    let (told, _) = demo_until(&arguments, "nothing of that name", is_alert).await;
    let alert = told.last().unwrap();
    assert_eq!(alert["title"], "REC-1: 6.6 % to liquidation", "{alert}");
}

const RECORDING: &str = r#"{"type":"recording","data":{"version":1,"url":"wss://feed.example/ws","startedAt":1763800000000,"topics":["*"]},"timestamp":1763800000000}
{"at":0,"type":"vault_update_REC-1","data":{"full":true,"ltv":51.5},"timestamp":1763800000000}
{"at":1,"type":"vault_update_REC-1","data":
{"at":600000,"type":"vault_update_REC-1","data":{"ltv":52.25},"timestamp":1763800600000}
"#;

/// The argument wins over the `scenario` of the environment.
fn demo_command(home: &Path, arguments: &[&str], scenario: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vaultwatchctl"));
    command.args(["watch", "--json", "--data-dir"]).arg(home);
    command.args(arguments).env("VAULTWATCH_DEMO_SCENARIO", scenario).kill_on_drop(true);
    for name in ["VAULTWATCH_WEBSOCKET_URL", "VAULTWATCH_PROFILE", "VAULTWATCH_TOKEN"] {
        command.env_remove(name);
    }
    command
}

/// What became of `watch` with a demo of one's own: exit code, output and complaints.
async fn demo(arguments: &[&str]) -> (Option<i32>, String, String) {
    let home = tempfile::tempdir().unwrap();
    let mut command = demo_command(home.path(), arguments, "nothing of that name");
    let output = command.output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// What `watch` prints until it is enough, however long that takes on this machine, and its complaints by then.
async fn demo_until(
    arguments: &[&str],
    scenario: &str,
    mut enough: impl FnMut(&Value) -> bool,
) -> (Vec<Value>, String) {
    let home = tempfile::tempdir().unwrap();
    let arguments = [arguments, &["--stats-every", "300ms"][..]].concat();
    let mut command = demo_command(home.path(), &arguments, scenario);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told = Vec::new();
    loop {
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("no more than {told:?}")).unwrap();
        let line: Value = serde_json::from_str(&line.expect("it goes on")).unwrap();
        let over = enough(&line);
        told.push(line);
        if over {
            break;
        }
    }
    child.kill().await.unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
    (told, said)
}

#[tokio::test]
async fn a_recording_is_played_as_fast_as_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.ndjson");
    std::fs::write(&file, RECORDING).unwrap();
    let file = format!("--demo={}", file.display());
    let is_at = |line: &Value, ltv: &str| {
        is_vault(line) && line["id"] == "REC-1" && line["ltv"].to_string().contains(ltv)
    };
    // Ten minutes in a bit more than half a second.
    let fast = [&*file, "--demo-speed", "1000"];
    let (_, said) = demo_until(&fast, "nothing of that name", |line| is_at(line, "52.25")).await;
    assert!(said.contains("line 3") && said.contains("left out"), "{said}");
    // At its own speed that takes ten minutes.
    let begun = and_some_time_more(|line| is_at(line, "51.5"));
    let (told, _) = demo_until(&[&*file], "nothing of that name", begun).await;
    assert!(!told.iter().any(|line| is_at(line, "52.25")), "{told:?}");
}

#[tokio::test]
async fn a_demo_that_cannot_be_played_is_named_with_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let named = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        format!("--demo={}", path.display())
    };
    let script = named("own.toml", "population = 3\n[[price]]\ntoken = \"WETC\"\nto = 1.0\n");
    let cut = named("cut.ndjson", &RECORDING[..RECORDING.find("{\"at\":0").unwrap() + 20]);
    for (arguments, words) in [
        (&["--demo=nowhere.ndjson"][..], &["--demo:", "nowhere.ndjson", "nor a file"][..]),
        (&[&script], &["own.toml, line 3", "price.token"]),
        (&[&cut], &["cut.ndjson", "line 2", "cut short"]),
        (&["--demo=stormy", "--demo-speed=2"], &["--demo:", "built-in"]),
        (&[&cut, "--demo-speed=0"], &["--demo-speed", "1..=1000"]),
        (&["--demo", "--url=ws://[::1]:1"], &["--url"]),
    ] {
        let (code, _, said) = demo(arguments).await;
        assert_eq!(code, Some(2), "{arguments:?}: {said}");
        assert!(words.iter().all(|word| said.contains(word)), "{arguments:?}: {said}");
    }
}
