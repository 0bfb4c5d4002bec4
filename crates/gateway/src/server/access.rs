use std::fmt;
use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, StatusCode, header};
use subtle::ConstantTimeEq;
use thiserror::Error;
use url::Url;

use super::hub::DEFAULT_TENANT;
use crate::GatewayError;

/// Who may talk to a gateway. Either way it listens on loopback only.
#[derive(Clone, Debug)]
pub enum Access {
    /// Every program of this machine. Web pages only if their origin is listed: a browser lets any page open a
    /// WebSocket to loopback, so an origin is the one sign that tells it from a program.
    Open { allow_origins: Vec<Origin> },
    /// Who knows the token, and no web page at all.
    Embedded { token: Token },
}

impl Access {
    /// Every program of this machine, no web page.
    #[must_use]
    pub fn open() -> Self {
        Self::Open { allow_origins: Vec::new() }
    }

    pub(crate) fn check_listen(&self, listen: SocketAddr) -> Result<(), GatewayError> {
        let ip = match listen.ip() {
            IpAddr::V6(ip) => ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4),
            ip @ IpAddr::V4(_) => ip,
        };
        if ip.is_loopback() { Ok(()) } else { Err(GatewayError::NotLoopback { listen }) }
    }

    /// # Errors
    /// 403 for a web page that is not welcome, 401 for a missing or wrong token.
    pub(super) fn check_request(&self, headers: &HeaderMap) -> Result<(), StatusCode> {
        let origin = headers.get(header::ORIGIN);
        match self {
            Self::Open { allow_origins } => match origin {
                None => Ok(()),
                Some(origin) => {
                    let origin = origin.to_str().ok().and_then(|text| text.parse().ok());
                    let welcome = origin.is_some_and(|origin| allow_origins.contains(&origin));
                    if welcome { Ok(()) } else { Err(StatusCode::FORBIDDEN) }
                }
            },
            Self::Embedded { .. } if origin.is_some() => Err(StatusCode::FORBIDDEN),
            Self::Embedded { token } => {
                let given = headers.get(header::AUTHORIZATION).map_or(&b""[..], |v| v.as_bytes());
                let (scheme, given) = given.split_at_checked(7).unwrap_or((given, b""));
                let bearer = scheme.eq_ignore_ascii_case(b"bearer ");
                if bearer && token.matches(given) { Ok(()) } else { Err(StatusCode::UNAUTHORIZED) }
            }
        }
    }

    /// Whether these words open this gateway: a token sent within a connection.
    pub(super) fn accepts(&self, given: &[u8]) -> bool {
        match self {
            Self::Open { .. } => true,
            Self::Embedded { token } => token.matches(given),
        }
    }

    /// Whether a tenant of this name may be asked for. The embedded gateway serves one application.
    pub(super) fn admits(&self, tenant: &str) -> bool {
        match self {
            Self::Open { .. } => true,
            Self::Embedded { .. } => tenant == DEFAULT_TENANT,
        }
    }
}

/// A bearer token. Not shown by `Debug`.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// 256 bits from the operating system, as hexadecimal digits.
    ///
    /// # Errors
    /// [`GatewayError::Random`] when it has none.
    pub fn random() -> Result<Self, GatewayError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(GatewayError::Random)?;
        Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In the same time whatever is given, its length apart.
    fn matches(&self, given: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(given).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The origin of a web page: scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// Not the URL of a web page's origin.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no origin of a web page: write it like https://desk.example or http://localhost:8080"
)]
pub struct OriginError(String);

impl std::str::FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let error = || OriginError(text.into());
        let url = Url::parse(text).map_err(|_| error())?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() {
            return Err(error());
        }
        Ok(Self(url.origin().ascii_serialization()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_compared_as_browsers_write_them() {
        let check = |a: &str, b: &str| assert_eq!(a.parse::<Origin>(), b.parse::<Origin>(), "{a}");
        check("https://Desk.Example", "https://desk.example:443/");
        check("http://localhost:8080", "http://localhost:8080/");
        for bad in ["null", "*", "desk.example", "https://desk.example/page", "file:///x", ""] {
            assert_eq!(bad.parse::<Origin>(), Err(OriginError(bad.into())));
        }
    }

    #[test]
    fn only_loopback_is_listened_on() {
        for (listen, welcome) in [
            ("127.0.0.1:1", true),
            ("127.8.0.1:1", true),
            ("[::1]:1", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("0.0.0.0:1", false),
            ("[::]:1", false),
            ("192.168.1.5:1", false),
        ] {
            let checked = Access::open().check_listen(listen.parse().unwrap());
            assert_eq!(checked.is_ok(), welcome, "{listen}");
            assert!(matches!(checked, Ok(()) | Err(GatewayError::NotLoopback { .. })));
        }
    }

    #[test]
    fn tokens_differ_and_stay_out_of_logs() {
        let (a, b) = (Token::random().unwrap(), Token::random().unwrap());
        assert_ne!(a.as_str(), b.as_str());
        assert_eq!(a.as_str().len(), 64);
        assert!(!format!("{a:?}").contains(a.as_str()));
        assert!(a.matches(a.as_str().as_bytes()) && !a.matches(b.as_str().as_bytes()));
        assert!(!a.matches(b"") && !a.matches(&a.as_str().as_bytes()[..63]));
    }
}
