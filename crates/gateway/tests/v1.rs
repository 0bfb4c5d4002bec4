//! `vaultwatch.v1` over real loopback sockets, spoken by a client that knows nothing but WebSocket and JSON.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use gateway::{Access, DemoOptions, EmbeddedGateway, Gateway, Limits, Rate, Source};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use wire::Compressed;

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

const PATIENCE: Duration = Duration::from_secs(30);

async fn relay(limits: Limits) -> Gateway {
    let listen = "127.0.0.1:0".parse().unwrap();
    Gateway::bind_with(listen, Access::open(), Source::Relay, limits).await.unwrap()
}

async fn open(url: &str, protocol: Option<&'static str>, token: Option<&str>) -> Client {
    let mut request = url.into_client_request().unwrap();
    if let Some(protocol) = protocol {
        request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
    }
    if let Some(token) = token {
        let bearer = format!("Bearer {token}");
        request.headers_mut().insert("authorization", bearer.parse().unwrap());
    }
    let connected = timeout(PATIENCE, connect_async(request)).await.expect("an answer");
    let (client, response) = connected.unwrap();
    let selected = response.headers().get("sec-websocket-protocol");
    assert_eq!(selected.map(|value| value.to_str().unwrap()), protocol);
    client
}

/// A session that has said hello, and its welcome.
async fn hello(url: &str, data: Value) -> (Client, Value) {
    let mut client = open(url, Some("vaultwatch.v1"), None).await;
    let mut all = json!({"client": "test/1", "topics": [], "compress": [], "resume": null});
    all.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
    send(&mut client, "hello", all).await;
    let welcome = next(&mut client).await;
    assert_eq!(welcome["type"], "welcome");
    (client, welcome["data"].clone())
}

/// A session past its snapshot.
async fn live(url: &str, data: Value) -> (Client, Value) {
    let (mut client, welcome) = hello(url, data).await;
    until(&mut client, "snapshot_end").await;
    (client, welcome)
}

async fn send(client: &mut Client, ty: &str, data: Value) {
    say(client, json!({"type": ty, "data": data, "timestamp": 1})).await;
}

async fn say(client: &mut Client, message: Value) {
    client.send(Message::text(message.to_string())).await.unwrap();
}

async fn publish(client: &mut Client, id: &str, ty: &str, data: Value) -> Value {
    say(client, json!({"type": ty, "data": data, "timestamp": 1, "id": id})).await;
    loop {
        let answer = next(client).await;
        if answer["type"] == "ack" || answer["type"] == "nack" {
            assert_eq!(answer["data"]["id"], id);
            return answer;
        }
    }
}

async fn frame(client: &mut Client) -> Message {
    loop {
        let next = timeout(PATIENCE, client.next()).await.expect("a message in time");
        match next.expect("not the end").expect("no error") {
            Message::Ping(_) | Message::Pong(_) => {}
            other => return other,
        }
    }
}

async fn next(client: &mut Client) -> Value {
    match frame(client).await {
        Message::Text(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("not text: {other:?}"),
    }
}

/// Everything up to a message of this type, which comes last.
async fn until(client: &mut Client, ty: &str) -> Vec<Value> {
    let mut messages = Vec::new();
    loop {
        messages.push(next(client).await);
        if messages.last().unwrap()["type"] == ty {
            return messages;
        }
    }
}

async fn close_code(client: &mut Client) -> u16 {
    loop {
        if let Message::Close(reason) = frame(client).await {
            return reason.expect("a reason").code.into();
        }
    }
}

fn offsets(messages: &[Value]) -> Vec<(u64, u64)> {
    let offset = |m: &Value, name| m[name].as_u64();
    messages.iter().filter_map(|m| Some((offset(m, "prev")?, offset(m, "offset")?))).collect()
}

#[tokio::test]
async fn a_session_begins_with_a_snapshot_and_goes_on_without_a_gap() {
    let gateway = relay(Limits::default()).await;
    let (mut from, _) = live(&gateway.url(), json!({"topics": ["nothing"]})).await;
    publish(&mut from, "1", "vault_update_A", json!({"full": true, "ltv": 1.10, "x": 2})).await;
    publish(&mut from, "2", "vault_update_A", json!({"ltv": 70.5})).await;
    publish(&mut from, "3", "risk_alert", json!({"message": "before"})).await;
    let (mut client, welcome) = hello(&gateway.url(), json!({})).await;
    assert_eq!((&welcome["offset"], &welcome["resumed"]), (&json!(3), &json!(false)));
    assert!(welcome["dedupMs"].as_u64().unwrap() >= 600_000);
    let snapshot = until(&mut client, "snapshot_end").await;
    assert_eq!(snapshot.len(), 2, "{snapshot:?}");
    assert_eq!(snapshot[0]["data"], json!({"full": true, "ltv": 70.5, "x": 2}));
    assert_eq!((&snapshot[0]["snapshot"], &snapshot[0]["offset"]), (&json!(true), &json!(2)));
    assert_eq!(snapshot[1]["data"], json!({"offset": 3, "lostEvents": 0}));
    let ack = publish(&mut from, "4", "risk_alert", json!({"message": "after"})).await;
    assert_eq!(ack["data"]["offset"], 4);
    let message = next(&mut client).await;
    assert_eq!(offsets(std::slice::from_ref(&message)), [(3, 4)]);
    assert_eq!(message["data"]["message"], "after");
    // A plain client gets it as well, without a place; and what it says reaches v1.
    let mut plain = open(&gateway.url(), None, None).await;
    assert_eq!(next(&mut plain).await["data"]["ltv"], 70.5);
    send(&mut plain, "risk_alert", json!({"message": "plain"})).await;
    assert_eq!(offsets(&[next(&mut client).await]), [(4, 5)]);
    publish(&mut from, "6", "note", json!(1)).await;
    assert_eq!(
        next(&mut plain).await,
        json!({"type": "note", "data": 1, "timestamp": 1, "id": "6"})
    );
}

#[tokio::test]
async fn publishing_is_acknowledged_once_stored_and_refused_by_name() {
    let limits = Limits { message_bytes: 2_000, publish_rate: 5, ..Limits::default() };
    let gateway = relay(limits).await;
    let (mut client, _) = live(&gateway.url(), json!({"topics": ["nothing"]})).await;
    for _ in 0..2 {
        let ack = publish(&mut client, "same", "note", json!(1)).await;
        assert_eq!((&ack["type"], &ack["data"]["offset"]), (&json!("ack"), &json!(1)));
    }
    assert_eq!(gateway.stats().duplicates, 1);
    for (ty, data, code) in [
        ("welcome", json!({}), "reserved_type"),
        ("vault_update_1", json!([]), "invalid"),
        ("note", json!("x".repeat(2_100)), "too_large"),
    ] {
        let nack = publish(&mut client, "bad", ty, data).await;
        assert_eq!(
            (&nack["data"]["code"], &nack["data"]["retryable"]),
            (&json!(code), &json!(false))
        );
    }
    let mut codes = Vec::new();
    for n in 0..40 {
        codes.push(
            publish(&mut client, &n.to_string(), "note", json!(n)).await["data"]["code"].clone(),
        );
    }
    assert!(codes.contains(&json!("rate_limited")), "{codes:?}");
    // Without an id a refusal is told, too.
    send(&mut client, "welcome", json!({})).await;
    assert_eq!(until(&mut client, "error").await.last().unwrap()["data"]["code"], "reserved_type");
    client.send(Message::text("not json")).await.unwrap();
    assert_eq!(until(&mut client, "error").await.last().unwrap()["data"]["code"], "invalid");
}

#[tokio::test]
async fn topics_select_and_change() {
    let gateway = relay(Limits::default()).await;
    let (mut from, _) = live(&gateway.url(), json!({"topics": ["nothing"]})).await;
    publish(&mut from, "1", "market_data_1", json!({"full": true})).await;
    let (mut client, _) = live(&gateway.url(), json!({"topics": ["vault_update_*"]})).await;
    publish(&mut from, "2", "risk_alert", json!({"message": "unseen"})).await;
    publish(&mut from, "3", "vault_update_A", json!({"ltv": 1})).await;
    assert_eq!(offsets(&[next(&mut client).await]), [(1, 3)], "what lies between is no gap");
    send(&mut client, "subscribe", json!({"topics": ["market_data_1", "vault_update_A"]})).await;
    let answer = until(&mut client, "snapshot_end").await;
    assert_eq!(answer[0]["type"], "subscribed");
    let topics = json!(["vault_update_*", "market_data_1", "vault_update_A"]);
    assert_eq!(answer[0]["data"], json!({"topics": topics, "offset": 3}));
    assert_eq!((answer.len(), &answer[1]["type"]), (3, &json!("market_data_1")), "new keys alone");
    send(&mut client, "unsubscribe", json!({"topics": ["vault_update_*", "vault_update_A"]})).await;
    assert_eq!(next(&mut client).await["data"], json!({"topics": ["market_data_1"], "offset": 3}));
    publish(&mut from, "4", "vault_update_A", json!({"ltv": 2})).await;
    publish(&mut from, "5", "market_data_1", json!({"gasPrice": 1})).await;
    assert_eq!(offsets(&[next(&mut client).await]), [(3, 5)]);
}

#[tokio::test]
async fn who_comes_back_gets_exactly_what_was_missed() {
    let gateway = relay(Limits::default()).await;
    let (mut from, welcome) = live(&gateway.url(), json!({"topics": ["nothing"]})).await;
    let epoch = welcome["epoch"].clone();
    for n in 1..=10 {
        publish(&mut from, &n.to_string(), "note", json!(n)).await;
    }
    let resume = json!({"resume": {"epoch": epoch, "offset": 4}});
    let (mut client, welcome) = hello(&gateway.url(), resume).await;
    assert_eq!((&welcome["resumed"], &welcome["replay"]), (&json!(true), &json!(6)));
    for n in 5..=10 {
        assert_eq!(offsets(&[next(&mut client).await]), [(n - 1, n)]);
    }
    publish(&mut from, "11", "note", json!(11)).await;
    assert_eq!(offsets(&[next(&mut client).await]), [(10, 11)]);
    // Within the session.
    send(&mut client, "resume", json!({"epoch": epoch, "offset": 9})).await;
    let answer = next(&mut client).await;
    assert_eq!(answer["data"], json!({"ok": true, "replay": 2, "offset": 9}));
    assert_eq!(offsets(&[next(&mut client).await, next(&mut client).await]), [(9, 10), (10, 11)]);
    for (epoch, offset) in [(epoch, 12), (json!("another"), 3)] {
        send(&mut client, "resume", json!({"epoch": epoch, "offset": offset})).await;
        let answer = until(&mut client, "snapshot_end").await;
        assert_eq!(
            (&answer[0]["type"], &answer[0]["data"]["ok"]),
            (&json!("resumed"), &json!(false))
        );
        let expected: Vec<_> = (1..=11).map(|n| (n - 1, n)).collect();
        assert_eq!(offsets(&answer), expected, "every event");
        let end = json!({"offset": 11, "lostEvents": null});
        assert_eq!(answer.last().unwrap()["data"], end);
    }
}

#[tokio::test]
async fn too_long_away_brings_every_event_and_the_state() {
    let gateway = relay(Limits { log_messages: 20, ..Limits::default() }).await;
    let (mut from, welcome) = live(&gateway.url(), json!({"topics": ["nothing"]})).await;
    let epoch = welcome["epoch"].clone();
    for n in 1..=100 {
        let (ty, data) = match n % 10 {
            0 => ("risk_alert", json!({"message": "x"})),
            _ => ("vault_update_A", json!({"n": n})),
        };
        publish(&mut from, &n.to_string(), ty, data).await;
    }
    let resume = json!({"resume": {"epoch": epoch, "offset": 5}});
    let (mut client, welcome) = hello(&gateway.url(), resume).await;
    assert_eq!((&welcome["resumed"], &welcome["replay"]), (&json!(false), &json!(0)));
    let rest = until(&mut client, "snapshot_end").await;
    let events: Vec<_> = rest.iter().filter(|m| m["type"] == "risk_alert").cloned().collect();
    assert_eq!(
        offsets(&events).iter().map(|(_, o)| *o).collect::<Vec<_>>(),
        (1..=10).map(|n| n * 10).collect::<Vec<_>>()
    );
    assert_eq!((&rest[10]["snapshot"], &rest[10]["data"]["n"]), (&json!(true), &json!(99)));
    assert_eq!(rest[11]["data"], json!({"offset": 100, "lostEvents": 0}));
    // Now beyond what even the events reach back to.
    for n in 101..=130 {
        publish(&mut from, &n.to_string(), "note", json!(n)).await;
    }
    let resume = json!({"resume": {"epoch": epoch, "offset": 5}});
    let (mut client, _) = hello(&gateway.url(), resume).await;
    let rest = until(&mut client, "snapshot_end").await;
    assert_eq!(rest.last().unwrap()["data"], json!({"offset": 130, "lostEvents": 20}));
    // Only of what it would have got.
    let resume = json!({"topics": ["risk_*"], "resume": {"epoch": epoch, "offset": 25}});
    let (mut client, _) = hello(&gateway.url(), resume).await;
    let rest = until(&mut client, "snapshot_end").await;
    assert_eq!(rest.last().unwrap()["data"], json!({"offset": 130, "lostEvents": 8}));
}

#[tokio::test]
async fn who_has_no_state_gets_the_events_since_and_a_snapshot() {
    let gateway = relay(Limits::default()).await;
    let (mut from, welcome) = live(&gateway.url(), json!({"topics": ["nothing"]})).await;
    for (n, ty) in
        ["risk_alert", "vault_update_A", "risk_alert", "vault_update_A"].iter().enumerate()
    {
        publish(&mut from, &n.to_string(), ty, json!({"full": true, "message": n})).await;
    }
    let resume = json!({"epoch": welcome["epoch"], "offset": 2, "snapshot": true});
    let expect = |answer: &[Value]| {
        let places: Vec<_> =
            answer[1..].iter().map(|m| (&m["type"], &m["offset"], &m["prev"])).collect();
        let (event, state) = (&json!("risk_alert"), &json!("vault_update_A"));
        let end = &json!("snapshot_end");
        let null = &Value::Null;
        assert_eq!(
            places,
            [(event, &json!(3), &json!(2)), (state, &json!(4), null), (end, null, null)]
        );
        assert_eq!(answer[3]["data"], json!({"offset": 4, "lostEvents": 0}));
    };
    let (mut client, welcome) = hello(&gateway.url(), json!({"resume": resume})).await;
    assert_eq!((&welcome["resumed"], &welcome["replay"]), (&json!(false), &json!(0)));
    let mut answer = vec![welcome];
    answer.extend(until(&mut client, "snapshot_end").await);
    expect(&answer);
    // Within the session.
    send(&mut client, "resume", resume).await;
    let answer = until(&mut client, "snapshot_end").await;
    assert_eq!(answer[0]["data"], json!({"ok": false, "replay": 0, "offset": 2}));
    expect(&answer);
    publish(&mut from, "5", "risk_alert", json!({"message": "after"})).await;
    assert_eq!(offsets(&[next(&mut client).await]), [(4, 5)]);
}

/// Frames up to a message of this type, each with what it comes to as text.
async fn frames_until(client: &mut Client, ty: &str) -> Vec<(usize, Value)> {
    let mut frames: Vec<(usize, Value)> = Vec::new();
    loop {
        let text = match frame(client).await {
            Message::Text(text) => text.to_string(),
            Message::Binary(bytes) => Compressed::open(&bytes, 4_096).unwrap().to_json(),
            other => panic!("{other:?}"),
        };
        frames.push((text.len(), serde_json::from_str(&text).unwrap()));
        if frames.last().unwrap().1["type"] == ty {
            return frames;
        }
    }
}

#[tokio::test]
async fn nobody_is_sent_more_than_was_announced_however_much_a_state_grows() {
    let gateway = relay(Limits { message_bytes: 4_096, ..Limits::default() }).await;
    let (mut from, _) = live(&gateway.url(), json!({"topics": ["nothing"]})).await;
    let (mut listener, _) = live(&gateway.url(), json!({"topics": ["vault_update_A"]})).await;
    let snapshot = async |compress: &str| {
        let (mut client, welcome) = hello(&gateway.url(), json!({"compress": [compress]})).await;
        assert_eq!(welcome["maxMessageBytes"], 4_096);
        let frames = frames_until(&mut client, "snapshot_end").await;
        assert!(frames.iter().all(|(bytes, _)| *bytes <= 4_096));
        let types = frames.iter().map(|(_, message)| message["type"].as_str().unwrap().to_owned());
        types.filter(|ty| ty.starts_with("vault_update_")).collect::<Vec<_>>()
    };
    publish(&mut from, "b", "vault_update_B", json!({"full": true, "x": "b".repeat(3_400)})).await;
    for n in 0..8 {
        let part = json!({format!("field{n}"): "a".repeat(800)});
        publish(&mut from, &format!("a{n}"), "vault_update_A", part).await;
        for compress in ["none", "zstd"] {
            let expected =
                if n < 4 { &["vault_update_B", "vault_update_A"][..] } else { &["vault_update_B"] };
            assert_eq!(snapshot(compress).await, expected, "{n} {compress}");
        }
        // Whoever is there gets every part.
        assert!(next(&mut listener).await["data"][format!("field{n}")].is_string());
    }
    publish(&mut from, "full", "vault_update_A", json!({"full": true, "ltv": 1})).await;
    assert_eq!(snapshot("deflate").await.len(), 2);
    // The largest that is taken, with its place, is not too large; one more byte is refused by name.
    let envelope =
        json!({"type": "note", "data": "", "timestamp": 1, "id": "n0"}).to_string().len();
    let (mut client, _) = live(&gateway.url(), json!({"topics": ["note"]})).await;
    let refused = publish(&mut from, "n1", "note", json!("n".repeat(3_585 - envelope))).await;
    assert_eq!(refused["data"]["code"], "too_large");
    let accepted = publish(&mut from, "n0", "note", json!("n".repeat(3_584 - envelope))).await;
    assert_eq!(accepted["type"], "ack");
    let frames = frames_until(&mut client, "note").await;
    assert!(frames[0].0 <= 4_096, "{}", frames[0].0);
}

#[tokio::test]
async fn encrypted_data_are_never_merged() {
    let gateway = relay(Limits::default()).await;
    let (mut from, _) = live(&gateway.url(), json!({"topics": ["nothing"]})).await;
    for n in 0..3 {
        let sealed =
            json!({"enc": "xchacha20poly1305", "kid": "k", "nonce": "", "ct": n.to_string()});
        publish(&mut from, &n.to_string(), "vault_update_A", sealed).await;
    }
    let (mut client, _) = hello(&gateway.url(), json!({})).await;
    let snapshot = until(&mut client, "snapshot_end").await;
    let parts: Vec<_> =
        snapshot.iter().map(|m| (m["data"]["ct"].as_str(), m["id"].as_str())).collect();
    let expected = [("0", "0"), ("1", "1"), ("2", "2")].map(|(ct, id)| (Some(ct), Some(id)));
    assert_eq!(parts[..3], expected, "each as it was, its id included");
}

#[tokio::test]
async fn large_messages_are_compressed_if_agreed() {
    let gateway = relay(Limits::default()).await;
    let (mut from, _) = live(&gateway.url(), json!({"topics": ["nothing"]})).await;
    for (codec, first) in [("zstd", 2), ("deflate", 1)] {
        let (mut client, welcome) = live(&gateway.url(), json!({"compress": [codec, "new"]})).await;
        assert_eq!(welcome["compress"], codec);
        let text = "abc".repeat(1_000);
        publish(&mut from, codec, "note", json!(text)).await;
        let Message::Binary(bytes) = frame(&mut client).await else { panic!("not compressed") };
        assert_eq!((bytes[0], bytes.len() < 500), (first, true));
        let message = Compressed::open(&bytes, 1 << 20).unwrap();
        assert_eq!(message.data(), json!(text).to_string().as_bytes());
        publish(&mut from, &format!("{codec}2"), "note", json!("short")).await;
        assert!(matches!(frame(&mut client).await, Message::Text(_)));
    }
    let (_, welcome) = live(&gateway.url(), json!({})).await;
    assert_eq!(welcome["compress"], Value::Null);
}

#[tokio::test]
async fn nonsense_is_closed_with_4400_and_no_hello_with_4408() {
    let limits = Limits { hello: Duration::from_millis(200), close: PATIENCE, ..Limits::default() };
    let gateway = relay(limits).await;
    let url = gateway.url();
    let mut silent = open(&url, Some("vaultwatch.v1"), None).await;
    assert_eq!(close_code(&mut silent).await, 4408);
    for first in [
        json!({"type": "note", "data": 1, "timestamp": 1}),
        json!({"type": "hello", "data": {"client": 1}, "timestamp": 1}),
        json!({"type": "hello", "data": {"client": "x", "tenant": "UPPER"}, "timestamp": 1}),
        json!({"type": "hello", "data": {"client": "x", "topics": ["a*b"]}, "timestamp": 1}),
    ] {
        let mut client = open(&url, Some("vaultwatch.v1"), None).await;
        say(&mut client, first).await;
        assert_eq!(close_code(&mut client).await, 4400);
    }
    for (ty, data) in [
        ("hello", json!({"client": "x"})),
        ("resume", json!(5)),
        ("resume", json!({"epoch": "e"})),
        ("resume", json!({"epoch": 1, "offset": 1})),
        ("resume", json!({"epoch": "e", "offset": -1})),
        ("resume", json!({"epoch": "e", "offset": 1, "snapshot": "yes"})),
        ("subscribe", json!({"topics": [""]})),
        ("subscribe", json!(["a"])),
        ("unsubscribe", json!({"topics": "a"})),
        ("auth", json!({})),
        ("auth", json!({"token": 7})),
        ("heartbeat", json!({"timestamp": "now"})),
    ] {
        let (mut client, _) = live(&url, json!({})).await;
        send(&mut client, ty, data).await;
        assert_eq!(close_code(&mut client).await, 4400, "{ty}");
    }
    let mut newer = open(&url, Some("vaultwatch.v9"), None).await;
    assert_eq!(close_code(&mut newer).await, 4426);
}

#[tokio::test]
async fn too_many_connections_are_told_when_to_come_back() {
    let gateway = relay(Limits { connections: 1, ..Limits::default() }).await;
    let (_only, _) = live(&gateway.url(), json!({})).await;
    let mut second = open(&gateway.url(), Some("vaultwatch.v1"), None).await;
    let error = next(&mut second).await;
    assert!(error["data"]["retryAfterMs"].as_u64().unwrap() > 0);
    assert_eq!(close_code(&mut second).await, 4429);
}

#[tokio::test]
async fn tenants_know_nothing_of_each_other() {
    let gateway = relay(Limits { tenants: 3, ..Limits::default() }).await;
    let (mut a, first) = live(&gateway.url(), json!({"tenant": "a", "topics": ["nothing"]})).await;
    let (mut b, second) = live(&gateway.url(), json!({"tenant": "b"})).await;
    assert_ne!(first["epoch"], second["epoch"]);
    publish(&mut a, "1", "note", json!("secret")).await;
    // The same id is another message here, and the first thing b hears.
    let ack = publish(&mut b, "1", "note", json!("own")).await;
    assert_eq!(ack["data"]["offset"], 1);
    assert_eq!(gateway.stats().duplicates, 0);
    let mut third = open(&gateway.url(), Some("vaultwatch.v1"), None).await;
    send(&mut third, "hello", json!({"client": "x", "tenant": "c"})).await;
    assert_eq!(close_code(&mut third).await, 4429);
}

#[tokio::test]
async fn the_embedded_gateway_takes_its_token_again_and_no_other_tenant() {
    let gateway = EmbeddedGateway::start(DemoOptions::default()).await.unwrap();
    let mut client = open(&gateway.url(), Some("vaultwatch.v1"), Some(gateway.token())).await;
    send(&mut client, "hello", json!({"client": "x", "topics": ["nothing"]})).await;
    until(&mut client, "snapshot_end").await;
    send(&mut client, "auth", json!({"token": gateway.token()})).await;
    assert_eq!(next(&mut client).await["type"], "authorised");
    send(&mut client, "heartbeat", json!({"timestamp": 42})).await;
    let answer = next(&mut client).await;
    assert_eq!(answer["data"]["timestamp"], 42);
    assert!(answer["data"]["serverTime"].as_i64().unwrap() > 1_700_000_000_000);
    send(&mut client, "auth", json!({"token": "wrong"})).await;
    assert_eq!(close_code(&mut client).await, 4401);
    let mut other = open(&gateway.url(), Some("vaultwatch.v1"), Some(gateway.token())).await;
    send(&mut other, "hello", json!({"client": "x", "tenant": "other"})).await;
    assert_eq!(close_code(&mut other).await, 4403);
}

#[tokio::test]
async fn a_lagging_session_gets_the_newest_of_each_key_and_every_event() {
    let gateway = relay(Limits { conflate_after: 4, ..Limits::default() }).await;
    let (mut slow, _) = live(&gateway.url(), json!({})).await;
    let mut from = open(&gateway.url(), None, None).await;
    let filler = "x".repeat(256 << 10);
    for n in 0..200 {
        let part = format!("only{n}");
        send(&mut from, "vault_update_A", json!({"n": n, "filler": filler, part: n})).await;
        if n % 50 == 0 {
            send(&mut from, "risk_alert", json!({"message": "danger", "n": n})).await;
        }
    }
    let wait = async {
        while gateway.stats().published < 204 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, wait).await.expect("a slow client holds nobody up");
    let (mut alerts, mut last, mut at, mut count) = (Vec::new(), 0, 0, 0);
    let mut parts = BTreeMap::new();
    while alerts.len() < 4 || last != 199 {
        let message = next(&mut slow).await;
        assert_eq!(message["prev"].as_u64(), Some(at), "no gap");
        at = message["offset"].as_u64().unwrap();
        let data = message["data"].as_object().unwrap();
        let n = data["n"].as_i64().unwrap();
        count += 1;
        if message["type"] == "risk_alert" {
            alerts.push(n);
        } else {
            last = n;
            parts.extend(
                data.iter().filter(|(k, _)| k.starts_with("only")).map(|(k, _)| (k.clone(), ())),
            );
        }
    }
    assert_eq!(alerts, [0, 50, 100, 150]);
    assert_eq!(parts.len(), 200, "what was skipped is in what came instead");
    assert!(count < 150 && gateway.stats().conflated > 0, "{count}");
}

#[tokio::test]
async fn a_session_with_too_many_waiting_events_is_closed_and_can_resume() {
    let limits = Limits { queued_bytes: 1 << 20, close: PATIENCE, ..Limits::default() };
    let gateway = relay(limits).await;
    let (mut slow, welcome) = live(&gateway.url(), json!({})).await;
    let mut from = open(&gateway.url(), None, None).await;
    let filler = "x".repeat(100 << 10);
    while gateway.stats().slow == 0 {
        let sent = send(&mut from, "risk_alert", json!({"message": filler}));
        timeout(PATIENCE, sent).await.expect("a slow client holds nobody up");
    }
    let mut last = 0;
    let code = loop {
        match frame(&mut slow).await {
            Message::Text(text) => {
                let message: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(message["prev"], last);
                last = message["offset"].as_u64().unwrap();
            }
            Message::Close(reason) => break u16::from(reason.unwrap().code),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(code, 4409);
    let resume = json!({"resume": {"epoch": welcome["epoch"], "offset": last}});
    let (mut again, welcome) = hello(&gateway.url(), resume).await;
    let first = until(&mut again, "risk_alert").await;
    assert_eq!(offsets(&first), [(last, last + 1)], "{welcome}");
}

#[tokio::test]
async fn killed_again_and_again_while_the_market_runs_nothing_is_lost_or_doubled() {
    let rate = Some(Rate::new(2_000).unwrap());
    let source = Source::Demo(DemoOptions { rate, ..DemoOptions::default() });
    let listen = "127.0.0.1:0".parse().unwrap();
    let gateway = Gateway::bind(listen, Access::open(), source).await.unwrap();
    let (mut client, welcome) = hello(&gateway.url(), json!({})).await;
    let epoch = welcome["epoch"].clone();
    let end = until(&mut client, "snapshot_end").await;
    let mut at = end.last().unwrap()["data"]["offset"].as_u64().unwrap();
    for round in 0..20 {
        for _ in 0..(37 * round % 101) {
            let message = next(&mut client).await;
            assert_eq!(offsets(std::slice::from_ref(&message)), [(at, at + 1)], "{message}");
            at += 1;
        }
        // Without a word, as if the machine had died; frames on their way are lost.
        drop(client);
        let published = gateway.stats().published;
        let more = async {
            while gateway.stats().published < published + 50 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(PATIENCE, more).await.unwrap();
        let resume = json!({"resume": {"epoch": epoch, "offset": at}});
        let (again, welcome) = hello(&gateway.url(), resume).await;
        assert_eq!(welcome["resumed"], true);
        assert_eq!(welcome["offset"].as_u64().unwrap() - at, welcome["replay"].as_u64().unwrap());
        client = again;
    }
    assert_eq!(gateway.stats().resumed, 20);
}

#[tokio::test]
async fn a_restart_says_goodbye_after_what_is_in_the_log() {
    let gateway = relay(Limits::default()).await;
    let url = gateway.url();
    let (mut client, _) = live(&url, json!({})).await;
    let (mut from, _) = live(&url, json!({"topics": ["nothing"]})).await;
    publish(&mut from, "1", "note", json!(1)).await;
    let ended = async {
        let last = until(&mut client, "goodbye").await;
        (last, close_code(&mut client).await, close_code(&mut from).await)
    };
    let ((), (last, code, other)) = tokio::join!(gateway.shutdown(), ended);
    assert_eq!((last.len(), code, other), (2, 1012, 1012));
    assert!(last[1]["data"]["retryAfterMs"].as_u64().unwrap() <= 10_000);
}

async fn post(gateway: &Gateway, body: &str) -> (String, Value) {
    let mut stream = TcpStream::connect(gateway.local_addr()).await.unwrap();
    let head = format!(
        "POST /v1/publish HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("an answer").unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().to_owned();
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

/// Each invalid envelope of a body is named by its place and field, and those around it are stored.
#[tokio::test]
async fn every_kind_of_invalid_envelope_is_named_by_index_and_field() {
    let gateway = relay(Limits { message_bytes: 4_096, ..Limits::default() }).await;
    let (mut client, _) = live(&gateway.url(), json!({})).await;
    let bad = [
        (json!({"data": 1, "timestamp": 1}), "invalid", "type"),
        (json!({"type": "", "data": 1, "timestamp": 1}), "invalid", "type"),
        (json!({"type": "a\nb", "data": 1, "timestamp": 1}), "invalid", "type"),
        (json!({"type": "x".repeat(257), "data": 1, "timestamp": 1}), "invalid", "type"),
        (json!({"type": "welcome", "data": {}, "timestamp": 1}), "reserved_type", "type"),
        (
            json!({"type": "batch_update", "data": {"updates": []}, "timestamp": 1}),
            "invalid",
            "type",
        ),
        (json!({"type": "note", "timestamp": 1}), "invalid", "data"),
        (json!({"type": "vault_update_A", "data": [1], "timestamp": 1}), "invalid", "data"),
        (json!({"type": "note", "data": "x".repeat(4_096), "timestamp": 1}), "too_large", "data"),
        (json!({"type": "vault_update", "data": {}, "timestamp": 1}), "invalid", "data.vaultId"),
        (json!({"type": "note", "data": 1}), "invalid", "timestamp"),
        (json!({"type": "note", "data": 1, "timestamp": "now"}), "invalid", "timestamp"),
        (json!({"type": "note", "data": 1, "timestamp": 1, "id": ""}), "invalid", "id"),
        (json!({"type": "note", "data": 1, "timestamp": 1, "id": 7}), "invalid", "id"),
    ];
    // A good one before each of them, and one behind the last.
    let good = |n: usize| json!({"type": "note", "data": n, "timestamp": 1});
    let mut body: Vec<Value> =
        bad.iter().enumerate().flat_map(|(n, (bad, ..))| [good(n), bad.clone()]).collect();
    body.push(good(bad.len()));
    for text in [json!(body).to_string(), body.iter().map(|line| format!("{line}\n")).collect()] {
        let (status, answer) = post(&gateway, &text).await;
        assert_eq!((status.as_str(), &answer["accepted"]), ("200", &json!(bad.len() + 1)));
        let rejected = answer["rejected"].as_array().unwrap();
        assert_eq!(rejected.len(), bad.len(), "{answer}");
        for (n, (envelope, code, field)) in bad.iter().enumerate() {
            let told = &rejected[n];
            let expected = (&json!(2 * n + 1), &json!(code), &json!(field));
            assert_eq!((&told["index"], &told["code"], &told["field"]), expected, "{envelope}");
            assert!(told["message"].as_str().is_some_and(|why| !why.is_empty()), "{told}");
        }
        for n in 0..=bad.len() {
            assert_eq!(next(&mut client).await["data"], n);
        }
    }
}

#[tokio::test]
async fn http_publishes_what_is_valid_and_names_the_rest() {
    let gateway = relay(Limits { publish_body: 10_000, ..Limits::default() }).await;
    let (mut client, _) = live(&gateway.url(), json!({})).await;
    let good = |n: u64| json!({"type": "note", "data": n, "timestamp": 1, "id": n.to_string()});
    let (status, answer) = post(&gateway, &format!("{:#}", good(1))).await;
    assert_eq!(
        (status.as_str(), answer),
        ("200", json!({"accepted": 1, "offsets": [1, 1], "rejected": []}))
    );
    let lines = format!(
        "{}\nnot json\n{}\n\n{}\n",
        good(2),
        json!({"type": "ack", "data": 1, "timestamp": 1}),
        good(1)
    );
    let (status, answer) = post(&gateway, &lines).await;
    assert_eq!(
        (status.as_str(), &answer["accepted"], &answer["offsets"]),
        ("200", &json!(2), &json!([1, 2]))
    );
    let rejected = answer["rejected"].as_array().unwrap();
    let named: Vec<_> = rejected
        .iter()
        .map(|r| (r["index"].as_u64().unwrap(), r["code"].as_str().unwrap()))
        .collect();
    assert_eq!(named, [(1, "invalid"), (2, "reserved_type")]);
    let array = json!([good(3), {"type": "vault_update", "data": {"ltv": 1}, "timestamp": 1}]);
    let (_, answer) = post(&gateway, &array.to_string()).await;
    assert_eq!(
        (&answer["accepted"], &answer["rejected"][0]["field"]),
        (&json!(1), &json!("data.vaultId"))
    );
    assert_eq!(post(&gateway, "[1,").await.0, "400");
    assert_eq!(post(&gateway, "{}").await.0, "422");
    assert_eq!(post(&gateway, &"x".repeat(10_001)).await.0, "413");
    for n in 1..=3 {
        assert_eq!(next(&mut client).await["data"], n);
    }
    let mut stream = TcpStream::connect(gateway.local_addr()).await.unwrap();
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut metrics = String::new();
    stream.read_to_string(&mut metrics).await.unwrap();
    for line in ["published_total 3", "duplicates_total 1", "sessions 1", "invalid_total 4"] {
        assert!(metrics.contains(&format!("vaultwatch_gateway_{line}\n")), "{line}: {metrics}");
    }
}

#[cfg(unix)]
#[test]
fn the_program_ends_on_sigterm() {
    use std::process::{Command, Stdio};
    let mut program = Command::new(env!("CARGO_BIN_EXE_vaultwatch-gateway"));
    let mut child =
        program.args(["--listen=127.0.0.1:0", "--demo"]).stderr(Stdio::piped()).spawn().unwrap();
    // It says where it listens once its signals are in place.
    let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    let mut lines = lines.map_while(Result::ok);
    assert!(lines.any(|line| line.contains("listening")));
    let kill = Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(kill.success());
    assert!(child.wait().unwrap().success());
}
