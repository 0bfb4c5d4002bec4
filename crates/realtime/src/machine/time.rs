use std::time::Duration;

use wire::UnixMillis;

/// A moment on a clock that only goes forward, as the time since the clock's own start. It may stop while the
/// machine sleeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Monotonic(pub Duration);

impl Monotonic {
    /// The time passed since `earlier`; zero if that is not earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// This long after it; saturating.
    #[must_use]
    pub fn plus(self, delay: Duration) -> Self {
        Self(self.0.saturating_add(delay))
    }
}

/// One moment on both clocks. Deadlines are monotonic; what a person or a server reads is wall time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// By the clock that only goes forward.
    pub monotonic: Monotonic,
    /// By the clock on the wall.
    pub wall: UnixMillis,
}
