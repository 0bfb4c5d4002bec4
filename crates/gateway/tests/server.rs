//! The gateway over real loopback sockets.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use gateway::{
    Access, DemoOptions, EmbeddedGateway, Gateway, GatewayError, Limits, Rate, Source, Stats,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Generous: a loaded machine is slow, a hang is for ever.
const PATIENCE: Duration = Duration::from_secs(20);

async fn relay() -> Gateway {
    relay_with(Limits::default()).await
}

async fn relay_with(limits: Limits) -> Gateway {
    Gateway::bind_with(loopback(), Access::open(), Source::Relay, limits).await.unwrap()
}

fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

async fn connect(url: &str, headers: &[(&'static str, &str)]) -> Result<Client, Error> {
    let mut request = url.into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    timeout(PATIENCE, connect_async(request)).await.expect("an answer").map(|(client, _)| client)
}

/// A client the gateway already knows of.
async fn join(gateway: &Gateway) -> Client {
    let before = gateway.stats().clients;
    let client = connect(&gateway.url(), &[]).await.unwrap();
    until(|| gateway.stats(), |stats| stats.clients > before).await;
    client
}

async fn until(read: impl Fn() -> Stats, reached: impl Fn(&Stats) -> bool) {
    let wait = async {
        while !reached(&read()) {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("never reached: {:?}", read()));
}

async fn next(client: &mut Client) -> Message {
    let next = timeout(PATIENCE, client.next()).await.expect("a message in time");
    next.expect("not the end").expect("no error")
}

async fn next_json(client: &mut Client) -> Value {
    loop {
        if let Message::Text(text) = next(client).await {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

async fn send(client: &mut Client, message: &Value) {
    client.send(Message::text(message.to_string())).await.unwrap();
}

fn status(result: Result<Client, Error>) -> u16 {
    match result {
        Err(Error::Http(response)) => response.status().as_u16(),
        other => panic!("not an HTTP refusal: {other:?}"),
    }
}

#[tokio::test]
async fn a_new_client_gets_everything_first_and_then_what_changes() {
    let gateway = EmbeddedGateway::start(DemoOptions::default()).await.unwrap();
    let bearer = format!("Bearer {}", gateway.token());
    // Late enough that partial updates have been sent.
    until(|| gateway.stats(), |stats| stats.published > 230).await;
    let mut client = connect(&gateway.url(), &[("authorization", &bearer)]).await.unwrap();
    let mut types = std::collections::BTreeSet::new();
    for _ in 0..204 {
        let message = next_json(&mut client).await;
        assert_eq!(message["data"]["full"], true, "{message}");
        types.insert(message["type"].as_str().unwrap().to_owned());
    }
    assert_eq!(types.len(), 204);
    assert!(types.contains("system_status") && types.contains("vault_update_ETH-001"));
    for _ in 0..20 {
        let message = next_json(&mut client).await;
        if message["data"]["full"] == Value::Null {
            return gateway.shutdown().await;
        }
    }
    panic!("no partial update");
}

#[tokio::test]
async fn the_embedded_gateway_opens_for_its_token_alone() {
    let gateway = EmbeddedGateway::start(DemoOptions::default()).await.unwrap();
    let url = gateway.url();
    let root = url.strip_suffix("ws").unwrap();
    let right = format!("Bearer {}", gateway.token());
    let wrong = format!("Bearer {}", "0".repeat(gateway.token().len()));
    for url in [url.as_str(), root] {
        assert_eq!(status(connect(url, &[]).await), 401);
        assert_eq!(status(connect(url, &[("authorization", &wrong)]).await), 401);
        assert_eq!(status(connect(url, &[("authorization", gateway.token())]).await), 401);
        let mut client = connect(url, &[("authorization", &right)]).await.unwrap();
        next_json(&mut client).await;
    }
    until(|| gateway.stats(), |stats| stats.refused == 6).await;
}

#[tokio::test]
async fn the_embedded_gateway_answers_no_web_page() {
    let gateway = EmbeddedGateway::start(DemoOptions::default()).await.unwrap();
    let bearer = format!("Bearer {}", gateway.token());
    for origin in ["https://evil.example", "null", "tauri://localhost", "http://127.0.0.1"] {
        let headers = [("authorization", bearer.as_str()), ("origin", origin)];
        assert_eq!(status(connect(&gateway.url(), &headers).await), 403);
    }
    let address = gateway.url().replace("ws://", "").replace("/ws", "");
    let page = http(&address, "GET /healthz HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\n\r\n").await;
    assert!(page.starts_with("HTTP/1.1 403"), "{page}");
}

#[tokio::test]
async fn an_open_gateway_lets_in_the_listed_pages_only() {
    let access = Access::Open { allow_origins: vec!["https://desk.example".parse().unwrap()] };
    let gateway = Gateway::bind(loopback(), access, Source::Relay).await.unwrap();
    let url = gateway.url();
    assert_eq!(status(connect(&url, &[("origin", "https://evil.example")]).await), 403);
    assert_eq!(status(connect(&url, &[("origin", "null")]).await), 403);
    assert!(connect(&url, &[("origin", "https://desk.example")]).await.is_ok());
    assert!(connect(&url, &[]).await.is_ok());
    assert_eq!(
        status(connect(&relay().await.url(), &[("origin", "https://desk.example")]).await),
        403
    );
}

#[tokio::test]
async fn other_machines_are_not_served_in_the_open() {
    let listen = "0.0.0.0:0".parse().unwrap();
    let refused = Gateway::bind(listen, Access::open(), Source::Relay).await;
    assert!(matches!(refused, Err(GatewayError::NotLoopback { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error() {
    let gateway = relay().await;
    let again = Gateway::bind(gateway.local_addr(), Access::open(), Source::Relay).await;
    assert!(matches!(again, Err(GatewayError::Bind { .. })), "{again:?}");
}

#[tokio::test]
async fn a_heartbeat_is_answered_to_its_sender_alone() {
    let gateway = relay().await;
    let (mut asking, mut other) = (join(&gateway).await, join(&gateway).await);
    let heartbeat = json!({"type": "heartbeat", "data": {"timestamp": 42}, "timestamp": 43});
    send(&mut asking, &heartbeat).await;
    let answer = next_json(&mut asking).await;
    assert_eq!(answer["type"], "heartbeat");
    assert_eq!(answer["data"]["timestamp"], 42);
    assert!(answer["data"]["serverTime"].as_i64().unwrap() > 1_700_000_000_000);
    // The next thing the other one hears is something else.
    let event = json!({"type": "custom_event", "data": 1, "timestamp": 1});
    send(&mut asking, &event).await;
    assert_eq!(next_json(&mut other).await, event);
    // And the sender hears no echo of it.
    send(&mut asking, &heartbeat).await;
    assert_eq!(next_json(&mut asking).await["type"], "heartbeat");
}

#[tokio::test]
async fn pings_are_answered() {
    let gateway = relay().await;
    let mut client = join(&gateway).await;
    client.send(Message::Ping("are you there".into())).await.unwrap();
    assert_eq!(next(&mut client).await, Message::Pong("are you there".into()));
}

#[tokio::test]
async fn what_a_client_sends_reaches_all_others_and_those_who_come_later() {
    let gateway = relay().await;
    let (mut from, mut to) = (join(&gateway).await, join(&gateway).await);
    // Digits beyond a float must survive.
    let text = r#"{"type":"vault_update","data":{"vaultId":"123","ltv":75.00000000000000000001},"timestamp":5}"#;
    from.send(Message::text(text)).await.unwrap();
    assert_eq!(next(&mut to).await, Message::text(text));
    let batch = json!({"type": "batch_update", "timestamp": 7, "data": {"updates": [
        {"type": "vault_update_123", "data": {"status": "ACTIVE"}, "timestamp": 6},
        {"type": "", "data": {}, "timestamp": 6},
        {"type": "risk_alert", "data": {"message": "x"}, "timestamp": 7},
    ]}});
    send(&mut from, &batch).await;
    assert_eq!(next_json(&mut to).await["type"], "vault_update_123");
    assert_eq!(next_json(&mut to).await["type"], "risk_alert");
    assert_eq!(gateway.stats().invalid, 1);
    let mut late = join(&gateway).await;
    let expected = r#"{"type":"vault_update_123","data":{"full":false,"ltv":75.00000000000000000001,"status":"ACTIVE","vaultId":"123"},"timestamp":6}"#;
    assert_eq!(next(&mut late).await, Message::text(expected));
}

#[tokio::test]
async fn malformed_frames_are_counted_and_the_connection_stays() {
    let gateway = relay().await;
    let (mut from, mut to) = (join(&gateway).await, join(&gateway).await);
    let bad = [
        Message::text("not json"),
        Message::text("[1,2]"),
        Message::text(r#"{"type":"x"}"#),
        Message::text(r#"{"type":"x","data":1,"timestamp":"now"}"#),
        Message::text(r#"{"type":"heartbeat","data":{},"timestamp":1}"#),
        Message::text(r#"{"type":"vault_update_1","data":[],"timestamp":1}"#),
        Message::text(r#"{"type":"vault_update","data":{"ltv":1},"timestamp":1}"#),
        Message::text(r#"{"type":"batch_update","data":{},"timestamp":1}"#),
        Message::text(
            r#"{"type":"snapshot_end","data":{"offset":9,"lostEvents":0},"timestamp":1}"#,
        ),
        Message::binary(vec![1, 2, 3]),
    ];
    let count = bad.len() as u64;
    for message in bad {
        from.send(message).await.unwrap();
    }
    let good = json!({"type": "custom", "data": null, "timestamp": 1});
    send(&mut from, &good).await;
    assert_eq!(next_json(&mut to).await, good);
    assert_eq!(gateway.stats().invalid, count);
}

#[tokio::test]
async fn a_message_over_the_limit_closes_with_1009() {
    let gateway = relay_with(Limits { message_bytes: 1_000, ..Limits::default() }).await;
    let mut client = join(&gateway).await;
    client.send(Message::text("x".repeat(1_001))).await.unwrap();
    assert_eq!(close_code(&mut client).await, 1009);
}

async fn close_code(client: &mut Client) -> u16 {
    loop {
        if let Message::Close(frame) = next(client).await {
            return frame.expect("a reason").code.into();
        }
    }
}

#[tokio::test]
async fn a_slow_client_gets_the_newest_of_each_key_and_every_alert() {
    let gateway = relay_with(Limits { conflate_after: 4, ..Limits::default() }).await;
    let mut slow = join(&gateway).await;
    let mut from = join(&gateway).await;
    // Far more than socket buffers hold, so that the gateway has to keep it.
    let filler = "x".repeat(256 << 10);
    for n in 0..200 {
        let data = json!({"n": n, "filler": filler});
        send(&mut from, &json!({"type": "vault_update_A", "data": data, "timestamp": n})).await;
        if n % 50 == 0 {
            let data = json!({"message": "danger", "n": n});
            send(&mut from, &json!({"type": "risk_alert", "data": data, "timestamp": n})).await;
        }
    }
    until(|| gateway.stats(), |stats| stats.published == 204).await;
    let (mut updates, mut alerts, mut last) = (0, Vec::new(), 0);
    while alerts.len() < 4 || last != 199 {
        let message = next_json(&mut slow).await;
        let n = message["data"]["n"].as_i64().unwrap();
        if message["type"] == "risk_alert" {
            alerts.push(n);
        } else {
            assert!(n >= last, "older than what came before");
            (updates, last) = (updates + 1, n);
        }
    }
    assert_eq!(alerts, [0, 50, 100, 150]);
    assert!(updates < 150, "{updates} updates came through");
    assert!(gateway.stats().conflated > 0);
}

#[tokio::test]
async fn a_client_with_too_many_waiting_alerts_is_closed_with_4409() {
    let limits = Limits { queued_bytes: 1 << 20, close: PATIENCE, ..Limits::default() };
    let gateway = relay_with(limits).await;
    let mut slow = join(&gateway).await;
    let mut from = join(&gateway).await;
    let filler = "x".repeat(256 << 10);
    let alert = json!({"type": "risk_alert", "data": {"message": filler}, "timestamp": 1});
    while gateway.stats().slow == 0 {
        timeout(PATIENCE, send(&mut from, &alert)).await.expect("a slow client holds nobody up");
    }
    assert_eq!(close_code(&mut slow).await, 4409);
    until(|| gateway.stats(), |stats| stats.clients == 1).await;
    // The others go on.
    let mut other = join(&gateway).await;
    send(&mut from, &alert).await;
    assert_eq!(next_json(&mut other).await, alert);
}

#[tokio::test]
async fn shutdown_closes_clients_with_1001() {
    let gateway = relay().await;
    let address = gateway.local_addr();
    let (mut one, mut two) = (join(&gateway).await, join(&gateway).await);
    let closed = async { (close_code(&mut one).await, close_code(&mut two).await) };
    let ((), codes) = tokio::join!(gateway.shutdown(), closed);
    assert_eq!(codes, (1001, 1001));
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn shutdown_does_not_wait_for_a_client_that_does_not_answer() {
    let gateway =
        relay_with(Limits { close: Duration::from_millis(50), ..Limits::default() }).await;
    let _deaf = join(&gateway).await;
    timeout(PATIENCE, gateway.shutdown()).await.expect("to end by itself");
}

#[tokio::test]
async fn dropping_a_gateway_stops_it() {
    let gateway = relay().await;
    let mut client = join(&gateway).await;
    drop(gateway);
    assert_eq!(close_code(&mut client).await, 1001);
}

#[tokio::test]
async fn connections_are_limited_and_slots_come_back() {
    let gateway = relay_with(Limits { connections: 1, ..Limits::default() }).await;
    let mut only = join(&gateway).await;
    assert_eq!(status(connect(&gateway.url(), &[]).await), 503);
    only.close(None).await.unwrap();
    while only.next().await.is_some() {}
    let again = async { while connect(&gateway.url(), &[]).await.is_err() {} };
    timeout(PATIENCE, again).await.expect("the slot to come back");
}

#[tokio::test]
async fn a_slow_upgrade_is_cut_off() {
    let gateway =
        relay_with(Limits { upgrade: Duration::from_millis(50), ..Limits::default() }).await;
    for head in ["", "GET /ws HTTP/1.1\r\nHost: x\r\n"] {
        let mut stream = TcpStream::connect(gateway.local_addr()).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        let _ = read.expect("the connection to be cut");
    }
}

#[tokio::test]
async fn a_silent_client_is_pinged_and_then_dropped() {
    let gateway =
        relay_with(Limits { silence: Duration::from_millis(50), ..Limits::default() }).await;
    // A client that is not read from answers no pings.
    let _dead = join(&gateway).await;
    until(|| gateway.stats(), |stats| stats.clients == 0).await;
    // One that is read from does, and stays: the heartbeat sent after many a silence is still answered.
    let mut alive = join(&gateway).await;
    for _ in 0..5 {
        assert!(matches!(next(&mut alive).await, Message::Ping(_)));
    }
    assert_eq!(gateway.stats().clients, 1);
}

#[tokio::test]
async fn plain_http_gets_a_word_of_help() {
    let gateway = relay().await;
    let address = gateway.local_addr().to_string();
    let health = http(&address, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(health.starts_with("HTTP/1.1 200") && health.ends_with("ok\n"), "{health}");
    let page = http(&address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(page.starts_with("HTTP/1.1 426") && page.contains("WebSocket client"), "{page}");
    let lost = http(&address, "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(lost.starts_with("HTTP/1.1 404"), "{lost}");
}

async fn http(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("an answer").unwrap();
    answer
}

#[tokio::test]
async fn a_fast_demo_reaches_a_client() {
    let rate = Some(Rate::new(5_000).unwrap());
    let gateway =
        EmbeddedGateway::start(DemoOptions { rate, ..DemoOptions::default() }).await.unwrap();
    let bearer = format!("Bearer {}", gateway.token());
    let mut client = connect(&gateway.url(), &[("authorization", &bearer)]).await.unwrap();
    for _ in 0..10_000 {
        next_json(&mut client).await;
    }
}
