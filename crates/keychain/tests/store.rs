//! Reading, changing, and what happens while there is no keychain. On a keychain in memory.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use keychain::{
    Damage, InMemory, Kept, KeyStore, Keychain, KeychainError, KeychainState, RingName, RingState,
    UpdateError, encryption,
};
use realtime::encryption::{EncryptionPolicy, Key, KeyId, KeyRing, RingError};
use realtime::wire::{Message, UnixMillis};
use realtime::{Middleware, Verdict};
use zeroize::Zeroizing;

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

async fn sealed(keys: &KeyStore) -> Message {
    let (stage, mut state) = encryption(keys, &name(), EncryptionPolicy::default());
    state.wait_for(|state| *state == RingState::Read).await.unwrap();
    let plain = Message::new("x", &1, UnixMillis(1), Some("i")).unwrap();
    let Verdict::Replace(sealed) = stage.outbound(&plain) else { panic!("sealed") };
    sealed
}

#[tokio::test]
async fn the_stage_gets_its_keys_when_the_keychain_appears() {
    let system = Arc::new(InMemory::default());
    let keys = KeyStore::new(system.clone());
    add(&keys, "a", 1).await.unwrap();
    let sealed = sealed(&keys).await;
    system.set_trouble(Some(KeychainError::Locked));
    let late = KeyStore::new(system.clone());
    let (stage, mut state) = encryption(&late, &name(), EncryptionPolicy::default());
    assert_eq!(*state.borrow_and_update(), RingState::Reading, "nobody waited for it");
    state.changed().await.unwrap();
    assert_eq!(*state.borrow_and_update(), RingState::Unread(KeychainError::Locked));
    assert_eq!(stage.inbound(&sealed), Verdict::Drop, "it waits");
    system.set_trouble(None);
    state.changed().await.unwrap();
    assert_eq!(*state.borrow_and_update(), RingState::Read);
    let mut released = Vec::new();
    stage.release(&mut released);
    assert!(matches!(released[..], [Ok(_)]), "told when it is there: {released:?}");
    assert!(matches!(stage.inbound(&sealed), Verdict::Replace(_)));
    // Locked again, nothing is taken away.
    system.set_trouble(Some(KeychainError::Locked));
    assert_eq!(*state.borrow(), RingState::Read);
    assert!(matches!(stage.inbound(&sealed), Verdict::Replace(_)));
}

/// Told of no change, it is looked at again: soon at first, because at a log-in it comes up beside us.
#[tokio::test]
async fn a_keychain_that_tells_nothing_is_asked_again_soon() {
    #[derive(Debug)]
    struct Silent(InMemory);
    impl Keychain for Silent {
        fn read(&self, name: &RingName) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
            self.0.read(name)
        }
        fn write(&self, name: &RingName, secret: &[u8]) -> Result<(), KeychainError> {
            self.0.write(name, secret)
        }
        fn remove(&self, name: &RingName) -> Result<(), KeychainError> {
            self.0.remove(name)
        }
        fn changed(&self) -> BoxFuture<'_, ()> {
            Box::pin(std::future::pending())
        }
    }
    let system = Arc::new(Silent(InMemory::default()));
    system.0.set_trouble(Some(away()));
    let keys = KeyStore::new(system.clone());
    let begun = tokio::time::Instant::now();
    let (_stage, mut state) = encryption(&keys, &name(), EncryptionPolicy::default());
    state.wait_for(|state| matches!(state, RingState::Unread(_))).await.unwrap();
    system.0.set_trouble(None);
    state.wait_for(|state| *state == RingState::Read).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(30), "not only after a minute");
}
