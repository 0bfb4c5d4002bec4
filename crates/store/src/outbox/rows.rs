//! The statements. All of them run within the transaction of a group.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt};
use realtime::persistence::{
    Bounds, Depth, Entry, EntryState, Item, Parked, Sequence, Settlement, StreamKey,
};
use realtime::wire::{Message, UnixMillis};
use rusqlite::{Connection, Row, params};
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::insert;
use crate::{StoreError, StoreErrorKind};

/// The open database, and in memory what is asked of it all the time. Indexes on disk, of ids in random order, would
/// dirty a page for each item: they made a shared commit ten times as large.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) connection: Connection,
    depth: Depth,
    bounds: Bounds,
    places: HashMap<SmolStr, Place>,
    /// What is not parked, the oldest first.
    waiting: BTreeSet<(UnixMillis, Sequence)>,
    /// The last one given. Kept here, so that none is given twice while somebody may page by it.
    last: i64,
    /// Taken up in this transaction and not handed to SQLite yet: many rows in one statement cost less than one by one.
    unwritten: Vec<(Sequence, Entry)>,
    /// SQLite's, which changes when another process wrote; `None`: what is known here is not to be trusted.
    data_version: Option<i64>,
}

/// Where an item lies, and what its end changes.
#[derive(Clone, Copy, Debug)]
struct Place {
    sequence: Sequence,
    queued: UnixMillis,
    bytes: u64,
    parked: bool,
}

const COLUMNS: &str =
    "seq, stream, id, type, data, timestamp, queued, expires, sent, code, reason, parked";

impl Rows {
    pub(super) fn new(connection: Connection, bounds: Bounds) -> Result<Self, StoreError> {
        connection.set_prepared_statement_cache_capacity(32);
        let mut rows = Self {
            connection,
            depth: Depth::default(),
            bounds,
            places: HashMap::new(),
            waiting: BTreeSet::new(),
            last: 0,
            unwritten: Vec::new(),
            data_version: None,
        };
        rows.refresh()?;
        Ok(rows)
    }

    /// Reads anew what another process may have changed. Within a transaction, or it could change right after.
    pub(super) fn refresh(&mut self) -> Result<(), StoreError> {
        let mut query = self.connection.prepare_cached("PRAGMA data_version")?;
        let version = Some(query.query_row([], |row| row.get(0))?);
        drop(query);
        if version != self.data_version {
            self.recount()?;
            self.data_version = version;
        }
        Ok(())
    }

    /// After a rollback, in which the figures took no part.
    pub(super) fn distrust(&mut self) {
        self.unwritten.clear();
        self.data_version = None;
    }

    fn recount(&mut self) -> Result<(), StoreError> {
        let mut query = self
            .connection
            .prepare("SELECT id, seq, queued, bytes, code IS NOT NULL FROM outbox")?;
        let found = query.query_map([], |row| {
            let place = Place {
                sequence: Sequence(row.get(1)?),
                queued: UnixMillis(row.get(2)?),
                bytes: u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0),
                parked: row.get(4)?,
            };
            Ok((row.get::<_, String>(0)?.into(), place))
        })?;
        let found = found.collect::<Result<HashMap<_, _>, _>>()?;
        drop(query);
        self.places.clear();
        self.waiting.clear();
        self.depth = Depth::default();
        for (id, place) in found {
            self.note(id, place);
        }
        Ok(())
    }

    /// How much is in it.
    pub(super) fn depth(&self) -> Depth {
        Depth { oldest: self.waiting.first().map(|(queued, _)| *queued), ..self.depth }
    }

    fn note(&mut self, id: SmolStr, place: Place) {
        self.depth.messages += 1;
        self.depth.bytes += place.bytes;
        self.depth.parked += u64::from(place.parked);
        if !place.parked {
            self.waiting.insert((place.queued, place.sequence));
        }
        self.last = self.last.max(place.sequence.0);
        self.places.insert(id, place);
    }

    fn forget(&mut self, id: &SmolStr) {
        if let Some(place) = self.places.remove(id) {
            self.depth.messages -= 1;
            self.depth.bytes -= place.bytes;
            self.depth.parked -= u64::from(place.parked);
            self.waiting.remove(&(place.queued, place.sequence));
        }
    }

    /// Notes an item anew, parked or not.
    fn move_to(&mut self, id: &SmolStr, place: Place, parked: bool) {
        self.forget(id);
        self.note(id.clone(), Place { parked, ..place });
    }

    /// The place of an item, if it is one of those.
    fn place(&self, id: &SmolStr, parked: bool) -> Option<Place> {
        self.places.get(id).copied().filter(|place| place.parked == parked)
    }

    pub(super) fn enqueue(&mut self, entry: &Entry) -> Result<Sequence, StoreError> {
        if self.places.contains_key(entry.id()) {
            return Err(StoreError::new(StoreErrorKind::Duplicate));
        }
        let bytes = entry.bytes();
        if self.depth.messages >= self.bounds.messages
            || self.depth.bytes.saturating_add(bytes) > self.bounds.bytes
        {
            return Err(StoreError::new(StoreErrorKind::OutboxFull));
        }
        let sequence = Sequence(self.last + 1);
        self.unwritten.push((sequence, entry.clone()));
        let place = Place { sequence, queued: entry.queued(), bytes, parked: false };
        self.note(entry.id().clone(), place);
        Ok(sequence)
    }

    /// Hands over what was taken up: before anything is asked of the table, and before the commit.
    pub(super) fn write(&mut self) -> Result<(), StoreError> {
        insert::all(&self.connection, &self.unwritten)?;
        self.unwritten.clear();
        Ok(())
    }

    pub(super) fn unsettled(
        &mut self,
        stream: &StreamKey,
        after: Option<Sequence>,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        self.write()?;
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM outbox
             WHERE seq > ?1 AND stream = ?2 AND code IS NULL ORDER BY seq LIMIT ?3"
        ))?;
        let after = after.map_or(i64::MIN, |sequence| sequence.0);
        let rows = query.query_map(params![after, stream.as_str(), signed(limit)], raw)?;
        rows.map(|row| item(row?)).collect()
    }

    pub(super) fn list(
        &mut self,
        after: Option<Sequence>,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        self.write()?;
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM outbox WHERE seq > ?1 ORDER BY seq LIMIT ?2"
        ))?;
        let after = after.map_or(i64::MIN, |sequence| sequence.0);
        let rows = query.query_map(params![after, signed(limit)], raw)?;
        rows.map(|row| item(row?)).collect()
    }

    pub(super) fn parked(&mut self, limit: usize) -> Result<Vec<Item>, StoreError> {
        self.write()?;
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM outbox WHERE code IS NOT NULL ORDER BY seq LIMIT ?1"
        ))?;
        let rows = query.query_map([signed(limit)], raw)?;
        rows.map(|row| item(row?)).collect()
    }

    pub(super) fn sending(&mut self, ids: &[SmolStr], now: UnixMillis) -> Result<(), StoreError> {
        self.write()?;
        let mut update = self.connection.prepare_cached(
            "UPDATE outbox SET sent = ?2 WHERE seq = ?1 AND sent IS NULL AND code IS NULL",
        )?;
        for place in ids.iter().filter_map(|id| self.place(id, false)) {
            update.execute(params![place.sequence.0, now.0])?;
        }
        Ok(())
    }

    pub(super) fn settle(&mut self, settled: &[(SmolStr, Settlement)]) -> Result<(), StoreError> {
        self.write()?;
        for (id, settlement) in settled {
            match settlement {
                Settlement::Acked | Settlement::Expired | Settlement::Cancelled => {
                    if let Some(place) = self.places.get(id).copied() {
                        self.remove(id, place)?;
                    }
                }
                Settlement::Parked(reason) => {
                    if let Some(place) = self.place(id, false) {
                        self.park(id, place, reason)?;
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn discard(&mut self, ids: &[SmolStr]) -> Result<usize, StoreError> {
        self.write()?;
        let mut count = 0;
        for id in ids {
            if let Some(place) = self.place(id, true) {
                self.remove(id, place)?;
                count += 1;
            }
        }
        Ok(count)
    }

    pub(super) fn requeue(
        &mut self,
        ids: &[SmolStr],
        expires: UnixMillis,
    ) -> Result<usize, StoreError> {
        self.write()?;
        let mut count = 0;
        for id in ids {
            let Some(place) = self.place(id, true) else { continue };
            self.connection
                .prepare_cached(
                    "UPDATE outbox SET code = NULL, reason = NULL, parked = NULL, sent = NULL, expires = ?2
                     WHERE seq = ?1",
                )?
                .execute(params![place.sequence.0, expires.0])?;
            self.move_to(id, place, false);
            count += 1;
        }
        Ok(count)
    }

    fn remove(&mut self, id: &SmolStr, place: Place) -> Result<(), StoreError> {
        let mut delete = self.connection.prepare_cached("DELETE FROM outbox WHERE seq = ?1")?;
        delete.execute([place.sequence.0])?;
        drop(delete);
        self.forget(id);
        Ok(())
    }

    fn park(&mut self, id: &SmolStr, place: Place, reason: &Parked) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE outbox SET code = ?2, reason = ?3, parked = ?4 WHERE seq = ?1")?
            .execute(params![
                place.sequence.0,
                reason.code.as_str(),
                reason.message,
                reason.at.0
            ])?;
        self.move_to(id, place, true);
        Ok(())
    }
}

/// A row as it lies there.
struct Raw {
    sequence: i64,
    stream: String,
    id: String,
    ty: String,
    data: String,
    timestamp: i64,
    queued: i64,
    expires: i64,
    sent: Option<i64>,
    parked: Option<(String, String, i64)>,
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let parked = match row.get::<_, Option<String>>(9)? {
        Some(code) => Some((code, row.get(10)?, row.get(11)?)),
        None => None,
    };
    Ok(Raw {
        sequence: row.get(0)?,
        stream: row.get(1)?,
        id: row.get(2)?,
        ty: row.get(3)?,
        data: row.get(4)?,
        timestamp: row.get(5)?,
        queued: row.get(6)?,
        expires: row.get(7)?,
        sent: row.get(8)?,
        parked,
    })
}

fn item(raw: Raw) -> Result<Item, StoreError> {
    let malformed = |why: String| {
        let id = &raw.id;
        StoreError::because(StoreErrorKind::Malformed, format!("outbox item {id}: {why}"))
    };
    let data = RawValue::from_string(raw.data).map_err(|e| malformed(e.to_string()))?;
    let message = Message::new(&raw.ty, &data, UnixMillis(raw.timestamp), Some(&raw.id));
    let message = message.map_err(|e| malformed(e.to_string()))?;
    let state = match (raw.parked, raw.sent) {
        (Some((code, message, at)), _) => {
            EntryState::Parked(Parked { code: code.into(), message, at: UnixMillis(at) })
        }
        (None, Some(first)) => EntryState::Sent { first: UnixMillis(first) },
        (None, None) => EntryState::Queued,
    };
    Ok(Item {
        sequence: Sequence(raw.sequence),
        stream: StreamKey::from_stored(&raw.stream),
        id: raw.id.into(),
        message,
        queued: UnixMillis(raw.queued),
        expires: UnixMillis(raw.expires),
        state,
    })
}

fn signed(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
