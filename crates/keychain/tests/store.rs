//! Reading, changing, and what happens while there is no keychain. On a keychain in memory.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use keychain::{
    Damage, InMemory, Kept, KeyStore, Keychain, KeychainError, KeychainState, RingName,
    UpdateError, encryption,
};
use realtime::encryption::{EncryptionPolicy, Key, KeyId, KeyRing, RingError};
use realtime::wire::{Message, UnixMillis};
use realtime::{Middleware, Verdict};

fn name() -> RingName {
    RingName::new("desk", "acme").unwrap()
}

fn kid(text: &str) -> KeyId {
    KeyId::parse(text).unwrap()
}

fn away() -> KeychainError {
    KeychainError::NotAvailable { reason: "away".to_owned() }
}

async fn add(keys: &KeyStore, id: &str, byte: u8) -> Result<Kept, UpdateError> {
    let change = |ring: &mut KeyRing| {
        ring.insert(kid(id), Key::new([byte; 32]), UnixMillis(1))?;
        ring.activate(&kid(id))
    };
    keys.update(&name(), change).await.map(|((), kept)| kept)
}

fn kids(ring: &KeyRing) -> Vec<&str> {
    ring.entries().iter().map(|entry| entry.kid.as_str()).collect()
}

#[tokio::test]
async fn a_ring_is_saved_and_read_by_another_store() {
    let system = Arc::new(InMemory::default());
    let keys = KeyStore::new(system.clone());
    assert!(keys.load(&name()).await.unwrap().entries().is_empty());
    assert_eq!(add(&keys, "a", 1).await.unwrap(), Kept::InKeychain);
    assert_eq!(*keys.state().borrow(), KeychainState::Available);
    let ring = KeyStore::new(system.clone()).load(&name()).await.unwrap();
    assert_eq!((kids(&ring), ring.active().unwrap().kid.as_str()), (vec!["a"], "a"));
    let other = RingName::new("desk", "other").unwrap();
    assert!(keys.load(&other).await.unwrap().entries().is_empty());
}

#[tokio::test]
async fn without_a_keychain_it_is_told_and_kept_and_saved_when_one_appears() {
    let system = Arc::new(InMemory::default());
    add(&KeyStore::new(system.clone()), "before", 1).await.unwrap();

    let keys = KeyStore::new(system.clone());
    system.set_trouble(Some(away()));
    assert_eq!(add(&keys, "a", 2).await.unwrap(), Kept::InMemory(away()));
    assert_eq!(*keys.state().borrow(), KeychainState::Unavailable(away()));
    assert_eq!(kids(&keys.load(&name()).await.unwrap()), ["a"], "it can be used meanwhile");

    let settling = tokio::spawn({
        let keys = keys.clone();
        async move { keys.settle().await }
    });
    tokio::task::yield_now().await;
    system.set_trouble(Some(KeychainError::Locked));
    assert!(!settling.is_finished());
    system.set_trouble(None);
    settling.await.unwrap().unwrap();
    assert_eq!(*keys.state().borrow(), KeychainState::Available);
    let ring = KeyStore::new(system).load(&name()).await.unwrap();
    assert_eq!(kids(&ring), ["before", "a"], "what was there is not lost");
    assert_eq!(ring.active().unwrap().kid.as_str(), "a");
}

#[tokio::test]
async fn a_key_of_the_same_name_is_not_overwritten() {
    let system = Arc::new(InMemory::default());
    add(&KeyStore::new(system.clone()), "a", 1).await.unwrap();
    let keys = KeyStore::new(system.clone());
    system.set_trouble(Some(away()));
    add(&keys, "a", 2).await.unwrap();
    system.set_trouble(None);
    let conflict = UpdateError::Ring(RingError::Taken { kid: kid("a") });
    assert_eq!(keys.settle().await, Err(conflict));
    let saved = KeyStore::new(system).load(&name()).await.unwrap();
    assert_eq!(saved.entries()[0].key.expose_base64(), Key::new([1; 32]).expose_base64());
}

#[tokio::test]
async fn what_is_no_ring_is_left_alone() {
    let system = Arc::new(InMemory::default());
    system.write(&name(), b"somebody else's").unwrap();
    let keys = KeyStore::new(system.clone());
    let damaged = KeychainError::Damaged { name: "desk/acme".to_owned(), damage: Damage::Form };
    assert_eq!(keys.load(&name()).await.unwrap_err(), damaged);
    assert_eq!(add(&keys, "a", 1).await, Err(UpdateError::Keychain(damaged)));
    assert_eq!(system.read(&name()).unwrap().unwrap().as_slice(), b"somebody else's");
}

#[tokio::test]
async fn the_stage_gets_its_keys_when_the_keychain_appears() {
    let system = Arc::new(InMemory::default());
    let keys = KeyStore::new(system.clone());
    add(&keys, "a", 1).await.unwrap();
    let sealed = {
        let plain = Message::new("x", &1, UnixMillis(1), Some("i")).unwrap();
        let stage = encryption(&keys, &name(), EncryptionPolicy::default()).await.unwrap();
        let Verdict::Replace(sealed) = stage.outbound(&plain) else { panic!("sealed") };
        sealed
    };
    system.set_trouble(Some(KeychainError::Locked));
    let late = KeyStore::new(system.clone());
    let stage = encryption(&late, &name(), EncryptionPolicy::default()).await.unwrap();
    assert!(matches!(stage.inbound(&sealed), Verdict::Reject(_)));
    assert_eq!(*late.state().borrow(), KeychainState::Unavailable(KeychainError::Locked));
    let mut state = late.state();
    state.mark_unchanged();
    // Let it begin to wait.
    tokio::task::yield_now().await;
    system.set_trouble(None);
    state.changed().await.unwrap();
    // The state is told before the ring is handed over.
    while !matches!(stage.inbound(&sealed), Verdict::Replace(_)) {
        tokio::task::yield_now().await;
    }
}
