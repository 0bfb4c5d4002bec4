//! Who was away gets exactly what was missed, or the state.

use std::time::Duration;

use gateway::{Access, DemoOptions, Gateway, Limits, Rate, Source};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::client::{frames_until, hello, live, next, offsets, publish, send, until};
use super::{PATIENCE, relay};

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
