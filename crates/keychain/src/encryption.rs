use std::sync::{Arc, Weak};
use std::time::Duration;

use realtime::encryption::{Encryption, EncryptionPolicy, KeyRing};

use crate::{KeyStore, KeychainError, OsEntropy, RingName};

/// It is read again after this time, whether or not it told of a change.
const RETRY: Duration = Duration::from_secs(60);

/// The stage that seals and opens with the ring of that name, to be added to a connection as its first. It follows the
/// keychain for as long as it is in use: keys that are added, activated or removed count without a restart, at once
/// where the system tells of changes (Linux), within a minute elsewhere.
///
/// Where the keychain cannot be read the stage begins without keys: encrypted messages are invalid and nothing can be
/// sent, until it can. [`KeyStore::state`] tells.
///
/// # Errors
/// What will not pass by itself: [`KeychainError::Damaged`], [`KeychainError::Refused`].
pub async fn encryption(
    keys: &KeyStore,
    name: &RingName,
    policy: EncryptionPolicy,
) -> Result<Arc<Encryption>, KeychainError> {
    let ring = match keys.load(name).await {
        Ok(ring) => ring,
        Err(error) if error.is_transient() => KeyRing::of(name.tenant().clone()),
        Err(error) => return Err(error),
    };
    let stage = Arc::new(Encryption::new(ring, policy, Arc::new(OsEntropy)));
    tokio::spawn(follow(keys.clone(), name.clone(), Arc::downgrade(&stage)));
    Ok(stage)
}

async fn follow(keys: KeyStore, name: RingName, stage: Weak<Encryption>) {
    loop {
        // A minute after the last use the task has ended, too.
        let _ = tokio::time::timeout(RETRY, keys.changed()).await;
        let Some(stage) = stage.upgrade() else { return };
        match keys.load(&name).await {
            Ok(ring) => stage.replace_ring(ring),
            // With the keys it has it goes on: a keyring that is locked again takes none away.
            Err(error) => tracing::debug!(%error, "the keychain cannot be read"),
        }
    }
}
