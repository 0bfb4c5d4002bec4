//! What is published, in a session and over HTTP.

use futures_util::SinkExt;
use gateway::{Gateway, Limits};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::client::{live, next, publish, send, until};
use super::{PATIENCE, relay};

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

async fn post(gateway: &Gateway, body: &str) -> (String, Value) {
    post_with(gateway, "", body).await
}

async fn post_with(gateway: &Gateway, more: &str, body: &str) -> (String, Value) {
    let mut stream = TcpStream::connect(gateway.local_addr()).await.unwrap();
    let head = format!(
        "POST /v1/publish HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{more}Connection: close\r\n\r\n{body}",
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

/// What is said about each message has to fit into memory, however short they are.
#[tokio::test]
async fn a_body_of_more_messages_than_are_taken_is_refused_as_a_whole() {
    let gateway = relay(Limits::default()).await;
    let (lines, array) = ("x\n".repeat(100_001), format!("[{}1]", "1,".repeat(100_000)));
    for body in [lines, array] {
        assert_eq!(post(&gateway, &body).await.0, "413");
    }
    let note = json!({"type": "note", "data": 1, "timestamp": 1}).to_string();
    let most = vec![note.as_str(); 100_000].join("\n");
    let (status, answer) = post(&gateway, &most).await;
    assert_eq!((status.as_str(), &answer["offsets"]), ("200", &json!([1, 100_000])));
    // Nor is it guessed how something was packed.
    let (status, _) = post_with(&gateway, "Content-Encoding: gzip\r\n", &note).await;
    assert_eq!(status, "415");
    let (status, _) = post_with(&gateway, "Content-Encoding: identity\r\n", &note).await;
    assert_eq!(status, "200");
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
