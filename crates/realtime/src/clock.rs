use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use wire::UnixMillis;

use crate::machine::{Monotonic, Now};

/// Where the driver gets the time from. Tokio's clock, so that tests can move it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { start: Instant::now() }
    }

    pub(crate) fn now(&self) -> Now {
        Now { monotonic: Monotonic(self.start.elapsed()), wall: wall() }
    }

    pub(crate) fn instant(&self, at: Monotonic) -> Instant {
        self.start + at.0
    }
}

/// Wall time; the beginning of the epoch on a machine whose clock lies before it.
pub(crate) fn wall() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
