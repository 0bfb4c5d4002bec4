use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// Counts since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryStatistics {
    /// Points written.
    pub points: u64,
    /// Minutes that share a point with a later one, because the disk was slow or refused. Of their figures the extremes
    /// are kept.
    pub coarse: u64,
    /// Writes that failed, each tried again a minute later.
    pub failures: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) points: AtomicU64,
    pub(super) coarse: AtomicU64,
    pub(super) failures: AtomicU64,
}

impl Counters {
    pub(super) fn read(&self) -> HistoryStatistics {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        HistoryStatistics {
            points: count(&self.points),
            coarse: count(&self.coarse),
            failures: count(&self.failures),
        }
    }
}

pub(super) fn add(counter: &AtomicU64, count: usize) {
    counter.fetch_add(count as u64, Ordering::Relaxed);
}
