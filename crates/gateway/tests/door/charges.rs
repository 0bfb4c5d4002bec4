//! Whatever is sent is charged for, however it is packed.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use gateway::Limits;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::PATIENCE;
use super::guest::{Guest, Tokens};

fn batch(updates: &[Value], filler: usize) -> Value {
    let data = json!({"updates": updates, "filler": "x".repeat(filler)});
    json!({"type": "batch_update", "data": data, "timestamp": 1})
}

#[tokio::test]
async fn in_plain_mode_each_message_of_a_batch_counts() {
    let tokens = Tokens::new();
    let token = tokens.add("desk", "desk");
    let gateway = tokens.gateway(Limits { publish_rate: 10, ..Limits::default() }).await;
    let guest = Guest::of(&gateway).token(&token);
    let (mut watcher, _) = guest.live(json!({"topics": ["plain"]})).await;
    let mut plain = guest.plain().open().await;
    let updates: Vec<_> =
        (0..40).map(|n| json!({"type": "plain", "data": n, "timestamp": 1})).collect();
    let begun = Instant::now();
    plain.say(batch(&updates, 0)).await;
    for n in 0..40 {
        assert_eq!(watcher.next().await["data"], n, "late, but not lost");
    }
    // A burst of twenty, and twenty more at ten a second.
    assert!(begun.elapsed() > Duration::from_millis(1_500), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_batch_without_messages_is_charged_for_as_one() {
    let tokens = Tokens::new();
    let token = tokens.add("desk", "desk");
    let limits = Limits { address_bytes: 10_000, ..Limits::default() };
    let gateway = tokens.gateway(limits).await;
    let (mut client, _) = Guest::of(&gateway).token(&token).live(json!({})).await;
    client.say(batch(&[], 500_000)).await;
    // Its bytes are used up, so the next one has to wait.
    let nack = client.publish("1", "note", json!(1)).await;
    assert_eq!(nack["data"]["code"], "rate_limited", "{nack}");
    client.say(batch(&[], 0)).await;
    let told = client.until("error").await.pop().unwrap();
    assert_eq!(told["data"]["code"], "rate_limited", "{told}");
    assert!(told["data"]["retryAfterMs"].as_u64().unwrap() > 1_000, "{told}");
}

#[tokio::test]
async fn pings_and_pongs_count_like_messages() {
    let tokens = Tokens::new();
    let token = tokens.add("desk", "desk");
    for (greeted, make) in [
        (true, Message::Ping as fn(bytes::Bytes) -> Message),
        (true, Message::Pong as fn(bytes::Bytes) -> Message),
        (false, Message::Ping as fn(bytes::Bytes) -> Message),
    ] {
        let limits = Limits { address_messages: 5, close: PATIENCE, ..Limits::default() };
        let gateway = tokens.gateway(limits).await;
        let guest = Guest::of(&gateway).token(&token);
        let client = if greeted { guest.live(json!({})).await.0 } else { guest.open().await };
        let (mut sink, mut stream) = client.0.split();
        let flood = tokio::spawn(async move {
            while sink.send(make(bytes::Bytes::from_static(b"x"))).await.is_ok() {}
        });
        let closed = async {
            loop {
                let message = stream.next().await.expect("a close").expect("no error");
                if let Message::Close(frame) = message {
                    break u16::from(frame.unwrap().code);
                }
            }
        };
        assert_eq!(timeout(PATIENCE, closed).await.expect("a close in time"), 4429);
        flood.abort();
    }
}

#[tokio::test]
async fn bytes_are_limited_by_tenant() {
    let tokens = Tokens::new();
    let (desk, rival) = (tokens.add("desk", "desk"), tokens.add("rival", "rival"));
    let gateway = tokens.gateway(Limits { tenant_bytes: 10_000, ..Limits::default() }).await;
    let guest = Guest::of(&gateway).token(&desk);
    let note = json!({"type": "note", "data": "x".repeat(500_000), "timestamp": 1});
    assert_eq!(guest.publish(&note).await.status, 200);
    // From wherever it comes.
    let answer = guest.clone().from(2).publish(&note).await;
    assert_eq!(answer.status, 429, "{answer:?}");
    assert!((1..=49).contains(&answer.retry_after.unwrap()), "{answer:?}");
    assert_eq!(Guest::of(&gateway).token(&rival).publish(&note).await.status, 200);
}

/// What is on its way lies in memory before it can be charged for.
#[tokio::test]
async fn as_much_may_be_on_its_way_as_may_be_sent_in_a_second_and_one_body_in_any_case() {
    let tokens = Tokens::new();
    let (desk, rival) = (tokens.add("desk", "desk"), tokens.add("rival", "rival"));
    let limits = Limits { publish_body: 100_000, tenant_bytes: 100_000, ..Limits::default() };
    let gateway = tokens.gateway(limits).await;
    let guest = Guest::of(&gateway).token(&desk);
    let note = json!({"type": "note", "data": "x".repeat(60_000), "timestamp": 1});
    let mut slow = guest.dial().await;
    let head = format!(
        "POST /v1/publish HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {desk}\r\nContent-Length: 100000\r\n\r\n"
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    slow.write_all(&[b' '; 60_000]).await.unwrap();
    let refused = async {
        loop {
            let answer = guest.publish(&note).await;
            if answer.body.contains("on their way") {
                return answer;
            }
        }
    };
    let refused = timeout(PATIENCE, refused).await.expect("no room for both");
    assert_eq!((refused.status, refused.retry_after), (429, Some(1)));
    assert_eq!(Guest::of(&gateway).token(&rival).publish(&note).await.status, 200);
    // Whoever gives up gives the room back.
    drop(slow);
    let taken = async { while guest.publish(&note).await.status != 200 {} };
    timeout(PATIENCE, taken).await.expect("room again");
}

#[tokio::test]
async fn a_tenant_there_is_no_room_for_is_told_when_to_come_back() {
    let tokens = Tokens::new();
    let (desk, rival) = (tokens.add("desk", "desk"), tokens.add("rival", "rival"));
    let gateway = tokens.gateway(Limits { tenants: 2, ..Limits::default() }).await;
    let _only = Guest::of(&gateway).token(&desk).live(json!({})).await;
    let mut more = Guest::of(&gateway).token(&rival).open().await;
    more.hello(json!({})).await;
    let (code, reason, last) = more.closed().await;
    assert_eq!((code, reason.as_str()), (4429, "too many tenants"));
    assert_eq!((&last["type"], &last["data"]["code"]), (&json!("error"), &json!("too_many")));
    assert_eq!(last["data"]["retryAfterMs"], 5_000);
    // In HTTP as well, on either way in.
    assert_eq!(Guest::of(&gateway).token(&rival).plain().refused().await, (429, Some(5)));
    let note = json!({"type": "note", "data": 1, "timestamp": 1});
    let answer = Guest::of(&gateway).token(&rival).publish(&note).await;
    assert_eq!((answer.status, answer.retry_after), (429, Some(5)), "{answer:?}");
    assert_eq!(Guest::of(&gateway).token(&desk).publish(&note).await.status, 200);
}
