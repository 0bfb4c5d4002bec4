use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What somebody may still send: messages and bytes, which flow back at a steady rate. A burst is as much as flows back in
/// [`BURST_SECONDS`].
#[derive(Debug)]
pub(super) struct Allowance(Mutex<[Bucket; 2]>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    per_second: f64,
    /// Below zero after something large: it passes as a whole, and what follows waits for longer.
    level: f64,
    filled: Instant,
}

const BURST_SECONDS: f64 = 2.0;

impl Allowance {
    /// Per second; at least one of each.
    pub(super) fn new(messages: u32, bytes: u32) -> Self {
        let filled = Instant::now();
        let bucket = |rate: u32| {
            let per_second = f64::from(rate.max(1));
            Bucket { per_second, level: per_second * BURST_SECONDS, filled }
        };
        Self(Mutex::new([bucket(messages), bucket(bytes)]))
    }

    /// How long until something may be sent again, unless it may be now.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        self.lock().iter_mut().filter_map(|bucket| bucket.wait(now)).max()
    }

    /// Whether it has been left alone for long enough to be as good as new.
    pub(super) fn is_full(&self, now: Instant) -> bool {
        let full = |bucket: &mut Bucket| {
            bucket.fill(now);
            bucket.level >= bucket.most()
        };
        self.lock().iter_mut().all(full)
    }

    fn take(&self, messages: usize, bytes: usize) {
        let [of_messages, of_bytes] = &mut *self.lock();
        // Exact up to 2^53, and bodies are bounded.
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let (messages, bytes) = (messages as f64, bytes as f64);
        of_messages.level -= messages;
        of_bytes.level -= bytes;
    }

    fn lock(&self) -> MutexGuard<'_, [Bucket; 2]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bucket {
    fn most(&self) -> f64 {
        self.per_second * BURST_SECONDS
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.level = (self.level + passed * self.per_second).min(self.most());
        self.filled = self.filled.max(now);
    }

    fn wait(&mut self, now: Instant) -> Option<Duration> {
        self.fill(now);
        // What has to flow back before the next one: a whole message, or a whole byte.
        (self.level < 1.0).then(|| Duration::from_secs_f64((1.0 - self.level) / self.per_second))
    }
}

/// Takes from all of them, or from none and says how long to wait.
pub(super) fn spend(
    allowances: &[&Allowance],
    messages: usize,
    bytes: usize,
    now: Instant,
) -> Result<(), Duration> {
    if let Some(wait) = allowances.iter().filter_map(|allowance| allowance.wait(now)).max() {
        return Err(wait);
    }
    for allowance in allowances {
        allowance.take(messages, bytes);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_steady_rate() {
        let (allowance, now) = (Allowance::new(10, 1_000), Instant::now());
        for _ in 0..20 {
            spend(&[&allowance], 1, 1, now).unwrap();
        }
        let wait = spend(&[&allowance], 1, 1, now).unwrap_err();
        assert!(wait <= Duration::from_millis(101) && wait > Duration::from_millis(90), "{wait:?}");
        spend(&[&allowance], 1, 1, now + wait).unwrap();
        spend(&[&allowance], 1, 1, now + wait).unwrap_err();
        assert!(!allowance.is_full(now + Duration::from_millis(1_900)));
        assert!(allowance.is_full(now + Duration::from_secs(9)));
    }

    #[test]
    fn something_large_passes_and_what_follows_waits_for_it() {
        let (allowance, now) = (Allowance::new(10, 1_000), Instant::now());
        spend(&[&allowance], 1, 5_000, now).unwrap();
        let wait = spend(&[&allowance], 1, 1, now).unwrap_err();
        assert!((2_900..3_100).contains(&wait.as_millis()), "{wait:?}");
    }

    #[test]
    fn what_one_refuses_costs_the_others_nothing() {
        let (small, large, now) =
            (Allowance::new(1, 1_000), Allowance::new(5, 1_000), Instant::now());
        spend(&[&large, &small], 2, 1, now).unwrap();
        for _ in 0..100 {
            spend(&[&large, &small], 1, 1, now).unwrap_err();
        }
        for _ in 0..8 {
            spend(&[&large], 1, 1, now).unwrap();
        }
    }
}
