use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use wire::UnixMillis;

use crate::machine::{TokenNews, TokenUse};
use crate::token::{self, Token, TokenError, TokenProvider};
use crate::{Options, Secret, clock};

/// The token of a connection, and whom to ask for the next one. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Tokens(Arc<Source>);

#[derive(Debug)]
enum Source {
    /// The one of the options, or none.
    Fixed(Option<Secret>),
    Provided {
        provider: Arc<dyn TokenProvider>,
        /// How long it may take.
        limit: Duration,
        /// How much of a token's life may pass before the next one is asked for.
        percent: u32,
        /// Locked while it is being asked for, so that whoever comes meanwhile waits for the same answer.
        held: Mutex<Option<Held>>,
        /// How many it has given out.
        given: AtomicU64,
    },
}

#[derive(Debug)]
struct Held {
    token: Token,
    issued: UnixMillis,
}

impl Held {
    fn renew_at(&self, now: UnixMillis, percent: u32) -> Option<UnixMillis> {
        token::refresh_at(now, self.issued, self.token.expires_at, percent)
    }
}

impl Tokens {
    pub(super) fn new(options: &Options, provider: Option<Arc<dyn TokenProvider>>) -> Self {
        Self(Arc::new(match provider {
            Some(provider) => Source::Provided {
                provider,
                limit: options.token_timeout,
                percent: options.token_refresh_percent,
                held: Mutex::new(None),
                given: AtomicU64::new(0),
            },
            None => Source::Fixed(options.token.clone()),
        }))
    }

    /// The token for an attempt, and until when it should be renewed.
    pub(super) async fn take(
        &self,
        wanted: TokenUse,
    ) -> Result<(Option<Secret>, Option<Duration>), TokenError> {
        let (provider, limit, percent, held, given) = match &*self.0 {
            Source::Fixed(secret) => return Ok((secret.clone(), None)),
            Source::Provided { provider, limit, percent, held, given } => {
                (provider, *limit, *percent, held, given)
            }
        };
        let before = given.load(Ordering::Acquire);
        let mut held = held.lock().await;
        let now = clock::wall();
        let is_good = held.as_ref().is_some_and(|held| match wanted {
            TokenUse::Present => held.renew_at(now, percent).is_none_or(|at| at > now),
            // Somebody else got a new one while we waited for the lock.
            TokenUse::Fresh => given.load(Ordering::Acquire) != before,
        });
        if !is_good {
            let token = token::obtain(&**provider, limit).await?;
            *held = Some(Held { token, issued: clock::wall() });
            given.fetch_add(1, Ordering::Release);
        }
        let held = held.as_ref().expect("it was there or has just been put there");
        let now = clock::wall();
        let renew_in = held.renew_at(now, percent).map(|at| at.since(now));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Providing;

    /// Takes its time, and counts.
    #[derive(Debug, Default)]
    struct Slow(AtomicU64);

    impl TokenProvider for Slow {
        fn token(&self) -> Providing {
            let n = self.0.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Token::new(Secret::new(format!("token-{n}")))
            })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_comes_while_one_is_asked_for_gets_the_same_answer() {
        let provider = Arc::new(Slow::default());
        let given = Arc::clone(&provider) as Arc<dyn TokenProvider>;
        let tokens = Tokens::new(&Options::default(), Some(given));
        for asked in 1..=3 {
            let both = tokio::join!(tokens.take(TokenUse::Fresh), tokens.take(TokenUse::Fresh));
            let (Ok((Some(first), _)), Ok((Some(second), _))) = both else { panic!() };
            assert_eq!(first.expose(), second.expose());
            assert_eq!(provider.0.load(Ordering::Relaxed), asked);
        }
        tokens.take(TokenUse::Present).await.unwrap();
        assert_eq!(provider.0.load(Ordering::Relaxed), 3, "the one there is");
    }

    /// Of tokens that are good for a quarter of an hour.
    #[derive(Debug)]
    struct Lasting;

    const LIFE: Duration = Duration::from_secs(900);

    impl TokenProvider for Lasting {
        fn token(&self) -> Providing {
            let expires_at = Some(clock::wall().plus(LIFE));
            let token = Token { secret: Secret::new("t"), expires_at };
            Box::pin(async move { Ok(token) })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn how_long_it_may_take_and_when_the_next_one_is_due_is_chosen() {
        let options = |timeout, percent| Options {
            token_timeout: timeout,
            token_refresh_percent: percent,
            ..Options::default()
        };
        let second = Duration::from_secs(1);
        for (limit, is_enough) in [(second / 2, false), (second * 2, true)] {
            let tokens = Tokens::new(&options(limit, 80), Some(Arc::new(Slow::default())));
            match tokens.take(TokenUse::Present).await {
                Ok(_) => assert!(is_enough),
                Err(error) => {
                    assert_eq!((error, is_enough), (TokenError::TimedOut { limit }, false));
                }
            }
        }
        for (percent, due) in [(80, LIFE * 4 / 5), (50, LIFE / 2)] {
            let tokens = Tokens::new(&options(second, percent), Some(Arc::new(Lasting)));
            let (_, renew_in) = tokens.take(TokenUse::Present).await.unwrap();
            // Wall time goes on meanwhile.
            let early = due.saturating_sub(renew_in.unwrap());
            assert!(renew_in.unwrap() <= due && early < second, "{percent}: {renew_in:?}");
        }
    }
}
