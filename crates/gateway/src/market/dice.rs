use std::f64::consts::TAU;

/// The market's only source of chance: seeded, so that a market can be played again.
#[derive(Clone, Debug)]
pub(super) struct Dice(fastrand::Rng);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// A standard normal variate (Box–Muller; the second one of each pair is not worth the state).
    pub(super) fn normal(&mut self) -> f64 {
        // 1 − U lies in (0, 1], where the logarithm is finite.
        let radius = (-2.0 * (1.0 - self.0.f64()).ln()).sqrt();
        radius * (TAU * self.0.f64()).cos()
    }

    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.f64()
    }

    /// Whether something happens that has this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.0.f64() < probability
    }

    /// Whether something that comes once per `mean_seconds` on average comes within the next `seconds`.
    pub(super) fn within(&mut self, seconds: f64, mean_seconds: f64) -> bool {
        self.chance(seconds / mean_seconds)
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.0.usize(..from.len())]
    }

    pub(super) fn id(&mut self) -> u64 {
        self.0.u64(..)
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        self.0.shuffle(items);
    }
}
