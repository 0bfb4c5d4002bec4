//! What the command line says of how long a log is kept.

use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::nats::Server;
use crate::program::{ANY, Plain, Program, request};
use crate::until;

fn start(broker: &str) -> Program {
    let broker = ["--broker", broker];
    let kept = ["--retain-size", "2MiB", "--retain-state", "15m", "--retain-events", "2h"];
    Program::start_on(ANY, &[&broker[..], &kept].concat())
}

/// One event, then four times as much state as is kept. The epoch.
async fn fill(gateway: &Program) -> String {
    gateway.ready().await;
    let (_, welcome) = gateway.resume("none", 0).await;
    let note = json!({"type": "note", "data": 1, "timestamp": 1, "id": "n"}).to_string();
    assert_eq!(request(gateway.port, "POST", "/v1/publish", &note).await.unwrap().0, 200);
    for n in 1..=8 {
        let vault = if n % 2 == 0 { "vault_update_A" } else { "vault_update_B" };
        let state = json!({"full": true, "n": n, "filler": "x".repeat(100_000)});
        let message = json!({"type": vault, "data": state, "timestamp": 1}).to_string();
        let lines = [message.as_str(); 10].join("\n");
        assert_eq!(request(gateway.port, "POST", "/v1/publish", &lines).await.unwrap().0, 200);
    }
    welcome["epoch"].as_str().unwrap().to_owned()
}

/// What somebody who has heard nothing yet gets: everything there is up to the end of the snapshot.
async fn everything(mut client: Plain) -> Vec<Value> {
    let mut messages = Vec::new();
    while messages.last().is_none_or(|last: &Value| last["type"] != "snapshot_end") {
        messages.push(client.next().await);
    }
    messages
}

fn types(messages: &[Value]) -> Vec<&str> {
    let mut types: Vec<_> = messages.iter().map(|m| m["type"].as_str().unwrap()).collect();
    types.sort_unstable();
    types
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_keeps_as_much_state_as_it_is_told_and_the_events_beside_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("log.db");
    let broker = format!("sqlite:{}", path.display());
    let gateway = start(&broker);
    let epoch = fill(&gateway).await;
    let trimmed = || {
        let connection = rusqlite::Connection::open(&path).unwrap();
        let sql = "SELECT trimmed FROM tenants WHERE name = 'default'";
        connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    // Twenty of them are 2 MB.
    until("old state is gone", async || trimmed() == 61).await;
    // This gateway has it at hand still, and gives it; one that was not there cannot.
    assert_eq!(gateway.resume(&epoch, 0).await.1["resumed"], true);
    gateway.kill();
    let gateway = start(&broker);
    gateway.ready().await;
    let (client, welcome) = gateway.resume(&epoch, 0).await;
    assert_eq!(welcome["resumed"], false);
    let messages = everything(client).await;
    let expected = ["note", "snapshot_end", "vault_update_A", "vault_update_B"];
    assert_eq!(types(&messages), expected);
    assert_eq!(messages.last().unwrap()["data"], json!({"offset": 81, "lostEvents": 0}));
}

#[tokio::test(flavor = "multi_thread")]
async fn nats_keeps_as_much_as_it_is_told_of_both_together() {
    let server = Server::start().await;
    let gateway = start(&server.url());
    let epoch = fill(&gateway).await;
    gateway.kill();
    let client = async_nats::connect(server.url()).await.unwrap();
    let context = async_nats::jetstream::new(client);
    let stream = context.get_stream("VAULTWATCH_default").await.unwrap();
    let info = stream.cached_info();
    assert_eq!(
        (info.config.max_bytes, info.config.max_age, info.config.allow_message_ttl),
        (2 << 20, Duration::from_hours(2), true)
    );
    assert!((60..81).contains(&info.state.first_sequence), "{:?}", info.state);
    // One that was not there knows what is left, and that it cannot know the rest.
    let gateway = start(&server.url());
    gateway.ready().await;
    assert!(!gateway.said().contains("not as asked for"), "{}", gateway.said());
    let (client, welcome) = gateway.resume(&epoch, 0).await;
    assert_eq!(welcome["resumed"], false);
    let messages = everything(client).await;
    assert_eq!(types(&messages), ["snapshot_end", "vault_update_A", "vault_update_B"]);
    assert_eq!(messages.last().unwrap()["data"], json!({"offset": 81, "lostEvents": null}));
}

/// A stream stays as it was made. Whoever changes an option and sees no change should not have to guess why.
#[tokio::test(flavor = "multi_thread")]
async fn an_option_that_a_stream_was_not_made_with_is_told_with_the_remedy() {
    let server = Server::start().await;
    let first = start(&server.url());
    first.ready().await;
    first.kill();
    let url = server.url();
    let kept = ["--retain-size", "4MiB", "--retain-state", "15m", "--retain-events", "3h"];
    let broker = ["--broker", url.as_str()];
    let second = Program::start_on(ANY, &[&broker[..], &kept].concat());
    second.ready().await;
    let said = second.said();
    for remedy in [
        "nats stream edit VAULTWATCH_default --max-age=10800s",
        "nats stream edit VAULTWATCH_default --max-bytes=4194304",
    ] {
        assert_eq!(said.matches(remedy).count(), 1, "{remedy}: {said}");
    }
}
