use std::time::Duration;

use serde::Serialize;
use thiserror::Error;

use crate::transport::{ConnectPhase, ConnectPhases};
use crate::{ProtocolFault, millis};

/// Why a connection ended, or an attempt to make one failed.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum Cause {
    /// An attempt did not become a connection.
    #[error(transparent)]
    Connect(ConnectError),
    /// The server closed it with a close frame, which had this code, or none, and this reason, which may be empty.
    #[error("the server closed the connection{}{}", shown_code(*code), shown_reason(reason))]
    ServerClosed { code: Option<u16>, reason: String },
    /// The connection broke without a close frame; `reason` is the operating system's word.
    #[error("the connection was lost: {reason}")]
    Lost { reason: String },
    /// No byte came in within the heartbeat's grace.
    #[error("the server gave no sign of life; the connection is made anew")]
    HeartbeatTimeout,
    /// No byte came in after the machine woke up or the network changed.
    #[error("the connection did not survive sleep or a change of network")]
    ProbeTimeout,
    /// A frame came in that the protocol has no way past.
    #[error("{fault}; the connection has to be made anew")]
    Frame { fault: FrameFault },
    /// The server broke the rules of `vaultwatch.v1` in a way there is no going on from.
    #[error("{fault}; the connection has to be made anew")]
    Protocol { fault: ProtocolFault },
    /// `protocol` is `v1`, and the server did not select `vaultwatch.v1`.
    #[error(
        "the server does not speak {name}, which the option `protocol` demands; set it to `auto`, or update the server",
        name = wire::control::V1
    )]
    NotV1,
    /// The operating system told of the loss of the network.
    #[error("the network is gone; connecting again when it is back")]
    NetworkLost,
    /// `maxReconnectAttempts` was reached: as many attempts failed in a row, the last one of `last`.
    #[error("gave up after {attempts} attempts to reconnect; the last one: {last}")]
    AttemptsExhausted { attempts: u32, last: Box<Self> },
}

fn shown_code(code: Option<u16>) -> String {
    code.map(|code| format!(" with code {code}")).unwrap_or_default()
}

fn shown_reason(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(" ({reason})") }
}

/// A frame that ends the connection, because what follows it cannot be found any more.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum FrameFault {
    /// It is larger than `maxMessageIn`; both in bytes.
    #[error("a message of {size} bytes came in, {limit} are allowed")]
    TooLarge { size: usize, limit: usize },
    /// A text frame with other bytes than UTF-8.
    #[error("a text frame came in that is not UTF-8")]
    NotUtf8,
    /// What came is no WebSocket frame, or none that may come there.
    #[error("the server broke the WebSocket protocol: {reason}")]
    Protocol { reason: String },
}

impl FrameFault {
    /// The close code that tells the server why we leave.
    #[must_use]
    pub fn close_code(&self) -> u16 {
        match self {
            Self::TooLarge { .. } => 1009,
            Self::NotUtf8 => 1007,
            Self::Protocol { .. } => 1002,
        }
    }
}

/// An attempt that did not become a connection.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize)]
#[error("{}: {detail}{}", kind.what(), kind.remedy())]
pub struct ConnectError {
    /// What did not work.
    pub kind: ConnectErrorKind,
    /// The same for people, in more words: an address, the operating system's reason. It holds no secret.
    pub detail: String,
    /// How long the server asked us to stay away.
    #[serde(rename = "retryAfterMs", serialize_with = "millis::optional::serialize")]
    pub retry_after: Option<Duration>,
    /// The phase it failed in, where it is known.
    pub phase: Option<ConnectPhase>,
    /// Those that were done, and how long they took.
    pub phases: Box<ConnectPhases>,
}

impl ConnectError {
    /// Of a kind, with more words for people; no phase and no hint are known.
    #[must_use]
    pub fn new(kind: ConnectErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), retry_after: None, phase: None, phases: Box::default() }
    }

    /// The phase it failed in; one that is known already stays.
    #[must_use]
    pub fn at_phase(mut self, phase: ConnectPhase) -> Self {
        self.phase = self.phase.or(Some(phase));
        self
    }
}

/// The step that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum ConnectErrorKind {
    /// The host has no address.
    Dns,
    /// Nothing answers there.
    Tcp,
    /// `connectTimeout` passed.
    Timeout,
    /// The proxy on the way refused, or is none.
    Proxy,
    /// The certificate does not verify.
    Certificate,
    /// TLS failed in another way.
    Tls,
    /// The server answered with another status than 101.
    Http { status: u16 },
    /// The answer was no valid upgrade.
    Upgrade,
    /// There is no token to connect with.
    Token,
}

impl ConnectErrorKind {
    fn what(self) -> String {
        match self {
            Self::Dns => "the server's name was not found".into(),
            Self::Tcp => "the server cannot be reached".into(),
            Self::Timeout => "the server did not answer in time".into(),
            Self::Proxy => "there is no way through the proxy".into(),
            Self::Certificate => "the server's certificate does not verify".into(),
            Self::Tls => "no encrypted connection was possible".into(),
            Self::Http { status } => format!("the server answered {status}"),
            Self::Token => "there is no token to connect with".into(),
            Self::Upgrade => "what answered is no WebSocket server".into(),
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::Proxy => "; check the option proxy, or the system's proxy variables",
            Self::Http { status: 401 } => "; check the token",
            Self::Http { status: 403 } => "; the token has no right to this address",
            Self::Http { status: 404 | 410 } | Self::Upgrade => "; check the address and its path",
            Self::Http { status: 426 } => "; the server wants another version of the protocol",
            _ => "",
        }
    }
}

/// Causes without their details, to count by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the `Cause`, or the `ConnectErrorKind`, of the same name")]
pub enum CauseKind {
    Dns,
    Tcp,
    Timeout,
    Proxy,
    Certificate,
    Tls,
    Http,
    Upgrade,
    Token,
    ServerClosed,
    Lost,
    HeartbeatTimeout,
    ProbeTimeout,
    Frame,
    Protocol,
    NotV1,
    NetworkLost,
    AttemptsExhausted,
}

impl CauseKind {
    pub(crate) const ALL: [Self; 18] = [
        Self::Dns,
        Self::Tcp,
        Self::Timeout,
        Self::Proxy,
        Self::Certificate,
        Self::Tls,
        Self::Http,
        Self::Upgrade,
        Self::Token,
        Self::ServerClosed,
        Self::Lost,
        Self::HeartbeatTimeout,
        Self::ProbeTimeout,
        Self::Frame,
        Self::Protocol,
        Self::NotV1,
        Self::NetworkLost,
        Self::AttemptsExhausted,
    ];
}

impl Cause {
    /// What to count it as.
    #[must_use]
    pub fn kind(&self) -> CauseKind {
        match self {
            Self::Connect(error) => match error.kind {
                ConnectErrorKind::Dns => CauseKind::Dns,
                ConnectErrorKind::Tcp => CauseKind::Tcp,
                ConnectErrorKind::Timeout => CauseKind::Timeout,
                ConnectErrorKind::Proxy => CauseKind::Proxy,
                ConnectErrorKind::Certificate => CauseKind::Certificate,
                ConnectErrorKind::Tls => CauseKind::Tls,
                ConnectErrorKind::Http { .. } => CauseKind::Http,
                ConnectErrorKind::Upgrade => CauseKind::Upgrade,
                ConnectErrorKind::Token => CauseKind::Token,
            },
            Self::ServerClosed { .. } => CauseKind::ServerClosed,
            Self::Lost { .. } => CauseKind::Lost,
            Self::HeartbeatTimeout => CauseKind::HeartbeatTimeout,
            Self::ProbeTimeout => CauseKind::ProbeTimeout,
            Self::Frame { .. } => CauseKind::Frame,
            Self::Protocol { .. } => CauseKind::Protocol,
            Self::NotV1 => CauseKind::NotV1,
            Self::NetworkLost => CauseKind::NetworkLost,
            Self::AttemptsExhausted { .. } => CauseKind::AttemptsExhausted,
        }
    }

    /// How long the server asked us to stay away, where it did.
    pub(crate) fn retry_hint(&self) -> Option<Duration> {
        match self {
            Self::Connect(error) => error.retry_after,
            _ => None,
        }
    }
}
