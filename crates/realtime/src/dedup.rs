use std::hash::BuildHasher;
use std::time::Duration;

use foldhash::fast::FixedState;
use wire::Message;

use crate::machine::Monotonic;

/// Recognises messages that were seen before by `(type, id, timestamp)`. Without an id there is nothing to
/// recognise them by.
///
/// It keeps 128-bit fingerprints, under a random seed, rather than the texts: a false match would lose an alert, and
/// at 50,000 messages a second for a century the chance of one is below 10⁻²¹.
///
/// Every message passes here, and nearly every one is new and makes the oldest be forgotten. So forgetting costs nothing:
/// messages are numbered, those of a hash form a chain from the newest to older ones, and a chain ends where its numbers
/// are too old, whatever lies there by now. What is looked at for a message stays small enough for the processor's cache.
#[derive(Debug)]
pub(crate) struct Dedup {
    limit: usize,
    age_millis: u64,
    hashers: [FixedState; 2],
    /// Of the oldest that is remembered. Numbers go on for ever, and round.
    first: u32,
    /// Of the next one.
    next: u32,
    places: Places,
}

type Fingerprint = [u64; 2];

/// Where what was seen lies, a power of two of them: a message's place is its number, round and round. Apart by what is
/// looked at together.
#[derive(Debug, Default)]
struct Places {
    fingerprints: Vec<Fingerprint>,
    at_millis: Vec<u64>,
    /// The number before it in its chain.
    older: Vec<u32>,
    /// The newest number of each chain. There are twice as many chains as places.
    newest: Vec<u32>,
}

/// Places to begin with.
const FEW: usize = 64;

impl Dedup {
    pub(crate) fn new(limit: usize, age: Duration, rng: &mut fastrand::Rng) -> Self {
        Self {
            // So that numbers are never ambiguous.
            limit: limit.min(1 << 30),
            age_millis: millis(age),
            hashers: [FixedState::with_seed(rng.u64(..)), FixedState::with_seed(rng.u64(..))],
            first: 0,
            next: 0,
            places: Places::default(),
        }
    }

    /// Whether the message is new. From now on it is not.
    pub(crate) fn is_new(&mut self, message: &Message, now: Monotonic) -> bool {
        let Some(identity) = message.identity() else { return true };
        if self.limit == 0 {
            return true;
        }
        let now = millis(now.0);
        while self.len() > 0
            && (self.len() >= self.limit
                || now.saturating_sub(self.places.at_millis(self.first)) > self.age_millis)
        {
            // It makes room even if the message turns out to be known: one id fewer is remembered then.
            self.first = self.first.wrapping_add(1);
        }
        let fingerprint = self.hashers.each_ref().map(|hasher| hasher.hash_one(&identity));
        if self.len() == self.places.len() {
            self.grow();
        }
        if self.places.has(fingerprint, self.first, self.next) {
            return false;
        }
        self.places.put(self.next, fingerprint, now);
        self.next = self.next.wrapping_add(1);
        true
    }

    /// How many are remembered.
    fn len(&self) -> usize {
        self.next.wrapping_sub(self.first) as usize
    }

    fn grow(&mut self) {
        let most = self.limit.next_power_of_two();
        let places = (2 * self.places.len()).max(FEW).min(most);
        let mut grown = Places::new(places, self.first);
        for n in 0..self.len() as u32 {
            let number = self.first.wrapping_add(n);
            let fingerprint = self.places.fingerprints[self.places.of(number)];
            grown.put(number, fingerprint, self.places.at_millis(number));
        }
        self.places = grown;
    }
}

impl Places {
    /// None of them taken by `first` or a later one.
    fn new(places: usize, first: u32) -> Self {
        let too_old = first.wrapping_sub(1);
        Self {
            fingerprints: vec![Fingerprint::default(); places],
            at_millis: vec![0; places],
            older: vec![too_old; places],
            newest: vec![too_old; 2 * places],
        }
    }

    fn len(&self) -> usize {
        self.fingerprints.len()
    }

    fn of(&self, number: u32) -> usize {
        number as usize & (self.len() - 1)
    }

    /// A fingerprint is a hash already.
    fn chain(&self, fingerprint: Fingerprint) -> usize {
        fingerprint[0] as usize & (self.newest.len() - 1)
    }

    fn at_millis(&self, number: u32) -> u64 {
        self.at_millis[self.of(number)]
    }

    /// Whether one of the numbers from `first` up to `next` has this fingerprint.
    fn has(&self, fingerprint: Fingerprint, first: u32, next: u32) -> bool {
        let mut number = self.newest[self.chain(fingerprint)];
        let mut end = next.wrapping_sub(first);
        // From each to an older one: a number of the last time round, which seems to be newer, ends the chain as well.
        loop {
            let position = number.wrapping_sub(first);
            if position >= end {
                return false;
            }
            let place = self.of(number);
            if self.fingerprints[place] == fingerprint {
                return true;
            }
            end = position;
            number = self.older[place];
        }
    }

    fn put(&mut self, number: u32, fingerprint: Fingerprint, at_millis: u64) {
        let (place, chain) = (self.of(number), self.chain(fingerprint));
        self.fingerprints[place] = fingerprint;
        self.at_millis[place] = at_millis;
        self.older[place] = std::mem::replace(&mut self.newest[chain], number);
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;
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
            assert!(dedup.len() <= 4 && dedup.places.len() <= 4);
        }
        assert!(!dedup.is_new(&message("a", Some("1"), 999), at(0)));
        assert!(dedup.is_new(&message("a", Some("1"), 0), at(0)));
    }

    #[test]
    fn the_numbers_go_round() {
        let last = u32::MAX - 1;
        let mut dedup = Dedup { first: last, next: last, ..dedup(4) };
        for i in 0..10 {
            assert!(dedup.is_new(&message("a", Some("1"), i), at(0)));
            for known in (i - 1).max(0)..=i {
                // Each look makes room for a new one.
                assert!(!dedup.is_new(&message("a", Some("1"), known), at(0)));
            }
        }
        assert!(dedup.first < 20);
    }

    #[test]
    fn all_are_known_however_many_there_are() {
        let mut dedup = dedup(5_000);
        for i in 0..5_000 {
            assert!(dedup.is_new(&message("a", Some("1"), i), at(0)));
        }
        // The first look makes room for a new one, which does not come.
        for i in (1..5_000).rev() {
            assert!(!dedup.is_new(&message("a", Some("1"), i), at(0)), "{i}");
        }
    }

    /// The same without any art: the oldest go first, all others are compared.
    struct Plain {
        limit: usize,
        seen: VecDeque<(i64, u64)>,
    }

    impl Plain {
        fn is_new(&mut self, id: i64, now: u64) -> bool {
            while self
                .seen
                .front()
                .is_some_and(|(_, at)| self.seen.len() >= self.limit || now - at > 600)
            {
                self.seen.pop_front();
            }
            let is_new = self.seen.iter().all(|(seen, _)| *seen != id);
            if is_new {
                self.seen.push_back((id, now));
            }
            is_new
        }
    }

    proptest! {
        /// Few chains and many messages, so that chains are long and what lies in them is replaced again and again.
        #[test]
        fn it_knows_what_a_plain_list_knows(
            limit in 1usize..200,
            start in prop_oneof![Just(0), Just(u32::MAX - 100), any::<u32>()],
            seen in prop::collection::vec((0i64..300, 0u64..20), 0..1_000),
        ) {
            let mut dedup = Dedup { first: start, next: start, ..dedup(limit) };
            let mut plain = Plain { limit, seen: VecDeque::new() };
            let mut now = 0;
            for (id, later) in seen {
                now += later;
                let is_new = dedup.is_new(&message("a", Some("1"), id), at(now));
                prop_assert_eq!(is_new, plain.is_new(id, now));
            }
        }
    }
}
