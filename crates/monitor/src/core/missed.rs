//! What did not come, or cannot be read: told once it is known to be lost.

use std::time::Duration;

use domain::{Level, UnixMillis};
use realtime::Event;
use realtime::wire::{Invalid, InvalidKind};

use crate::Notice;
use crate::say::connection as say;

/// A snapshot that makes up for a gap follows at once. Without one for this long, none will.
const SNAPSHOT_WITHIN: Duration = Duration::from_secs(30);
/// A key that is missing is missing for each message: it is told this often.
const SEALED_AGAIN: Duration = Duration::from_secs(3_600);

#[derive(Debug, Default)]
pub(super) struct Missed {
    gap: Option<Gap>,
    sealed_told: Option<UnixMillis>,
    unread: Option<Notice>,
}

/// Messages after `from` and up to `to`, which the server did not send again.
#[derive(Debug)]
struct Gap {
    from: u64,
    to: u64,
    since: UnixMillis,
}

impl Missed {
    pub(super) fn event(&mut self, event: &Event, now: UnixMillis) {
        match event {
            Event::Gap { from, to, recovered: false, .. } => {
                let since = self.gap.as_ref().map_or(now, |gap| gap.since);
                let from = self.gap.as_ref().map_or(*from, |gap| gap.from.min(*from));
                self.gap = Some(Gap { from, to: *to, since });
            }
            // It says itself whether anything is lost.
            Event::Snapshot { .. } => self.gap = None,
            _ => {}
        }
    }

    /// A message that was dropped.
    pub(super) fn invalid(&mut self, invalid: &Invalid, now: UnixMillis) {
        if invalid.kind != InvalidKind::Encrypted {
            return;
        }
        // The clock may have been set back.
        let told = |at| now >= at && now.since(at) < SEALED_AGAIN;
        if self.sealed_told.is_some_and(told) {
            return;
        }
        self.sealed_told = Some(now);
        let reason = invalid.to_string();
        self.unread = Some(Notice::system(Level::High, |language| {
            (say::unreadable(language), say::unreadable_how(language, &reason))
        }));
    }

    /// What is to be told of messages that could not be read.
    pub(super) fn take_unread(&mut self) -> Option<Notice> {
        self.unread.take()
    }

    pub(super) fn tick(&mut self, now: UnixMillis) -> Option<Notice> {
        let Gap { from, to, .. } =
            self.gap.take_if(|gap| now < gap.since || now.since(gap.since) >= SNAPSHOT_WITHIN)?;
        let (from, to) = (from.to_string(), to.to_string());
        Some(Notice::system(Level::High, |language| {
            (say::gap(language), say::gap_how(language, &from, &to))
        }))
    }
}

#[cfg(test)]
mod tests {
    use domain::Language;

    use super::*;

    const T: UnixMillis = UnixMillis(1_763_800_000_000);

    fn gap(from: u64, to: u64, recovered: bool) -> Event {
        Event::Gap { at: T, from, to, recovered }
    }

    #[test]
    fn a_gap_is_lost_when_no_snapshot_makes_up_for_it() {
        let mut missed = Missed::default();
        missed.event(&gap(3, 9, true), T);
        assert_eq!(missed.tick(T.plus(SNAPSHOT_WITHIN)), None, "it was filled");
        missed.event(&gap(10, 12, false), T);
        missed.event(&gap(14, 15, false), T.plus(Duration::from_secs(1)));
        assert_eq!(missed.tick(T.plus(Duration::from_secs(29))), None);
        let told = missed.tick(T.plus(SNAPSHOT_WITHIN)).unwrap();
        let message = told.said.message(Language::English);
        assert!(message.contains("after 10 and up to 15"), "{message}");
        let message = told.said.message(Language::German);
        assert!(message.contains("nach 10 bis einschließlich 15"), "{message}");
        assert_eq!(missed.tick(T.plus(2 * SNAPSHOT_WITHIN)), None, "once");

        missed.event(&gap(20, 30, false), T);
        let snapshot = Event::Snapshot { at: T, offset: 30, keys: 1, lost_events: Some(0) };
        missed.event(&snapshot, T);
        assert_eq!(missed.tick(T.plus(2 * SNAPSHOT_WITHIN)), None);
    }

    #[test]
    fn what_cannot_be_read_is_told_once_an_hour() {
        let mut missed = Missed::default();
        let mut told = |kind, seconds| {
            let invalid = Invalid::new(kind, "no key `k2`", b"{}");
            missed.invalid(&invalid, T.plus(Duration::from_secs(seconds)));
            missed.take_unread()
        };
        assert_eq!(told(InvalidKind::Payload, 0), None);
        let first = told(InvalidKind::Encrypted, 0).unwrap();
        let message = first.said.message(Language::English);
        assert!(first.severity == Level::High && message.contains("k2"), "{first:?}");
        assert_eq!(told(InvalidKind::Encrypted, 3_599), None);
        assert!(told(InvalidKind::Encrypted, 3_600).is_some());
    }
}
