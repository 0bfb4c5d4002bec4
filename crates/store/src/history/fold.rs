use std::collections::HashMap;

use domain::UnixMillis;
use domain::sample::Sample;
use foldhash::fast::FixedState;

use super::tier::minute_of;
use super::{Point, Recorded, SeriesKey};

/// The running minute: what comes in is folded into one point for each series, so that no spike is lost and memory does
/// not grow with the number of messages.
#[derive(Debug, Default)]
pub struct Fold {
    points: HashMap<SeriesKey, Open, FixedState>,
    minute: i64,
}

#[derive(Debug)]
struct Open {
    point: Point,
    /// Of the last sample.
    at: UnixMillis,
}

impl Fold {
    /// Most series of one minute. The board has fewer vaults; of what else there is, the rest is left out.
    pub const LIMIT: usize = 100_000;

    /// Goes on with a sample.
    pub fn add(&mut self, series: SeriesKey, sample: &Sample, now: UnixMillis) {
        if self.points.is_empty() {
            self.minute = minute_of(now);
        }
        if self.points.len() >= Self::LIMIT && !self.points.contains_key(&series) {
            return;
        }
        let open =
            self.points.entry(series).or_insert_with(|| Open { point: Point::default(), at: now });
        open.point.add(sample);
        open.at = now;
    }

    /// Whether the minute it is for is another one than `now`'s: it ended, or the clock was set.
    #[must_use]
    pub fn is_over(&self, now: UnixMillis) -> bool {
        !self.points.is_empty() && minute_of(now) != self.minute
    }

    /// Takes what was folded; a new minute begins.
    pub fn take(&mut self) -> Vec<Recorded> {
        let recorded =
            |(series, open): (SeriesKey, Open)| Recorded { series, at: open.at, point: open.point };
        self.points.drain().map(recorded).filter(|recorded| !recorded.point.is_empty()).collect()
    }

    /// Takes back what found no room: the minute goes on.
    pub fn put_back(&mut self, batch: Vec<Recorded>, now: UnixMillis) {
        self.minute = minute_of(now);
        for Recorded { series, at, mut point } in batch {
            match self.points.get_mut(&series) {
                Some(open) => {
                    point.then(&open.point);
                    open.point = point;
                }
                None => {
                    self.points.insert(series, Open { point, at });
                }
            }
        }
    }
}
