use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use std::time::Duration;

use foldhash::fast::FixedState;
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
    seen: HashSet<u128, BuildHasherDefault<Already>>,
    order: VecDeque<(u128, Monotonic)>,
}

impl Dedup {
    pub(crate) fn new(limit: usize, age: Duration, rng: &mut fastrand::Rng) -> Self {
        Self {
            limit,
            age,
            hashers: [FixedState::with_seed(rng.u64(..)), FixedState::with_seed(rng.u64(..))],
            seen: HashSet::default(),
            order: VecDeque::new(),
        }
    }

    /// Whether the message is new. From now on it is not.
    pub(crate) fn is_new(&mut self, message: &Message, now: Monotonic) -> bool {
        let Some(id) = &message.id else { return true };
        if self.limit == 0 {
            return true;
        }
        while let Some((oldest, at)) = self.order.front()
            && (now.since(*at) > self.age || self.order.len() >= self.limit)
        {
            // The oldest makes room even if the message turns out to be known: one id fewer is remembered then.
            self.seen.remove(oldest);
            self.order.pop_front();
        }
        let half = |hasher: &FixedState| {
            let mut hasher = hasher.build_hasher();
            message.ty.as_str().hash(&mut hasher);
            id.as_str().hash(&mut hasher);
            message.timestamp.hash(&mut hasher);
            u128::from(hasher.finish())
        };
        let fingerprint = half(&self.hashers[0]) << 64 | half(&self.hashers[1]);
        let is_new = self.seen.insert(fingerprint);
        if is_new {
            self.order.push_back((fingerprint, now));
        }
        is_new
    }
}

/// A fingerprint is a hash already.
#[derive(Default)]
struct Already(u64);

impl Hasher for Already {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("fingerprints hash as one u128");
    }

    fn write_u128(&mut self, fingerprint: u128) {
        self.0 = (fingerprint >> 64) as u64;
    }
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
            assert!(dedup.seen.len() <= 4 && dedup.order.len() <= 4);
        }
        assert!(!dedup.is_new(&message("a", Some("1"), 999), at(0)));
        assert!(dedup.is_new(&message("a", Some("1"), 0), at(0)));
    }
}
