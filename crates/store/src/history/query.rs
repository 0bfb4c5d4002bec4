//! A series at the resolution somebody can show.

use std::ops::Range;
use std::time::Duration;

use domain::UnixMillis;
use rusqlite::Connection;

use super::HistoryPoint;
use super::point::Point;
use super::read::Samples;
use super::series::SeriesKey;
use crate::StoreError;

/// Points of one step, in order of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    pub step: Duration,
    pub points: Vec<(UnixMillis, Point)>,
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Steps that divide a day or are whole days, so that points lie where people expect them.
const STEPS: [i64; 15] = [
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    28 * DAY,
];

/// The finest step of which `range` has no more than `points`.
pub(super) fn step_for(range: &Range<UnixMillis>, points: u32) -> i64 {
    let length = range.end.0.saturating_sub(range.start.0).max(0);
    let needed = length / i64::from(points.max(1));
    let fits = STEPS.into_iter().find(|step| *step >= needed);
    // Beyond the list in multiples of its end.
    fits.unwrap_or_else(|| {
        let last = STEPS[STEPS.len() - 1];
        last.saturating_mul(needed / last + 1)
    })
}

/// The series between two moments in about `points` points. Where only a coarser resolution is left, its points stand
/// where they begin.
pub(super) fn read(
    connection: &Connection,
    key: &SeriesKey,
    range: Range<UnixMillis>,
    points: u32,
) -> Result<Series, StoreError> {
    let step = step_for(&range, points);
    let points = in_steps(connection, key, range, step)?;
    Ok(Series { step: Duration::from_millis(step.unsigned_abs()), points })
}

/// Points of `step` milliseconds.
pub(super) fn in_steps(
    connection: &Connection,
    key: &SeriesKey,
    range: Range<UnixMillis>,
    step: i64,
) -> Result<Vec<(UnixMillis, Point)>, StoreError> {
    let mut series: Vec<(UnixMillis, Point)> = Vec::new();
    for found in Samples::new(connection, key, range, step)? {
        let HistoryPoint { at, point, .. } = found?;
        let at = UnixMillis(at.0 - at.0.rem_euclid(step));
        match series.last_mut() {
            Some((last, whole)) if *last == at => whole.then(&point),
            _ => series.push((at, point)),
        }
    }
    Ok(series)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(length: i64, points: u32, expected: i64) {
        assert_eq!(step_for(&(UnixMillis(0)..UnixMillis(length)), points), expected);
    }

    #[test]
    fn the_step_is_the_finest_that_fits() {
        check(DAY, 1_440, MINUTE);
        check(DAY, 1_439, 2 * MINUTE);
        check(30 * DAY, 8_640, 5 * MINUTE);
        check(30 * DAY, 800, HOUR);
        check(365 * DAY, 400, DAY);
        check(365 * DAY, 1, 364 * DAY + 28 * DAY);
        check(0, 0, MINUTE);
        check(-DAY, 10, MINUTE);
    }
}
