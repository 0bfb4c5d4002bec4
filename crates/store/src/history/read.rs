//! Points of one series between two moments, from whatever tiers have them.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use domain::UnixMillis;
use rusqlite::{Connection, OptionalExtension};

use super::block::Points;
use super::point::Point;
use super::rows::{first_block, fresh_minutes, fresh_point, merge, read_block, rolled};
use super::series::SeriesKey;
use super::tier::{self, Tier};
use super::{HistoryPoint, rollup};
use crate::StoreError;

/// More minutes than fresh points are spread over while the clock is right: an hour, and what is about to be sealed.
const FRESH_SPAN: i64 = 1_000;

/// A block to be read, and the stretch of time for which it is.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    tier: Tier,
    block: i64,
    stretch: Range<UnixMillis>,
}

pub(super) fn number(connection: &Connection, key: &SeriesKey) -> Result<Option<u32>, StoreError> {
    let mut query = connection.prepare_cached("SELECT number FROM series WHERE key = ?1")?;
    Ok(query.query_row([key.to_string()], |row| row.get(0)).optional()?)
}

/// Which blocks hold this range, in order, where points of `step` milliseconds are wanted: of each stretch of time the
/// coarsest that will do, or else the finest there is.
pub(super) fn plan(
    connection: &Connection,
    range: &Range<UnixMillis>,
    step: i64,
) -> Result<VecDeque<Chunk>, StoreError> {
    let start = |tier: Tier| -> Result<Option<UnixMillis>, StoreError> {
        Ok(first_block(connection, tier)?.map(|block| tier.start_of(block)))
    };
    let fresh = fresh_minutes(connection)?;
    let (fresh_start, fresh_end) = match fresh {
        Some((first, last)) => {
            (Some(tier::start_of_minute(first)), tier::start_of_minute(last + 1))
        }
        None => (None, UnixMillis(0)),
    };
    let minutes = start(Tier::Minutes)?.into_iter().chain(fresh_start).min();
    let (fives, hours) = (start(Tier::Fives)?, start(Tier::Hours)?);
    let Some(first) = minutes.into_iter().chain(fives).chain(hours).min() else {
        return Ok(VecDeque::new());
    };
    let hours_end = Tier::Hours.start_of(rolled(connection, Tier::Hours)?);
    let fives_end = Tier::Fives.start_of(rolled(connection, Tier::Fives)?);
    // Nothing is newer than these.
    let last = last_block(connection, Tier::Minutes)?
        .map_or(fives_end, |block| Tier::Minutes.start_of(block + 1))
        .max(fives_end)
        .max(fresh_end);
    let whole = range.start.max(first)..range.end.min(last);
    // Hours up to here, then fives up to there, then minutes.
    let coarse = match step >= Tier::Hours.step() {
        true => hours_end,
        false => fives.unwrap_or(hours_end).min(hours_end),
    };
    let middle = match step >= Tier::Fives.step() {
        true => fives_end,
        false => minutes.unwrap_or(fives_end).min(fives_end),
    };
    let middle = middle.max(coarse);
    let mut chunks = VecDeque::new();
    let stretches = [
        (Tier::Hours, UnixMillis(0)..coarse),
        (Tier::Fives, coarse..middle),
        (Tier::Minutes, middle..UnixMillis(i64::MAX)),
    ];
    for (tier, stretch) in stretches {
        let (from, to) = (stretch.start.max(whole.start), stretch.end.min(whole.end));
        if from < to {
            let last = tier.block_of(UnixMillis(to.0 - 1));
            let chunk = |block| Chunk { tier, block, stretch: from..to };
            chunks.extend((tier.block_of(from)..=last).map(chunk));
        }
    }
    Ok(chunks)
}

fn last_block(connection: &Connection, tier: Tier) -> Result<Option<i64>, StoreError> {
    debug_assert_eq!(tier, Tier::Minutes, "of the others it is known how far they reach");
    let id: Option<i64> = connection
        .prepare_cached("SELECT max(id) FROM minutes")?
        .query_row([], |row| row.get(0))?;
    Ok(id.map(tier::block_of_row))
}

/// The points of a block within its stretch, with those of its time that are not sealed yet.
pub(super) fn load(
    connection: &Connection,
    series: u32,
    Chunk { tier, block, stretch }: Chunk,
) -> Result<Vec<HistoryPoint>, StoreError> {
    let sealed = read_block(connection, tier, tier::row_id(block, series))?;
    let fresh = fresh_of(connection, series, tier, block)?;
    let points = if fresh.is_empty() { sealed } else { merge(sealed, &fresh) };
    let step = Duration::from_millis(tier.step().unsigned_abs());
    let at =
        |(slot, point): (u16, Point)| HistoryPoint { at: tier.moment_of(block, slot), step, point };
    // A point that has begun before the stretch and reaches into it belongs to it.
    let begun = UnixMillis(stretch.start.0.saturating_sub(tier.step() - 1));
    let within = |point: &HistoryPoint| point.at >= begun && point.at < stretch.end;
    Ok(points.into_iter().map(at).filter(within).collect())
}

/// The fresh points of a block's time, by its slots.
fn fresh_of(
    connection: &Connection,
    series: u32,
    tier: Tier,
    block: i64,
) -> Result<Points, StoreError> {
    let Some((first, last)) = fresh_minutes(connection)? else { return Ok(Points::new()) };
    let first = first.max(tier::minute_of(tier.start_of(block)));
    let last = last.min(tier::minute_of(tier.start_of(block + 1)) - 1);
    let mut found: Vec<(i64, Point)> = Vec::new();
    if last - first < FRESH_SPAN {
        let mut query = connection.prepare_cached("SELECT point FROM fresh WHERE id = ?1")?;
        for minute in first..=last {
            let id = tier::row_id(minute, series);
            let bytes: Option<Vec<u8>> = query.query_row([id], |row| row.get(0)).optional()?;
            if let Some(bytes) = bytes {
                found.push((minute, fresh_point(&bytes)?));
            }
        }
    } else {
        // The clock was far off. All rows are read, and there are not many.
        let mut query = connection.prepare_cached(
            "SELECT id, point FROM fresh WHERE id >= ?1 AND id < ?2 AND id & 16777215 = ?3 ORDER BY id",
        )?;
        let ids = (tier::first_of(first), tier::first_of(last + 1), series);
        let mut rows = query.query(ids)?;
        while let Some(row) = rows.next()? {
            let minute = tier::block_of_row(row.get(0)?);
            found.push((minute, fresh_point(&row.get::<_, Vec<u8>>(1)?)?));
        }
    }
    let mut points = Points::new();
    for (minute, point) in found {
        let at = tier::start_of_minute(minute);
        let hour = Tier::Minutes.block_of(at);
        let one = [(Tier::Minutes.slot_of(at), point)];
        points = merge(points, &rollup::coarser(Tier::Minutes, hour, &one, tier));
    }
    Ok(points)
}

/// Points in order of time, read block by block.
#[derive(Debug)]
pub struct Samples<'a> {
    connection: &'a Connection,
    /// None: there is no such series.
    series: Option<u32>,
    chunks: VecDeque<Chunk>,
    read: std::vec::IntoIter<HistoryPoint>,
}

impl<'a> Samples<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        key: &SeriesKey,
        range: Range<UnixMillis>,
        step: i64,
    ) -> Result<Self, StoreError> {
        let series = number(connection, key)?;
        let chunks = match series {
            Some(_) => plan(connection, &range, step)?,
            None => VecDeque::new(),
        };
        Ok(Self { connection, series, chunks, read: Vec::new().into_iter() })
    }
}

impl Iterator for Samples<'_> {
    type Item = Result<HistoryPoint, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(point) = self.read.next() {
                return Some(Ok(point));
            }
            let (series, chunk) = (self.series?, self.chunks.pop_front()?);
            match load(self.connection, series, chunk) {
                Ok(points) => self.read = points.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
