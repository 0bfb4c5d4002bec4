use std::path::PathBuf;

use realtime::persistence;
use rusqlite::ErrorCode;
use thiserror::Error;

/// A write or read that did not happen.
#[derive(Debug, Error)]
#[error("{kind}{}", path.as_ref().map(|p| format!(" ({})", p.display())).unwrap_or_default())]
pub struct StoreError {
    pub kind: StoreErrorKind,
    pub path: Option<PathBuf>,
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StoreErrorKind {
    /// The folder or the file cannot be made or opened: check its permissions.
    #[error("the database cannot be opened; check the folder's permissions and free space")]
    Open,
    /// The database was written by a newer version of the program. It was not touched.
    #[error(
        "the database is of a newer version; install that version, or choose another data folder"
    )]
    Newer,
    /// The database was written by an older version of the program, and only looking is no reason to change it.
    #[error("the database is of an older version; start VaultWatch once to bring it up to date")]
    Older,
    /// Another process owns the outbox for as long as it runs.
    #[error("another process uses the outbox; end it, or choose another data folder or profile")]
    InUse,
    /// Another process held the database for too long, or more requests wait than may.
    #[error("the database is busy; try again, or end the other program that uses it")]
    Busy,
    /// The disk is full. It works again as soon as there is room.
    #[error("the disk is full; free some space")]
    Full,
    /// As much is in the outbox as its bounds allow.
    #[error("the outbox is full; wait until some of it was sent, or discard parked messages")]
    OutboxFull,
    /// A message with this id is in the outbox already.
    #[error("a message with this id is in the outbox already")]
    Duplicate,
    /// The database is damaged. It is set aside when it is opened the next time.
    #[error("the database is damaged; start again to begin with a new one")]
    Corrupt,
    /// Any other failure of SQLite.
    #[error("the database failed")]
    Database,
    /// A row does not hold what it should.
    #[error("something stored cannot be read")]
    Malformed,
    /// The store was closed, or its thread died.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    pub(crate) fn new(kind: StoreErrorKind) -> Self {
        Self { kind, path: None, source: None }
    }

    pub(crate) fn because(
        kind: StoreErrorKind,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { kind, path: None, source: Some(source.into()) }
    }

    pub(crate) fn at(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The same error for another of those it struck; the source as text.
    pub(crate) fn again(&self) -> Self {
        let source = self.source.as_ref().map(|source| source.to_string().into());
        Self { kind: self.kind, path: self.path.clone(), source }
    }
}

impl From<StoreErrorKind> for StoreError {
    fn from(kind: StoreErrorKind) -> Self {
        Self::new(kind)
    }
}

/// `SQLITE_IOERR_SHMSIZE`: no room for the index of the log, which is how a full disk shows first.
const NO_ROOM_FOR_INDEX: i32 = 10 | (19 << 8);

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error().copied();
        let kind = match code.map(|code| (code.code, code.extended_code)) {
            Some((ErrorCode::DiskFull, _) | (_, NO_ROOM_FOR_INDEX)) => StoreErrorKind::Full,
            Some((ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _)) => StoreErrorKind::Busy,
            Some((ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _)) => {
                StoreErrorKind::Corrupt
            }
            Some((
                ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly,
                _,
            )) => StoreErrorKind::Open,
            _ => StoreErrorKind::Database,
        };
        Self::because(kind, error)
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::StorageFull => StoreErrorKind::Full,
            _ => StoreErrorKind::Open,
        };
        Self::because(kind, error)
    }
}

impl From<StoreError> for persistence::Error {
    fn from(error: StoreError) -> Self {
        use persistence::ErrorKind;
        let kind = match error.kind {
            StoreErrorKind::OutboxFull => ErrorKind::Full,
            StoreErrorKind::Duplicate => ErrorKind::Duplicate,
            StoreErrorKind::Full => ErrorKind::DiskFull,
            StoreErrorKind::Corrupt | StoreErrorKind::Malformed => ErrorKind::Corrupt,
            StoreErrorKind::Busy | StoreErrorKind::InUse => ErrorKind::Busy,
            StoreErrorKind::Closed => ErrorKind::Closed,
            StoreErrorKind::Open
            | StoreErrorKind::Newer
            | StoreErrorKind::Older
            | StoreErrorKind::Database => ErrorKind::Io,
        };
        Self::because(kind, error)
    }
}
