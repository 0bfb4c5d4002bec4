//! The rows of the database, for the one who writes them.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::block::{self, Points};
use super::point::Point;
use super::series::SeriesKey;
use super::tier::{self, SERIES_LIMIT, Tier};
use super::{Recorded, rollup};
use crate::{HistoryRetention, StoreError};

/// The database and what is known of it.
pub(super) struct Rows {
    pub(super) connection: Connection,
    pub(super) retention: HistoryRetention,
    pub(super) rolling: Option<rollup::Rolling>,
    numbers: HashMap<SeriesKey, u32, FixedState>,
}

impl Rows {
    pub(super) fn new(
        connection: Connection,
        retention: HistoryRetention,
    ) -> Result<Self, StoreError> {
        let mut numbers = HashMap::default();
        {
            let mut query = connection.prepare("SELECT number, key FROM series")?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                // A key of a newer kind is nobody's here.
                if let Ok(key) = row.get::<_, String>(1)?.parse() {
                    numbers.insert(key, row.get(0)?);
                }
            }
        }
        Ok(Self { connection, retention, rolling: None, numbers })
    }

    /// Writes these points, all or none. A point of a minute that has one already goes on with it.
    pub(super) fn write(&mut self, batch: &[Recorded]) -> Result<(), StoreError> {
        // Dropped without a commit, it is rolled back; the new numbers are then forgotten, too.
        let mut new = Vec::new();
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for Recorded { series, at, point } in batch {
            let number = match self.numbers.get(series) {
                Some(number) => *number,
                None => {
                    let Some(number) = new_number(&transaction, series)? else { continue };
                    new.push((series.clone(), number));
                    number
                }
            };
            write_fresh(&transaction, tier::row_id(tier::minute_of(*at), number), point)?;
        }
        transaction.commit()?;
        self.numbers.extend(new);
        Ok(())
    }

    pub(super) fn clear(&mut self) -> Result<(), StoreError> {
        self.rolling = None;
        let transaction = self.connection.transaction()?;
        transaction.execute_batch(
            "DELETE FROM fresh; DELETE FROM minutes; DELETE FROM fives; DELETE FROM hours;
             DELETE FROM rolled; DELETE FROM series;",
        )?;
        transaction.commit()?;
        self.numbers.clear();
        Ok(())
    }
}

/// `None` when there are as many series as there may be: a feed that invents more is not believed.
fn new_number(transaction: &Transaction<'_>, key: &SeriesKey) -> Result<Option<u32>, StoreError> {
    // Twice in one batch it is new only once.
    let known = transaction
        .prepare_cached("SELECT number FROM series WHERE key = ?1")?
        .query_row([key.to_string()], |row| row.get(0))
        .optional()?;
    if known.is_some() {
        return Ok(known);
    }
    let next: u32 = transaction
        .prepare_cached("SELECT coalesce(max(number) + 1, 0) FROM series")?
        .query_row([], |row| row.get(0))?;
    if next >= SERIES_LIMIT {
        return Ok(None);
    }
    transaction
        .prepare_cached("INSERT INTO series (number, key) VALUES (?1, ?2)")?
        .execute(params![next, key.to_string()])?;
    Ok(Some(next))
}

fn write_fresh(transaction: &Transaction<'_>, id: i64, point: &Point) -> Result<(), StoreError> {
    let encoded = block::encode(&[(0, *point)]);
    let inserted = transaction
        .prepare_cached("INSERT INTO fresh (id, point) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![id, encoded])?;
    if inserted == 1 {
        return Ok(());
    }
    let bytes: Vec<u8> = transaction
        .prepare_cached("SELECT point FROM fresh WHERE id = ?1")?
        .query_row([id], |row| row.get(0))?;
    // What cannot be read is given up for what can.
    let mut whole = fresh_point(&bytes).unwrap_or_default();
    whole.then(point);
    transaction
        .prepare_cached("UPDATE fresh SET point = ?2 WHERE id = ?1")?
        .execute(params![id, block::encode(&[(0, whole)])])?;
    Ok(())
}

/// A row of `fresh`: a block of one point.
pub(super) fn fresh_point(bytes: &[u8]) -> Result<Point, StoreError> {
    Ok(block::decode(bytes)?.first().map(|(_, point)| *point).unwrap_or_default())
}

/// The points of one block; none when there is no such block.
pub(super) fn read_block(
    connection: &Connection,
    tier: Tier,
    id: i64,
) -> Result<Points, StoreError> {
    let sql = match tier {
        Tier::Minutes => "SELECT points FROM minutes WHERE id = ?1",
        Tier::Fives => "SELECT points FROM fives WHERE id = ?1",
        Tier::Hours => "SELECT points FROM hours WHERE id = ?1",
    };
    let bytes: Option<Vec<u8>> =
        connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
    bytes.map_or_else(|| Ok(Points::new()), |bytes| block::decode(&bytes))
}

/// Puts points into a block, with those that are there.
pub(super) fn merge_block(
    transaction: &Transaction<'_>,
    tier: Tier,
    id: i64,
    points: &[(u16, Point)],
) -> Result<(), StoreError> {
    let there = read_block(transaction, tier, id).unwrap_or_else(|error| {
        tracing::warn!(%error, table = tier.name(), id, "points cannot be read; they are replaced");
        Points::new()
    });
    let merged = if there.is_empty() { points.to_vec() } else { merge(there, points) };
    let sql = match tier {
        Tier::Minutes => "INSERT OR REPLACE INTO minutes (id, points) VALUES (?1, ?2)",
        Tier::Fives => "INSERT OR REPLACE INTO fives (id, points) VALUES (?1, ?2)",
        Tier::Hours => "INSERT OR REPLACE INTO hours (id, points) VALUES (?1, ?2)",
    };
    transaction.prepare_cached(sql)?.execute(params![id, block::encode(&merged)])?;
    Ok(())
}

/// Two lists in order, as one; where both have a point, `later` goes on with it.
pub(super) fn merge(mut earlier: Points, later: &[(u16, Point)]) -> Points {
    for (slot, point) in later {
        match earlier.binary_search_by_key(slot, |(slot, _)| *slot) {
            Ok(at) => earlier[at].1.then(point),
            Err(at) => earlier.insert(at, (*slot, *point)),
        }
    }
    earlier
}

/// Up to which block of this tier, exclusively, the finer one was rolled up.
pub(super) fn rolled(connection: &Connection, tier: Tier) -> Result<i64, StoreError> {
    let until = connection
        .prepare_cached("SELECT until FROM rolled WHERE tier = ?1")?
        .query_row([tier.name()], |row| row.get(0))
        .optional()?;
    Ok(until.unwrap_or(0))
}

/// The first block of a tier.
pub(super) fn first_block(connection: &Connection, tier: Tier) -> Result<Option<i64>, StoreError> {
    let sql = match tier {
        Tier::Minutes => "SELECT min(id) FROM minutes",
        Tier::Fives => "SELECT min(id) FROM fives",
        Tier::Hours => "SELECT min(id) FROM hours",
    };
    let id: Option<i64> = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    Ok(id.map(tier::block_of_row))
}

/// The first and the last minute that is not sealed yet.
pub(super) fn fresh_minutes(connection: &Connection) -> Result<Option<(i64, i64)>, StoreError> {
    // Two queries: each takes an end of the table, one for both would read all of it.
    let end = |sql| -> Result<Option<i64>, StoreError> {
        Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    };
    let first = end("SELECT min(id) FROM fresh")?;
    let last = end("SELECT max(id) FROM fresh")?;
    Ok(first.zip(last).map(|(first, last)| (tier::block_of_row(first), tier::block_of_row(last))))
}
