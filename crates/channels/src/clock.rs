use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use wire::UnixMillis;

/// The time, which does not jump when the machine's clock is set.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: UnixMillis,
    since: Instant,
}

impl Clock {
    /// Starts at what the machine's clock says.
    #[must_use]
    pub fn start() -> Self {
        Self { wall: Self::wall(), since: Instant::now() }
    }

    /// What the machine's clock says, as receivers have it, too.
    #[must_use]
    pub fn wall() -> UnixMillis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    #[must_use]
    pub fn now(&self) -> UnixMillis {
        self.wall.plus(self.since.elapsed())
    }

    /// The instant to sleep until, `longest` from now at the most.
    #[must_use]
    pub fn instant(&self, at: UnixMillis, longest: Duration) -> Instant {
        Instant::now() + at.since(self.now()).min(longest)
    }
}
