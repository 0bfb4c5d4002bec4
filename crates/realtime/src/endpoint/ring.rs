use std::time::Duration;

use super::{Endpoint, EndpointCircuit, EndpointHealth, EndpointPolicy};
use crate::Options;
use crate::close::Verdict;
use crate::machine::{Monotonic, Now};

/// How long an endpoint is left out that gave a terminal answer while others had not.
const TERMINAL_FOR: Duration = Duration::from_secs(300);

/// The endpoints of a connection, what is known of each, and the one whose turn it is. Pure: clock and dice are
/// passed in.
#[derive(Debug)]
pub(crate) struct EndpointRing {
    places: Vec<Place>,
    current: usize,
    policy: EndpointPolicy,
    circuit_after: u32,
    circuit_for: Duration,
    stickiness: Duration,
    /// Until when the present one stays the first choice, though it is not the primary.
    sticky_until: Option<Monotonic>,
    attempted_at: Monotonic,
}

#[derive(Debug)]
struct Place {
    endpoint: Endpoint,
    /// In a row, since the last good session.
    failures: u32,
    /// Smoothed time of the last successful attempts.
    latency: Option<Duration>,
    circuit: Circuit,
    /// Had its turn in this round.
    tried: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Circuit {
    Closed,
    /// Failed too often; one attempt after this moment decides.
    Open {
        until: Monotonic,
    },
    /// Gave an answer that will not change by asking again.
    Terminal {
        until: Monotonic,
    },
}

impl Place {
    fn is_open_to(&self, now: Monotonic) -> bool {
        match self.circuit {
            Circuit::Closed => true,
            Circuit::Open { until } | Circuit::Terminal { until } => until <= now,
        }
    }
}

/// What is left after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// There is an endpoint worth another attempt.
    Another,
    /// Every endpoint gave a terminal answer.
    AllTerminal,
}

impl EndpointRing {
    pub(crate) fn new(endpoints: Vec<Endpoint>, options: &Options) -> Self {
        assert!(!endpoints.is_empty(), "validated options name at least one endpoint");
        let place = |endpoint| Place {
            endpoint,
            failures: 0,
            latency: None,
            circuit: Circuit::Closed,
            tried: false,
        };
        Self {
            places: endpoints.into_iter().map(place).collect(),
            current: 0,
            policy: options.endpoint_policy,
            circuit_after: options.circuit_after,
            circuit_for: options.circuit_for,
            stickiness: options.stickiness,
            sticky_until: None,
            attempted_at: Monotonic::default(),
        }
    }

    /// The endpoint of the last attempt; the first before there was one.
    pub(crate) fn current(&self) -> &Endpoint {
        &self.places[self.current].endpoint
    }

    /// Chooses the endpoint of the next attempt. There is always one: when all circuits are open, it is the one that
    /// closes first, because giving up on all of them helps nobody.
    pub(crate) fn next(&mut self, now: Monotonic, rng: &mut fastrand::Rng) -> &Endpoint {
        if self.sticky_until.is_some_and(|until| until <= now) {
            // The fall-back has had its time: what was held against the others is long ago.
            self.sticky_until = None;
            let closed = |place: &&mut Place| place.circuit == Circuit::Closed;
            self.places.iter_mut().filter(closed).for_each(|place| place.failures = 0);
        }
        self.current = match self.candidates(now) {
            candidates if candidates.is_empty() => self.first_to_close(),
            candidates => self.choose(&candidates, now, rng),
        };
        self.places[self.current].tried = true;
        self.attempted_at = now;
        self.current()
    }

    /// Those whose turn it is in this round; a round ends when all had theirs.
    fn candidates(&mut self, now: Monotonic) -> Vec<usize> {
        let left = |ring: &Self| -> Vec<usize> {
            let waiting = |place: &Place| !place.tried && place.is_open_to(now);
            (0..ring.places.len()).filter(|&i| waiting(&ring.places[i])).collect()
        };
        let waiting = left(self);
        if !waiting.is_empty() {
            return waiting;
        }
        self.new_round();
        left(self)
    }

    fn choose(&self, candidates: &[usize], now: Monotonic, rng: &mut fastrand::Rng) -> usize {
        let sticky = self.sticky_until.is_some_and(|until| now < until);
        if sticky && candidates.contains(&self.current) {
            return self.current;
        }
        let n = self.places.len();
        // Those that failed less come first, whatever the policy.
        let failures = |i: &usize| self.places[*i].failures;
        let least = candidates.iter().map(failures).min().unwrap_or(0);
        let best = candidates.iter().copied().filter(|i| failures(i) == least);
        let chosen = match self.policy {
            EndpointPolicy::PrimaryFirst => best.min(),
            // The one tried last comes last.
            EndpointPolicy::RoundRobin => {
                let begun = self.places.iter().any(|p| p.tried || p.latency.is_some());
                let from = if begun || least > 0 { self.current + 1 } else { self.current };
                best.min_by_key(|&i| (i + n - from % n) % n)
            }
            EndpointPolicy::Random => {
                let best: Vec<_> = best.collect();
                Some(best[rng.usize(..best.len())])
            }
            EndpointPolicy::LowestLatency => best.min_by_key(|&i| (self.places[i].latency, i)),
        };
        chosen.expect("there is a candidate with the least failures")
    }

    fn first_to_close(&self) -> usize {
        let key = |&i: &usize| match self.places[i].circuit {
            Circuit::Closed => (0, Monotonic::default()),
            Circuit::Open { until } => (1, until),
            Circuit::Terminal { until } => (2, until),
        };
        (0..self.places.len()).min_by_key(key).expect("there is at least one endpoint")
    }

    /// The attempt became a connection.
    pub(crate) fn opened(&mut self, now: Monotonic) {
        let connect_time = now.since(self.attempted_at);
        let place = &mut self.places[self.current];
        // A quarter for the newest: one slow answer does not move a connection to another continent.
        place.latency = Some(match place.latency {
            Some(before) => (before * 3 + connect_time) / 4,
            None => connect_time,
        });
        if self.policy == EndpointPolicy::PrimaryFirst {
            let sticky = (self.current != 0).then(|| now.plus(self.stickiness));
            // Counted from the first session on a fall-back: one that is remade often does not stay for ever.
            self.sticky_until = sticky.map(|until| match self.sticky_until {
                Some(before) if before > now => before.min(until),
                _ => until,
            });
        }
    }

    /// A session that was good has ended: the record of its endpoint is clean.
    pub(crate) fn ended_well(&mut self) {
        let place = &mut self.places[self.current];
        place.failures = 0;
        place.circuit = Circuit::Closed;
        self.new_round();
    }

    /// The attempt, or a session too short to count, failed.
    pub(crate) fn failed(&mut self, now: Monotonic, verdict: Verdict) -> Standing {
        let place = &mut self.places[self.current];
        place.failures = place.failures.saturating_add(1);
        place.circuit = match verdict {
            Verdict::Terminal => Circuit::Terminal { until: now.plus(TERMINAL_FOR) },
            Verdict::Retry if place.failures >= self.circuit_after => {
                Circuit::Open { until: now.plus(self.circuit_for) }
            }
            Verdict::Retry => Circuit::Closed,
        };
        self.sticky_until = None;
        // Over or not, a terminal answer stands until another attempt gave another one.
        let terminal = |place: &Place| matches!(place.circuit, Circuit::Terminal { .. });
        if self.places.iter().all(terminal) { Standing::AllTerminal } else { Standing::Another }
    }

    /// Somebody asks anew: whatever was held against an endpoint is forgotten, but for how fast it is.
    pub(crate) fn reset(&mut self) {
        for place in &mut self.places {
            (place.failures, place.circuit) = (0, Circuit::Closed);
        }
        self.sticky_until = None;
        self.new_round();
    }

    fn new_round(&mut self) {
        for place in &mut self.places {
            place.tried = false;
        }
    }

    /// What is known of each, in the order of the options.
    pub(crate) fn health(&self, now: Now) -> Vec<EndpointHealth> {
        let by_the_wall = |until: Monotonic| now.wall.plus(until.since(now.monotonic));
        let places = self.places.iter().enumerate();
        places
            .map(|(index, place)| EndpointHealth {
                endpoint: place.endpoint.clone(),
                current: index == self.current,
                failures: place.failures,
                latency: place.latency,
                circuit: match place.circuit {
                    Circuit::Open { until } if until > now.monotonic => {
                        EndpointCircuit::Open(by_the_wall(until))
                    }
                    Circuit::Terminal { until } if until > now.monotonic => {
                        EndpointCircuit::Terminal(by_the_wall(until))
                    }
                    _ => EndpointCircuit::Closed,
                },
            })
            .collect()
    }

    /// True when losing the network cuts none of them off.
    pub(crate) fn all_loopback(&self) -> bool {
        self.places.iter().all(|place| place.endpoint.is_loopback())
    }
}

#[cfg(test)]
mod tests;
