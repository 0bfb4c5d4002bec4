use std::sync::{Arc, Mutex, MutexGuard};

use smol_str::SmolStr;

use super::{Deliver, Entry, Health, Kept, LastValues, ValueLimits};

/// What a log delivered to a test.
#[derive(Debug)]
pub(super) struct Recorder(Mutex<Recorded>);

#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) offsets: Vec<u64>,
    pub(super) upto: u64,
    pub(super) health: Vec<Health>,
    values: LastValues,
}

impl Recorder {
    pub(super) fn new() -> Arc<Self> {
        let limits = ValueLimits { keys: 1_000, bytes: 1 << 20, message: 1 << 20 };
        let values = LastValues::new(limits);
        let (offsets, health) = (Vec::new(), Vec::new());
        Arc::new(Self(Mutex::new(Recorded { offsets, upto: 0, health, values })))
    }

    pub(super) fn get(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().unwrap()
    }
}

impl Deliver for Recorder {
    fn restore(&self, values: Vec<Kept>, upto: u64) {
        let mut recorded = self.get();
        for value in values {
            recorded.values.restore(value);
        }
        recorded.upto = upto;
    }

    fn deliver(&self, entries: &[Arc<Entry>], upto: u64) {
        let mut recorded = self.get();
        for entry in entries {
            recorded.offsets.push(entry.offset);
            if let Some(change) = &entry.kind.change {
                let (part, text) = (change.part, &entry.kind.text);
                recorded.values.apply(&change.key, part, entry.offset, text);
            }
        }
        recorded.upto = upto;
    }

    fn keep(&self, keys: &[SmolStr]) -> Vec<Kept> {
        let mut recorded = self.get();
        keys.iter().filter_map(|key| recorded.values.keep(key)).collect()
    }

    fn health(&self, health: Health) {
        self.get().health.push(health);
    }

    fn lost_track(&self) {}
}
