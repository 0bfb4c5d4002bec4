//! Gateways that end and others that go on where they were, each with a ledger of its own, and somebody who is to be called
//! once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use proving::port::Reserved;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::nats::Server;
use crate::program::{ANY, Program, request};
use crate::until;

type Calls = Arc<Mutex<BTreeMap<String, usize>>>;

/// Somebody who is called, and counts how often about which alert.
async fn receiver() -> (u16, Calls) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    (listener.local_addr().unwrap().port(), listen(listener))
}

fn listen(listener: TcpListener) -> Calls {
    let calls = Calls::default();
    let take = async |State(calls): State<Calls>, body: Bytes| {
        let call: Value = serde_json::from_slice(&body).unwrap();
        let id = call["alert"]["id"].as_str().unwrap().to_owned();
        *calls.lock().unwrap().entry(id).or_default() += 1;
        StatusCode::NO_CONTENT
    };
    let router = Router::new().fallback(take).with_state(Arc::clone(&calls));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    calls
}

fn start(broker: &str, folder: &Path, receiver: u16) -> Program {
    let alerts = folder.join("alerts.toml");
    let text = format!(
        "state = \"escalation.db\"\nafter = \"700ms\"\n[tenants.default.webhook]\n\
         url = \"http://127.0.0.1:{receiver}/hook\"\nsecret = \"a secret of sixteen bytes or more\"\n"
    );
    std::fs::write(&alerts, text).unwrap();
    Program::start_on(ANY, &["--broker", broker, "--alerts", alerts.to_str().unwrap()])
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
    let [a, b] = folders.each_ref().map(|folder| start(&server.url(), folder.path(), port));
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
    // Whoever would call once more would have done so before the time of one that begins now is up.
    alert(&b, "mark").await;
    called(12).await;
    let calls = calls.lock().unwrap();
    assert!(calls.values().all(|times| *times == 1), "{calls:?}");
}

/// What was acknowledged while this gateway was away stands behind more than is read at a time.
#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_comes_back_reads_to_the_end_before_it_calls() {
    let folder = TempDir::new().unwrap();
    let broker = format!("sqlite:{}", folder.path().join("log.db").display());
    // Nobody answers there yet, so that the call is under way when the gateway dies.
    let nobody = Reserved::take();
    let port = nobody.address().port();
    let first = start(&broker, folder.path(), port);
    let mut client = first.plain().await;
    alert(&first, "seen").await;
    while client.next().await["data"]["action"] != "calling" {}
    first.kill();
    let second = Program::start(&broker);
    let lines: Vec<String> = (0..2_500)
        .map(|n| json!({"type": "note", "data": n, "timestamp": 1}).to_string())
        .chain([json!({"type": "alert_state", "data": {"alertId": "seen", "action": "ack"},
            "timestamp": 1})
        .to_string()])
        .collect();
    let sent = request(second.port, "POST", "/v1/publish", &lines.join("\n")).await.unwrap();
    assert_eq!(sent.0, 200, "{}", sent.1);
    second.kill();
    let calls = listen(nobody.listen());
    let third = start(&broker, folder.path(), port);
    alert(&third, "mark").await;
    until("the other one is called about", async || calls.lock().unwrap().contains_key("mark"))
        .await;
    assert_eq!(calls.lock().unwrap().keys().collect::<Vec<_>>(), ["mark"]);
}
