use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::time::Duration;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use wire::Message;

use crate::machine::Monotonic;

/// Recognises messages that were seen before by `(type, id, timestamp)`. Without an id there is nothing to
/// recognise them by.
///
/// It keeps 128-bit fingerprints, under a random seed, rather than the texts: a false match would lose an alert, and
/// at 50,000 messages a second for a century the chance of one is below 10⁻²¹.
#[derive(Debug)]
pub(crate) struct Dedup {
    limit: usize,
    age: Duration,
    hashers: [FixedState; 2],
    /// The oldest first. Every message passes here: this is kept small enough to stay in the processor's cache.
    seen: VecDeque<Seen>,
    /// Finds what was seen, by its number. The numbers go on for ever, and round.
    index: HashTable<u32>,
    /// The oldest one's number.
    first: u32,
}

type Fingerprint = [u64; 2];

#[derive(Clone, Copy, Debug)]
struct Seen {
    fingerprint: Fingerprint,
    at_millis: u64,
}

impl Dedup {
    pub(crate) fn new(limit: usize, age: Duration, rng: &mut fastrand::Rng) -> Self {
        Self {
            limit,
            age,
            hashers: [FixedState::with_seed(rng.u64(..)), FixedState::with_seed(rng.u64(..))],
            seen: VecDeque::new(),
            index: HashTable::new(),
            first: 0,
        }
    }

    /// Whether the message is new. From now on it is not.
    pub(crate) fn is_new(&mut self, message: &Message, now: Monotonic) -> bool {
        let Some(identity) = message.identity() else { return true };
        if self.limit == 0 {
            return true;
        }
        let now = millis(now.0);
        while let Some(oldest) = self.seen.front().copied()
            && (now.saturating_sub(oldest.at_millis) > millis(self.age)
                || self.seen.len() >= self.limit)
        {
            // It makes room even if the message turns out to be known: one id fewer is remembered then.
            self.forget(oldest);
        }
        let fingerprint = self.hashers.each_ref().map(|hasher| hasher.hash_one(&identity));
        let of = |number: &u32| self.seen[number.wrapping_sub(self.first) as usize].fingerprint;
        let entry = self.index.entry(hash(fingerprint), |n| of(n) == fingerprint, |n| hash(of(n)));
        match entry {
            Entry::Occupied(_) => false,
            Entry::Vacant(slot) => {
                // Of at most a million.
                slot.insert(self.first.wrapping_add(self.seen.len() as u32));
                self.seen.push_back(Seen { fingerprint, at_millis: now });
                true
            }
        }
    }

    fn forget(&mut self, oldest: Seen) {
        let found = self.index.find_entry(hash(oldest.fingerprint), |n| *n == self.first);
        if let Ok(entry) = found {
            entry.remove();
        }
        self.seen.pop_front();
        self.first = self.first.wrapping_add(1);
    }
}

/// A fingerprint is a hash already.
fn hash(fingerprint: Fingerprint) -> u64 {
    fingerprint[0]
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use wire::UnixMillis;

    use super::*;

    fn message(ty: &str, id: Option<&str>, timestamp: i64) -> Message {
        Message::new(ty, &(), UnixMillis(timestamp), id).unwrap()
    }

    fn dedup(limit: usize) -> Dedup {
        Dedup::new(limit, Duration::from_secs(600), &mut fastrand::Rng::with_seed(1))
    }

    const fn at(seconds: u64) -> Monotonic {
        Monotonic(Duration::from_secs(seconds))
    }

    #[test]
    fn type_id_and_timestamp_together_are_the_identity() {
        let mut dedup = dedup(100);
        assert!(dedup.is_new(&message("a", Some("1"), 5), at(0)));
        assert!(!dedup.is_new(&message("a", Some("1"), 5), at(0)));
        assert!(dedup.is_new(&message("b", Some("1"), 5), at(0)));
        assert!(dedup.is_new(&message("a", Some("2"), 5), at(0)));
        assert!(dedup.is_new(&message("a", Some("1"), 6), at(0)));
        // Joined without a border these two would be the same text.
        assert!(dedup.is_new(&message("xy", Some("z"), 5), at(0)));
        assert!(dedup.is_new(&message("x", Some("yz"), 5), at(0)));
    }

    #[test]
    fn without_an_id_nothing_is_a_duplicate() {
        let mut dedup = dedup(100);
        assert!(dedup.is_new(&message("a", None, 5), at(0)));
        assert!(dedup.is_new(&message("a", None, 5), at(0)));
    }

    #[test]
    fn ids_are_forgotten_by_age() {
        let mut dedup = dedup(100);
        assert!(dedup.is_new(&message("a", Some("1"), 5), at(0)));
        assert!(!dedup.is_new(&message("a", Some("1"), 5), at(600)));
        assert!(dedup.is_new(&message("a", Some("1"), 5), at(601)));
    }

    #[test]
    fn ids_are_forgotten_by_number_and_memory_stays_bounded() {
        let mut dedup = dedup(4);
        for i in 0..1_000 {
            assert!(dedup.is_new(&message("a", Some("1"), i), at(0)));
            assert!(dedup.seen.len() <= 4 && dedup.index.len() <= 4);
        }
        assert!(!dedup.is_new(&message("a", Some("1"), 999), at(0)));
        assert!(dedup.is_new(&message("a", Some("1"), 0), at(0)));
    }

    #[test]
    fn the_numbers_go_round() {
        let mut dedup = Dedup { first: u32::MAX - 1, ..dedup(4) };
        for i in 0..10 {
            assert!(dedup.is_new(&message("a", Some("1"), i), at(0)));
            for known in (i - 1).max(0)..=i {
                // Each look makes room for a new one.
                assert!(!dedup.is_new(&message("a", Some("1"), known), at(0)));
            }
        }
        assert!(dedup.first < 20);
    }
}
