use proptest::prelude::*;

use super::*;

const fn at(seconds: u64) -> Monotonic {
    Monotonic(Duration::from_secs(seconds))
}

fn ring(policy: EndpointPolicy, n: usize) -> EndpointRing {
    let options = Options { endpoint_policy: policy, ..Options::default() };
    let parse = |i| Endpoint::parse(&format!("wss://{i}.example/")).unwrap();
    EndpointRing::new((0..n).map(parse).collect(), &options)
}

struct Play {
    ring: EndpointRing,
    rng: fastrand::Rng,
}

impl Play {
    fn new(policy: EndpointPolicy, n: usize) -> Self {
        Self { ring: ring(policy, n), rng: fastrand::Rng::with_seed(5) }
    }

    fn next(&mut self, now: u64) -> usize {
        self.ring.next(at(now), &mut self.rng);
        self.ring.current
    }

    /// The endpoints of attempts that all fail, one a second.
    fn failing(&mut self, seconds: std::ops::Range<u64>) -> Vec<usize> {
        let attempt = |now| {
            let i = self.next(now);
            self.ring.failed(at(now), Verdict::Retry);
            i
        };
        seconds.map(attempt).collect()
    }

    fn good(&mut self, now: u64, ms: u64) -> usize {
        let i = self.next(now);
        self.ring.opened(at(now).plus(Duration::from_millis(ms)));
        self.ring.ended_well();
        i
    }
}

#[test]
fn the_primary_comes_first_and_a_failure_moves_on() {
    let mut play = Play::new(EndpointPolicy::PrimaryFirst, 3);
    assert_eq!(play.failing(0..5), [0, 1, 2, 0, 1]);
}

#[test]
fn a_fall_back_stays_for_ten_minutes() {
    let mut play = Play::new(EndpointPolicy::PrimaryFirst, 2);
    play.failing(0..1);
    assert_eq!(play.good(1, 10), 1);
    assert_eq!(play.good(300, 10), 1, "still sticky");
    assert_eq!(play.good(600, 10), 1, "until ten minutes after the first session on it");
    // The failure of long ago is held against the primary no more.
    assert_eq!(play.good(602, 10), 0);
    assert_eq!(play.good(603, 10), 0);
}

#[test]
fn three_failures_open_the_circuit_for_a_minute() {
    let mut play = Play::new(EndpointPolicy::PrimaryFirst, 2);
    assert_eq!(play.failing(0..5), [0, 1, 0, 1, 0]);
    assert_eq!(play.good(5, 10), 1);
    play.ring.sticky_until = None;
    assert_eq!(play.good(63, 10), 1, "the circuit is open until 64");
    assert_eq!(play.failing(64..66), [1, 0], "then it has its turn behind the good one");
    assert_eq!(play.failing(66..68), [1, 1], "and one failure opens it again");
}

#[test]
fn with_all_circuits_open_the_first_to_close_is_tried() {
    let mut play = Play::new(EndpointPolicy::PrimaryFirst, 2);
    assert_eq!(play.failing(0..8), [0, 1, 0, 1, 0, 1, 0, 1]);
}

#[test]
fn a_terminal_answer_takes_one_out_and_all_of_them_end_it() {
    let mut play = Play::new(EndpointPolicy::PrimaryFirst, 2);
    assert_eq!(play.next(0), 0);
    assert_eq!(play.ring.failed(at(0), Verdict::Terminal), Standing::Another);
    assert_eq!(play.failing(1..3), [1, 1], "the other one alone");
    assert_eq!(play.next(3), 1);
    assert_eq!(play.ring.failed(at(3), Verdict::Terminal), Standing::AllTerminal);
    play.ring.reset();
    assert_eq!(play.next(4), 0);
    assert_eq!(play.ring.failed(at(4), Verdict::Terminal), Standing::Another);
}

#[test]
fn a_terminal_answer_is_asked_about_again_after_five_minutes() {
    let mut play = Play::new(EndpointPolicy::PrimaryFirst, 2);
    play.next(0);
    play.ring.failed(at(0), Verdict::Terminal);
    assert!(!play.failing(1..4).contains(&0));
    assert!(play.failing(300..303).contains(&0));
}

#[test]
fn round_robin_goes_round() {
    let mut play = Play::new(EndpointPolicy::RoundRobin, 3);
    let turns: Vec<_> = (0..5).map(|now| play.good(now, 10)).collect();
    assert_eq!(turns, [0, 1, 2, 0, 1]);
}

#[test]
fn random_reaches_all_of_them() {
    let mut play = Play::new(EndpointPolicy::Random, 3);
    let mut seen = [0; 3];
    (0..300).for_each(|now| seen[play.good(now, 10)] += 1);
    assert!(seen.iter().all(|n| *n > 60), "{seen:?}");
}

#[test]
fn the_fastest_is_chosen_once_all_are_known() {
    let mut play = Play::new(EndpointPolicy::LowestLatency, 3);
    let first: Vec<_> = [90, 20, 50].iter().map(|ms| play.good(0, *ms)).collect();
    assert_eq!(first, [0, 1, 2], "unknown ones go first");
    assert_eq!(play.good(1, 200), 1);
    // (3 · 20 + 200) / 4 = 65 ms.
    assert_eq!(play.good(2, 50), 2);
}

proptest! {
    /// Within two rounds each endpoint without an open circuit has its turn, whatever happened before.
    #[test]
    fn nobody_is_forgotten(
        policy in prop_oneof![
            Just(EndpointPolicy::PrimaryFirst), Just(EndpointPolicy::RoundRobin),
            Just(EndpointPolicy::Random), Just(EndpointPolicy::LowestLatency),
        ],
        n in 1_usize..6,
        seed: u64,
        past in proptest::collection::vec((0_u64..90, 0_u8..4, 1_u64..500), 0..40),
    ) {
        let mut play = Play { ring: ring(policy, n), rng: fastrand::Rng::with_seed(seed) };
        let mut now = 0;
        for (wait, what, ms) in past {
            now += wait;
            let i = play.next(now);
            let any_open = play.ring.places.iter().any(|p| p.is_open_to(at(now)));
            prop_assert!(!any_open || play.ring.places[i].is_open_to(at(now)));
            match what {
                0 => { play.ring.failed(at(now), Verdict::Terminal); }
                1 => {
                    play.ring.opened(at(now).plus(Duration::from_millis(ms)));
                    play.ring.ended_well();
                }
                _ => { play.ring.failed(at(now), Verdict::Retry); }
            }
        }
        let open: Vec<_> = (0..n).filter(|&i| play.ring.places[i].is_open_to(at(now))).collect();
        let turns: Vec<_> = (0..2 * n)
            .map(|_| {
                let i = play.next(now);
                // Failing without a word on the circuit: it is the turns that are counted.
                play.ring.sticky_until = None;
                i
            })
            .collect();
        for i in open {
            prop_assert!(turns.contains(&i), "{i} not in {turns:?}");
        }
    }
}

#[test]
fn the_health_of_an_address_is_told_by_the_wall_clock() {
    let mut play = Play::new(EndpointPolicy::PrimaryFirst, 3);
    let now = |seconds| Now { monotonic: at(seconds), wall: wire::UnixMillis(1_000_000) };
    assert!(play.ring.health(now(0)).iter().all(|one| one.circuit == EndpointCircuit::Closed));
    // Three rounds: each has failed three times, the last at 8 s.
    play.failing(0..9);
    let health = play.ring.health(now(9));
    assert_eq!(health.iter().map(|one| one.failures).collect::<Vec<_>>(), [3, 3, 3]);
    assert_eq!(health[2].circuit, EndpointCircuit::Open(wire::UnixMillis(1_059_000)));
    assert!(health[2].current && !health[0].current);
    let long_after = play.ring.health(now(100));
    assert_eq!(long_after[0].circuit, EndpointCircuit::Closed, "it may be tried again");
    let used = play.good(101, 40);
    let health = play.ring.health(now(102));
    assert_eq!(health[used].latency, Some(Duration::from_millis(40)));
    assert_eq!((health[used].failures, health[used].circuit), (0, EndpointCircuit::Closed));
    play.ring.failed(at(103), Verdict::Terminal);
    let until = wire::UnixMillis(1_000_000 + 299_000);
    assert_eq!(play.ring.health(now(104))[used].circuit, EndpointCircuit::Terminal(until));
}
