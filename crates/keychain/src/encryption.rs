use std::sync::{Arc, Weak};
use std::time::Duration;

use realtime::encryption::{Encryption, EncryptionPolicy, KeyRing};
use tokio::sync::watch;

use crate::{KeyStore, KeychainError, OsEntropy, RingName};

/// It is read again after this time, whether or not it told of a change.
const RETRY: Duration = Duration::from_secs(60);
/// The first time again after a failure, and twice as long after each: at a log-in the keychain comes up beside us.
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// How far the keys of a connection have come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RingState {
    /// The keychain was asked for the first time and has not answered yet.
    Reading,
    /// The stage has what the keychain holds. From here on it keeps what it has, even if the keychain is locked again.
    Read,
    /// It could not be read, and the stage has no keys. It is tried again.
    Unread(KeychainError),
}

/// The stage that seals and opens with the ring of that name, to be added to a connection as its first. It is there at
/// once and without keys: a keychain can take its time. When they come is told; until then what comes encrypted waits
/// in the stage and nothing can be sent, so a connection is better made after that.
///
/// It follows the keychain for as long as it is in use: keys that are added, activated or removed count without a
/// restart, at once where the system tells of changes (Linux), within a minute elsewhere.
///
/// # Panics
/// Outside of a Tokio runtime.
#[must_use]
pub fn encryption(
    keys: &KeyStore,
    name: &RingName,
    policy: EncryptionPolicy,
) -> (Arc<Encryption>, watch::Receiver<RingState>) {
    let ring = KeyRing::of(name.tenant().clone());
    let stage = Arc::new(Encryption::awaiting_keys(ring, policy, Arc::new(OsEntropy)));
    let (told, state) = watch::channel(RingState::Reading);
    tokio::spawn(follow(keys.clone(), name.clone(), Arc::downgrade(&stage), told));
    (stage, state)
}

async fn follow(
    keys: KeyStore,
    name: RingName,
    stage: Weak<Encryption>,
    told: watch::Sender<RingState>,
) {
    let mut patience = FIRST_RETRY;
    loop {
        let loaded = keys.load(&name).await;
        // A minute after the last use the task has ended, too.
        let Some(stage) = stage.upgrade() else { return };
        match loaded {
            Ok(ring) => {
                stage.replace_ring(ring);
                told.send_if_modified(|state| {
                    std::mem::replace(state, RingState::Read) != RingState::Read
                });
                patience = RETRY;
            }
            Err(error) => {
                tracing::debug!(%error, "the keychain cannot be read");
                told.send_if_modified(|state| {
                    let unread = RingState::Unread(error);
                    let news = *state != RingState::Read && *state != unread;
                    if news {
                        *state = unread;
                    }
                    news
                });
            }
        }
        drop(stage);
        let _ = tokio::time::timeout(patience, keys.changed()).await;
        patience = (2 * patience).min(RETRY);
    }
}
