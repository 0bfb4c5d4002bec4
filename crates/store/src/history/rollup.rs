//! What becomes of points as time goes by: sealed into blocks, rolled up, forgotten. In small steps, so that whoever
//! asks for something meanwhile waits for one step and no more. Every step may be done twice: points are merged, and a
//! point merged twice is the same point.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::UnixMillis;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::block::Points;
use super::point::Point;
use super::rows::{self, Rows, first_block, merge, merge_block, read_block, rolled};
use super::tier::{self, Tier};
use crate::StoreError;

/// Series in one step.
const CHUNK: u32 = 50;
/// Rows forgotten in one step.
const ROWS: u32 = 500;
/// Points of a stretch of time may still come for this long after its end.
const GRACE: Duration = Duration::from_secs(120);
const MINUTES_AN_HOUR: i64 = Tier::Minutes.block() / Tier::Minutes.step();

/// How far a block was filled from the finer tier.
pub(super) struct Rolling {
    tier: Tier,
    block: i64,
    next_series: u32,
}

/// Whether there is more to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    More,
    Done,
}

/// Does a little of what is due at `now`.
pub(super) fn step(rows: &mut Rows, now: UnixMillis) -> Result<Step, StoreError> {
    let did = seal(rows, now)?
        || roll_up(rows, Tier::Fives, now)?
        || roll_up(rows, Tier::Hours, now)?
        || forget(rows, now)?;
    Ok(if did { Step::More } else { Step::Done })
}

/// Moves fresh points of an hour that is over into blocks: of some series.
fn seal(rows: &mut Rows, now: UnixMillis) -> Result<bool, StoreError> {
    let oldest: Option<i64> = rows
        .connection
        .prepare_cached("SELECT min(id) FROM fresh")?
        .query_row([], |row| row.get(0))?;
    let Some(oldest) = oldest else { return Ok(false) };
    let hour = tier::block_of_row(oldest) / MINUTES_AN_HOUR;
    if Tier::Minutes.start_of(hour + 1).plus(GRACE) > now {
        return Ok(false);
    }
    let first = tier::series_of_row(oldest);
    let transaction = rows.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (series, points) in take_fresh(&transaction, hour, first, first + CHUNK)? {
        merge_block(&transaction, Tier::Minutes, tier::row_id(hour, series), &points)?;
        // Points that came late, of a time that was rolled up: the clock was set back.
        add_late(&transaction, Tier::Fives, hour, series, &points)?;
        add_late(&transaction, Tier::Hours, hour, series, &points)?;
    }
    transaction.commit()?;
    // What is just being rolled up is begun anew, should the points belong to it.
    let start = Tier::Minutes.start_of(hour);
    if rows.rolling.as_ref().is_some_and(|rolling| rolling.tier.block_of(start) == rolling.block) {
        rows.rolling = None;
    }
    Ok(true)
}

/// Takes the fresh points of an hour and of the series from `first` up to `end` out of their table.
fn take_fresh(
    transaction: &Transaction<'_>,
    hour: i64,
    first: u32,
    end: u32,
) -> Result<BTreeMap<u32, Points>, StoreError> {
    let mut series: BTreeMap<u32, Points> = BTreeMap::new();
    let mut select =
        transaction.prepare_cached("SELECT id, point FROM fresh WHERE id >= ?1 AND id < ?2")?;
    let mut delete = transaction.prepare_cached("DELETE FROM fresh WHERE id >= ?1 AND id < ?2")?;
    for slot in 0..MINUTES_AN_HOUR {
        let minute = hour * MINUTES_AN_HOUR + slot;
        let range = params![tier::row_id(minute, first), tier::row_id(minute, end)];
        let mut found = select.query(range)?;
        while let Some(row) = found.next()? {
            let number = tier::series_of_row(row.get(0)?);
            let slot = Tier::Minutes.slot_of(tier::start_of_minute(minute));
            match rows::fresh_point(&row.get::<_, Vec<u8>>(1)?) {
                Ok(point) => series.entry(number).or_default().push((slot, point)),
                Err(error) => tracing::warn!(%error, minute, number, "a point cannot be read"),
            }
        }
        delete.execute(range)?;
    }
    Ok(series)
}

/// Adds the points of an hour to a block of a coarser tier that is filled already.
fn add_late(
    transaction: &Transaction<'_>,
    to: Tier,
    hour: i64,
    series: u32,
    points: &Points,
) -> Result<(), StoreError> {
    let block = to.block_of(Tier::Minutes.start_of(hour));
    if block >= rolled(transaction, to)? {
        return Ok(());
    }
    let points = coarser(Tier::Minutes, hour, points, to);
    merge_block(transaction, to, tier::row_id(block, series), &points)
}

/// Fills the next block of a tier from the finer one, for some series.
fn roll_up(rows: &mut Rows, to: Tier, now: UnixMillis) -> Result<bool, StoreError> {
    let Some(from) = to.finer() else { return Ok(false) };
    let going_on = rows.rolling.take_if(|rolling| rolling.tier == to);
    let mut rolling = match going_on {
        Some(rolling) => rolling,
        None => match next_block(&rows.connection, from, to)? {
            Some(block) => Rolling { tier: to, block, next_series: 0 },
            None => return Ok(false),
        },
    };
    if to.start_of(rolling.block + 1).plus(GRACE) > now {
        return Ok(false);
    }
    let most: Option<u32> = rows
        .connection
        .prepare_cached("SELECT max(number) FROM series")?
        .query_row([], |row| row.get(0))?;
    let (first, end) = (rolling.next_series, rolling.next_series + CHUNK);
    let transaction = rows.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (series, points) in read_finer(&transaction, from, to, rolling.block, first, end)? {
        merge_block(&transaction, to, tier::row_id(rolling.block, series), &points)?;
    }
    rolling.next_series = end;
    let done = most.is_none_or(|most| most < end);
    if done {
        transaction
            .prepare_cached("INSERT OR REPLACE INTO rolled (tier, until) VALUES (?1, ?2)")?
            .execute(params![to.name(), rolling.block + 1])?;
    }
    transaction.commit()?;
    if !done {
        rows.rolling = Some(rolling);
    }
    Ok(true)
}

/// The first block of `to` that has something in `from` and is not filled.
fn next_block(connection: &Connection, from: Tier, to: Tier) -> Result<Option<i64>, StoreError> {
    let begin = from.block_of(to.start_of(rolled(connection, to)?));
    let sql = match from {
        Tier::Minutes => "SELECT min(id) FROM minutes WHERE id >= ?1",
        Tier::Fives => "SELECT min(id) FROM fives WHERE id >= ?1",
        Tier::Hours => "SELECT min(id) FROM hours WHERE id >= ?1",
    };
    let id: Option<i64> =
        connection.prepare_cached(sql)?.query_row([tier::first_of(begin)], |row| row.get(0))?;
    Ok(id.map(|id| to.block_of(from.start_of(tier::block_of_row(id)))))
}

/// What a block of `to` is made of, for the series from `first` up to `end`.
fn read_finer(
    transaction: &Transaction<'_>,
    from: Tier,
    to: Tier,
    block: i64,
    first: u32,
    end: u32,
) -> Result<BTreeMap<u32, Points>, StoreError> {
    let sql = match from {
        Tier::Minutes => "SELECT id FROM minutes WHERE id >= ?1 AND id < ?2",
        Tier::Fives => "SELECT id FROM fives WHERE id >= ?1 AND id < ?2",
        Tier::Hours => "SELECT id FROM hours WHERE id >= ?1 AND id < ?2",
    };
    let mut select = transaction.prepare_cached(sql)?;
    let mut series: BTreeMap<u32, Points> = BTreeMap::new();
    let blocks = from.block_of(to.start_of(block))..from.block_of(to.start_of(block + 1));
    for source in blocks {
        let range = params![tier::row_id(source, first), tier::row_id(source, end)];
        let ids = select.query_map(range, |row| row.get::<_, i64>(0))?;
        for id in ids.collect::<Result<Vec<_>, _>>()? {
            let points = match read_block(transaction, from, id) {
                Ok(points) => coarser(from, source, &points, to),
                Err(error) => {
                    tracing::warn!(%error, table = from.name(), id, "points cannot be read; left out");
                    continue;
                }
            };
            let there = series.entry(tier::series_of_row(id)).or_default();
            *there = merge(std::mem::take(there), &points);
        }
    }
    Ok(series)
}

/// The points of one block, by the slots of a coarser tier's block.
pub(super) fn coarser(from: Tier, block: i64, points: &[(u16, Point)], to: Tier) -> Points {
    let mut coarse = Points::new();
    for (slot, point) in points {
        let slot = to.slot_of(from.moment_of(block, *slot));
        match coarse.last_mut() {
            Some((last, whole)) if *last == slot => whole.then(point),
            _ => coarse.push((slot, *point)),
        }
    }
    coarse
}

/// Removes some of what is older than it needs to be, or more than there is room for.
fn forget(rows: &mut Rows, now: UnixMillis) -> Result<bool, StoreError> {
    let connection = &rows.connection;
    let kept = rows.retention;
    let age = |tier: Tier, age: Duration| tier.block_of(now.minus(age));
    // Nothing goes before it was rolled up.
    let days = Tier::Minutes.block_of(Tier::Fives.start_of(rolled(connection, Tier::Fives)?));
    let weeks = Tier::Fives.block_of(Tier::Hours.start_of(rolled(connection, Tier::Hours)?));
    let old = [
        (Tier::Minutes, age(Tier::Minutes, kept.minutes).min(days)),
        (Tier::Fives, age(Tier::Fives, kept.fives).min(weeks)),
        (Tier::Hours, age(Tier::Hours, kept.hours)),
    ];
    for (tier, end) in old {
        if remove(connection, tier, tier::first_of(end))? > 0 {
            return Ok(true);
        }
    }
    if used(connection)? <= kept.bytes {
        return Ok(false);
    }
    for tier in [Tier::Fives, Tier::Hours, Tier::Minutes] {
        let Some(oldest) = first_block(connection, tier)? else { continue };
        // The newest is what somebody looks at.
        if tier.start_of(oldest + 2) <= now
            && remove(connection, tier, tier::first_of(oldest + 1))? > 0
        {
            tracing::warn!(
                table = tier.name(),
                limit = kept.bytes,
                "the history is too large; its oldest part goes"
            );
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes some of the rows before `end`.
fn remove(connection: &Connection, tier: Tier, end: i64) -> Result<usize, StoreError> {
    let sql = match tier {
        Tier::Minutes => {
            "DELETE FROM minutes WHERE id IN (SELECT id FROM minutes WHERE id < ?1 ORDER BY id LIMIT ?2)"
        }
        Tier::Fives => {
            "DELETE FROM fives WHERE id IN (SELECT id FROM fives WHERE id < ?1 ORDER BY id LIMIT ?2)"
        }
        Tier::Hours => {
            "DELETE FROM hours WHERE id IN (SELECT id FROM hours WHERE id < ?1 ORDER BY id LIMIT ?2)"
        }
    };
    Ok(connection.prepare_cached(sql)?.execute(params![end, ROWS])?)
}

/// Bytes in use.
pub(super) fn used(connection: &Connection) -> Result<u64, StoreError> {
    let number = |pragma| -> Result<u64, StoreError> {
        let value: i64 = connection.query_row(pragma, [], |row| row.get(0))?;
        Ok(u64::try_from(value).unwrap_or(0))
    };
    let pages = number("PRAGMA page_count")?.saturating_sub(number("PRAGMA freelist_count")?);
    Ok(pages * number("PRAGMA page_size")?)
}
