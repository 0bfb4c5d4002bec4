//! Who may talk to a gateway, and what about.

mod attempts;
mod grant;
mod jwt;
mod keys;
mod lapse;
mod origin;
mod token;
mod token_file;
mod transport;

use std::net::SocketAddr;

use axum::http::{HeaderMap, header};
use tokio::sync::watch;

use super::hub::DEFAULT_TENANT;
use crate::GatewayError;
use crate::feed::wall_clock;

pub(super) use self::attempts::Attempts;
pub(super) use self::grant::{Grant, NotYours};
pub use self::jwt::{JwtKeyError, JwtOptions};
pub use self::keys::{KeyError, Keys};
pub(super) use self::lapse::{Lapse, lapsed};
pub use self::origin::{Origin, OriginError};
pub use self::token::Token;
pub use self::token_file::{ListedToken, NewToken, TokenFile, TokenFileError};
pub(super) use self::transport::Duplex;
pub use self::transport::{Tls, TlsError, Transport};

/// Who may talk to a gateway.
#[derive(Clone, Debug)]
pub enum Access {
    /// Every program of this machine, on loopback only. Web pages only if their origin is listed: a browser lets any
    /// page open a WebSocket to loopback, so an origin is the one sign that tells it from a program.
    Open { allow_origins: Vec<Origin> },
    /// Who knows the token, on loopback only, and no web page at all.
    Embedded { token: Token },
    /// Who bears a token of these, each within its tenant and its rights; web pages only if their origin is listed, too.
    Keyed { keys: Keys, allow_origins: Vec<Origin>, transport: Transport },
}

/// Why a request was turned away at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// A web page that is not welcome.
    Origin,
    /// No token, or none that opens.
    Token,
}

impl Access {
    /// Every program of this machine, no web page.
    #[must_use]
    pub fn open() -> Self {
        Self::Open { allow_origins: Vec::new() }
    }

    pub(crate) fn check_listen(&self, listen: SocketAddr) -> Result<(), GatewayError> {
        let loopback = listen.ip().to_canonical().is_loopback();
        match self {
            _ if loopback => Ok(()),
            Self::Keyed { transport: Transport::PlainOnLoopback, .. } => {
                Err(GatewayError::PlainText { listen })
            }
            Self::Keyed { transport: Transport::PlainAnywhere | Transport::Tls(_), .. } => Ok(()),
            Self::Open { .. } | Self::Embedded { .. } => Err(GatewayError::NotLoopback { listen }),
        }
    }

    pub(super) fn check_request(&self, headers: &HeaderMap) -> Result<Grant, Denied> {
        let listed = match self {
            Self::Open { allow_origins } | Self::Keyed { allow_origins, .. } => &**allow_origins,
            Self::Embedded { .. } => &[],
        };
        if !Origin::welcome(listed, headers) {
            return Err(Denied::Origin);
        }
        let given = headers.get(header::AUTHORIZATION).map_or(&b""[..], |v| v.as_bytes());
        let (scheme, given) = given.split_at_checked(7).unwrap_or((given, b""));
        let bearer = if scheme.eq_ignore_ascii_case(b"bearer ") { given } else { b"" };
        self.grant(bearer).ok_or(Denied::Token)
    }

    /// What these words open: a token sent with the upgrade, or within a connection.
    pub(super) fn grant(&self, token: &[u8]) -> Option<Grant> {
        match self {
            Self::Open { .. } => Some(Grant::everything()),
            Self::Embedded { token: own } => own.matches(token).then(|| Grant {
                // The embedded gateway serves one application.
                tenant: Some(DEFAULT_TENANT.into()),
                ..Grant::everything()
            }),
            Self::Keyed { keys, .. } => keys.grant(token, wall_clock()),
        }
    }

    /// Whether a health check, which tells nothing but that there is a gateway, needs no token.
    pub(super) fn shows_health(&self) -> bool {
        matches!(self, Self::Keyed { .. })
    }

    pub(crate) fn scheme(&self) -> &'static str {
        match self {
            Self::Keyed { transport: Transport::Tls(_), .. } => "wss",
            _ => "ws",
        }
    }

    pub(super) fn tls(&self) -> Option<&Tls> {
        match self {
            Self::Keyed { transport: Transport::Tls(tls), .. } => Some(tls),
            _ => None,
        }
    }

    /// Takes over changes of the files it was read from, for as long as it is polled.
    pub(crate) async fn keep_fresh(&self) {
        let Self::Keyed { keys, transport, .. } = self else { return };
        let certificate = async {
            if let Transport::Tls(tls) = transport {
                tls.keep_fresh().await;
            }
        };
        tokio::join!(keys.keep_fresh(), certificate);
    }

    fn follow(&self) -> Option<watch::Receiver<()>> {
        match self {
            Self::Keyed { keys, .. } => Some(keys.follow()),
            Self::Open { .. } | Self::Embedded { .. } => None,
        }
    }

    fn again(&self, grant: &Grant) -> Option<Grant> {
        match self {
            Self::Keyed { keys, .. } => keys.again(grant),
            Self::Open { .. } | Self::Embedded { .. } => Some(grant.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_tokens_only_loopback_is_listened_on() {
        for (listen, welcome) in [
            ("127.0.0.1:1", true),
            ("127.8.0.1:1", true),
            ("[::1]:1", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("0.0.0.0:1", false),
            ("[::]:1", false),
            ("192.168.1.5:1", false),
        ] {
            let listen = listen.parse().unwrap();
            let checked = Access::open().check_listen(listen);
            assert_eq!(checked.is_ok(), welcome, "{listen}");
            assert!(matches!(checked, Ok(()) | Err(GatewayError::NotLoopback { .. })));
            let keyed = |transport| Access::Keyed {
                keys: Keys::load(None, None).unwrap(),
                allow_origins: Vec::new(),
                transport,
            };
            let checked = keyed(Transport::PlainOnLoopback).check_listen(listen);
            assert!(matches!(checked, Ok(())) == welcome);
            assert!(matches!(checked, Ok(()) | Err(GatewayError::PlainText { .. })));
            assert!(keyed(Transport::PlainAnywhere).check_listen(listen).is_ok());
        }
    }
}
