use std::time::Duration;

use crate::Options;

/// How long to wait before the next attempt. Pure: the dice are passed in.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    base: Duration,
    cap: Duration,
    first: Duration,
    suspend_after: Duration,
    suspended_interval: Duration,
    /// A fraction of the interval.
    suspended_spread: f64,
    hint_cap: Duration,
}

/// What is known when an attempt is planned.
#[derive(Clone, Copy, Debug, Default)]
pub struct History {
    /// Attempts that failed since the last good session; 0 when that session has just ended.
    pub failures: u32,
    /// For how long nothing has worked.
    pub failing_for: Duration,
    /// How long the server asked us to stay away.
    pub hint: Option<Duration>,
}

/// The next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// After this delay, which the next failure may lengthen.
    Soon(Duration),
    /// It has failed for so long that haste is of no use.
    Suspended(Duration),
}

impl Plan {
    /// From now until the attempt.
    #[must_use]
    pub fn delay(self) -> Duration {
        match self {
            Self::Soon(delay) | Self::Suspended(delay) => delay,
        }
    }
}

impl Backoff {
    /// By these options, which are taken to be valid.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        Self {
            base: options.reconnect_interval,
            cap: options.reconnect_cap,
            first: options.first_retry_within,
            suspend_after: options.suspend_after,
            suspended_interval: options.suspended_interval,
            suspended_spread: f64::from(options.suspended_spread_percent) / 100.0,
            hint_cap: options.retry_hint_cap,
        }
    }

    /// The delay before the next attempt:
    ///
    /// - right after a good session, `U(0, firstRetryWithin)`: most interruptions are short, and the jitter spreads the
    ///   herd;
    /// - after `n + 1` failures, `min(cap, base + U(0, min(cap, base · 2ⁿ)))`: a floor under every delay, and jitter
    ///   that is still there when the cap is reached;
    /// - once nothing has worked for `suspendAfter`, `suspendedInterval` ± `suspendedSpreadPercent`;
    /// - never sooner than the server asked for, up to `retryHintCap`, plus `U(0, base)`.
    #[must_use]
    pub fn plan(&self, history: History, rng: &mut fastrand::Rng) -> Plan {
        let hinted = match history.hint {
            Some(hint) => hint.min(self.hint_cap) + up_to(self.base, rng),
            None => Duration::ZERO,
        };
        if history.failing_for >= self.suspend_after {
            let spread = self.suspended_spread * (2.0 * rng.f64() - 1.0);
            let delay = self.suspended_interval.mul_f64(1.0 + spread);
            return Plan::Suspended(delay.max(hinted));
        }
        let delay = match history.failures.checked_sub(1) {
            None => up_to(self.first, rng),
            Some(n) => {
                let window = self.base.saturating_mul(2_u32.saturating_pow(n)).min(self.cap);
                (self.base + up_to(window, rng)).min(self.cap)
            }
        };
        Plan::Soon(delay.max(hinted))
    }

    /// The delay when there is a reason to believe that it works now, because the network is back or the machine woke up:
    /// `U(0, firstRetryWithin)`.
    #[must_use]
    pub fn hopeful(&self, rng: &mut fastrand::Rng) -> Duration {
        up_to(self.first, rng)
    }
}

fn up_to(limit: Duration, rng: &mut fastrand::Rng) -> Duration {
    limit.mul_f64(rng.f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    /// The least and the greatest of many rolls.
    fn spread(history: History) -> (Duration, Duration) {
        spread_of(&Options::default(), history)
    }

    fn spread_of(options: &Options, history: History) -> (Duration, Duration) {
        let backoff = Backoff::new(options);
        let mut rng = fastrand::Rng::with_seed(7);
        let delays: Vec<_> = (0..2_000).map(|_| backoff.plan(history, &mut rng).delay()).collect();
        (*delays.iter().min().unwrap(), *delays.iter().max().unwrap())
    }

    #[test]
    fn each_failure_widens_the_window_up_to_the_cap() {
        for (failures, least, most) in [
            (0, 0, 500),
            (1, 500, 1_000),
            (2, 500, 1_500),
            (3, 500, 2_500),
            (4, 500, 4_500),
            (6, 500, 16_500),
            (7, 500, 20_000),
            (u32::MAX, 500, 20_000),
        ] {
            let (min, max) = spread(History { failures, ..History::default() });
            let window = MS(most - least);
            assert!(min >= MS(least) && min <= MS(least) + window / 10, "{failures}: {min:?}");
            assert!(max <= MS(most) && max >= MS(most) - window / 10, "{failures}: {max:?}");
        }
    }

    #[test]
    fn jitter_survives_at_the_cap() {
        let backoff = Backoff::new(&Options::default());
        let mut rng = fastrand::Rng::with_seed(7);
        let history = History { failures: 30, ..History::default() };
        let capped = (0..1_000)
            .filter(|_| backoff.plan(history, &mut rng).delay() == Duration::from_secs(20))
            .count();
        assert!(capped < 100, "{capped} of 1,000 attempts would come at the same moment");
    }

    #[test]
    fn long_failure_suspends() {
        let history = History { failures: 9, failing_for: Duration::from_secs(120), hint: None };
        let (min, max) = spread(history);
        assert!(min >= MS(24_000) && max <= MS(36_000) && max - min > MS(10_000));
        let backoff = Backoff::new(&Options::default());
        let plan = |history| backoff.plan(history, &mut fastrand::Rng::with_seed(1));
        assert!(matches!(plan(history), Plan::Suspended(_)));
        let sooner = History { failing_for: MS(119_999), ..history };
        assert!(matches!(plan(sooner), Plan::Soon(_)));
    }

    #[test]
    fn the_windows_are_as_chosen() {
        let suspended = History { failing_for: Duration::from_secs(120), ..History::default() };
        let spread = |suspended_spread_percent| {
            let options = Options { suspended_spread_percent, ..Options::default() };
            spread_of(&options, suspended)
        };
        assert_eq!(spread(0), (MS(30_000), MS(30_000)));
        let (min, max) = spread(50);
        assert!((MS(15_000)..MS(16_500)).contains(&min), "{min:?}");
        assert!((MS(43_500)..=MS(45_000)).contains(&max), "{max:?}");

        // A long back-off does not make the first retry late.
        let options = Options {
            reconnect_interval: MS(5_000),
            first_retry_within: MS(100),
            ..Options::default()
        };
        let (_, max) = spread_of(&options, History::default());
        assert!((MS(90)..=MS(100)).contains(&max), "{max:?}");
        let (min, _) = spread_of(&options, History { failures: 1, ..History::default() });
        assert!(min >= MS(5_000), "{min:?}");
        let mut rng = fastrand::Rng::with_seed(7);
        let backoff = Backoff::new(&options);
        let hopeful = (0..2_000).map(|_| backoff.hopeful(&mut rng)).max().unwrap();
        assert!((MS(90)..=MS(100)).contains(&hopeful), "{hopeful:?}");
    }

    #[test]
    fn a_hint_is_a_floor_and_is_clamped() {
        let hint = |hint| History { failures: 1, hint: Some(hint), ..History::default() };
        let (min, max) = spread(hint(MS(7_000)));
        assert!(min >= MS(7_000) && max <= MS(7_500));
        let (min, max) = spread(hint(Duration::from_secs(3_600)));
        assert!(min >= MS(60_000) && max <= MS(60_500));
        let (min, _) = spread(hint(Duration::ZERO));
        assert!(min >= MS(500), "a server cannot ask to be hammered");
    }
}
