use std::error::Error as StdError;
use std::fmt;

use crate::{Cause, ConnectionState};

/// What a [`Handle`](crate::Handle) could not do.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kinds a caller may want to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// As many messages, or bytes, wait to be sent as may wait. Nothing was dropped for it; try again later.
    QueueFull,
    /// The connection was closed, or was never asked for; connect first.
    Closed,
    /// The connection failed for good; the source tells why.
    Failed,
    /// The message is larger than `maxMessageOut`.
    MessageTooLarge,
    /// The message is none: its type is out of its limits, or its data cannot be written as JSON.
    InvalidMessage,
    /// The type is one of the protocol's own.
    Reserved,
    /// The connection was opened without a place to keep messages.
    NoPersistence,
    /// The message could not be kept; the source tells why. It was not sent either.
    NotKept,
    /// The server did not answer in time.
    TimedOut,
    /// A [`Middleware`](crate::Middleware) stage refused to let it out; the source tells why.
    Rejected,
}

impl Error {
    /// What to tell apart by.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    pub(crate) fn with_source(
        kind: ErrorKind,
        source: impl StdError + Send + Sync + 'static,
    ) -> Self {
        Self { kind, source: Some(Box::new(source)) }
    }

    /// What a state that takes no messages and will not become `Connected` by itself means to a caller.
    pub(crate) fn of_rest(state: &ConnectionState) -> Self {
        match state {
            ConnectionState::Failed { error } => Self::from(error.clone()),
            _ => Self::from(ErrorKind::Closed),
        }
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self { kind, source: None }
    }
}

impl From<Cause> for Error {
    fn from(cause: Cause) -> Self {
        Self::with_source(ErrorKind::Failed, cause)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ErrorKind::QueueFull => "too many messages wait to be sent; try again later",
            ErrorKind::Closed => "the connection is closed; connect first",
            ErrorKind::Failed => {
                "the connection failed for good; see to the cause and connect again"
            }
            ErrorKind::MessageTooLarge => {
                "the message is too large; send less, or raise maxMessageOut"
            }
            ErrorKind::InvalidMessage => "this is no message that can be sent",
            ErrorKind::Reserved => "this type is the protocol's own; choose another one",
            ErrorKind::NoPersistence => {
                "there is no place to keep messages; open with a persistence"
            }
            ErrorKind::NotKept => "the message could not be kept and was not sent",
            ErrorKind::TimedOut => "the server did not answer in time; try again later",
            ErrorKind::Rejected => "a stage on the way out refused the message; see the reason",
        })
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
