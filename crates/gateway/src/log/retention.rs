use std::time::Duration;

use super::LogOptions;
use crate::server::Limits;

/// How much a log keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Retention {
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
    pub(crate) age: Duration,
    pub(crate) event_age: Duration,
    /// How long an id is known, and how many are at most.
    pub(crate) dedup: Duration,
    pub(crate) ids: usize,
}

impl Retention {
    pub(super) fn in_memory(options: &LogOptions, limits: &Limits) -> Self {
        let bytes = options.bytes.and_then(|bytes| usize::try_from(bytes).ok());
        Self {
            messages: limits.log_messages,
            bytes: bytes.unwrap_or(limits.log_bytes),
            age: options.state_age,
            event_age: options.event_age.max(options.state_age),
            dedup: limits.dedup,
            ids: limits.dedup_ids,
        }
    }

    /// The same where there is more room.
    pub(super) fn on_disk(self, options: &LogOptions) -> Self {
        let bytes = options.bytes.unwrap_or(LogOptions::DISK_BYTES);
        Self { bytes: usize::try_from(bytes).unwrap_or(usize::MAX), ..self }
    }
}
