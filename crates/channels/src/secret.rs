use std::fmt;

use futures_util::future::BoxFuture;
use thiserror::Error;

use crate::Kind;

/// Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Shorter ones can be guessed.
    pub const LEAST_BYTES: usize = 16;

    /// Surrounding white space is dropped: editors end files with a line.
    ///
    /// # Errors
    /// [`SecretError::Unusable`] when nothing is left, or there are line breaks in it.
    pub fn new(text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(SecretError::Unusable);
        }
        Ok(Self(text.to_owned()))
    }

    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Why there is no secret to call with.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SecretError {
    #[error("must not be empty, nor have line breaks in it")]
    Unusable,
    /// Nothing is kept under that name.
    #[error("no secret is kept for it: `vaultwatchctl channels secret {0}` does that")]
    Missing(Kind),
    /// Where it is kept cannot be read now. The store's own words.
    #[error("its secret cannot be read: {0}")]
    Unavailable(String),
}

/// Where secrets are kept that stand in no file: the operating system's keychain.
pub trait SecretStore: Send + Sync {
    /// Read for each call: a keychain may come up after us, and be locked again.
    fn read(&self, kind: Kind) -> BoxFuture<'_, Result<Option<Secret>, SecretError>>;
}

/// Where nothing is kept.
#[derive(Clone, Copy, Debug)]
pub struct NoSecrets;

impl SecretStore for NoSecrets {
    fn read(&self, _kind: Kind) -> BoxFuture<'_, Result<Option<Secret>, SecretError>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}
