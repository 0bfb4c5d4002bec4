use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use foldhash::{HashMap, HashMapExt};

use super::super::peer::Peer;

/// Bad tokens by address, so that whoever tries many is slowed down: after [`FREE`] of them the next is looked at
/// after one second, then two, four, up to a minute; meanwhile bad ones are answered with 429.
///
/// A good token passes at any time. Nobody guesses 256 random bits, slowed down or not: what is spared is the log and
/// the processor; and one program with a stale token must not lock out a desk that shares its address.
#[derive(Debug)]
pub(in crate::server) struct Attempts(Mutex<HashMap<Peer, Failures>>);

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Instant,
    /// Until then a bad token is not answered as such.
    until: Instant,
}

/// Typing errors and tokens that have just expired.
const FREE: u32 = 5;
const LONGEST: Duration = Duration::from_secs(60);
/// Whoever was quiet for so long begins anew.
const FORGET: Duration = Duration::from_secs(600);
/// About 400 KiB. Beyond that the ones that have been quiet for longest are forgotten.
const ADDRESSES: usize = 4_096;

impl Attempts {
    pub(in crate::server) fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    /// Notes a bad token. With an answer it is the time to wait instead of the verdict.
    pub(in crate::server) fn failed(&self, from: Peer, now: Instant) -> Option<Duration> {
        let mut peers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if peers.len() >= ADDRESSES && !peers.contains_key(&from) {
            make_room(&mut peers, now);
        }
        let failures = peers.entry(from).or_insert(Failures { count: 0, last: now, until: now });
        if now < failures.until {
            return Some(failures.until - now);
        }
        if now.duration_since(failures.last) > FORGET {
            failures.count = 0;
        }
        failures.count += 1;
        failures.last = now;
        let over = failures.count.checked_sub(FREE)?;
        let pause = Duration::from_secs(1_u64.checked_shl(over).unwrap_or(u64::MAX));
        failures.until = now + pause.min(LONGEST);
        None
    }
}

fn make_room(peers: &mut HashMap<Peer, Failures>, now: Instant) {
    peers.retain(|_, failures| now.duration_since(failures.last) <= FORGET);
    if peers.len() >= ADDRESSES {
        // Half of them at once, so that a flood from many addresses does not sort the rest each time.
        let mut ages: Vec<Instant> = peers.values().map(|failures| failures.last).collect();
        ages.sort_unstable();
        let median = ages[ages.len() / 2];
        peers.retain(|_, failures| failures.last > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(last: u8) -> Peer {
        Peer::from(std::net::IpAddr::from([127, 0, 0, last]))
    }

    #[test]
    fn each_bad_token_after_the_fifth_costs_more_time() {
        let (attempts, mut now) = (Attempts::new(), Instant::now());
        for _ in 0..5 {
            assert_eq!(attempts.failed(peer(1), now), None);
        }
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            let wait = Duration::from_secs(seconds);
            assert_eq!(attempts.failed(peer(1), now), Some(wait));
            assert_eq!(attempts.failed(peer(1), now + wait / 2), Some(wait / 2));
            now += wait;
            assert_eq!(attempts.failed(peer(1), now), None);
        }
        assert_eq!(attempts.failed(peer(2), now), None, "others are not slowed down");
        now += FORGET + LONGEST;
        assert_eq!(attempts.failed(peer(1), now), None);
        assert_eq!(attempts.failed(peer(1), now), None, "it began anew");
    }

    #[test]
    fn no_number_of_addresses_fills_the_memory() {
        let (attempts, now) = (Attempts::new(), Instant::now());
        for n in 0..20_000_u32 {
            let [_, a, b, c] = n.to_be_bytes();
            attempts.failed(Peer::from(std::net::IpAddr::from([10, a, b, c])), now);
        }
        assert!(attempts.0.lock().unwrap().len() <= ADDRESSES);
    }
}
