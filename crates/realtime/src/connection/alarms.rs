use crate::machine::{Generation, Monotonic, Timer};

/// When the machine's timers come due. They are asked for in every turn of the connection's task and set once in a while.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    set: [Option<(Monotonic, Generation)>; Timer::ALL.len()],
    earliest: Option<Monotonic>,
    /// The deadline that was last waited for.
    awaited: Option<Monotonic>,
}

impl Alarms {
    pub(super) fn set(&mut self, timer: Timer, at: Monotonic, generation: Generation) {
        self.put(timer, Some((at, generation)));
    }

    pub(super) fn clear(&mut self, timer: Timer) {
        self.put(timer, None);
    }

    fn put(&mut self, timer: Timer, alarm: Option<(Monotonic, Generation)>) {
        self.set[timer as usize] = alarm;
        self.earliest = self.set.iter().flatten().map(|(at, _)| *at).min();
    }

    pub(super) fn earliest(&self) -> Option<Monotonic> {
        self.earliest
    }

    /// Whether the earliest deadline is another one than at the last call.
    pub(super) fn take_moved(&mut self) -> bool {
        std::mem::replace(&mut self.awaited, self.earliest) != self.earliest
    }

    /// The timer that came due first. It is no longer set then.
    pub(super) fn due(&mut self, now: Monotonic) -> Option<(Timer, Generation)> {
        if self.earliest? > now {
            return None;
        }
        let (timer, (_, generation)) = Timer::ALL
            .into_iter()
            .filter_map(|timer| Some((timer, self.set[timer as usize]?)))
            .min_by_key(|(_, (at, _))| *at)?;
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
    fn that_the_earliest_moved_is_told_once() {
        let mut alarms = Alarms::default();
        assert!(!alarms.take_moved());
        alarms.set(Timer::Wake, at(5), Generation(1));
        assert!(alarms.take_moved() && !alarms.take_moved());
        alarms.set(Timer::Close, at(9), Generation(1));
        assert!(!alarms.take_moved(), "a later one");
        alarms.set(Timer::Wake, at(7), Generation(2));
        assert!(alarms.take_moved() && alarms.earliest() == Some(at(7)));
        alarms.clear(Timer::Wake);
        assert!(alarms.take_moved() && alarms.earliest() == Some(at(9)));
        assert_eq!(alarms.due(at(9)), Some((Timer::Close, Generation(1))));
        assert!(alarms.take_moved() && alarms.earliest().is_none());
    }

    #[test]
    fn every_timer_has_its_own_place() {
        for (i, timer) in Timer::ALL.into_iter().enumerate() {
            assert_eq!(timer as usize, i);
        }
    }
}
