use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Tells the clients of a gateway that restarts when to come back: each has a moment of its own, and all of them are
/// spread evenly over a time that goes with their number.
#[derive(Debug, Default)]
pub(super) struct Departures {
    /// When the first one left.
    clients: OnceLock<u64>,
    told: AtomicU64,
}

/// For each client, which is a hundred of them in a second: what a greeting costs, many times over.
const EACH_MS: u64 = 10;
const SHORTEST_MS: u64 = 1_000;
/// Nobody is left alone for longer, however many there are.
const LONGEST_MS: u64 = 10_000;

impl Departures {
    /// How long the next client is to stay away. `clients` is how many there are now, the next one among them.
    pub(super) fn retry_after_ms(&self, clients: u64) -> u64 {
        let clients = *self.clients.get_or_init(|| clients.max(1));
        let time = (EACH_MS * clients).clamp(SHORTEST_MS, LONGEST_MS);
        let nth = self.told.fetch_add(1, Ordering::Relaxed) % clients;
        // Two gateways that restart together do not send theirs at the same moments.
        (time * nth + fastrand::u64(0..=time)) / clients
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(clients: u64, longest: u64, in_any_tenth: u64) {
        let departures = Departures::default();
        // Fewer are there each time one has left.
        let told = (0..clients).map(|gone| departures.retry_after_ms(clients - gone));
        let mut told: Vec<u64> = told.collect();
        told.sort_unstable();
        assert!(*told.last().unwrap() <= longest, "{told:?}");
        for from in &told {
            let window = told.iter().filter(|at| (*from..from + 100).contains(*at)).count() as u64;
            assert!(window <= in_any_tenth, "{window} from {from} ms on");
        }
    }

    #[test]
    fn every_client_has_a_moment_of_its_own() {
        check(1, 1_000, 1);
        check(100, 1_000, 12);
        check(1_000, 10_000, 12);
        check(3_000, 10_000, 32);
    }
}
