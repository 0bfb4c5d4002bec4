use std::time::Duration;

use super::Now;

/// How often the clocks are compared.
pub(super) const TICK: Duration = Duration::from_secs(5);
/// A larger jump means that the machine slept.
const JUMP: Duration = Duration::from_secs(10);

/// Finds out that the machine slept. On Linux and macOS the monotonic clock stops then and the wall clock does not;
/// on Windows neither stops and the tick comes late.
#[derive(Debug, Default)]
pub(super) struct WakeWatch {
    last: Now,
}

impl WakeWatch {
    pub(super) fn start(&mut self, now: Now) {
        self.last = now;
    }

    /// How long the machine slept since the last tick, if it did. A wall clock that was set forward looks the same;
    /// the probe it causes is harmless.
    pub(super) fn tick(&mut self, now: Now) -> Option<Duration> {
        let wall = now.wall.since(self.last.wall);
        let monotonic = now.monotonic.since(self.last.monotonic);
        self.last = now;
        let slept = wall.saturating_sub(monotonic).max(monotonic.saturating_sub(TICK));
        (slept > JUMP).then_some(slept)
    }
}

#[cfg(test)]
mod tests {
    use wire::UnixMillis;

    use super::super::Monotonic;
    use super::*;

    fn check(wall_s: i64, monotonic_s: u64, expected: Option<u64>) {
        let mut watch = WakeWatch::default();
        let now = Now {
            monotonic: Monotonic(Duration::from_secs(monotonic_s)),
            wall: UnixMillis(wall_s * 1_000),
        };
        assert_eq!(watch.tick(now), expected.map(Duration::from_secs), "{wall_s} {monotonic_s}");
    }

    #[test]
    fn only_a_jump_is_sleep() {
        check(5, 5, None);
        check(15, 5, None);
        check(3_605, 5, Some(3_600));
        check(3_605, 3_605, Some(3_600));
        check(-3_600, 5, None);
        check(12, 12, None);
    }
}
