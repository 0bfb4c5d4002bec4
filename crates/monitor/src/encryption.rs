//! End-to-end encryption of a profile, with the keys of the operating system's keychain.

use std::sync::Arc;

use keychain::{KeyStore, KeychainError, KeychainState, RingName};
use realtime::Topic;
use realtime::encryption::{Encryption, EncryptionPolicy};
use serde::Deserialize;
use thiserror::Error;

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
    #[error("the keys of profile `{profile}` cannot be used")]
    Keychain { profile: String, source: KeychainError },
}

/// Types whose data is somebody's money.
const PRIVATE: [&str; 4] = ["vault_update", "vault_update_*", "risk_alert", "alert_state"];

/// The stage of a connection that seals and opens, and why the keychain cannot be read, where it cannot: then the stage
/// has no keys until it can.
///
/// # Errors
/// One variant of [`EncryptionError`] for each thing that does not pass by itself.
pub async fn stage(
    profile: &str,
    config: &EncryptionConfig,
) -> Result<(Arc<Encryption>, Option<KeychainError>), EncryptionError> {
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
    let keys = KeyStore::default();
    let stage = keychain::encryption(&keys, &name, policy)
        .await
        .map_err(|source| EncryptionError::Keychain { profile: profile.to_owned(), source })?;
    let trouble = match &*keys.state().borrow() {
        KeychainState::Unavailable(error) => Some(error.clone()),
        KeychainState::Unknown | KeychainState::Available => None,
    };
    Ok((stage, trouble))
}
