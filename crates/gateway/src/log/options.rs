use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;
use url::Url;

use super::escapes::unescaped;

/// Where a gateway keeps its logs, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// Default [`Broker::Memory`].
    pub broker: Broker,
    /// How long a state message is retained. The last value of each key is kept for ever. Default 24 h.
    pub state_age: Duration,
    /// How long an event is retained, at least as long as state. Default 7 days.
    pub event_age: Duration,
    /// Bytes a tenant's log retains of state messages, and besides as many of events; on NATS of both together.
    /// Default `None`: 16 MiB in memory (see [`crate::Limits::log_bytes`]), 1 GiB otherwise.
    pub bytes: Option<u64>,
    /// A NATS credentials file (`.creds`), where the servers want one. Default `None`.
    pub nats_credentials: Option<PathBuf>,
    /// Copies of each message on a NATS cluster, 1 to 5. Default 1.
    pub replicas: u8,
}

impl LogOptions {
    pub(super) const DISK_BYTES: u64 = 1 << 30;
}

impl Default for LogOptions {
    fn default() -> Self {
        Self {
            broker: Broker::Memory,
            state_age: Duration::from_hours(24),
            event_age: Duration::from_hours(7 * 24),
            bytes: None,
            nats_credentials: None,
            replicas: 1,
        }
    }
}

/// Where messages are kept: `memory`, `sqlite:FILE` or `nats://…`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Broker {
    /// In this process, and gone with it.
    #[default]
    Memory,
    /// In this file, for this process alone.
    Sqlite(PathBuf),
    /// On NATS JetStream, which several gateways may share.
    Nats(Vec<NatsUrl>),
}

/// The address of a NATS server. Not shown whole: it may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct NatsUrl(Url);

impl NatsUrl {
    /// Where it is, without secrets.
    pub(super) fn address(&self) -> String {
        self.to_string()
    }

    /// What stands before the host.
    pub(super) fn login(&self) -> Option<Login> {
        let user = decoded(self.0.username())?;
        match self.0.password() {
            None if user.is_empty() => None,
            None => Some(Login::Token(user)),
            Some(password) => Some(Login::User { user, password: decoded(password)? }),
        }
    }
}

/// How a NATS server knows a gateway.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Login {
    Token(String),
    User { user: String, password: String },
}

/// Without the `%40` and their like, which stand for what has a meaning in an address. None for what is no text.
fn decoded(text: &str) -> Option<String> {
    unescaped(text, b'%')
}

impl fmt::Display for NatsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.0.scheme(), self.0.host_str().unwrap_or_default())?;
        self.0.port().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Debug for NatsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NatsUrl({self})")
    }
}

impl fmt::Display for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory"),
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Nats(urls) => {
                let names: Vec<_> = urls.iter().map(ToString::to_string).collect();
                f.write_str(&names.join(","))
            }
        }
    }
}

/// Not the name of a place for logs.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BrokerError {
    #[error("`{0}` is none of memory, sqlite:FILE, nats://HOST:PORT and tls://HOST:PORT")]
    Unknown(String),
    #[error("sqlite: needs a file, such as sqlite:/var/lib/vaultwatch/gateway.db")]
    NoFile,
    /// One of the addresses is none.
    #[error(
        "`{address}` is no address of a NATS server: {reason}; write it like nats://127.0.0.1:4222"
    )]
    Address { address: String, reason: String },
}

impl FromStr for Broker {
    type Err = BrokerError;

    fn from_str(text: &str) -> Result<Self, BrokerError> {
        if text == "memory" {
            return Ok(Self::Memory);
        }
        if let Some(path) = text.strip_prefix("sqlite:") {
            return match path.trim() {
                "" => Err(BrokerError::NoFile),
                path => Ok(Self::Sqlite(path.into())),
            };
        }
        if !text.starts_with("nats://") && !text.starts_with("tls://") {
            return Err(BrokerError::Unknown(text.into()));
        }
        text.split(',').map(nats_url).collect::<Result<_, _>>().map(Self::Nats)
    }
}

fn nats_url(address: &str) -> Result<NatsUrl, BrokerError> {
    let fault = |reason: &str| {
        // What stands before an @ may be a password.
        let address = address.rsplit('@').next().unwrap_or_default().into();
        BrokerError::Address { address, reason: reason.into() }
    };
    let url = Url::parse(address.trim()).map_err(|error| fault(&error.to_string()))?;
    if !matches!(url.scheme(), "nats" | "tls") {
        return Err(fault("it begins with neither nats:// nor tls://"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(fault("it names no host"));
    }
    if decoded(url.username()).is_none() || url.password().is_some_and(|p| decoded(p).is_none()) {
        return Err(fault("the login is no text: write a percent sign as %25"));
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(fault("there is something behind the port"));
    }
    Ok(NatsUrl(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_shown_without_secrets() {
        for (text, shown) in [
            ("memory", "memory"),
            ("sqlite:/var/lib/x.db", "sqlite:/var/lib/x.db"),
            ("nats://127.0.0.1:4222", "nats://127.0.0.1:4222"),
            ("nats://me:secret@a:1,tls://b", "nats://a:1,tls://b"),
        ] {
            let broker: Broker = text.parse().unwrap();
            assert_eq!(broker.to_string(), shown);
            assert!(!format!("{broker:?}").contains("secret"));
        }
    }

    #[test]
    fn logins_are_taken_out_of_addresses() {
        let check = |text: &str, expected: Option<Login>| {
            let Ok(Broker::Nats(urls)) = text.parse() else { panic!("{text}") };
            assert!(urls[0].login() == expected, "{text}");
            assert_eq!(urls[0].address(), "nats://a:1");
        };
        check("nats://a:1", None);
        check("nats://s3cret@a:1", Some(Login::Token("s3cret".into())));
        let (user, password) = ("me".to_owned(), "p@ss:%".to_owned());
        check("nats://me:p%40ss%3A%25@a:1", Some(Login::User { user, password }));
    }

    #[test]
    fn nonsense_is_named() {
        let check = |text: &str, expected: BrokerError| {
            assert_eq!(text.parse::<Broker>(), Err(expected), "{text}");
        };
        check("redis://x", BrokerError::Unknown("redis://x".into()));
        check("Memory", BrokerError::Unknown("Memory".into()));
        check("sqlite: ", BrokerError::NoFile);
        for text in
            ["nats://", "nats://a:x", "nats://me:%FF@a", "nats://a:1/stream", "nats://a,http://b"]
        {
            assert!(matches!(text.parse::<Broker>(), Err(BrokerError::Address { .. })), "{text}");
        }
        let error = "nats://me:secret@a:1/x".parse::<Broker>().unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
