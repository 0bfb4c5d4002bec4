//! What is an envelope and what is not, and what is said about it.

use bytes::Bytes;
use proptest::prelude::*;
use wire::{Frame, InvalidKind, Message, Place, UnixMillis};

fn parse(text: &str) -> Result<Message, wire::Invalid> {
    match Frame::parse_text(text.to_owned())? {
        Frame::Single(message) => Ok(message),
        Frame::Batch(_) => panic!("not a batch"),
    }
}

#[track_caller]
fn refused(text: &str, kind: InvalidKind, field: Option<&str>) {
    let invalid = parse(text).expect_err("must be refused");
    assert_eq!((invalid.kind, invalid.field.as_deref()), (kind, field), "{invalid}");
    assert!(invalid.sample.len() <= 200 * 3);
}

#[test]
fn the_design_example_parses() {
    let m = parse(r#"{"type":"vault_update_ETH-001","data":{"ltv":75.10},"timestamp":1763800000000,"id":"a","x":[1]}"#).unwrap();
    assert_eq!(
        (m.ty(), m.timestamp, m.id()),
        ("vault_update_ETH-001", UnixMillis(1_763_800_000_000), Some("a"))
    );
    assert_eq!(m.data(), br#"{"ltv":75.10}"#, "the digits are those of the wire");
}

#[test]
fn faults_are_named() {
    refused("{", InvalidKind::NotJson, None);
    refused("[]", InvalidKind::NotObject, None);
    refused("7", InvalidKind::NotObject, None);
    refused(r#"{"data":1,"timestamp":1}"#, InvalidKind::Envelope, Some("type"));
    refused(r#"{"type":5,"data":1,"timestamp":1}"#, InvalidKind::Envelope, Some("type"));
    refused(r#"{"type":"","data":1,"timestamp":1}"#, InvalidKind::Envelope, Some("type"));
    refused(r#"{"type":"a\u0000","data":1,"timestamp":1}"#, InvalidKind::Envelope, Some("type"));
    refused(r#"{"type":"a","timestamp":1}"#, InvalidKind::Envelope, Some("data"));
    refused(r#"{"type":"a","data":1}"#, InvalidKind::Envelope, Some("timestamp"));
    refused(r#"{"type":"a","data":1,"timestamp":1.5}"#, InvalidKind::Envelope, Some("timestamp"));
    refused(r#"{"type":"a","data":1,"timestamp":"1"}"#, InvalidKind::Envelope, Some("timestamp"));
    refused(r#"{"type":"a","data":1,"timestamp":1,"id":7}"#, InvalidKind::Envelope, Some("id"));
    let long = format!(r#"{{"type":"{}","data":1,"timestamp":1}}"#, "x".repeat(257));
    refused(&long, InvalidKind::Envelope, Some("type"));
    refused(r#"{"type":"a","type":"b","data":1,"timestamp":1}"#, InvalidKind::Envelope, None);
}

#[test]
fn a_batch_is_unpacked_and_a_bad_entry_spoils_only_itself() {
    let text = r#"{"type":"batch_update","data":{"updates":[
        {"type":"a","data":1,"timestamp":1},
        {"type":"a","data":1},
        {"type":"batch_update","data":{"updates":[]},"timestamp":1},
        {"type":"b","data":{"n":1.0},"timestamp":2}]},"timestamp":3}"#;
    let Frame::Batch(entries) = Frame::parse_text(text).unwrap() else { panic!("a batch") };
    let kinds: Vec<_> =
        entries.iter().map(|e| e.as_ref().map(|m| m.ty()).map_err(|i| i.kind)).collect();
    assert_eq!(kinds, [Ok("a"), Err(InvalidKind::Envelope), Err(InvalidKind::Batch), Ok("b")]);
}

#[test]
fn a_batch_has_a_limit() {
    let inner = vec![Message::new("a", &1, UnixMillis(1), None).unwrap(); 1_001];
    let frame = Bytes::from(Frame::pack(&inner, UnixMillis(1)));
    assert_eq!(Frame::parse(frame).unwrap_err().kind, InvalidKind::Batch);
    let frame = Bytes::from(Frame::pack(&inner[..1_000], UnixMillis(1)));
    assert!(matches!(Frame::parse(frame).unwrap(), Frame::Batch(b) if b.len() == 1_000));
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(ty in "[a-zA-Z0-9_\"\\\\é-]{1,60}", at in any::<i64>(), id in proptest::option::of("[ -~]{1,128}"), n in any::<f64>().prop_filter("finite", |n| n.is_finite())) {
        let sent = Message::new(&ty, &serde_json::json!({"n": n, "s": ty}), UnixMillis(at), id.as_deref()).unwrap();
        prop_assert_eq!(parse(&sent.to_json()).unwrap(), sent);
    }

    #[test]
    fn damaged_frames_never_panic(position in 0usize..90, byte in any::<u8>(), cut in 0usize..90) {
        let mut frame = br#"{"type":"vault_update_ETH-001","data":{"ltv":75.10,"a":[1,"x"]},"timestamp":17638,"id":"abcd"}"#.to_vec();
        frame[position] = byte;
        frame.truncate(frame.len() - cut);
        let _ = Frame::parse(Bytes::from(frame));
    }
}

#[test]
fn a_place_is_read_where_there_is_one_and_never_an_error() {
    let place = |fields: &str| {
        parse(&format!(r#"{{"type":"a","data":1,"timestamp":1{fields}}}"#)).unwrap().place
    };
    assert_eq!(place(""), None);
    assert_eq!(place(r#","offset":7,"prev":5"#), Some(Place::Log { offset: 7, prev: 5 }));
    assert_eq!(place(r#","offset":7,"snapshot":true"#), Some(Place::Snapshot { offset: 7 }));
    // Other people's fields of the same name.
    assert_eq!(place(r#","offset":"x","prev":{}"#), None);
    assert_eq!(place(r#","offset":-1,"prev":0"#), None);
    assert_eq!(place(r#","offset":7"#), None);
    assert_eq!(place(r#","prev":7,"snapshot":true"#), None);
}
