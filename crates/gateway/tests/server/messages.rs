//! What is made of messages, and of clients that do not keep up with them.

use futures_util::SinkExt;
use gateway::Limits;
use serde_json::json;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::{PATIENCE, close_code, join, next, next_json, relay, relay_with, send, until};

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
