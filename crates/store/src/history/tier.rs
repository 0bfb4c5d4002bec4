//! The resolutions that are kept. Each has blocks: rows that hold a fixed stretch of time of one series.

use domain::UnixMillis;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Bits of a row's id that number the series.
const SERIES_BITS: u32 = 24;
/// Most series of one database, ever: 20 bits would do for these.
pub(super) const SERIES_LIMIT: u32 = 1_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    Minutes,
    Fives,
    Hours,
}

impl Tier {
    /// Milliseconds of one point.
    pub(super) const fn step(self) -> i64 {
        match self {
            Self::Minutes => MINUTE,
            Self::Fives => 5 * MINUTE,
            Self::Hours => HOUR,
        }
    }

    /// Milliseconds of one block. Each is written when it is over, and as a rule never again: so the longer it is, the
    /// longer the finer tier must be kept.
    pub(super) const fn block(self) -> i64 {
        match self {
            Self::Minutes => HOUR,
            Self::Fives => DAY,
            Self::Hours => 7 * DAY,
        }
    }

    /// The one whose blocks this one's are made of.
    pub(super) const fn finer(self) -> Option<Self> {
        match self {
            Self::Minutes => None,
            Self::Fives => Some(Self::Minutes),
            Self::Hours => Some(Self::Fives),
        }
    }

    /// The table.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Minutes => "minutes",
            Self::Fives => "fives",
            Self::Hours => "hours",
        }
    }

    /// The block in which a moment lies.
    pub(super) fn block_of(self, at: UnixMillis) -> i64 {
        at.0.max(0) / self.block()
    }

    /// The beginning of a block.
    pub(super) fn start_of(self, block: i64) -> UnixMillis {
        UnixMillis(block.saturating_mul(self.block()))
    }

    /// The point of its block in which a moment lies.
    pub(super) fn slot_of(self, at: UnixMillis) -> u16 {
        u16::try_from(at.0.max(0) % self.block() / self.step()).expect("at most 288 in a block")
    }

    /// The beginning of a point.
    pub(super) fn moment_of(self, block: i64, slot: u16) -> UnixMillis {
        UnixMillis(self.start_of(block).0.saturating_add(i64::from(slot) * self.step()))
    }
}

/// The minute in which a moment lies.
pub(super) fn minute_of(at: UnixMillis) -> i64 {
    at.0.max(0) / MINUTE
}

pub(super) fn start_of_minute(minute: i64) -> UnixMillis {
    UnixMillis(minute.saturating_mul(MINUTE))
}

/// A row's id.
pub(super) fn row_id(block: i64, series: u32) -> i64 {
    (block << SERIES_BITS) + i64::from(series)
}

/// The first id of a block.
pub(super) fn first_of(block: i64) -> i64 {
    row_id(block, 0)
}

pub(super) fn block_of_row(id: i64) -> i64 {
    id >> SERIES_BITS
}

pub(super) fn series_of_row(id: i64) -> u32 {
    u32::try_from(id & ((1 << SERIES_BITS) - 1)).expect("24 bits")
}
