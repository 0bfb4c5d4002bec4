use std::path::Path;
use std::process::{Command, Stdio};

use realtime::wire::control::ServerState;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{ANY, Program, request};
use crate::publisher::Publisher;
use crate::until;
use crate::watcher::Watcher;

fn broker(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("log.db").display())
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_and_started_again_clients_go_on_in_the_same_log() {
    let folder = TempDir::new().unwrap();
    let broker = broker(folder.path());
    let mut gateway = Program::start_on(ANY, &["--broker", &broker]);
    let port = gateway.port;
    let watcher = Watcher::start(vec![gateway.url()]).await;
    let publisher = Publisher::start(vec![port]);
    for _ in 0..5 {
        let before = publisher.acknowledged();
        until("more were published", async || publisher.acknowledged() > before + 50).await;
        gateway.kill();
        gateway = Program::start_on(port, &["--broker", &broker]);
    }
    let before = publisher.acknowledged();
    until("more were published", async || publisher.acknowledged() > before + 50).await;
    let account = publisher.finish().await;
    watcher.check(&account).await;
    let expected: Vec<u64> = (1..=account.offsets.len() as u64).collect();
    assert_eq!(account.offsets, expected, "without a hole");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_and_ids_survive_a_restart() {
    let folder = TempDir::new().unwrap();
    let broker = broker(folder.path());
    let first = Program::start(&broker);
    // Parts over many others, so that values are kept and read back, too.
    let part = |n: u64| {
        let ty = format!("vault_update_{}", n % 7);
        json!({"type": ty, "data": {(format!("f{}", n % 50)): n}, "timestamp": n, "id": n.to_string()})
    };
    let lines: Vec<String> = (0..12_000).map(|n| part(n).to_string()).collect();
    let sent = request(first.port, "POST", "/v1/publish", &lines.join("\n")).await.unwrap();
    assert_eq!(sent.0, 200, "{}", sent.1);
    let kept = || {
        let connection = rusqlite::Connection::open(folder.path().join("log.db")).unwrap();
        let sql = "SELECT folded FROM tenants WHERE name = 'default'";
        connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    until("values are kept", async || kept() >= 10_000).await;
    let late =
        json!({"type": "vault_update_3", "data": {"late": true}, "timestamp": 9, "id": "late"});
    let sent = request(first.port, "POST", "/v1/publish", &late.to_string()).await.unwrap();
    assert_eq!(sent.0, 200);
    let before = first.plain_snapshot().await;
    first.kill();
    let second = Program::start(&broker);
    let after = second.plain_snapshot().await;
    assert_eq!((before.len(), sorted(after)), (7, sorted(before)));
    let again = request(second.port, "POST", "/v1/publish", &lines[4_999]).await.unwrap();
    let answer: Value = serde_json::from_str(&again.1).unwrap();
    assert_eq!(answer["offsets"], json!([5_000, 5_000]));
}

fn sorted(mut values: Vec<Value>) -> Vec<Value> {
    values.sort_by_key(|value| value["type"].to_string());
    values
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_one_gateway_and_a_clear_word_for_the_second() {
    let folder = TempDir::new().unwrap();
    let broker = broker(folder.path());
    let _first = Program::start(&broker);
    let refused = |broker: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vaultwatch-gateway"));
        command.args(["--listen", "127.0.0.1:0", "--broker", broker]).stderr(Stdio::piped());
        let output = command.output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(&broker).contains("another gateway uses it"));
    let other = folder.path().join("other.db");
    std::fs::write(&other, "no database at all, but long enough to be looked at".repeat(100))
        .unwrap();
    assert!(refused(&format!("sqlite:{}", other.display())).contains("move it aside"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_recovered_from() {
    proving::small_disk::run("3m", "sqlite::on_the_small_disk");
}

/// No test: the body of the one above. Run by hand it does nothing.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by the test beside it"]
async fn on_the_small_disk() {
    let Some(folder) = proving::small_disk::path() else { return };
    let gateway = Program::start(&broker(&folder));
    let watcher = Watcher::start(vec![gateway.url()]).await;
    let ballast = folder.join("ballast");
    std::fs::write(&ballast, vec![0; 1 << 20]).unwrap();
    let filler = "x".repeat(50_000);
    let mut stored = Vec::new();
    let full = loop {
        let n = stored.len();
        let message = json!({"type": "note", "data": filler, "timestamp": 1, "id": n.to_string()});
        let (status, body) =
            request(gateway.port, "POST", "/v1/publish", &message.to_string()).await.unwrap();
        if status != 200 {
            break (status, body);
        }
        let answer: Value = serde_json::from_str(&body).unwrap();
        stored.push(answer["offsets"][0].as_u64().unwrap());
    };
    assert_eq!(full.0, 503);
    assert!(full.1.contains("disk"), "{}", full.1);
    assert!(!stored.is_empty());
    until("clients are told", async || watcher.states().last() == Some(&ServerState::Degraded))
        .await;
    assert!(watcher.is_connected());
    let health = request(gateway.port, "GET", "/healthz", "").await.unwrap();
    assert!(health.0 == 503 && health.1.contains("disk"), "{health:?}");
    std::fs::remove_file(&ballast).unwrap();
    gateway.ready().await;
    let message = json!({"type": "note", "data": 1, "timestamp": 1, "id": "with room"});
    // What is refused for want of room is sent again, as whoever publishes is told to.
    until("there is room", async || {
        let (status, body) =
            request(gateway.port, "POST", "/v1/publish", &message.to_string()).await.unwrap();
        if status != 200 {
            assert_eq!(status, 503, "{body}");
            return false;
        }
        let answer: Value = serde_json::from_str(&body).unwrap();
        stored.push(answer["offsets"][0].as_u64().unwrap());
        true
    })
    .await;
    until("all of them", async || watcher.count() >= stored.len()).await;
    assert_eq!(watcher.offsets(), stored, "what was acknowledged, and nothing else");
    until("clients are told again", async || watcher.states().last() == Some(&ServerState::Ok))
        .await;
}
