//! Which proxy stands between us and an endpoint, and how it is asked.

use std::fmt;
use std::net::IpAddr;

use data_encoding::BASE64;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_socks::tcp::Socks5Stream;
use url::{Host, Url};

use super::phases::ConnectPhase;
use crate::{ConnectError, ConnectErrorKind, Endpoint};

/// Most bytes of a proxy's answer.
const HEAD_LIMIT: usize = 16 * 1024;

/// A proxy. Shown without its credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    kind: ProxyKind,
    host: String,
    port: u16,
    credentials: Option<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ProxyKind {
    /// HTTP `CONNECT`.
    Http,
    /// SOCKS5. It looks the name up, so that a name only it knows works, and ours does not leak to a resolver.
    Socks5,
}

impl Proxy {
    /// Reads `http://[user:password@]host[:port]` or `socks5://…` (`socks5h` and `socks` are the same).
    ///
    /// # Errors
    /// What is wrong, without repeating any of it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        // Variables often hold `host:port` alone.
        let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = Url::parse(&full).map_err(|_| "it is no address")?;
        let (kind, port) = match url.scheme() {
            "http" => (ProxyKind::Http, 80),
            "socks5" | "socks5h" | "socks" => (ProxyKind::Socks5, 1080),
            "https" => return Err("proxies that are spoken to over TLS are not supported"),
            _ => return Err("its scheme is neither http nor socks5"),
        };
        let host = match url.host() {
            Some(Host::Ipv6(ip)) => ip.to_string(),
            Some(host) if !host.to_string().is_empty() => host.to_string(),
            _ => return Err("it names no host"),
        };
        let credentials = if url.username().is_empty() {
            None
        } else {
            let plain = |text| unescape(text).ok_or("its credentials are not UTF-8");
            Some((plain(url.username())?, plain(url.password().unwrap_or_default())?))
        };
        if let Some((user, password)) = &credentials
            && (user.len() > 255 || password.len() > 255 || user.contains(':'))
        {
            return Err("its credentials cannot be sent: up to 255 bytes each, no `:` in the name");
        }
        Ok(Self { kind, host, port: url.port().unwrap_or(port), credentials })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> (&str, u16) {
        (&self.host, self.port)
    }

    /// Has the proxy connect the stream with the endpoint.
    pub(super) async fn tunnel(
        &self,
        endpoint: &Endpoint,
        tcp: TcpStream,
    ) -> Result<TcpStream, ConnectError> {
        match self.kind {
            ProxyKind::Http => self.http_connect(endpoint, tcp).await,
            ProxyKind::Socks5 => self.socks5(endpoint, tcp).await,
        }
    }

    fn fault(&self, detail: impl fmt::Display) -> ConnectError {
        let detail = format!("proxy {self}: {detail}");
        ConnectError::new(ConnectErrorKind::Proxy, detail).at_phase(ConnectPhase::Proxy)
    }

    async fn http_connect(
        &self,
        endpoint: &Endpoint,
        mut tcp: TcpStream,
    ) -> Result<TcpStream, ConnectError> {
        let host = endpoint.host();
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        let target = format!("{host}:{}", endpoint.port());
        let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
        if let Some((user, password)) = &self.credentials {
            let basic = BASE64.encode(format!("{user}:{password}").as_bytes());
            request.push_str(&format!("Proxy-Authorization: Basic {basic}\r\n"));
        }
        request.push_str("\r\n");
        let io = |error: std::io::Error| self.fault(error);
        tcp.write_all(request.as_bytes()).await.map_err(io)?;
        // Byte by byte: what follows the head belongs to the server, and there is nothing to put it back into.
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() == HEAD_LIMIT {
                return Err(self.fault("its answer is too long; it is no HTTP proxy"));
            }
            match tcp.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return Err(self.fault("it hung up; is it an HTTP proxy?")),
            }
        }
        let line = String::from_utf8_lossy(&head);
        let line = line.lines().next().unwrap_or_default();
        let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
        match status.and_then(|status| status.parse::<u16>().ok()) {
            Some(200..=299) => Ok(tcp),
            Some(407) => Err(self.fault("it wants a user and a password (407), or others")),
            Some(status) => Err(self.fault(format!("it refused with {status} to go to {target}"))),
            None => Err(self.fault("its answer is no HTTP; is it a SOCKS proxy?")),
        }
    }

    async fn socks5(&self, endpoint: &Endpoint, tcp: TcpStream) -> Result<TcpStream, ConnectError> {
        use tokio_socks::Error as E;
        let host = endpoint.host();
        let target = (host.as_str(), endpoint.port());
        let connected = match &self.credentials {
            Some((user, password)) => {
                Socks5Stream::connect_with_password_and_socket(tcp, target, user, password).await
            }
            None => Socks5Stream::connect_with_socket(tcp, target).await,
        };
        connected.map(Socks5Stream::into_inner).map_err(|error| match error {
            E::PasswordAuthFailure(_) | E::NoAcceptableAuthMethods | E::AuthorizationRequired => {
                self.fault("it wants a user and a password, or others")
            }
            // The library's own words for the rest hold none of what was sent.
            error => self.fault(error),
        })
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.kind {
            ProxyKind::Http => "http",
            ProxyKind::Socks5 => "socks5",
        };
        if self.host.contains(':') {
            return write!(f, "{scheme}://[{}]:{}", self.host, self.port);
        }
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| (byte? as char).to_digit(16);
        match byte {
            // Whole pairs only: the parser of URLs lets a lone `%` through.
            b'%' => {
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                bytes.push(u8::try_from(high * 16 + low).ok()?);
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

/// What decides on the proxy of an endpoint.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    plain: Option<Result<Proxy, &'static str>>,
    tls: Option<Result<Proxy, &'static str>>,
    exceptions: Exceptions,
}

impl Proxies {
    /// One proxy for everything, or `direct` for none.
    ///
    /// # Errors
    /// Those of [`Proxy::parse`].
    pub fn chosen(text: &str) -> Result<Self, &'static str> {
        if text == "direct" {
            return Ok(Self::default());
        }
        let proxy = Some(Ok(Proxy::parse(text)?));
        Ok(Self { plain: proxy.clone(), tls: proxy, exceptions: Exceptions::default() })
    }

    /// What the variables say: `HTTPS_PROXY` for `wss://`, `http_proxy` for `ws://`, `ALL_PROXY` for what has none of
    /// its own, `NO_PROXY` for exceptions. Lower case goes before upper case. `HTTP_PROXY` in upper case is not read:
    /// under CGI it is a header that a stranger sent.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let read = |names: &[&str]| {
            let value = names.iter().find_map(|name| variable(name).filter(|v| !v.is_empty()));
            value.map(|text| Proxy::parse(text.trim()))
        };
        let exceptions = ["no_proxy", "NO_PROXY"].iter().find_map(|name| variable(name));
        Self {
            plain: read(&["http_proxy", "all_proxy", "ALL_PROXY"]),
            tls: read(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            exceptions: Exceptions::parse(&exceptions.unwrap_or_default()),
        }
    }

    /// The proxy for an endpoint, if it needs one. Loopback never does.
    ///
    /// # Errors
    /// A variable that is no proxy, which is only wrong where it would be used.
    pub fn of(&self, endpoint: &Endpoint) -> Result<Option<&Proxy>, &'static str> {
        if endpoint.is_loopback() || self.exceptions.contain(&endpoint.host(), endpoint.port()) {
            return Ok(None);
        }
        let proxy = if endpoint.is_tls() { &self.tls } else { &self.plain };
        match proxy {
            None => Ok(None),
            Some(Ok(proxy)) => Ok(Some(proxy)),
            Some(Err(reason)) => Err(reason),
        }
    }
}

/// `NO_PROXY`: names with all that lies below them, addresses, networks (`10.0.0.0/8`), `*`; each with `:port` if only
/// that one is meant.
#[derive(Clone, Debug, Default)]
struct Exceptions(Vec<(Pattern, Option<u16>)>);

#[derive(Clone, Debug)]
enum Pattern {
    Everything,
    Domain(String),
    Network(IpAddr, u32),
}

impl Exceptions {
    fn parse(text: &str) -> Self {
        let parts = text.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty());
        Self(parts.filter_map(pattern).collect())
    }

    fn contain(&self, host: &str, port: u16) -> bool {
        let address = host.parse::<IpAddr>().ok();
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.0.iter().any(|(pattern, only)| {
            only.is_none_or(|only| only == port)
                && match (pattern, address) {
                    (Pattern::Everything, _) => true,
                    (Pattern::Domain(name), None) => {
                        let above = host.strip_suffix(name.as_str());
                        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
                    }
                    (Pattern::Network(net, bits), Some(address)) => within(*net, *bits, address),
                    _ => false,
                }
        })
    }
}

fn pattern(text: &str) -> Option<(Pattern, Option<u16>)> {
    if text == "*" {
        return Some((Pattern::Everything, None));
    }
    if let Some((network, bits)) = text.split_once('/') {
        let network: IpAddr = network.trim_matches(['[', ']']).parse().ok()?;
        let most = if network.is_ipv4() { 32 } else { 128 };
        let bits = bits.parse().ok().filter(|bits| *bits <= most)?;
        return Some((Pattern::Network(network, bits), None));
    }
    let whole = |ip: IpAddr| Pattern::Network(ip, if ip.is_ipv4() { 32 } else { 128 });
    if let Ok(ip) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Some((whole(ip), None));
    }
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) => (name, Some(port.parse().ok()?)),
        None => (text, None),
    };
    if let Ok(ip) = name.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Some((whole(ip), port));
    }
    let name = name.trim_start_matches("*.").trim_matches('.').to_ascii_lowercase();
    (!name.is_empty()).then_some((Pattern::Domain(name), port))
}

fn within(network: IpAddr, bits: u32, address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let differ = u32::from(network) ^ u32::from(address);
            differ.checked_shr(32 - bits).unwrap_or(0) == 0
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let differ = u128::from(network) ^ u128::from(address);
            differ.checked_shr(128 - bits).unwrap_or(0) == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_read_and_shown_without_their_credentials() {
        let shown = |text| Proxy::parse(text).map(|proxy| format!("{proxy} {proxy:?}"));
        for (text, expected) in [
            ("http://me:hush@proxy.example:3128", "http://proxy.example:3128"),
            ("proxy.example:3128", "http://proxy.example:3128"),
            ("socks5h://proxy.example", "socks5://proxy.example:1080"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
        ] {
            assert_eq!(shown(text), Ok(format!("{expected} Proxy({expected})")));
        }
        for text in ["", "ftp://p:1", "https://p:1", "http://%ff@p", "http://a%3ab@p"] {
            assert!(shown(text).is_err(), "{text}");
        }
        let escaped = Proxy::parse("http://a%40b:p%3Aw@p").unwrap();
        assert_eq!(escaped.credentials, Some(("a@b".into(), "p:w".into())));
    }

    #[test]
    fn exceptions() {
        for (list, host, port, expected) in [
            ("example.com", "example.com", 443, true),
            ("example.com", "EXAMPLE.com.", 443, true),
            (".example.com", "a.example.com", 443, true),
            ("*.example.com", "a.b.example.com", 443, true),
            ("example.com", "badexample.com", 443, false),
            ("example.com", "example.com.evil", 443, false),
            ("example.com:443", "example.com", 443, true),
            ("example.com:443", "example.com", 8443, false),
            ("a, example.com ,b", "example.com", 1, true),
            ("a example.com", "example.com", 1, true),
            ("*", "anything", 1, true),
            ("10.0.0.0/8", "10.200.1.1", 1, true),
            ("10.0.0.0/8", "11.0.0.1", 1, false),
            ("10.1.2.3", "10.1.2.3", 1, true),
            ("10.1.2.3:80", "10.1.2.3", 81, false),
            ("0.0.0.0/0", "8.8.8.8", 1, true),
            ("10.0.0.0/33", "10.0.0.0", 1, false),
            ("fd00::/8", "fd12::1", 1, true),
            ("[2001:db8::1]:443", "2001:db8::1", 443, true),
            ("2001:db8::1", "2001:db8::2", 443, false),
            ("0.0.0.1", "example.0.0.0.1.com", 1, false),
            ("", "example.com", 1, false),
        ] {
            assert_eq!(
                Exceptions::parse(list).contain(host, port),
                expected,
                "{list}: {host}:{port}"
            );
        }
    }

    #[test]
    fn the_variables() {
        let of = |variables: &[(&str, &str)], url: &str| {
            let proxies = Proxies::from_variables(|name| {
                variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned())
            });
            let endpoint = Endpoint::parse(url).unwrap();
            proxies.of(&endpoint).map(|proxy| proxy.map(|proxy| proxy.host.clone()))
        };
        let (wss, ws) = ("wss://feed.example/", "ws://feed.example/");
        let some = |host: &str| Ok(Some(host.to_owned()));
        assert_eq!(of(&[("HTTPS_PROXY", "http://a")], wss), some("a"));
        assert_eq!(of(&[("HTTPS_PROXY", "http://a"), ("https_proxy", "http://b")], wss), some("b"));
        assert_eq!(of(&[("HTTPS_PROXY", "http://a")], ws), Ok(None));
        assert_eq!(of(&[("http_proxy", "http://a")], ws), some("a"));
        assert_eq!(of(&[("HTTP_PROXY", "http://a")], ws), Ok(None), "a header under CGI");
        assert_eq!(of(&[("ALL_PROXY", "socks5://a")], wss), some("a"));
        assert_eq!(of(&[("https_proxy", ""), ("all_proxy", "socks5://a")], wss), some("a"));
        assert_eq!(of(&[("HTTPS_PROXY", "http://a"), ("NO_PROXY", "example")], wss), Ok(None));
        for loopback in ["wss://localhost/", "wss://127.0.0.1/", "wss://[::1]/"] {
            assert_eq!(of(&[("HTTPS_PROXY", "http://a")], loopback), Ok(None));
        }
        assert!(of(&[("HTTPS_PROXY", "ftp://a")], wss).is_err());
        assert!(of(&[("HTTPS_PROXY", "ftp://a")], ws).is_ok(), "wrong only where it is used");
    }
}
