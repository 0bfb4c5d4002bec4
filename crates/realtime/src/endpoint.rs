mod health;
mod policy;
mod ring;

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use url::{Host, Url};

use crate::options::OptionFault;

pub use self::health::{Circuit as EndpointCircuit, EndpointHealth};
pub use self::policy::EndpointPolicy;
pub(crate) use self::ring::{EndpointRing, Standing};

/// An address to connect to. Whatever shows it leaves the query out, where keys tend to hide.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint(Arc<Parts>);

#[derive(PartialEq, Eq)]
struct Parts {
    url: Url,
    label: String,
    loopback: bool,
}

impl Endpoint {
    /// Reads `ws://host[:port]/path` or `wss://…`.
    ///
    /// # Errors
    /// The fault of the address: not a URL, another scheme, no host, or credentials within it.
    pub(crate) fn parse(text: &str) -> Result<Self, OptionFault> {
        // What was typed is not repeated in the error: it may be a secret pasted into the wrong field.
        let url = Url::parse(text).map_err(|e| OptionFault::NotUrl(e.to_string()))?;
        if !matches!(url.scheme(), "ws" | "wss") {
            return Err(OptionFault::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OptionFault::Credentials);
        }
        let loopback = match url.host() {
            None => return Err(OptionFault::NotUrl("it names no host".to_owned())),
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
        };
        let mut shown = url.clone();
        shown.set_query(None);
        shown.set_fragment(None);
        let label = shown.to_string();
        Ok(Self(Arc::new(Parts { url, label, loopback })))
    }

    /// An address as it may be shown in a log: without its query. `***` for what is no address: it may be a secret in the
    /// wrong field.
    ///
    /// ```
    /// use realtime::Endpoint;
    ///
    /// assert_eq!(Endpoint::shown("wss://feed.example/ws?key=hush"), "wss://feed.example/ws");
    /// assert_eq!(Endpoint::shown("wss://me:hush@feed.example/ws"), "***");
    /// ```
    #[must_use]
    pub fn shown(address: &str) -> String {
        Self::parse(address).map_or_else(|_| "***".to_owned(), |endpoint| endpoint.to_string())
    }

    /// Whether the address never leaves this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.0.loopback
    }

    /// Whether the bytes are encrypted on the way.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.0.url.scheme() == "wss"
    }

    /// The host without brackets, as a resolver or a certificate wants it.
    #[must_use]
    pub fn host(&self) -> String {
        match self.0.url.host() {
            Some(Host::Ipv6(ip)) => ip.to_string(),
            Some(host) => host.to_string(),
            None => String::new(),
        }
    }

    /// The port given, or the scheme's own.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.url.port_or_known_default().unwrap_or(443)
    }

    /// Whether this address, as a person wrote it, is shown like this one: queries aside.
    pub(crate) fn is_shown_as(&self, address: &str) -> bool {
        Self::parse(address).is_ok_and(|other| other.0.label == self.0.label)
    }

    /// The whole address, query included, for the upgrade request.
    pub(crate) fn request_target(&self) -> &str {
        self.0.url.as_str()
    }

    pub(crate) fn url(&self) -> Url {
        self.0.url.clone()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.label)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({})", self.0.label)
    }
}

impl Serialize for Endpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_has_no_query() {
        let endpoint = Endpoint::parse("wss://feed.example:8443/ws?key=hush#x").unwrap();
        assert_eq!(endpoint.to_string(), "wss://feed.example:8443/ws");
        assert!(!format!("{endpoint:?}").contains("hush"));
        assert!(endpoint.request_target().contains("key=hush"));
    }

    #[test]
    fn an_address_is_known_again_however_it_is_written() {
        let endpoint = Endpoint::parse("wss://feed.example?key=hush").unwrap();
        for same in ["wss://feed.example", "wss://feed.example:443/", "wss://Feed.Example/?key=2"] {
            assert!(endpoint.is_shown_as(same), "{same}");
        }
        for other in ["ws://feed.example", "wss://feed.example/ws", "feed.example"] {
            assert!(!endpoint.is_shown_as(other), "{other}");
        }
    }

    #[test]
    fn an_address_with_credentials_is_refused_without_repeating_them() {
        let fault = Endpoint::parse("wss://me:hush@feed.example/").unwrap_err();
        assert_eq!(fault, OptionFault::Credentials);
        assert!(!fault.to_string().contains("hush"));
    }

    #[test]
    fn loopback_is_told_apart() {
        for (url, expected) in [
            ("ws://localhost:1/", true),
            ("ws://127.9.0.1/", true),
            ("ws://[::1]:1/", true),
            ("ws://localhost.example/", false),
            ("ws://10.0.0.1/", false),
        ] {
            assert_eq!(Endpoint::parse(url).unwrap().is_loopback(), expected, "{url}");
        }
    }
}
