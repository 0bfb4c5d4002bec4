use std::time::Duration;

use serde::{Deserialize, Serialize};
use wire::UnixMillis;

/// How often a call failed, and when it may be made again: after 1, 2, 4 … 60 s, or as long as the receiver asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    pub failed: u32,
    pub next: UnixMillis,
}

/// Longest pause between two calls.
const LONGEST: Duration = Duration::from_secs(60);
/// Longest pause that a receiver may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(300);

impl Attempts {
    /// The first one is due.
    #[must_use]
    pub fn due(now: UnixMillis) -> Self {
        Self { failed: 0, next: now }
    }

    /// One more has failed.
    pub fn fail(&mut self, retry_after: Option<Duration>, now: UnixMillis) {
        self.failed = self.failed.saturating_add(1);
        let asked = retry_after.unwrap_or_default().min(LONGEST_ASKED);
        self.next = now.plus(pause(self.failed).max(asked));
    }
}

fn pause(failed: u32) -> Duration {
    let doubled = 1_u64.checked_shl(failed.saturating_sub(1)).unwrap_or(u64::MAX);
    Duration::from_secs(doubled).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute() {
        let mut attempts = Attempts::due(UnixMillis(0));
        let mut pauses = Vec::new();
        for _ in 0..8 {
            let now = attempts.next;
            attempts.fail(None, now);
            pauses.push((attempts.next.0 - now.0) / 1_000);
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
        attempts.failed = u32::MAX;
        attempts.fail(None, UnixMillis(0));
        assert_eq!(attempts.next, UnixMillis(60_000));
    }

    #[test]
    fn a_receiver_may_ask_for_five_minutes_at_the_most() {
        let mut attempts = Attempts::due(UnixMillis(0));
        attempts.fail(Some(Duration::from_secs(90)), UnixMillis(0));
        assert_eq!(attempts.next, UnixMillis(90_000));
        attempts.fail(Some(Duration::from_secs(86_400)), UnixMillis(0));
        assert_eq!(attempts.next, UnixMillis(300_000));
    }
}
