//! What is told of what is found: pure, with the clock passed in.

use std::time::Duration;

use tokio::time::Instant;

use crate::{Event, Network, Screen};

/// A network that changes again within this is told of once, as it is then. Long enough for a program that manages
/// networks to get from one to the next, and a third of what a person may wait for a live picture.
const SETTLE: Duration = Duration::from_secs(1);

/// What a source has found. Each is a change to whoever found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    Asleep,
    Awake,
    Network(Network),
    Screen(Screen),
}

/// What was told, and what waits to be.
#[derive(Debug, Default)]
pub(crate) struct Telling {
    network: Network,
    screen: Screen,
    /// The network as it is now, and when that is told.
    waiting: Option<(Network, Instant)>,
    /// The last word on sleep, and when it came.
    sleep: Option<(Event, Instant)>,
}

impl Telling {
    /// What is told at once.
    pub(crate) fn hear(&mut self, report: Report, now: Instant) -> Option<Event> {
        match report {
            Report::Asleep => self.sleep(Event::Asleep, now),
            Report::Awake => self.sleep(Event::Awake, now),
            Report::Screen(screen) => (std::mem::replace(&mut self.screen, screen) != screen)
                .then_some(Event::Screen(screen)),
            Report::Network(network) => self.network(network, now),
        }
    }

    /// When [`settled`](Self::settled) has something to say.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.waiting.map(|(_, due)| due)
    }

    /// What is told now that it has lasted.
    pub(crate) fn settled(&mut self, now: Instant) -> Option<Event> {
        let (network, _) = self.waiting.take_if(|(_, due)| now >= *due)?;
        self.network = network;
        Some(Event::Network(network))
    }

    fn network(&mut self, network: Network, now: Instant) -> Option<Event> {
        match (self.network, network, self.waiting) {
            // Somebody may be in danger meanwhile: good news does not wait.
            (Network::Down, Network::Up, _) => {
                self.network = Network::Up;
                Some(Event::Network(Network::Up))
            }
            (Network::Down, Network::Down, _) => None,
            // From the first change on: what never comes to rest is told of all the same.
            (Network::Up, _, waiting) => {
                let due = waiting.map_or(now + SETTLE, |(_, due)| due);
                self.waiting = Some((network, due));
                None
            }
        }
    }

    /// A wake-up that nobody announced counts, too: a probe is cheap, and a socket that died unnoticed is not.
    fn sleep(&mut self, event: Event, now: Instant) -> Option<Event> {
        let last = self.sleep.replace((event, now));
        let again = last.is_some_and(|(before, at)| before == event && now < at + SETTLE);
        (!again).then_some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: Report = Report::Network(Network::Up);
    const DOWN: Report = Report::Network(Network::Down);

    /// Plays reports at milliseconds, and compares what is told, at which.
    #[track_caller]
    fn check(reports: &[(u64, Report)], expected: &[(u64, Event)]) {
        let start = Instant::now();
        let mut telling = Telling::default();
        let mut told = Vec::new();
        let since = |at: Instant| u64::try_from((at - start).as_millis()).unwrap();
        let settle = |telling: &mut Telling, until: Option<Instant>| {
            let mut events = Vec::new();
            while let Some(due) =
                telling.due().filter(|due| until.is_none_or(|until| *due <= until))
            {
                events.extend(telling.settled(due).map(|event| (since(due), event)));
            }
            events
        };
        for (at, report) in reports {
            let now = start + Duration::from_millis(*at);
            told.extend(settle(&mut telling, Some(now)));
            told.extend(telling.hear(*report, now).map(|event| (*at, event)));
        }
        told.extend(settle(&mut telling, None));
        assert_eq!(told, expected, "{reports:?}");
    }

    #[test]
    fn a_network_is_told_of_when_it_has_settled() {
        let (up, down) = (Event::Network(Network::Up), Event::Network(Network::Down));
        for (reports, expected) in [
            (&[(0, DOWN)][..], &[(1_000, down)][..]),
            // Another one than before.
            (&[(0, UP)], &[(1_000, up)]),
            (&[(0, DOWN), (400, UP)], &[(1_000, up)]),
            (&[(0, DOWN), (300, UP), (600, DOWN), (900, UP)], &[(1_000, up)]),
            (&[(0, UP), (300, DOWN), (600, UP), (900, DOWN)], &[(1_000, down)]),
            (&[(0, DOWN), (2_000, DOWN)], &[(1_000, down)]),
            // Back: at once.
            (&[(0, DOWN), (5_000, UP)], &[(1_000, down), (5_000, up)]),
            (
                &[(0, DOWN), (5_000, UP), (5_100, DOWN)],
                &[(1_000, down), (5_000, up), (6_100, down)],
            ),
            (&[(0, DOWN), (5_000, UP), (5_100, UP)], &[(1_000, down), (5_000, up), (6_100, up)]),
        ] {
            check(reports, expected);
        }
    }

    #[test]
    fn what_never_comes_to_rest_is_told_of_once_a_second() {
        let flapping: Vec<_> =
            (0..50).map(|n| (n * 100, if n % 2 == 0 { DOWN } else { UP })).collect();
        let start = Instant::now();
        let (mut telling, mut told) = (Telling::default(), 0);
        for (at, report) in flapping {
            let now = start + Duration::from_millis(at);
            told += usize::from(telling.settled(now).is_some());
            told += usize::from(telling.hear(report, now).is_some());
        }
        assert!((4..=10).contains(&told), "{told} in five seconds");
    }

    #[test]
    fn sleep_and_screen_are_told_at_once_and_not_twice() {
        let locked = Report::Screen(Screen::Locked);
        let screen = |at, screen| (at, Event::Screen(screen));
        check(
            &[(0, Report::Asleep), (10, Report::Asleep), (20, Report::Awake), (30, Report::Awake)],
            &[(0, Event::Asleep), (20, Event::Awake)],
        );
        // The going to sleep of the second was missed.
        check(
            &[(0, Report::Awake), (5_000, Report::Awake)],
            &[(0, Event::Awake), (5_000, Event::Awake)],
        );
        check(&[(0, Report::Screen(Screen::Unknown))], &[]);
        check(
            &[(0, locked), (1, locked), (2, Report::Screen(Screen::Unlocked)), (3, locked)],
            &[screen(0, Screen::Locked), screen(2, Screen::Unlocked), screen(3, Screen::Locked)],
        );
    }
}
