use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;
use url::Url;
use wire::UnixMillis;

use crate::call::{Authorities, TIMEOUT};
use crate::{
    AuthorityError, CallError, Caller, DeadMan, Kind, Ntfy, Page, Request, Secret, SecretError,
    SecretStore, SoundConfig, Webhook,
};

/// The channels of an app, as configured. A secret that was named by no variable or file is asked of a
/// [`SecretStore`] for each call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub webhook: Option<WebhookSettings>,
    pub ntfy: Option<NtfySettings>,
    pub dead_man: Option<DeadMan>,
    pub sound: SoundConfig,
    /// A PEM file with certificates to trust beside the system's.
    pub authorities: Option<PathBuf>,
    /// For one call, from the name's look-up to the status.
    pub timeout: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSettings {
    pub url: Url,
    pub secret: Option<Secret>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NtfySettings {
    /// Its token may be kept elsewhere; many topics need none.
    pub ntfy: Ntfy,
}

/// Why somebody could not be reached.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ChannelError {
    #[error("no {0} is configured")]
    NotConfigured(Kind),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Call(#[from] CallError),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            webhook: None,
            ntfy: None,
            dead_man: None,
            sound: SoundConfig::default(),
            authorities: None,
            timeout: TIMEOUT,
        }
    }
}

impl Settings {
    /// The channels by which somebody can be called.
    #[must_use]
    pub fn kinds(&self) -> Vec<Kind> {
        let has = |kind: &Kind| match kind {
            Kind::Webhook => self.webhook.is_some(),
            Kind::Ntfy => self.ntfy.is_some(),
        };
        Kind::ALL.into_iter().filter(has).collect()
    }

    /// Whether nobody is called by anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds().is_empty() && self.dead_man.is_none()
    }

    /// Where a channel leads, fit to be shown: the server, not the path, which may be a secret by itself.
    #[must_use]
    pub fn target(&self, kind: Kind) -> Option<String> {
        let url = match kind {
            Kind::Webhook => &self.webhook.as_ref()?.url,
            Kind::Ntfy => &self.ntfy.as_ref()?.ntfy.server,
        };
        Some(server(url))
    }

    /// Where the dead-man ping goes, fit to be shown.
    #[must_use]
    pub fn dead_man_target(&self) -> Option<String> {
        self.dead_man.as_ref().map(|dead_man| server(&dead_man.url))
    }

    /// The one who makes the calls. Reads the system's certificates, so it may take some ten milliseconds.
    ///
    /// # Errors
    /// As [`Caller::new`].
    pub fn caller(&self, agent: &'static str) -> Result<Caller, AuthorityError> {
        let urls = [
            self.webhook.as_ref().map(|webhook| &webhook.url),
            self.ntfy.as_ref().map(|ntfy| &ntfy.ntfy.server),
            self.dead_man.as_ref().map(|dead_man| &dead_man.url),
        ];
        let authorities = match urls.into_iter().flatten().any(|url| url.scheme() == "https") {
            true => Authorities::System { beside: self.authorities.as_deref() },
            false => Authorities::NotNeeded,
        };
        Caller::new(agent, self.timeout, authorities)
    }

    /// Makes one call.
    ///
    /// # Errors
    /// One variant of [`ChannelError`] for each way in which nobody was reached.
    pub async fn send(
        &self,
        kind: Kind,
        page: &Page,
        caller: &Caller,
        secrets: &dyn SecretStore,
        now: UnixMillis,
    ) -> Result<(), ChannelError> {
        let request = self.request(kind, page, secrets, now).await?;
        Ok(caller.call(request).await?)
    }

    async fn request(
        &self,
        kind: Kind,
        page: &Page,
        secrets: &dyn SecretStore,
        now: UnixMillis,
    ) -> Result<Request, ChannelError> {
        let missing = || ChannelError::NotConfigured(kind);
        match kind {
            Kind::Webhook => {
                let WebhookSettings { url, secret } = self.webhook.as_ref().ok_or_else(missing)?;
                let secret = match secret {
                    Some(secret) => secret.clone(),
                    // Unsigned, anybody could send the like.
                    None => secrets.read(kind).await?.ok_or(SecretError::Missing(kind))?,
                };
                Ok(Webhook { url: url.clone(), secret }.page(page, now))
            }
            Kind::Ntfy => {
                let mut ntfy = self.ntfy.as_ref().ok_or_else(missing)?.ntfy.clone();
                if ntfy.token.is_none() {
                    // Public topics need none, so nobody stays uncalled because a keychain is locked: a server that
                    // wants one says so, and is tried again.
                    ntfy.token = secrets.read(kind).await.unwrap_or_default();
                }
                Ok(ntfy.page(page))
            }
        }
    }
}

fn server(url: &Url) -> String {
    url[..url::Position::BeforePath].to_owned()
}
