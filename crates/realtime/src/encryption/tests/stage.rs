use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use serde_json::json;
use wire::{InvalidKind, Place};

use super::*;
use crate::{Middleware, OnPanic, Topic, Verdict};

#[derive(Debug, Default)]
pub(super) struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }
}

#[derive(Debug)]
struct Broken;

impl Entropy for Broken {
    fn fill(&self, _bytes: &mut [u8]) -> Result<(), NoEntropy> {
        panic!("broken on purpose")
    }
}

#[derive(Debug)]
struct Dry;

impl Entropy for Dry {
    fn fill(&self, _bytes: &mut [u8]) -> Result<(), NoEntropy> {
        Err(NoEntropy)
    }
}

fn policy() -> EncryptionPolicy {
    EncryptionPolicy {
        required: vec![Topic::parse("vault_update_*").unwrap()],
        not_canonical: vec!["vault_update".into()],
    }
}

fn stage(entropy: impl Entropy + 'static) -> Encryption {
    Encryption::new(ring("acme", &["k"]), policy(), Arc::new(entropy))
}

#[track_caller]
fn replaced(verdict: Verdict) -> Message {
    match verdict {
        Verdict::Replace(message) => message,
        other => panic!("replaced, not {other:?}"),
    }
}

#[track_caller]
fn rejected(verdict: Verdict) -> String {
    match verdict {
        Verdict::Reject(invalid) => {
            assert_eq!(invalid.kind, InvalidKind::Encrypted);
            assert!(!invalid.sample.contains("ltv"), "nothing plain is shown");
            invalid.reason.into_owned()
        }
        other => panic!("rejected, not {other:?}"),
    }
}

#[test]
fn out_sealed_and_in_opened() {
    let stage = stage(Counting::default());
    let plain = message(&json!({"ltv": 75}));
    let mut sealed = replaced(stage.outbound(&plain));
    assert!(is_sealed(&sealed));
    assert_ne!(sealed.data(), replaced(stage.outbound(&plain)).data(), "another nonce each time");
    sealed.place = Some(Place::Log { offset: 7, prev: 5 });
    let opened = replaced(stage.inbound(&sealed));
    assert_eq!((opened.data(), opened.place), (plain.data(), sealed.place));
}

#[test]
fn an_id_is_given_to_what_has_none() {
    let stage = stage(Counting::default());
    let plain = without_id(&message(&json!({"ltv": 75})));
    let (first, second) = (replaced(stage.outbound(&plain)), replaced(stage.outbound(&plain)));
    assert!(first.id().is_some() && first.id() != second.id());
    assert_eq!(replaced(stage.inbound(&first)).data(), plain.data());
}

#[test]
fn plain_data_passes_only_where_it_may() {
    let stage = stage(Counting::default());
    let market = Message::new("market_data_1", &json!({"ltv": 1}), UnixMillis(1), None).unwrap();
    assert_eq!(stage.inbound(&market), Verdict::Pass);
    assert!(rejected(stage.inbound(&message(&json!({"ltv": 1})))).contains("required"));
}

#[test]
fn what_does_not_open_is_invalid_and_names_the_key() {
    let stage = stage(Counting::default());
    let foreign = ring("acme", &["foreign"]);
    let sealed = foreign.seal(&message(&json!({})), Nonce([0; 24])).unwrap();
    assert!(rejected(stage.inbound(&sealed)).contains("`foreign`"));
    stage.replace_ring(foreign);
    assert_eq!(replaced(stage.inbound(&sealed)).data(), b"{}");
}

#[test]
fn nothing_leaves_unsealed() {
    let plain = message(&json!({"ltv": 75}));
    assert!(rejected(stage(Dry).outbound(&plain)).contains("random"));
    assert!(rejected(stage(Broken).outbound(&plain)).contains("not sent"));
    assert_eq!(stage(Broken).on_panic(), OnPanic::Refuse(InvalidKind::Encrypted));
    let stage = stage(Counting::default());
    let alias = Message::new("vault_update", &json!({"ltv": 1}), UnixMillis(1), Some("i")).unwrap();
    assert!(rejected(stage.outbound(&alias)).contains("`vault_update`"));
    let sealed = replaced(stage.outbound(&plain));
    assert!(rejected(stage.outbound(&sealed)).contains("already"));
    stage.replace_ring(KeyRing::new("acme").unwrap());
    assert!(rejected(stage.outbound(&plain)).contains("no key is active"));
}

fn awaiting() -> Encryption {
    let ring = KeyRing::new("acme").unwrap();
    Encryption::awaiting_keys(ring, policy(), Arc::new(Counting::default()))
}

fn sealed(ltv: u8) -> Message {
    let mut sealed =
        ring("acme", &["k"]).seal(&message(&json!({ "ltv": ltv })), Nonce([ltv; 24])).unwrap();
    sealed.place = Some(Place::Log { offset: u64::from(ltv), prev: 0 });
    sealed
}

fn released(stage: &Encryption) -> Vec<Result<Message, wire::Invalid>> {
    let mut released = Vec::new();
    stage.release(&mut released);
    released
}

#[test]
fn what_comes_before_the_keys_is_opened_in_order_when_they_come() {
    let stage = awaiting();
    assert_eq!((stage.due(), stage.holds_back()), (None, false));
    assert_eq!(stage.inbound(&sealed(1)), Verdict::Drop);
    assert!(stage.due().is_some() && stage.holds_back());
    assert_eq!(released(&stage), [], "there is no key yet");
    stage.replace_ring(ring("acme", &["k"]));
    // It could be opened at once, and would be older news a moment later.
    assert_eq!(stage.inbound(&sealed(2)), Verdict::Drop);
    let opened: Vec<_> = released(&stage)
        .into_iter()
        .map(|message| message.map(|m| (m.data().to_vec(), m.place.unwrap().offset())).unwrap())
        .collect();
    assert_eq!(opened, [(br#"{"ltv":1}"#.to_vec(), 1), (br#"{"ltv":2}"#.to_vec(), 2)]);
    assert_eq!((stage.due(), stage.holds_back()), (None, false));
    assert_eq!(replaced(stage.inbound(&sealed(3))).data(), br#"{"ltv":3}"#);
}

#[test]
fn what_the_keys_do_not_open_in_the_end_is_invalid() {
    let stage = awaiting();
    assert_eq!(stage.inbound(&sealed(1)), Verdict::Drop);
    stage.replace_ring(ring("acme", &["other"]));
    let released = released(&stage);
    let [Err(invalid)] = &released[..] else { panic!("{released:?}") };
    assert!(invalid.kind == InvalidKind::Encrypted && invalid.reason.contains("`k`"));
}

#[test]
fn plain_data_does_not_wait_for_keys() {
    let stage = awaiting();
    let market = Message::new("market_data_1", &json!({"ltv": 1}), UnixMillis(1), None).unwrap();
    assert_eq!(stage.inbound(&market), Verdict::Pass);
    assert!(rejected(stage.inbound(&message(&json!({"ltv": 1})))).contains("required"));
    assert!(!stage.holds_back());
}
