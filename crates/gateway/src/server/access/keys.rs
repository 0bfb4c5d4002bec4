use std::sync::Arc;

use thiserror::Error;
use tokio::sync::watch;
use tracing::{info, warn};
use wire::UnixMillis;

use super::grant::{Bearer, Grant};
use super::jwt::{Jwt, JwtKeyError, JwtOptions};
use super::reload::on_change;
use super::token::Digest;
use super::token_file::{TokenFile, TokenFileError, TokenSet};

/// What opens a gateway: the hashed tokens of a file, the JWTs of an issuer, or both.
#[derive(Clone, Debug)]
pub struct Keys(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    tokens: Option<Tokens>,
    jwt: Option<Jwt>,
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
        Ok(Self(Arc::new(Inner { tokens, jwt })))
    }

    /// Reads the file again whenever it has changed. A broken one leaves in force what was.
    pub(super) async fn keep_fresh(&self) {
        let Some(tokens) = &self.0.tokens else { return };
        let paths = vec![tokens.file.path().to_owned()];
        on_change(paths, vec![tokens.loaded.clone()], || tokens.reload()).await;
    }

    /// What a token grants now.
    pub(super) fn grant(&self, token: &[u8], now: UnixMillis) -> Option<Grant> {
        if token.is_empty() || token.len() > TOKEN_BYTES {
            return None;
        }
        let known = self.0.tokens.as_ref().and_then(|tokens| {
            let digest = Digest::of(token);
            tokens.set.borrow().grant(&digest).cloned()
        });
        let grant = known.or_else(|| self.0.jwt.as_ref()?.grant(str::from_utf8(token).ok()?))?;
        let over = grant.expires.is_some_and(|at| at <= now);
        (!over).then_some(grant)
    }

    /// What became of a grant since it was given: `None` when it was revoked.
    pub(super) fn again(&self, grant: &Grant) -> Option<Grant> {
        match (&grant.bearer, &self.0.tokens) {
            (Bearer::Token(digest), Some(tokens)) => tokens.set.borrow().grant(digest).cloned(),
            _ => Some(grant.clone()),
        }
    }

    /// Tells of every change of the file.
    pub(super) fn follow(&self) -> Option<watch::Receiver<TokenSet>> {
        self.0.tokens.as_ref().map(|tokens| tokens.set.subscribe())
    }
}

impl Tokens {
    fn reload(&self) {
        match self.file.load() {
            Ok((_, set)) => {
                info!(tokens = set.len(), "{} has changed", self.file.path().display());
                self.set.send_replace(set);
            }
            Err(error) => warn!("{error}; the tokens that were read before stay in force"),
        }
    }
}
