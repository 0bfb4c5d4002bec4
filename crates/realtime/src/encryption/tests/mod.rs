mod pynacl;
mod stage;
mod tampering;
mod vectors;

use serde_json::json;
use wire::{Message, UnixMillis};

use super::*;

fn kid(text: &str) -> KeyId {
    KeyId::parse(text).unwrap()
}

fn ring(tenant: &str, kids: &[&str]) -> KeyRing {
    let mut ring = KeyRing::new(tenant).unwrap();
    for (i, name) in (0..).zip(kids) {
        ring.insert(kid(name), Key::new([i + 1; 32]), UnixMillis(0)).unwrap();
    }
    ring.activate(&kid(kids[0])).unwrap();
    ring
}

fn message(data: &serde_json::Value) -> Message {
    Message::new("vault_update_ETH-001", data, UnixMillis(1_763_800_000_000), Some("m-1")).unwrap()
}

/// The message as another one, with its data changed by hand.
fn with_data(message: &Message, data: &serde_json::Value) -> Message {
    Message::new(message.ty(), data, message.timestamp, message.id()).unwrap()
}

fn with_type(message: &Message, ty: &str) -> Message {
    Message::new(ty, &data_of(message), message.timestamp, message.id()).unwrap()
}

fn without_id(message: &Message) -> Message {
    Message::new(message.ty(), &data_of(message), message.timestamp, None).unwrap()
}

fn data_of(message: &Message) -> serde_json::Value {
    message.decode().unwrap()
}

#[test]
fn every_key_opens_and_the_active_one_seals() {
    let mut ring = ring("acme", &["old", "new"]);
    let plain = message(&json!({"ltv": 75}));
    let before = ring.seal(&plain, Nonce([1; 24])).unwrap();
    assert_eq!(data_of(&before)["kid"], "old");
    ring.activate(&kid("new")).unwrap();
    let after = ring.seal(&plain, Nonce([2; 24])).unwrap();
    assert_eq!(data_of(&after)["kid"], "new");
    assert_eq!(ring.open(&before).unwrap(), plain);
    assert_eq!(ring.open(&after).unwrap(), plain);
    ring.remove(&kid("old")).unwrap();
    assert_eq!(ring.open(&before), Err(OpenError::UnknownKey { kid: kid("old") }));
}

#[test]
fn digits_and_place_survive() {
    let frame = r#"{"type":"a","data":{"x":75.100000000000000000000000001},"timestamp":1,"id":"i","offset":7,"prev":5}"#;
    let frame = bytes::Bytes::from_static(frame.as_bytes());
    let Ok(wire::Frame::Single(plain)) = wire::Frame::parse(frame) else { panic!("one message") };
    let ring = ring("acme", &["k"]);
    let sealed = ring.seal(&plain, Nonce([1; 24])).unwrap();
    assert_eq!(sealed.place, plain.place);
    assert_eq!(ring.open(&sealed).unwrap(), plain);
    assert!(ring.open(&sealed).unwrap().place.is_some());
}

#[test]
fn what_cannot_be_sealed_is_named() {
    let mut ring = ring("acme", &["k"]);
    let no_id = Message::new("a", &1, UnixMillis(1), None).unwrap();
    assert_eq!(ring.seal(&no_id, Nonce([0; 24])), Err(SealError::MissingId));
    ring.remove(&kid("k")).unwrap();
    assert_eq!(ring.seal(&message(&json!(1)), Nonce([0; 24])), Err(SealError::NoActiveKey));
}

#[test]
fn sealed_data_of_a_wrong_form_is_named() {
    let ring = ring("acme", &["k"]);
    let sealed = ring.seal(&message(&json!({})), Nonce([0; 24])).unwrap();
    let good = data_of(&sealed);
    let check = |change: fn(&mut serde_json::Value), expected: OpenError| {
        let mut data = good.clone();
        change(&mut data);
        assert_eq!(ring.open(&with_data(&sealed, &data)), Err(expected));
    };
    let malformed = |kid, field, reason| OpenError::Malformed { kid, field, reason };
    let known = || Some(kid("k"));
    check(|d| d["enc"] = json!("rot13"), {
        OpenError::UnknownCipher { cipher: "rot13".into(), kid: kid("k") }
    });
    check(|d| d["enc"] = json!(5), malformed(known(), "enc", "is no string"));
    check(|d| d["enc"] = json!(null), malformed(known(), "enc", "is no string"));
    check(|d| d["kid"] = json!("a b"), {
        malformed(None, "kid", "is not 1 to 64 visible ASCII characters")
    });
    check(|d| d["kid"] = json!("other"), OpenError::UnknownKey { kid: kid("other") });
    check(|d| d["nonce"] = json!("AAAA"), malformed(known(), "nonce", "is not 24 bytes"));
    check(|d| d["ct"] = json!("AAA"), malformed(known(), "ct", "is no base64"));
    check(|d| d["ct"] = json!(""), OpenError::TagMismatch { kid: kid("k") });
    check(|d| drop(d.as_object_mut().unwrap().remove("ct")), {
        malformed(known(), "ct", "is missing")
    });

    assert_eq!(ring.open(&without_id(&sealed)), Err(OpenError::MissingId { kid: kid("k") }));

    let twice = serde_json::value::RawValue::from_string(r#"{"enc":1,"enc":2}"#.into()).unwrap();
    let twice = Message::new("a", &twice, UnixMillis(1), Some("i")).unwrap();
    assert!(is_sealed(&twice));
    assert_eq!(ring.open(&twice), Err(malformed(None, "data", "has a field twice")));
}

#[test]
fn plain_data_is_told_from_sealed() {
    for data in
        [json!({"ltv": 1}), json!([["enc"]]), json!("enc"), json!(null), json!({"a": {"enc": 1}})]
    {
        assert!(!is_sealed(&message(&data)), "{data}");
        let plain = message(&data);
        assert_eq!(ring("acme", &["k"]).open(&plain).unwrap(), plain);
    }
    assert!(is_sealed(&message(&json!({"enc": null}))));
}

#[test]
fn a_ring_keeps_its_promises() {
    let mut ring = ring("acme", &["k"]);
    let taken = ring.insert(kid("k"), Key::new([9; 32]), UnixMillis(0));
    assert_eq!(taken, Err(RingError::Taken { kid: kid("k") }));
    assert_eq!(ring.activate(&kid("x")), Err(RingError::NoSuchKey { kid: kid("x") }));
    for i in 1..KeyRing::LIMIT {
        ring.insert(kid(&i.to_string()), Key::new([9; 32]), UnixMillis(0)).unwrap();
    }
    assert_eq!(ring.insert(kid("y"), Key::new([9; 32]), UnixMillis(0)), Err(RingError::Full));
    assert!(KeyRing::new("Acme\n").is_err());
    assert!(KeyId::parse("a\nb").is_err() && KeyId::parse("").is_err());
    assert!(KeyId::parse(&"x".repeat(65)).is_err());
}

#[test]
fn a_key_is_not_printed() {
    let ring = ring("acme", &["k"]);
    let secret = ring.active().unwrap().key.expose_base64();
    let stage = Encryption::new(
        ring,
        EncryptionPolicy::default(),
        std::sync::Arc::new(stage::Counting::default()),
    );
    let shown = format!("{stage:?} {:?}", stage.ring());
    assert!(!shown.contains(secret.as_str()) && !shown.contains("1, 1, 1"), "{shown}");
    assert!(shown.contains("Key(***)"));
    assert_eq!(Key::from_base64("x").unwrap_err(), InvalidKey::NotBase64);
    assert_eq!(Key::from_base64("AAAA").unwrap_err(), InvalidKey::Length { bytes: 3 });
    assert_eq!(*Key::from_base64(&format!(" {}\n", *secret)).unwrap().expose_base64(), *secret);
}

#[test]
fn full_state_comes_first_and_at_least_every_hundredth_time() {
    let mut every = FullStateEvery::default();
    let parts: Vec<_> = (0..301).map(|_| every.next("a")).collect();
    let full: Vec<_> = (0..301).filter(|&i| parts[i] == Part::Full).collect();
    assert_eq!(full, [0, 100, 200, 300]);
    assert_eq!(every.next("b"), Part::Full);
    every.restart();
    assert_eq!(every.next("a"), Part::Full);
}
