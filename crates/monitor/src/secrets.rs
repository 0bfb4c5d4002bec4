use std::sync::Arc;
use std::time::Duration;

use channels::{Kind, Secret, SecretError, SecretStore};
use futures_util::future::BoxFuture;
use keychain::{Keychain, KeychainError, RingName, SystemKeychain};
use tokio::sync::oneshot;

/// The channels' secrets in the operating system's keychain, one for each channel, whatever profile is watched.
#[derive(Clone, Debug)]
pub struct ChannelSecrets(Arc<dyn Keychain>);

/// How long a keychain may take: longer than somebody needs to unlock it would only hold up the next attempt.
const PATIENCE: Duration = Duration::from_secs(10);

impl Default for ChannelSecrets {
    fn default() -> Self {
        Self::in_keychain(Arc::new(SystemKeychain))
    }
}

impl ChannelSecrets {
    /// In another one than the operating system's.
    #[must_use]
    pub fn in_keychain(keychain: Arc<dyn Keychain>) -> Self {
        Self(keychain)
    }

    /// Keeps a channel's secret, in place of the one before.
    ///
    /// # Errors
    /// As [`Keychain::write`].
    pub async fn keep(&self, kind: Kind, secret: &Secret) -> Result<(), KeychainError> {
        let secret = secret.clone();
        let write =
            move |keychain: &dyn Keychain| keychain.write(&name(kind), secret.expose().as_bytes());
        call(&self.0, write).await
    }

    async fn find(&self, kind: Kind) -> Result<Option<Secret>, SecretError> {
        let read = move |keychain: &dyn Keychain| keychain.read(&name(kind));
        let found = call(&self.0, read).await;
        let found = found.map_err(|error| SecretError::Unavailable(error.to_string()))?;
        let Some(found) = found else { return Ok(None) };
        let text = std::str::from_utf8(&found).map_err(|_| SecretError::Unusable)?;
        Secret::new(text).map(Some)
    }
}

impl SecretStore for ChannelSecrets {
    fn read(&self, kind: Kind) -> BoxFuture<'_, Result<Option<Secret>, SecretError>> {
        Box::pin(self.find(kind))
    }
}

/// On a thread of its own: a keychain that hangs must hold up neither the runtime nor the end of the program.
pub(crate) async fn call<T: Send + 'static>(
    keychain: &Arc<dyn Keychain>,
    work: impl FnOnce(&dyn Keychain) -> Result<T, KeychainError> + Send + 'static,
) -> Result<T, KeychainError> {
    let keychain = Arc::clone(keychain);
    let (told, done) = oneshot::channel();
    let unavailable = |reason: String| KeychainError::NotAvailable { reason };
    let spawned = std::thread::Builder::new().name("keychain".into()).spawn(move || {
        // Nobody waits any more when it took too long.
        let _ = told.send(work(&*keychain));
    });
    spawned.map_err(|error| unavailable(error.to_string()))?;
    match tokio::time::timeout(PATIENCE, done).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(unavailable("the call into it failed".to_owned())),
        Err(_) => Err(unavailable(format!("no answer within {} s", PATIENCE.as_secs()))),
    }
}

/// Where it lies among the key rings, which are named by profile and tenant.
fn name(kind: Kind) -> RingName {
    RingName::new(keychain::CHANNELS, kind.name()).expect("both are possible names")
}

#[cfg(test)]
mod tests {
    use keychain::InMemory;

    use super::*;

    #[tokio::test]
    async fn a_secret_is_found_again_and_a_locked_keychain_told_apart() {
        let keychain = Arc::new(InMemory::default());
        let secrets = ChannelSecrets::in_keychain(keychain.clone());
        assert_eq!(secrets.read(Kind::Webhook).await, Ok(None));
        let secret = Secret::new("0123456789abcdef").unwrap();
        secrets.keep(Kind::Webhook, &secret).await.unwrap();
        assert_eq!(secrets.read(Kind::Webhook).await, Ok(Some(secret)));
        assert_eq!(secrets.read(Kind::Ntfy).await, Ok(None), "each channel has its own");
        keychain.set_trouble(Some(KeychainError::Locked));
        let error = secrets.read(Kind::Webhook).await.unwrap_err();
        assert!(matches!(error, SecretError::Unavailable(_)), "{error}");
    }
}
