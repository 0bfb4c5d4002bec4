use std::ops::Range;
use std::path::Path;

use domain::UnixMillis;
use rusqlite::Connection;

use super::read::Samples;
use super::series::SeriesKey;
use super::tier::Tier;
use crate::{StoreError, database, migration};

/// The history of a profile, to be read beside the process that writes it.
#[derive(Debug)]
pub struct HistoryReader {
    connection: Connection,
}

impl HistoryReader {
    /// Opens `history.db`; makes and changes nothing.
    ///
    /// # Errors
    /// [`Open`](crate::StoreErrorKind::Open) when there is none, [`Older`](crate::StoreErrorKind::Older),
    /// [`Newer`](crate::StoreErrorKind::Newer), [`Corrupt`](crate::StoreErrorKind::Corrupt).
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { connection: database::read(path, migration::HISTORY)? })
    }

    /// What there are figures of, in the order of their keys.
    ///
    /// # Errors
    /// [`Busy`](crate::StoreErrorKind::Busy) and [`Database`](crate::StoreErrorKind::Database).
    pub fn series(&self) -> Result<Vec<SeriesKey>, StoreError> {
        let mut query = self.connection.prepare("SELECT key FROM series ORDER BY key")?;
        let keys = query.query_map([], |row| row.get::<_, String>(0))?;
        // A key of a newer kind is nobody's here.
        let known = |key: Result<String, _>| key.map(|key| key.parse().ok()).transpose();
        Ok(keys.filter_map(known).collect::<Result<_, _>>()?)
    }

    /// The points of a series that begin in a range, or reach into it, in order of time, each in the finest resolution
    /// there is of its time. Nothing, where there is no such series.
    ///
    /// # Errors
    /// [`Malformed`](crate::StoreErrorKind::Malformed) for a block that cannot be read, after which the next one
    /// follows, and those of [`series`](Self::series).
    pub fn samples(
        &self,
        key: &SeriesKey,
        range: Range<UnixMillis>,
    ) -> Result<Samples<'_>, StoreError> {
        Samples::new(&self.connection, key, range, Tier::Minutes.step())
    }
}
