use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;

use thiserror::Error;
use tokio::sync::watch;
use tracing::{info, warn};
use wire::UnixMillis;

use super::grant::{Bearer, Grant};
use super::jwt::{Jwt, JwtKeyError, JwtOptions};
use super::token::Digest;
use super::token_file::{TokenFile, TokenFileError, TokenSet};
use crate::files::on_change;

/// What opens a gateway: the hashed tokens of a file, the JWTs of an issuer, or both.
#[derive(Clone, Debug)]
pub struct Keys(Arc<dyn Keyring>);

/// A trait so that a gateway whose one key is made at its start, as the app's, does without what reads and checks others.
trait Keyring: Debug + Send + Sync {
    fn grant(&self, token: &[u8], now: UnixMillis) -> Option<Grant>;
    fn again(&self, grant: &Grant) -> Option<Grant>;
    fn follow(&self) -> watch::Receiver<()>;
    fn keep_fresh(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

#[derive(Debug)]
struct Files {
    tokens: Option<Tokens>,
    jwt: Option<Jwt>,
    /// Told of every change of a file that was taken over.
    changed: watch::Sender<()>,
}

#[derive(Debug)]
struct Tokens {
    file: TokenFile,
    /// What the file held when it was read for the first time.
    loaded: Vec<u8>,
    set: watch::Sender<TokenSet>,
}

/// Why there is nothing to open a gateway with.
#[derive(Debug, Error)]
pub enum KeyError {
    #[error(transparent)]
    Tokens(#[from] TokenFileError),
    #[error(transparent)]
    Jwt(#[from] JwtKeyError),
}

/// Nobody issues longer ones, and hashing takes time.
const TOKEN_BYTES: usize = 8 << 10;

impl Keys {
    /// Reads a file of tokens, a key for JWTs, or both. With neither nobody is let in.
    ///
    /// # Errors
    /// [`KeyError`] when one of them cannot be read, or makes no sense.
    pub fn load(tokens: Option<TokenFile>, jwt: Option<&JwtOptions>) -> Result<Self, KeyError> {
        let load = |file: TokenFile| {
            let (loaded, set) = file.load()?;
            info!(tokens = set.len(), "tokens read from {}", file.path().display());
            Ok::<_, TokenFileError>(Tokens { file, loaded, set: watch::Sender::new(set) })
        };
        let tokens = tokens.map(load).transpose()?;
        let jwt = jwt.map(Jwt::load).transpose()?;
        Ok(Self(Arc::new(Files { tokens, jwt, changed: watch::Sender::new(()) })))
    }

    /// Reads the files again whenever they have changed. A broken one leaves in force what was.
    pub(super) async fn keep_fresh(&self) {
        self.0.keep_fresh().await;
    }

    /// What a token grants now.
    pub(super) fn grant(&self, token: &[u8], now: UnixMillis) -> Option<Grant> {
        self.0.grant(token, now)
    }

    /// What became of a grant since it was given: `None` when it was revoked.
    pub(super) fn again(&self, grant: &Grant) -> Option<Grant> {
        self.0.again(grant)
    }

    /// Tells of every change.
    pub(super) fn follow(&self) -> watch::Receiver<()> {
        self.0.follow()
    }
}

impl Keyring for Files {
    fn grant(&self, token: &[u8], now: UnixMillis) -> Option<Grant> {
        if token.is_empty() || token.len() > TOKEN_BYTES {
            return None;
        }
        let known = self.tokens.as_ref().and_then(|tokens| {
            let digest = Digest::of(token);
            tokens.set.borrow().grant(&digest).cloned()
        });
        let grant = known.or_else(|| self.jwt.as_ref()?.grant(str::from_utf8(token).ok()?))?;
        let over = grant.expires.is_some_and(|at| at <= now);
        (!over).then_some(grant)
    }

    fn again(&self, grant: &Grant) -> Option<Grant> {
        match (grant.bearer, &self.tokens, &self.jwt) {
            (Bearer::Token(digest), Some(tokens), _) => tokens.set.borrow().grant(&digest).cloned(),
            // A key is replaced because it is not trusted any more, or its issuer has a new one: either way whoever it
            // let in has to show a token of the new one.
            (Bearer::Jwt(key), _, Some(jwt)) if jwt.key() != key => None,
            _ => Some(grant.clone()),
        }
    }

    fn follow(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    fn keep_fresh(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let tokens = async {
            let Some(tokens) = &self.tokens else { return };
            let paths = vec![tokens.file.path().to_owned()];
            on_change(paths, vec![tokens.loaded.clone()], || self.tell(tokens.reload())).await;
        };
        let jwt = async {
            let Some(jwt) = &self.jwt else { return };
            let (paths, loaded) = (vec![jwt.path().to_owned()], vec![jwt.loaded().to_vec()]);
            on_change(paths, loaded, || self.tell(jwt.reload())).await;
        };
        Box::pin(async {
            tokio::join!(tokens, jwt);
        })
    }
}

impl Files {
    fn tell(&self, taken_over: bool) {
        if taken_over {
            self.changed.send_replace(());
        }
    }
}

impl Tokens {
    /// Whether what is in force is another set now.
    fn reload(&self) -> bool {
        match self.file.load() {
            Ok((_, set)) => {
                info!(tokens = set.len(), "{} has changed", self.file.path().display());
                self.set.send_replace(set);
                true
            }
            Err(error) => {
                warn!("{error}; the tokens that were read before stay in force");
                false
            }
        }
    }
}
