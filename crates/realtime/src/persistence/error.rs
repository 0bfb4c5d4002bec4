use std::error::Error as StdError;
use std::fmt;

/// What a [`Persistence`](super::Persistence) could not do.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kinds a caller may want to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// As many messages, or bytes, are kept as may be. Try again when some have been acknowledged.
    Full,
    /// An item with this id is kept already; it will be sent.
    Duplicate,
    /// The disk is full. Works again as soon as there is room.
    DiskFull,
    /// The database is damaged. It is moved aside at the next start.
    Corrupt,
    /// Another process holds the database, or more requests wait than may. Try again later.
    Busy,
    /// It was closed.
    Closed,
    /// Any other failure of reading or writing; the source tells.
    Io,
}

impl Error {
    /// Of a kind, with nothing more to say.
    #[must_use]
    pub fn new(kind: ErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Of a kind, because of another error.
    #[must_use]
    pub fn because(kind: ErrorKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind, source: Some(source.into()) }
    }

    /// What to tell apart by.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ErrorKind::Full => "the outbox is full; wait until some of it has been sent",
            ErrorKind::Duplicate => "a message with this id is in the outbox already",
            ErrorKind::DiskFull => "the disk is full; free some space",
            ErrorKind::Corrupt => "the database is damaged; start again to begin a new one",
            ErrorKind::Busy => "the database is busy; try again later",
            ErrorKind::Closed => "the outbox is closed",
            ErrorKind::Io => "the database could not be read or written",
        })
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
