//! Every control message: what it must hold, and everything it must not.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::{Value, json};
use wire::control::{ClientControl, Codec, RESERVED, ServerControl, is_reserved};
use wire::{Frame, InvalidKind, Message};

fn message(ty: &str, data: &Value) -> Message {
    let text = json!({"type": ty, "data": data, "timestamp": 1}).to_string();
    match Frame::parse_text(text) {
        Ok(Frame::Single(message)) => message,
        other => panic!("{other:?}"),
    }
}

/// What a server says, whole.
fn from_server() -> Vec<(&'static str, Value)> {
    vec![
        (
            "welcome",
            json!({
                "session": "s", "tenant": "t", "epoch": "e", "offset": 1, "heartbeatMs": 1, "graceMs": 1,
                "compress": "zstd", "maxMessageBytes": 1, "dedupMs": 1, "resumed": true, "replay": 1,
                "tokenExpiresAt": 1,
            }),
        ),
        ("resumed", json!({"ok": true, "replay": 1, "offset": 1})),
        ("snapshot_end", json!({"offset": 1, "lostEvents": 1})),
        ("subscribed", json!({"topics": ["a"], "offset": 1})),
        ("ack", json!({"id": "i", "offset": 1})),
        ("nack", json!({"id": "i", "code": "c", "message": "m", "retryable": true})),
        ("authorised", json!({"tokenExpiresAt": 1})),
        ("status", json!({"state": "ok", "reason": "r"})),
        ("error", json!({"code": "c", "message": "m", "retryAfterMs": 1})),
        ("goodbye", json!({"reason": "r", "retryAfterMs": 1})),
        ("heartbeat", json!({"timestamp": 1, "serverTime": 1})),
    ]
}

/// What a client says, whole.
fn from_client() -> Vec<(&'static str, Value)> {
    vec![
        (
            "hello",
            json!({
                "client": "c", "tenant": "t", "topics": ["a"], "compress": ["zstd"],
                "resume": {"epoch": "e", "offset": 1, "snapshot": true},
            }),
        ),
        ("resume", json!({"epoch": "e", "offset": 1, "snapshot": true})),
        ("subscribe", json!({"topics": ["a"]})),
        ("unsubscribe", json!({"topics": ["a"]})),
        ("auth", json!({"token": "t"})),
        ("heartbeat", json!({"timestamp": 1, "serverTime": 1})),
    ]
}

/// What may be left out.
fn is_optional(ty: &str, field: &str) -> bool {
    match ty {
        "hello" => field != "client",
        "goodbye" => field != "reason",
        _ => [
            "compress",
            "replay",
            "tokenExpiresAt",
            "lostEvents",
            "reason",
            "retryAfterMs",
            "serverTime",
            "snapshot",
        ]
        .contains(&field),
    }
}

/// Each way to spoil one field, or the whole.
fn spoilt(ty: &str, whole: &Value) -> Vec<Value> {
    let mut all = vec![json!(null), json!(5), json!("x"), json!(true), json!([]), json!([1])];
    if ty != "authorised" {
        all.push(json!({}));
    }
    let Value::Object(fields) = whole else { panic!("{whole}") };
    for (name, value) in fields {
        let with = |value: Value| {
            let mut data = whole.clone();
            data[name] = value;
            data
        };
        // No field is an object of this kind, a number is no text and the other way round.
        all.push(with(json!({"x": 1})));
        match value {
            Value::Number(_) => {
                let mut wrong = vec![json!("1"), json!(1.5), json!([1]), json!(1e300)];
                if !["timestamp", "serverTime", "tokenExpiresAt"].contains(&name.as_str()) {
                    wrong.push(json!(-1));
                }
                all.extend(wrong.into_iter().map(with));
            }
            Value::Bool(_) => all.extend([json!("true"), json!(1), json!(null)].map(with)),
            Value::String(_) => all.extend([json!(5), json!([]), json!(false)].map(with)),
            Value::Array(_) => all.extend([json!("a"), json!([5]), json!([null])].map(with)),
            Value::Object(_) => {
                all.extend([json!("a"), json!({"epoch": "e"}), json!({"offset": 1})].map(with));
            }
            Value::Null => {}
        }
        if !is_optional(ty, name) {
            let mut without = whole.clone();
            without.as_object_mut().unwrap().remove(name);
            all.push(without);
        }
    }
    all
}

#[test]
fn what_is_whole_is_read_and_everything_else_is_named() {
    let mut tried = 0;
    let mut check =
        |ty: &str, whole: &Value, read: &dyn Fn(&Message) -> Result<bool, wire::Invalid>| {
            assert!(read(&message(ty, whole)).unwrap(), "{ty}");
            for data in spoilt(ty, whole) {
                tried += 1;
                let invalid = read(&message(ty, &data)).expect_err(&format!("{ty} {data}"));
                assert_eq!(invalid.kind, InvalidKind::Control);
                assert_eq!(invalid.field.as_deref(), Some(ty));
            }
        };
    for (ty, whole) in from_server() {
        check(ty, &whole, &|message| ServerControl::of(message).map(|control| control.is_some()));
    }
    for (ty, whole) in from_client() {
        check(ty, &whole, &|message| ClientControl::of(message).map(|control| control.is_some()));
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn every_reserved_type_is_somebodys() {
    for ty in RESERVED {
        let said = from_server().into_iter().chain(from_client()).any(|(said, _)| said == ty);
        assert!(said && is_reserved(ty), "{ty}");
    }
    assert!(!is_reserved("risk_alert") && !is_reserved("vault_update_welcome"));
}

#[test]
fn codecs_nobody_knows_are_no_fault_of_a_client_and_one_of_a_server() {
    let hello = json!({"client": "c", "compress": ["br", "deflate", "zstd", "deflate2"]});
    let Some(ClientControl::Hello(hello)) = ClientControl::of(&message("hello", &hello)).unwrap()
    else {
        panic!()
    };
    assert_eq!(hello.compress, [Codec::Deflate, Codec::Zstd]);
    let mut welcome = from_server().remove(0).1;
    welcome["compress"] = json!("br");
    assert!(ServerControl::of(&message("welcome", &welcome)).is_err());
}

#[test]
fn fields_of_the_future_are_no_fault() {
    for (ty, mut data) in from_server() {
        data["future"] = json!({"x": [1]});
        assert!(ServerControl::of(&message(ty, &data)).unwrap().is_some(), "{ty}");
    }
    for (ty, mut data) in from_client() {
        data["future"] = json!(1);
        assert!(ClientControl::of(&message(ty, &data)).unwrap().is_some(), "{ty}");
    }
}
