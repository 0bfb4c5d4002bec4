use crate::machine::{Generation, Monotonic, Timer};

/// When the machine's timers come due.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    set: [Option<(Monotonic, Generation)>; Timer::ALL.len()],
    /// The deadline that was last waited for.
    awaited: Option<Monotonic>,
}

impl Alarms {
    pub(super) fn set(&mut self, timer: Timer, at: Monotonic, generation: Generation) {
        self.set[timer as usize] = Some((at, generation));
    }

    pub(super) fn clear(&mut self, timer: Timer) {
        self.set[timer as usize] = None;
    }

    pub(super) fn earliest(&self) -> Option<Monotonic> {
        self.set.iter().flatten().map(|(at, _)| *at).min()
    }

    /// Whether the earliest deadline is another one than at the last call.
    pub(super) fn take_moved(&mut self) -> bool {
        let earliest = self.earliest();
        std::mem::replace(&mut self.awaited, earliest) != earliest
    }

    /// The timer that came due first. It is no longer set then.
    pub(super) fn due(&mut self, now: Monotonic) -> Option<(Timer, Generation)> {
        let (timer, (at, generation)) = Timer::ALL
            .into_iter()
            .filter_map(|timer| Some((timer, self.set[timer as usize]?)))
            .min_by_key(|(_, (at, _))| *at)?;
        if at > now {
            return None;
        }
        self.clear(timer);
        Some((timer, generation))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const fn at(seconds: u64) -> Monotonic {
        Monotonic(Duration::from_secs(seconds))
    }

    #[test]
    fn timers_come_due_in_order_and_once() {
        let mut alarms = Alarms::default();
        alarms.set(Timer::Wake, at(5), Generation(1));
        alarms.set(Timer::Retry, at(3), Generation(2));
        alarms.set(Timer::Close, at(9), Generation(3));
        assert_eq!(alarms.earliest(), Some(at(3)));
        assert_eq!(alarms.due(at(2)), None);
        assert_eq!(alarms.due(at(6)), Some((Timer::Retry, Generation(2))));
        assert_eq!(alarms.due(at(6)), Some((Timer::Wake, Generation(1))));
        assert_eq!(alarms.due(at(6)), None);
        alarms.clear(Timer::Close);
        assert_eq!(alarms.earliest(), None);
    }

    #[test]
    fn every_timer_has_its_own_place() {
        for (i, timer) in Timer::ALL.into_iter().enumerate() {
            assert_eq!(timer as usize, i);
        }
    }
}
