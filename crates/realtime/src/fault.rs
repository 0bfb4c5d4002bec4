use serde::Serialize;
use smol_str::SmolStr;
use thiserror::Error;

/// What a server of `vaultwatch.v1` did that it must not. Told once each time, as
/// [`Event::ProtocolFault`](crate::Event::ProtocolFault).
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "a variant says what its fields are; `ty` is the type of a message"
)]
pub enum ProtocolFault {
    /// No `welcome` came in time. Ends the session.
    #[error("the server did not answer `hello` in time")]
    WelcomeOverdue,
    /// Its `welcome` is none. Ends the session.
    #[error("the server's `welcome` cannot be understood: {reason}")]
    BadWelcome { reason: String },
    /// Something else came before `welcome`. Ignored.
    #[error("`{ty}` came before `welcome`")]
    Early { ty: SmolStr },
    /// A second `welcome`. Ends the session: it is unclear what counts.
    #[error("the server sent `welcome` twice")]
    WelcomeTwice,
    /// `resumed` is true for another log, for no position at all, or for one beyond the log's head. The position is
    /// forgotten and the session ended, so that the next one begins with a snapshot.
    #[error("the server claims to resume at {asked:?}, but its log is at {epoch}:{head}")]
    FalseResume { asked: Option<u64>, epoch: SmolStr, head: u64 },
    /// Another number of missed messages than announced. Counted only: whether one is missing is what `prev` tells.
    #[error("the server announced {announced} missed messages and sent {sent}")]
    ReplayCount { announced: u64, sent: u64 },
    /// Its heartbeat makes no sense and was clamped.
    #[error("the server wants a heartbeat after {heartbeat_ms} ms and {grace_ms} ms of grace")]
    Heartbeat { heartbeat_ms: u64, grace_ms: u64 },
    /// It compresses with what nobody offered. Ends the session.
    #[error("the server wants to compress with what was not offered")]
    Compression,
    /// No `resumed` came in time. Ends the session.
    #[error("the server did not answer `resume` in time")]
    ResumeOverdue,
    /// It resumed at another position than it was asked for. Ends the session.
    #[error("the server was asked to resume at {asked} and did at {offset}")]
    ResumedElsewhere { asked: u64, offset: u64 },
    /// Its positions do not fit together again and again. Ends the session, with back-off.
    #[error("the server's positions did not fit {count} times within a minute")]
    ResyncLoop { count: u32 },
    /// A message of the protocol that nothing asked for. Ignored.
    #[error("the server sent `{ty}`, which nothing asked for")]
    Unexpected { ty: SmolStr },
    /// An application message without a place in the log, where it could not be resynchronised either. Delivered.
    #[error("`{ty}` came without a place in the log")]
    NoPlace { ty: SmolStr },
    /// What a [`Dialect`](crate::Dialect) made of it. Ends the session.
    #[error("the talk with the server failed: {reason}")]
    Dialect { reason: String },
    /// It resumed at a position of another log, so that there is no way to get a snapshot from it. State is what comes
    /// from now on.
    #[error("the server resumes at a position of another log, and gives no snapshot")]
    NoSnapshot,
    /// A snapshot that ends before where the connection already was. The later position counts.
    #[error("the server went back from {from} to {to}")]
    Backwards { from: u64, to: u64 },
}
