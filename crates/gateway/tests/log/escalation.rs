//! Two gateways on one JetStream, each with a ledger of its own, and somebody who is to be called once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::nats::Server;
use crate::program::{Program, request};
use crate::{free_port, until};

type Calls = Arc<Mutex<BTreeMap<String, usize>>>;

/// Somebody who is called, and counts how often about which alert.
async fn receiver() -> (u16, Calls) {
    let calls = Calls::default();
    let take = async |State(calls): State<Calls>, body: Bytes| {
        let call: Value = serde_json::from_slice(&body).unwrap();
        let id = call["alert"]["id"].as_str().unwrap().to_owned();
        *calls.lock().unwrap().entry(id).or_default() += 1;
        StatusCode::NO_CONTENT
    };
    let router = Router::new().fallback(take).with_state(Arc::clone(&calls));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (port, calls)
}

fn start(server: &Server, folder: &Path, receiver: u16) -> Program {
    let alerts = folder.join("alerts.toml");
    let text = format!(
        "state = \"escalation.db\"\nafter = \"700ms\"\n[tenants.default.webhook]\n\
         url = \"http://127.0.0.1:{receiver}/hook\"\nsecret = \"a secret of sixteen bytes or more\"\n"
    );
    std::fs::write(&alerts, text).unwrap();
    let url = server.url();
    Program::start_on(free_port(), &["--broker", &url, "--alerts", alerts.to_str().unwrap()])
}

async fn alert(gateway: &Program, id: &str) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let data = json!({"id": id, "severity": "CRITICAL", "message": "LTV is 81 %"});
    let message =
        json!({"type": "risk_alert", "data": data, "timestamp": now.as_millis() as u64, "id": id});
    let sent = request(gateway.port, "POST", "/v1/publish", &message.to_string()).await.unwrap();
    assert_eq!(sent.0, 200, "{}", sent.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_gateways_on_one_jetstream_one_calls_and_the_other_when_it_is_gone() {
    let server = Server::start().await;
    let (port, calls) = receiver().await;
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let [a, b] = folders.each_ref().map(|folder| start(&server, folder.path(), port));
    a.ready().await;
    b.ready().await;
    let called = async |alerts: usize| {
        until("all are called about", async || calls.lock().unwrap().len() == alerts).await;
    };
    for n in 0..10 {
        alert(if n % 2 == 0 { &a } else { &b }, &format!("ra-{n}")).await;
    }
    called(10).await;
    // Published on the one that dies before its time is up: the other one's turn.
    alert(&a, "ra-10").await;
    a.kill();
    called(11).await;
    // Whoever would call once more would have done so within the time all have.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let calls = calls.lock().unwrap();
    assert!(calls.values().all(|times| *times == 1), "{calls:?}");
}
