use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use gateway::{Access, Gateway, Limits, Source};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::PATIENCE;
use super::guest::{Guest, Tokens};

#[tokio::test]
async fn connections_of_one_address_are_limited_and_others_are_not_held_up() {
    let tokens = Tokens::new();
    let token = tokens.add("desk", "desk");
    let gateway = tokens.gateway(Limits { address_connections: 2, ..Limits::default() }).await;
    let guest = Guest::of(&gateway).token(&token);
    let (_one, (two, _)) = (guest.live(json!({})).await, guest.live(json!({})).await);
    let (code, reason, last) = guest.open().await.closed().await;
    assert_eq!((code, reason.as_str()), (4429, "too many connections from this address"));
    assert_eq!((&last["type"], &last["data"]["code"]), (&json!("error"), &json!("too_many")));
    assert!(last["data"]["retryAfterMs"].as_u64().unwrap() > 0);
    assert_eq!(guest.clone().plain().refused().await, (429, Some(5)));
    assert_eq!(guest.publish(&json!([])).await.retry_after, Some(5));
    guest.clone().from(2).live(json!({})).await;
    drop(two);
    let mut again = guest.open().await;
    while {
        again.hello(json!({})).await;
        again.next().await["type"] != "welcome"
    } {
        again = guest.open().await;
    }
}

#[tokio::test]
async fn connections_of_one_tenant_are_limited_and_others_are_not_held_up() {
    let tokens = Tokens::new();
    let (desk, rival) = (tokens.add("desk", "desk"), tokens.add("rival", "rival"));
    let gateway = tokens.gateway(Limits { tenant_connections: 1, ..Limits::default() }).await;
    let guest = Guest::of(&gateway).token(&desk);
    let _only = guest.live(json!({})).await;
    let mut more = guest.open().await;
    more.hello(json!({})).await;
    let (code, reason, last) = more.closed().await;
    assert_eq!((code, reason.as_str()), (4429, "too many connections of this tenant"));
    assert_eq!((&last["type"], &last["data"]["code"]), (&json!("error"), &json!("too_many")));
    assert_eq!(last["data"]["retryAfterMs"], 5_000);
    assert_eq!(guest.clone().plain().refused().await, (429, Some(5)));
    Guest::of(&gateway).token(&rival).live(json!({})).await;
    assert_eq!(
        guest.publish(&json!([])).await.status,
        200,
        "a request is no connection that stays"
    );
}

#[tokio::test]
async fn a_tenant_that_sends_too_much_waits_and_others_do_not() {
    let tokens = Tokens::new();
    let (desk, rival) = (tokens.add("desk", "desk"), tokens.add("rival", "rival"));
    let gateway = tokens.gateway(Limits { tenant_messages: 5, ..Limits::default() }).await;
    let guest = Guest::of(&gateway).token(&desk);
    let note = json!({"type": "note", "data": 1, "timestamp": 1});
    // One body may take a tenant below zero: it is stored as a whole, and the next one waits for it.
    let answer = guest.publish(&json!(vec![note.clone(); 30])).await;
    assert_eq!((answer.status, &answer.json()["accepted"]), (200, &json!(30)));
    let answer = guest.publish(&note).await;
    assert_eq!(answer.status, 429, "{answer:?}");
    assert!((1..=5).contains(&answer.retry_after.unwrap()), "{answer:?}");
    let (mut client, _) = guest.live(json!({})).await;
    let nack = client.publish("1", "note", json!(1)).await;
    assert_eq!(
        (&nack["data"]["code"], &nack["data"]["retryable"]),
        (&json!("rate_limited"), &json!(true))
    );
    client.send("subscribe", json!({"topics": ["more"]})).await;
    let told = client.until("error").await.pop().unwrap();
    assert_eq!(told["data"]["code"], "rate_limited");
    assert!((1..=4_201).contains(&told["data"]["retryAfterMs"].as_u64().unwrap()), "{told}");
    // A heartbeat is answered in any case.
    client.send("heartbeat", json!({"timestamp": 7})).await;
    assert_eq!(client.next().await["data"]["timestamp"], 7);
    assert_eq!(Guest::of(&gateway).token(&rival).publish(&note).await.status, 200);
    let mut n = 0;
    let flows_back = async {
        while client.publish(&format!("again{n}"), "note", json!(1)).await["type"] == "nack" {
            n += 1;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, flows_back).await.expect("what was used up flows back");
}

#[tokio::test]
async fn bytes_are_limited_by_address() {
    let tokens = Tokens::new();
    let token = tokens.add("desk", "desk");
    let gateway = tokens.gateway(Limits { address_bytes: 10_000, ..Limits::default() }).await;
    let guest = Guest::of(&gateway).token(&token);
    let note = json!({"type": "note", "data": "x".repeat(500_000), "timestamp": 1});
    let begun = Instant::now();
    assert_eq!(guest.publish(&note).await.status, 200);
    let answer = guest.publish(&note).await;
    // All but the burst has to flow back, less what did since: however slow this machine is.
    let over = (note.to_string().len() - 20_000).div_ceil(10_000) as u64;
    let wait = over - begun.elapsed().as_secs() - 1..=over;
    assert_eq!(answer.status, 429);
    assert!(wait.contains(&answer.retry_after.unwrap()), "{answer:?}, not {wait:?}");
    let other = guest.clone().from(2);
    assert_eq!(other.publish(&note).await.status, 200);
    // In plain mode nothing can be told: the sender is not read from until its time has come, and nothing is lost.
    let other = guest.clone().from(3);
    let (mut watcher, _) = guest.clone().from(4).live(json!({"topics": ["plain"]})).await;
    let mut plain = other.plain().open().await;
    let begun = Instant::now();
    for n in 0..4 {
        plain.send("plain", json!({"n": n, "filler": "x".repeat(10_000)})).await;
    }
    for n in 0..4 {
        assert_eq!(watcher.next().await["data"]["n"], n);
    }
    assert!(begun.elapsed() > Duration::from_millis(900), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_client_that_sends_on_when_told_to_wait_is_closed_with_4429() {
    let tokens = Tokens::new();
    let token = tokens.add("desk", "desk");
    let gateway =
        tokens.gateway(Limits { publish_rate: 5, close: PATIENCE, ..Limits::default() }).await;
    let (client, _) = Guest::of(&gateway).token(&token).live(json!({})).await;
    let (mut sink, mut stream) = client.0.split();
    let begun = Instant::now();
    let flood = tokio::spawn(async move {
        let message = json!({"type": "note", "data": 1, "timestamp": 1}).to_string();
        while sink.send(Message::text(message.clone())).await.is_ok() {}
    });
    let (mut refused, mut last) = (0, None);
    let closed = async {
        loop {
            match stream.next().await.expect("a close").expect("no error") {
                Message::Text(text) => {
                    let message: serde_json::Value = serde_json::from_str(&text).unwrap();
                    refused += u64::from(message["data"]["code"] == "rate_limited");
                    last = Some(message);
                }
                Message::Close(frame) => break u16::from(frame.unwrap().code),
                _ => {}
            }
        }
    };
    assert_eq!(timeout(PATIENCE, closed).await.expect("a close in time"), 4429);
    let last = last.unwrap();
    assert_eq!((&last["type"], &last["data"]["code"]), (&json!("error"), &json!("rate_limited")));
    assert!(last["data"]["retryAfterMs"].as_u64().unwrap() >= 1_000);
    // A thousand are put up with at once and 500 a second, and one more ends it: however fast it went.
    let counted = gateway.stats().refused;
    let most = 1_002 + 500 * u64::try_from(begun.elapsed().as_millis()).unwrap() / 1_000;
    assert!((1_001..=most).contains(&counted), "{counted} were refused, not 1,001 to {most}");
    // All of them were told, but for those that waited between the halves of the connection when it ended.
    assert!(
        (counted - 70..=counted).contains(&refused),
        "{refused} of {counted} were told to wait"
    );
    flood.abort();
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let tokens = Tokens::new();
    let token = tokens.add("desk", "desk");
    let limits = Limits { body: Duration::from_millis(100), ..Limits::default() };
    let gateway = tokens.gateway(limits).await;
    let mut stream = Guest::of(&gateway).dial().await;
    let head = format!(
        "POST /v1/publish HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 100\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("to be cut").unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test]
async fn a_head_that_does_not_end_and_one_that_is_too_large_are_not_waited_for() {
    let tokens = Tokens::new();
    let token = tokens.add("desk", "desk");
    // All others here need less.
    let limits = Limits { upgrade: Duration::from_millis(1_500), ..Limits::default() };
    let gateway = tokens.gateway(limits).await;
    let mut slow = Guest::of(&gateway).dial().await;
    let dripping = async {
        // A byte now and then, for ever.
        while slow.write_all(b"GET /ws HTTP/1.1\r\n").await.is_ok() {
            slow.write_all(b"X-More: 1\r\n").await.ok();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, dripping).await.expect("to be cut");
    let huge = format!("X-Huge: {}\r\n", "x".repeat(20_000));
    let answer = Guest::of(&gateway).token(&token).request("GET /metrics", &huge, "").await;
    assert_eq!(answer.status, 431);
    // And a session that stands is none of those.
    Guest::of(&gateway).token(&token).live(json!({})).await;
}

/// The other half of a slow request: answers that nobody takes, until the buffers between are full.
#[tokio::test]
async fn who_asks_and_does_not_listen_gives_the_place_back() {
    let limits = Limits { connections: 1, body: Duration::from_millis(300), ..Limits::default() };
    let gateway =
        Gateway::bind_with("127.0.0.1:0".parse().unwrap(), Access::open(), Source::Relay, limits);
    let gateway = gateway.await.unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut deaf = socket.connect(gateway.local_addr()).await.unwrap();
    let asking = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1_000);
    let ask = async { while deaf.write_all(asking.as_bytes()).await.is_ok() {} };
    timeout(PATIENCE, ask).await.expect("to be cut");
    // It has the only one there is, until then; of its end it would hear if it listened.
    let next = async { while Guest::of(&gateway).plain().try_open().await.is_err() {} };
    timeout(PATIENCE, next).await.expect("its place");
    drop(deaf);
}

#[tokio::test]
async fn behind_a_proxy_clients_are_told_apart_and_nobody_else_is_believed() {
    let tokens = Tokens::new();
    let token = tokens.add("desk", "desk");
    let proxies = vec!["127.0.0.1".parse().unwrap()];
    let limits = Limits { address_messages: 5, proxies, ..Limits::default() };
    let gateway = tokens.gateway(limits).await;
    let note = json!({"type": "note", "data": 1, "timestamp": 1});
    let body = json!(vec![note; 20]).to_string();
    let publish = async |from: u8, forwarded: &str| {
        let guest = Guest::of(&gateway).token(&token).from(from);
        let head = format!("X-Forwarded-For: {forwarded}\r\n");
        guest.request("POST /v1/publish", &head, &body).await.status
    };
    assert_eq!(publish(1, "192.0.2.1").await, 200);
    assert_eq!(publish(1, "192.0.2.1").await, 429);
    assert_eq!(publish(1, "192.0.2.2").await, 200);
    // Whatever a client says itself comes before what the proxy adds.
    assert_eq!(publish(1, "192.0.2.9, 192.0.2.2").await, 429);
    // Who is no proxy is who it is.
    assert_eq!(publish(2, "192.0.2.3").await, 200);
    assert_eq!(publish(2, "192.0.2.4").await, 429);
}

#[tokio::test]
async fn a_session_whose_other_end_is_gone_is_dropped_and_one_that_answers_stays() {
    let tokens = Tokens::new();
    let token = tokens.add("desk", "desk");
    // As long as whoever reads may be kept from it by whatever else this machine does.
    let limits = Limits { silence: Duration::from_millis(700), ..Limits::default() };
    let gateway = tokens.gateway(limits).await;
    let guest = Guest::of(&gateway).token(&token);
    // Nobody reads it, so nobody answers a ping: to the gateway the same as a cable that was pulled.
    let _gone = guest.live(json!({})).await;
    let (mut stays, _) = guest.live(json!({})).await;
    let answering = async {
        while gateway.stats().clients > 1 {
            // Reading answers pings.
            let _ = timeout(Duration::from_millis(10), stays.0.next()).await;
        }
    };
    timeout(PATIENCE, answering).await.expect("the one that is gone to be dropped");
    assert_eq!(stays.publish("1", "note", json!(1)).await["type"], "ack");
}
