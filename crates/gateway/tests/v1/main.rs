//! `vaultwatch.v1` over real loopback sockets, spoken by a client that knows nothing but WebSocket and JSON.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

mod client;
mod publish;
mod resume;

use std::collections::BTreeMap;
use std::time::Duration;

use gateway::{Access, DemoOptions, EmbeddedGateway, Gateway, Limits, Source};
use proving::patience::PATIENCE;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use wire::Compressed;

use crate::client::{
    close_code, frame, hello, live, next, offsets, open, publish, say, send, until,
};

async fn relay(limits: Limits) -> Gateway {
    let listen = "127.0.0.1:0".parse().unwrap();
    Gateway::bind_with(listen, Access::open(), Source::Relay, limits).await.unwrap()
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
    let impatient = relay(limits).await;
    let mut silent = open(&impatient.url(), Some("vaultwatch.v1"), None).await;
    assert_eq!(close_code(&mut silent).await, 4408);
    // The others speak in time, however slow this machine is.
    let gateway = relay(Limits { close: PATIENCE, ..Limits::default() }).await;
    let url = gateway.url();
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
