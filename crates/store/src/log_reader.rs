use std::path::Path;

use rusqlite::Connection;

use crate::{LogQuery, Logged, StoreError, alert_log, database, migration};

/// The alert log of a profile, to be read beside the process that writes it.
#[derive(Debug)]
pub struct LogReader {
    connection: Connection,
}

impl LogReader {
    /// Opens `vaultwatch.db`; makes and changes nothing.
    ///
    /// # Errors
    /// [`Open`](crate::StoreErrorKind::Open) when there is none, [`Older`](crate::StoreErrorKind::Older),
    /// [`Newer`](crate::StoreErrorKind::Newer), [`Corrupt`](crate::StoreErrorKind::Corrupt).
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { connection: database::read(path, migration::MAIN)? })
    }

    /// Records in order, at most as many as the query says.
    ///
    /// # Errors
    /// [`Malformed`](crate::StoreErrorKind::Malformed), [`Busy`](crate::StoreErrorKind::Busy) and
    /// [`Database`](crate::StoreErrorKind::Database).
    pub fn read(&self, query: &LogQuery) -> Result<Vec<Logged>, StoreError> {
        alert_log::load(&self.connection, query)
    }
}
