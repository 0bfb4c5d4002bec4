use std::ops::Range;
use std::time::Duration;

use super::{Direction, Fault};

/// Which faults happen by themselves.
#[derive(Clone, Debug)]
pub struct FaultPlan {
    seed: Option<u64>,
    bytes: Range<u64>,
    within: Duration,
}

impl FaultPlan {
    /// None but those asked for with [`FaultProxy::inject`](super::FaultProxy::inject).
    #[must_use]
    pub fn none() -> Self {
        Self { seed: None, bytes: 0..1, within: Duration::ZERO }
    }

    /// One random fault after another in every connection: each after 0 to 64 KiB, or 2 s, whichever comes first.
    #[must_use]
    pub fn random(seed: u64) -> Self {
        Self { seed: Some(seed), bytes: 0..64 * 1024, within: Duration::from_secs(2) }
    }

    /// The bytes that go through between two faults.
    ///
    /// # Panics
    /// When the range is empty.
    #[must_use]
    pub fn every(mut self, bytes: Range<u64>) -> Self {
        assert!(!bytes.is_empty(), "a fault needs a place");
        self.bytes = bytes;
        self
    }

    /// The longest time between two faults, however little goes through.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.within = time;
        self
    }

    pub(super) fn dice(self) -> Dice {
        let rng = self.seed.map(fastrand::Rng::with_seed);
        Dice { rng, plan: self }
    }
}

/// Decides what happens next.
#[derive(Debug)]
pub(super) struct Dice {
    rng: Option<fastrand::Rng>,
    plan: FaultPlan,
}

/// The next fault of a connection: whichever of the two limits is reached first.
#[derive(Clone, Debug)]
pub(super) struct Next {
    pub(super) fault: Fault,
    pub(super) after_bytes: u64,
    pub(super) after: Duration,
}

impl Dice {
    /// Those of the next connection. What one of them throws does not depend on what goes on in the others.
    pub(super) fn connection(&mut self) -> Self {
        let rng = self.rng.as_mut().map(fastrand::Rng::fork);
        Self { rng, plan: self.plan.clone() }
    }

    pub(super) fn next(&mut self) -> Option<Next> {
        let rng = self.rng.as_mut()?;
        let direction = if rng.bool() { Direction::ToServer } else { Direction::ToClient };
        let fault = match rng.u8(0..9) {
            0 => Fault::Refuse,
            1 => Fault::Drop,
            2 => Fault::BlackHole { direction },
            3 => Fault::Delay { by: Duration::from_millis(rng.u64(1..100)) },
            4 => Fault::HalfClose { direction },
            5 => Fault::Reset,
            6 => Fault::Throttle { bytes_per_second: rng.u32(16 << 10..1 << 20) },
            7 => Fault::Truncate,
            _ => Fault::Replace { with: b"HTTP/1.1 500 Internal Server Error\r\n\r\n".to_vec() },
        };
        let after_bytes = rng.u64(self.plan.bytes.clone());
        let longest = u64::try_from(self.plan.within.as_millis()).unwrap_or(u64::MAX);
        let after = Duration::from_millis(rng.u64(0..=longest));
        Some(Next { fault, after_bytes, after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_throws_the_same() {
        let throw = |seed| {
            let mut dice = FaultPlan::random(seed).dice();
            let mut first = dice.connection();
            let mut second = dice.connection();
            let next = |dice: &mut Dice| dice.next().map(|next| (next.fault, next.after_bytes));
            [next(&mut first), next(&mut second), next(&mut first)]
        };
        assert_eq!(throw(1), throw(1));
        assert_ne!(throw(1), throw(2));
    }

    #[test]
    fn every_kind_has_its_turn() {
        let mut dice = FaultPlan::random(7).dice();
        let mut kinds: Vec<_> =
            (0..500).map(|_| std::mem::discriminant(&dice.next().unwrap().fault)).collect();
        kinds.sort_by_key(|kind| format!("{kind:?}"));
        kinds.dedup();
        assert_eq!(kinds.len(), 9);
    }
}
