use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use wire::UnixMillis;

use crate::machine::{TokenNews, TokenUse};
use crate::token::{self, TOKEN_LIMIT, Token, TokenError, TokenProvider};
use crate::{Secret, clock};

/// The token of a connection, and whom to ask for the next one. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Tokens(Arc<Source>);

#[derive(Debug)]
enum Source {
    /// The one of the options, or none.
    Fixed(Option<Secret>),
    Provided {
        provider: Arc<dyn TokenProvider>,
        /// Locked while it is being asked for, so that whoever comes meanwhile waits for the same answer.
        held: Mutex<Option<Held>>,
    },
}

#[derive(Debug)]
struct Held {
    token: Token,
    issued: UnixMillis,
}

impl Held {
    fn renew_at(&self, now: UnixMillis) -> Option<UnixMillis> {
        token::refresh_at(now, self.issued, self.token.expires_at)
    }
}

impl Tokens {
    pub(super) fn new(fixed: Option<Secret>, provider: Option<Arc<dyn TokenProvider>>) -> Self {
        Self(Arc::new(match provider {
            Some(provider) => Source::Provided { provider, held: Mutex::new(None) },
            None => Source::Fixed(fixed),
        }))
    }

    /// The token for an attempt, and until when it should be renewed.
    pub(super) async fn take(
        &self,
        wanted: TokenUse,
    ) -> Result<(Option<Secret>, Option<Duration>), TokenError> {
        let (provider, held) = match &*self.0 {
            Source::Fixed(secret) => return Ok((secret.clone(), None)),
            Source::Provided { provider, held } => (provider, held),
        };
        let asked = clock::wall();
        let mut held = held.lock().await;
        let now = clock::wall();
        let is_good = held.as_ref().is_some_and(|held| match wanted {
            TokenUse::Present => held.renew_at(now).is_none_or(|at| at > now),
            // Somebody else got a new one while we waited for the lock.
            TokenUse::Fresh => held.issued > asked,
        });
        if !is_good {
            let token = token::obtain(&**provider, TOKEN_LIMIT).await?;
            *held = Some(Held { token, issued: clock::wall() });
        }
        let held = held.as_ref().expect("it was there or has just been put there");
        let now = clock::wall();
        let renew_in = held.renew_at(now).map(|at| at.since(now));
        Ok((Some(held.token.secret.clone()), renew_in))
    }

    /// Another token, for a connection that stands.
    pub(super) async fn renew(self) -> TokenNews {
        match self.take(TokenUse::Fresh).await {
            Ok((Some(token), renew_in)) => TokenNews::Renewed { token, renew_in },
            Ok((None, _)) => TokenNews::Failed { reason: "there is none".to_owned() },
            Err(error) => TokenNews::Failed { reason: error.to_string() },
        }
    }
}
