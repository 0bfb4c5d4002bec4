//! End-to-end encryption of a profile, with the keys of the operating system's keychain.

use std::sync::Arc;
use std::time::Duration;

use keychain::{KeyStore, Keychain, KeychainError, RingName, RingState, SystemKeychain};
use realtime::Topic;
use realtime::encryption::{Encryption, EncryptionPolicy};
use serde::Deserialize;
use thiserror::Error;
use tokio::sync::watch;

/// `[encryption.PROFILE]` of `config.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EncryptionConfig {
    /// Whose keys: `[a-z0-9_-]{1,64}`. Default: the profile's name.
    pub tenant: Option<String>,
    /// Whether plain data of vaults and alerts is refused. Default no: it passes.
    pub require: bool,
}

/// Why a connection cannot be encrypted as configured.
#[derive(Debug, Error)]
pub enum EncryptionError {
    #[error("[encryption.{profile}] names no possible tenant")]
    Tenant { profile: String, source: Box<dyn std::error::Error + Send + Sync> },
}

/// Types whose data is somebody's money.
const PRIVATE: [&str; 4] = ["vault_update", "vault_update_*", "risk_alert", "alert_state"];

/// The keys of a connection, on their way from the keychain.
#[derive(Clone, Debug)]
pub struct Keys {
    pub(crate) ring: watch::Receiver<RingState>,
    pub(crate) patience: Duration,
}

impl Keys {
    /// How long a connection waits for its keys: a keychain that has not come up, or was not unlocked, within this time
    /// after the start may never be, and what is not encrypted has to be watched, too.
    pub const PATIENCE: Duration = Duration::from_secs(30);

    /// Has the connection wait for as long instead of [`Keys::PATIENCE`].
    #[must_use]
    pub fn waited_for(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Waits until the keys are there, for as long as a connection does.
    ///
    /// # Errors
    /// Why they are not: what will not pass by itself at once, anything else after that time.
    pub async fn arrive(&self) -> Result<(), KeychainError> {
        let mut ring = self.ring.clone();
        let arrived = ring.wait_for(|ring| match ring {
            RingState::Read => true,
            RingState::Reading => false,
            RingState::Unread(error) => !error.is_transient(),
        });
        // Elapsed or not, and whether or not anybody reads them any more: what is known now counts.
        drop(tokio::time::timeout(self.patience, arrived).await);
        match &*ring.borrow() {
            RingState::Read => Ok(()),
            RingState::Unread(error) => Err(error.clone()),
            RingState::Reading => Err(no_answer(self.patience)),
        }
    }
}

pub(crate) fn no_answer(patience: Duration) -> KeychainError {
    let reason = format!("no answer within {} s", patience.as_secs());
    KeychainError::NotAvailable { reason }
}

/// The stage of a connection that seals and opens, and its keys. The stage is there at once; without the keys it can do
/// neither, so a connection waits for them ([`Options::keys`](crate::Options::keys), [`Keys::arrive`]), and what comes
/// sealed after that waits in the stage.
///
/// # Errors
/// [`EncryptionError::Tenant`].
///
/// # Panics
/// Outside of a Tokio runtime.
pub fn stage(
    profile: &str,
    config: &EncryptionConfig,
) -> Result<(Arc<Encryption>, Keys), EncryptionError> {
    stage_from(&KeyStore::default(), profile, config)
}

/// As [`stage`], with keys from elsewhere than the operating system's keychain.
///
/// # Errors
/// As [`stage`].
///
/// # Panics
/// As [`stage`].
pub fn stage_from(
    keys: &KeyStore,
    profile: &str,
    config: &EncryptionConfig,
) -> Result<(Arc<Encryption>, Keys), EncryptionError> {
    let tenant = config.tenant.as_deref().unwrap_or(profile);
    let name = RingName::new(profile, tenant).map_err(|source| EncryptionError::Tenant {
        profile: profile.to_owned(),
        source: source.into(),
    })?;
    let required = if config.require { &PRIVATE[..] } else { &[] };
    let policy = EncryptionPolicy {
        required: required
            .iter()
            .map(|topic| Topic::parse(topic).expect("these are topics"))
            .collect(),
        // A gateway gives these the vault's or chain's own type, which would no longer be the one that was sealed.
        not_canonical: vec!["vault_update".into(), "market_data".into()],
    };
    let (stage, ring) = keychain::encryption(keys, &name, policy);
    Ok((stage, Keys { ring, patience: Keys::PATIENCE }))
}

/// Has a profile that is about to be called otherwise find its keys under the new name, too.
///
/// # Errors
/// As [`Keychain::read`] and [`Keychain::write`].
pub async fn copy_keys(
    names: (&str, &str),
    config: &EncryptionConfig,
) -> Result<(), KeychainError> {
    copy_keys_in(Arc::new(SystemKeychain), names, config).await
}

/// As [`copy_keys`], in another keychain than the operating system's.
///
/// # Errors
/// As [`copy_keys`].
pub async fn copy_keys_in(
    keychain: Arc<dyn Keychain>,
    (from, to): (&str, &str),
    config: &EncryptionConfig,
) -> Result<(), KeychainError> {
    let tenant = config.tenant.as_deref().unwrap_or(from);
    let names = RingName::new(from, tenant).and_then(|old| Ok((old, RingName::new(to, tenant)?)));
    let Ok((old, new)) = names else { return Ok(()) };
    let copy = move |keychain: &dyn Keychain| match keychain.read(&old)? {
        Some(keys) => keychain.write(&new, &keys),
        None => Ok(()),
    };
    crate::secrets::call(&keychain, copy).await
}
