use std::sync::Arc;

use keychain::{Keychain, KeychainError, RingName, SystemKeychain};
use realtime::{Providing, Secret, Token, TokenError, TokenProvider};

use crate::secrets;

/// The access token of a profile's feed in the operating system's keychain, looked for anew each time it is wanted. A
/// keychain that is locked, or comes up later, delays the connection and ends nothing.
#[derive(Clone, Debug)]
pub struct FeedToken {
    keychain: Arc<dyn Keychain>,
    /// `None`: a profile cannot be called so.
    name: Option<RingName>,
}

/// Where tokens lie among the key rings, which are named by profile and tenant: no profile may be called so.
pub(crate) const SHELF: &str = keychain::FEED_TOKENS;

impl FeedToken {
    #[must_use]
    pub fn of(profile: &str) -> Self {
        Self::in_keychain(Arc::new(SystemKeychain), profile)
    }

    /// In another one than the operating system's.
    #[must_use]
    pub fn in_keychain(keychain: Arc<dyn Keychain>, profile: &str) -> Self {
        Self { keychain, name: RingName::new(SHELF, profile).ok() }
    }

    /// Keeps it, in place of the one before.
    ///
    /// # Errors
    /// As [`Keychain::write`].
    pub async fn keep(&self, token: &Secret) -> Result<(), KeychainError> {
        let (name, token) = (self.name()?, token.clone());
        let write = move |keychain: &dyn Keychain| keychain.write(&name, token.expose().as_bytes());
        secrets::call(&self.keychain, write).await
    }

    /// Takes it out of the keychain, if it is there.
    ///
    /// # Errors
    /// As [`Keychain::remove`].
    pub async fn forget(&self) -> Result<(), KeychainError> {
        let name = self.name()?;
        secrets::call(&self.keychain, move |keychain: &dyn Keychain| keychain.remove(&name)).await
    }

    /// Keeps the same one for another profile, too, where there is one.
    ///
    /// # Errors
    /// As [`keep`](Self::keep) and [`find`](Self::find).
    pub async fn copy_to(&self, profile: &str) -> Result<(), KeychainError> {
        match self.find().await? {
            Some(token) => {
                Self::in_keychain(Arc::clone(&self.keychain), profile).keep(&token).await
            }
            None => Ok(()),
        }
    }

    /// `None`: there is none.
    ///
    /// # Errors
    /// As [`Keychain::read`].
    pub async fn find(&self) -> Result<Option<Secret>, KeychainError> {
        let name = self.name()?;
        let read = move |keychain: &dyn Keychain| keychain.read(&name);
        let found = secrets::call(&self.keychain, read).await?;
        Ok(found.map(|bytes| Secret::new(String::from_utf8_lossy(&bytes).into_owned())))
    }

    fn name(&self) -> Result<RingName, KeychainError> {
        let refused = || KeychainError::Refused { reason: "no profile is called so".to_owned() };
        self.name.clone().ok_or_else(refused)
    }
}

impl TokenProvider for FeedToken {
    fn token(&self) -> Providing {
        let this = self.clone();
        Box::pin(async move {
            let found = this.find().await;
            let found = found.map_err(|error| TokenError::Other { reason: error.to_string() })?;
            let missing = "the keychain holds no token for this profile; enter one in the settings";
            let token = found.ok_or_else(|| TokenError::Other { reason: missing.to_owned() })?;
            Token::new(token)
        })
    }
}

#[cfg(test)]
mod tests {
    use keychain::InMemory;

    use super::*;

    #[tokio::test]
    async fn a_token_is_found_again_and_gone_when_it_was_forgotten() {
        let keychain = Arc::new(InMemory::default());
        let of = |profile: &str| FeedToken::in_keychain(keychain.clone(), profile);
        let acme = of("acme");
        let missing = acme.token().await.unwrap_err().to_string();
        assert!(missing.contains("no token for this profile"), "{missing}");
        acme.keep(&Secret::new("hush")).await.unwrap();
        assert_eq!(acme.token().await.unwrap().secret.expose(), "hush");
        assert!(of("globex").find().await.unwrap().is_none(), "each profile has its own");
        keychain.set_trouble(Some(KeychainError::Locked));
        let locked = acme.token().await.unwrap_err().to_string();
        assert!(locked.contains("locked") && !locked.contains("hush"), "{locked}");
        keychain.set_trouble(None);
        acme.copy_to("beta").await.unwrap();
        assert_eq!(of("beta").find().await.unwrap().unwrap().expose(), "hush");
        acme.forget().await.unwrap();
        assert!(acme.find().await.unwrap().is_none());
        assert!(of("Not a name").keep(&Secret::new("x")).await.is_err());
    }
}
