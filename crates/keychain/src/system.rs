use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use zeroize::Zeroizing;

use crate::{KeychainError, RingName};

#[cfg(target_os = "linux")]
mod secret_service;

/// Where secrets lie under names. Reading and writing may block.
pub trait Keychain: Debug + Send + Sync + 'static {
    /// What lies under the name; `None` when nothing does.
    ///
    /// # Errors
    /// Every variant of [`KeychainError`] but [`KeychainError::Damaged`].
    fn read(&self, name: &RingName) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError>;

    /// Replaces what lies under the name.
    ///
    /// # Errors
    /// Every variant of [`KeychainError`] but [`KeychainError::Damaged`].
    fn write(&self, name: &RingName, secret: &[u8]) -> Result<(), KeychainError>;

    /// Takes away what lies under the name; nothing is fine.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    fn remove(&self, name: &RingName) -> Result<(), KeychainError>;

    /// Completes when the keychain has appeared, was unlocked or was written to, so that another look is worth while.
    /// It may complete for nothing, and may miss a change.
    fn changed(&self) -> BoxFuture<'_, ()>;
}

/// That of the operating system, looked for anew at each call.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemKeychain;

/// Under which our entries are filed.
const SERVICE: &str = "app.vaultwatch.keys";

impl Keychain for SystemKeychain {
    fn read(&self, name: &RingName) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        match entry(name)?.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }

    fn write(&self, name: &RingName, secret: &[u8]) -> Result<(), KeychainError> {
        entry(name)?.set_secret(secret).map_err(|error| refused(&error))
    }

    fn remove(&self, name: &RingName) -> Result<(), KeychainError> {
        match entry(name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(refused(&error)),
        }
    }

    #[cfg(target_os = "linux")]
    fn changed(&self) -> BoxFuture<'_, ()> {
        Box::pin(secret_service::changed())
    }

    /// Elsewhere the keychain is always there and tells of no changes.
    #[cfg(not(target_os = "linux"))]
    fn changed(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }
}

fn entry(name: &RingName) -> Result<Entry, KeychainError> {
    let store = open()?;
    let label = name.label();
    let labelled = HashMap::from([("label", label.as_str())]);
    // Only the Secret Service takes a label for people to read.
    let modifiers = cfg!(target_os = "linux").then_some(&labelled);
    store.build(SERVICE, &name.to_string(), modifiers).map_err(|error| refused(&error))
}

#[cfg(target_os = "linux")]
fn open() -> Result<Arc<dyn CredentialStoreApi>, KeychainError> {
    // The store below would open a dialog over a locked keyring and wait for it; and it cannot tell why it failed.
    secret_service::probe()?;
    Ok(zbus_secret_service_keyring_store::Store::new().map_err(|error| not_available(&error))?)
}

#[cfg(target_os = "macos")]
fn open() -> Result<Arc<dyn CredentialStoreApi>, KeychainError> {
    Ok(apple_native_keyring_store::keychain::Store::new().map_err(|error| not_available(&error))?)
}

#[cfg(windows)]
fn open() -> Result<Arc<dyn CredentialStoreApi>, KeychainError> {
    Ok(windows_native_keyring_store::Store::new().map_err(|error| not_available(&error))?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn open() -> Result<Arc<dyn CredentialStoreApi>, KeychainError> {
    let reason = "this system's keychain is not known to VaultWatch".to_owned();
    Err(KeychainError::NotAvailable { reason })
}

fn not_available(error: &Error) -> KeychainError {
    KeychainError::NotAvailable { reason: told(error) }
}

fn refused(error: &Error) -> KeychainError {
    match error {
        Error::NoStorageAccess(_) => KeychainError::Locked,
        error => KeychainError::Refused { reason: told(error) },
    }
}

/// Some of these errors carry the secret, which must not be told.
fn told(error: &Error) -> String {
    match error {
        Error::PlatformFailure(why) | Error::NoStorageAccess(why) => why.to_string(),
        Error::TooLong(what, limit) => format!("{what} is longer than {limit}"),
        Error::Invalid(what, why) => format!("{what}: {why}"),
        Error::Ambiguous(_) => "it holds several entries under our name".to_owned(),
        _ => "it holds something unexpected".to_owned(),
    }
}
