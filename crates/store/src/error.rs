use std::path::PathBuf;

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
    /// The database was written by a newer version of the program.
    #[error(
        "the database is of a newer version; install that version, or choose another data folder"
    )]
    Newer,
    /// The disk is full.
    #[error("the disk is full; free some space")]
    Full,
    /// Any other failure of SQLite.
    #[error("the database failed")]
    Database,
    /// A row does not hold what it should.
    #[error("a stored notification cannot be read")]
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
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let kind = match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => StoreErrorKind::Full,
            Some(rusqlite::ErrorCode::CannotOpen | rusqlite::ErrorCode::PermissionDenied) => {
                StoreErrorKind::Open
            }
            _ => StoreErrorKind::Database,
        };
        Self::because(kind, error)
    }
}
