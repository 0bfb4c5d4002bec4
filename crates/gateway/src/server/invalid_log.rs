use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::warn;
use wire::{Invalid, InvalidKind};

/// Says what clients send wrong: once per kind and minute, so that a broken publisher cannot fill a disk.
#[derive(Debug, Default)]
pub(super) struct InvalidLog(Mutex<BTreeMap<InvalidKind, Instant>>);

const PAUSE: Duration = Duration::from_secs(60);

impl InvalidLog {
    pub(super) fn report(&self, invalid: &Invalid) {
        let now = Instant::now();
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.get(&invalid.kind).is_some_and(|at| now.duration_since(*at) < PAUSE) {
            return;
        }
        last.insert(invalid.kind, now);
        warn!(kind = ?invalid.kind, reason = %invalid, sample = ?invalid.sample, "invalid message dropped");
    }
}
