//! A broker that answers and stores nothing, or not for everybody.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::stream::{Config, DiscardPolicy};
use futures_util::StreamExt;
use realtime::wire::control::ServerState;
use serde_json::json;
use tokio::time::timeout;

use crate::nats::Server;
use crate::program::{Answer, Program, request, request_of};
use crate::watcher::Watcher;
use crate::{PATIENCE, until};

async fn context(server: &Server) -> Context {
    async_nats::jetstream::new(async_nats::connect(server.url()).await.unwrap())
}

/// Lets a stream hold so many messages and refuse any other.
async fn limit(context: &Context, stream: &str, messages: i64) {
    let config = context.get_stream(stream).await.unwrap().cached_info().config.clone();
    let config = Config { max_messages: messages, discard: DiscardPolicy::New, ..config };
    context.update_stream(config).await.unwrap();
}

async fn publish(port: u16, tenant: &str, n: u64) -> u16 {
    let text = json!({"type": "note", "data": n, "timestamp": 1, "id": format!("n{n}")});
    let head = format!("VaultWatch-Tenant: {tenant}\r\n");
    request_of(port, "POST", "/v1/publish", &head, &text.to_string()).await.unwrap().0
}

async fn health(port: u16) -> (u16, String) {
    let answer: Answer = request(port, "GET", "/healthz", "").await;
    answer.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_to_store_is_told_and_so_is_its_recovery() {
    let server = Server::start().await;
    let gateway = Program::start(&server.url());
    gateway.ready().await;
    let watcher = Watcher::start(vec![gateway.url()]).await;
    let client = async_nats::connect(server.url()).await.unwrap();
    let mut attempts = client.subscribe("vaultwatch.default.probe").await.unwrap();
    let context = async_nats::jetstream::new(client);
    assert_eq!(publish(gateway.port, "default", 1).await, 200);
    limit(&context, "VAULTWATCH_default", 1).await;
    assert_eq!(publish(gateway.port, "default", 2).await, 503);
    until("clients are told", async || watcher.states().last() == Some(&ServerState::Degraded))
        .await;
    let (status, reason) = health(gateway.port).await;
    assert!(status == 503 && reason.contains("NATS stores nothing: maximum messages"), "{reason}");
    // It stays so for as long as it is so: through several attempts.
    for _ in 0..3 {
        timeout(PATIENCE, attempts.next()).await.expect("it goes on to ask").unwrap();
    }
    assert_eq!(health(gateway.port).await.0, 503);
    assert_eq!(watcher.states().iter().filter(|s| **s == ServerState::Degraded).count(), 1);
    assert!(watcher.is_connected());

    limit(&context, "VAULTWATCH_default", 100).await;
    gateway.ready().await;
    until("clients are told again", async || watcher.states().last() == Some(&ServerState::Ok))
        .await;
    assert_eq!(publish(gateway.port, "default", 3).await, 200);
    until("news", async || watcher.last().is_some_and(|(_, n)| n == 3)).await;
    assert_eq!((watcher.count(), watcher.faults().len(), watcher.snapshots()), (2, 0, 1));
    // Nobody is handed what it was found out with, and nobody complains about it.
    assert!(!gateway.said().contains("no gateway wrote"), "{}", gateway.said());
}

/// Plain mode has no `nack`: silence would be taken for success.
#[tokio::test(flavor = "multi_thread")]
async fn a_plain_publisher_is_closed_when_its_message_is_not_stored_and_listeners_stay() {
    let server = Server::start().await;
    let gateway = Program::start(&server.url());
    gateway.ready().await;
    let (mut listener, mut publisher) = (gateway.plain().await, gateway.plain().await);
    let note = |n: u64| json!({"type": "note", "data": n, "timestamp": 1});
    publisher.say(&note(1)).await;
    assert_eq!(listener.next().await["data"], 1);
    let context = context(&server).await;
    limit(&context, "VAULTWATCH_default", 1).await;
    publisher.say(&note(2)).await;
    assert_eq!(publisher.closed().await, 1013);
    let figures = request(gateway.port, "GET", "/metrics", "").await.unwrap().1;
    assert!(figures.contains("vaultwatch_gateway_refused_total{reason=\"log\"} 1\n"), "{figures}");
    limit(&context, "VAULTWATCH_default", 100).await;
    gateway.ready().await;
    gateway.plain().await.say(&note(3)).await;
    assert_eq!(listener.next().await["data"], 3, "and nothing in between");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_opened_ails_while_somebody_asks_for_it() {
    let server = Server::start().await;
    let gateway = Program::start(&server.url());
    gateway.ready().await;
    let context = context(&server).await;
    let config = Config {
        name: "VAULTWATCH_desk".into(),
        subjects: vec!["vaultwatch.desk.>".into()],
        duplicate_window: Duration::from_secs(60),
        ..Config::default()
    };
    context.create_stream(config).await.unwrap();
    assert_eq!(publish(gateway.port, "desk", 1).await, 503);
    let (status, reason) = health(gateway.port).await;
    assert!(status == 503 && reason.starts_with("tenant `desk`: "), "{reason}");
    assert!(reason.contains("dupe-window"), "{reason}");
    context.delete_stream("VAULTWATCH_desk").await.unwrap();
    assert_eq!(publish(gateway.port, "desk", 1).await, 200);
    gateway.ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_that_of_every_tenant() {
    let server = Server::start().await;
    let gateway = Program::start(&server.url());
    gateway.ready().await;
    assert_eq!(publish(gateway.port, "desk", 1).await, 200);
    assert_eq!(health(gateway.port).await, (200, "ok\n".into()));
    let context = context(&server).await;
    limit(&context, "VAULTWATCH_desk", 1).await;
    assert_eq!(publish(gateway.port, "desk", 2).await, 503);
    until("it is told whose log it is", async || {
        let (status, reason) = health(gateway.port).await;
        status == 503 && reason.starts_with("tenant `desk`: NATS stores nothing")
    })
    .await;
    limit(&context, "VAULTWATCH_desk", 100).await;
    gateway.ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_tenant_that_nobody_uses_decides_nothing() {
    let server = Server::start().await;
    let context = context(&server).await;
    // A log no gateway can use.
    let config = Config {
        name: "VAULTWATCH_default".into(),
        subjects: vec!["vaultwatch.default.>".into()],
        duplicate_window: Duration::from_secs(60),
        ..Config::default()
    };
    context.create_stream(config).await.unwrap();
    let gateway = Program::start(&server.url());
    until("there is no other log", async || health(gateway.port).await.1.contains("dupe-window"))
        .await;
    until("the other one is there", async || publish(gateway.port, "desk", 1).await == 200).await;
    assert_eq!(health(gateway.port).await, (200, "ok\n".into()));
    // Once somebody wants it, it counts.
    assert_eq!(publish(gateway.port, "default", 1).await, 503);
    let (status, reason) = health(gateway.port).await;
    assert!(status == 503 && reason.starts_with("tenant `default`: "), "{reason}");
}
