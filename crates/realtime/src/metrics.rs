use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use wire::InvalidKind;

use crate::machine::Monotonic;
use crate::millis;
use crate::transport::ConnectPhases;
use crate::{Cause, CauseKind, ConnectionState, Mode, Outcome, StateKind};

/// The figures of one connection since it was opened. Serialises to JSON; holds no secrets and no payloads.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    /// The state now.
    pub state: ConnectionState,
    /// Milliseconds spent in each state it has been in.
    pub time_in_state: BTreeMap<StateKind, u64>,
    /// Attempts to connect.
    pub attempts: u64,
    /// Attempts that became connections.
    pub connections: u64,
    /// Failed attempts and ended connections by cause.
    pub failures: BTreeMap<CauseKind, u64>,
    /// Round-trip time.
    pub rtt: Rtt,
    /// The server's clock minus this machine's, in milliseconds, where the server tells its time.
    pub clock_skew_ms: Option<i64>,
    /// Bytes as they came off the socket, after TLS.
    pub bytes_in: u64,
    /// The same, as they were written to it.
    pub bytes_out: u64,
    /// Messages delivered: valid, no duplicates, no heartbeats.
    pub messages: u64,
    /// Heartbeat messages of the server, answers to ours included.
    pub heartbeats: u64,
    /// Messages dropped because they had come before.
    pub duplicates: u64,
    /// What was no message, or none that is let in, by what was wrong.
    pub invalid: BTreeMap<InvalidKind, u64>,
    /// Messages and publishes written to a socket, each time.
    pub sent: u64,
    /// Those sent, or put into the queue, that were larger than `largeMessageOut`.
    pub large_sent: u64,
    /// Messages that waited longer than `queueTtl` and were dropped.
    pub expired: u64,
    /// What waits in memory to be sent.
    pub queue: QueueDepth,
    /// How long the first of what waits in memory has waited, in milliseconds.
    pub queue_oldest_ms: Option<u64>,
    /// How often the reader was so slow that the socket was left to wait.
    pub reader_stalls: u64,
    /// Times the clocks told that the machine had slept.
    pub wakes: u64,
    /// How the two ends talk now, or did last.
    pub mode: Mode,
    /// The server told of trouble behind it.
    pub degraded: bool,
    /// Rules of the protocol the server broke.
    pub protocol_faults: u64,
    /// Times messages were missing, recovered or not.
    pub gaps: u64,
    /// Resumes the server could serve from its log.
    pub resumes_ok: u64,
    /// Those it answered with a snapshot.
    pub resumes_failed: u64,
    /// Messages dropped after a gap; the server sends them again.
    pub discarded: u64,
    /// Snapshot items older than what had come live.
    pub superseded: u64,
    /// Events a snapshot told to be lost for good.
    pub lost_events: u64,
    /// State messages replaced by newer ones because the reader was slow.
    pub conflated: u64,
    /// Bytes that compression saved on the way in.
    pub bytes_inflated: u64,
    /// Tokens renewed in place.
    pub token_renewals: u64,
    /// Times no token could be had.
    pub token_failures: u64,
    /// Times the disk refused.
    pub persistence_failures: u64,
    /// Publishes without an acknowledgement yet.
    pub in_flight: usize,
    /// How requests ended.
    pub outcomes: OutcomeCounts,
    /// How long the steps of the last connect took.
    pub connect: Option<ConnectPhases>,
    /// What waits on disk, where there is one.
    pub outbox: Option<OutboxDepth>,
}

/// How publishes and changes of topics ended, by [`Outcome`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "each counts the `Outcome` of the same name")]
pub struct OutcomeCounts {
    pub acknowledged: u64,
    pub written: u64,
    pub refused: u64,
    pub timed_out: u64,
    pub expired: u64,
    pub cancelled: u64,
    pub connection_failed: u64,
    pub outcome_unknown: u64,
}

/// What the outbox holds, in all streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutboxDepth {
    /// Items, parked ones included.
    pub messages: u64,
    /// Their envelopes' size.
    pub bytes: u64,
    /// Those put aside until a person decides.
    pub parked: u64,
    /// How long the oldest item that is not parked has waited.
    pub oldest_ms: Option<u64>,
}

/// Round-trip time of the last heartbeats, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Rtt {
    /// Of the last one; `None` before the first answer.
    pub last: Option<f64>,
    /// The median.
    pub p50: Option<f64>,
    /// Nineteen of twenty were no longer.
    pub p95: Option<f64>,
}

/// What waits to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct QueueDepth {
    /// How many.
    pub messages: usize,
    /// Their texts' size.
    pub bytes: usize,
}

const INVALID_KINDS: [InvalidKind; 10] = [
    InvalidKind::NotText,
    InvalidKind::NotJson,
    InvalidKind::NotObject,
    InvalidKind::Envelope,
    InvalidKind::Batch,
    InvalidKind::Payload,
    InvalidKind::TooLarge,
    InvalidKind::Control,
    InvalidKind::Compressed,
    InvalidKind::Encrypted,
];

/// The place of a kind among all of them.
pub(crate) fn invalid_index(kind: InvalidKind) -> usize {
    INVALID_KINDS.iter().position(|k| *k == kind).expect("every kind is listed")
}
pub(crate) const INVALID_KIND_COUNT: usize = INVALID_KINDS.len();

/// How many round-trip times are kept.
const RTT_SAMPLES: usize = 64;

/// The figures as the machine keeps them: flat, because the driver publishes them after every batch.
#[derive(Clone, Debug)]
pub(crate) struct Counters {
    pub(crate) attempts: u64,
    pub(crate) connections: u64,
    pub(crate) messages: u64,
    pub(crate) heartbeats: u64,
    pub(crate) duplicates: u64,
    pub(crate) sent: u64,
    pub(crate) expired: u64,
    pub(crate) reader_stalls: u64,
    pub(crate) wakes: u64,
    pub(crate) mode: Mode,
    pub(crate) degraded: bool,
    pub(crate) protocol_faults: u64,
    pub(crate) gaps: u64,
    pub(crate) resumes_ok: u64,
    pub(crate) resumes_failed: u64,
    pub(crate) discarded: u64,
    pub(crate) superseded: u64,
    pub(crate) lost_events: u64,
    pub(crate) conflated: u64,
    pub(crate) bytes_inflated: u64,
    pub(crate) token_renewals: u64,
    pub(crate) token_failures: u64,
    pub(crate) persistence_failures: u64,
    pub(crate) in_flight: usize,
    pub(crate) queued_since: Option<Monotonic>,
    outcomes: OutcomeCounts,
    pub(crate) clock_skew_ms: Option<i64>,
    invalid: [u64; INVALID_KIND_COUNT],
    failures: [u64; CauseKind::ALL.len()],
    time_in_state: [Duration; StateKind::ALL.len()],
    state: StateKind,
    since: Monotonic,
    rtt: [Duration; RTT_SAMPLES],
    rtt_count: usize,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            attempts: 0,
            connections: 0,
            messages: 0,
            heartbeats: 0,
            duplicates: 0,
            sent: 0,
            expired: 0,
            reader_stalls: 0,
            wakes: 0,
            mode: Mode::Plain,
            degraded: false,
            protocol_faults: 0,
            gaps: 0,
            resumes_ok: 0,
            resumes_failed: 0,
            discarded: 0,
            superseded: 0,
            lost_events: 0,
            conflated: 0,
            bytes_inflated: 0,
            token_renewals: 0,
            token_failures: 0,
            persistence_failures: 0,
            in_flight: 0,
            queued_since: None,
            outcomes: OutcomeCounts::default(),
            clock_skew_ms: None,
            invalid: [0; INVALID_KIND_COUNT],
            failures: [0; CauseKind::ALL.len()],
            time_in_state: [Duration::ZERO; StateKind::ALL.len()],
            state: StateKind::Idle,
            since: Monotonic::default(),
            rtt: [Duration::ZERO; RTT_SAMPLES],
            rtt_count: 0,
        }
    }
}

impl Counters {
    pub(crate) fn entered(&mut self, state: StateKind, now: Monotonic) {
        self.time_in_state[self.state as usize] += now.since(self.since);
        self.state = state;
        self.since = now;
    }

    pub(crate) fn failed(&mut self, cause: &Cause) {
        self.failures[cause.kind() as usize] += 1;
    }

    pub(crate) fn invalid(&mut self, kind: InvalidKind) {
        self.invalid[invalid_index(kind)] += 1;
    }

    pub(crate) fn settled(&mut self, outcome: &Outcome) {
        let counts = &mut self.outcomes;
        *match outcome {
            Outcome::Acknowledged { .. } => &mut counts.acknowledged,
            Outcome::Written => &mut counts.written,
            Outcome::Refused { .. } => &mut counts.refused,
            Outcome::TimedOut => &mut counts.timed_out,
            Outcome::Expired => &mut counts.expired,
            Outcome::Cancelled => &mut counts.cancelled,
            Outcome::ConnectionFailed => &mut counts.connection_failed,
            Outcome::OutcomeUnknown => &mut counts.outcome_unknown,
        } += 1;
    }

    pub(crate) fn round_trip(&mut self, rtt: Duration) {
        self.rtt[self.rtt_count % RTT_SAMPLES] = rtt;
        self.rtt_count += 1;
    }

    fn rtt(&self) -> Rtt {
        let ms = |rtt: Duration| rtt.as_secs_f64() * 1_000.0;
        let mut sorted = self.rtt[..self.rtt_count.min(RTT_SAMPLES)].to_vec();
        sorted.sort_unstable();
        // Nearest rank: the smallest sample that at least `percent` of them do not exceed.
        let rank = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
            sorted.get(rank).copied().map(ms)
        };
        let last = self.rtt_count.checked_sub(1).map(|i| ms(self.rtt[i % RTT_SAMPLES]));
        Rtt { last, p50: rank(50), p95: rank(95) }
    }

    pub(crate) fn snapshot(
        &self,
        state: ConnectionState,
        queue: QueueDepth,
        (bytes_in, bytes_out): (u64, u64),
        now: Monotonic,
    ) -> Metrics {
        let mut time = self.time_in_state;
        time[self.state as usize] += now.since(self.since);
        let counted = |counts: &[u64]| -> Vec<(usize, u64)> {
            counts.iter().copied().enumerate().filter(|(_, n)| *n > 0).collect()
        };
        Metrics {
            state,
            time_in_state: StateKind::ALL
                .into_iter()
                .zip(time)
                .filter(|(_, time)| !time.is_zero())
                .map(|(state, time)| (state, millis::whole(time)))
                .collect(),
            attempts: self.attempts,
            connections: self.connections,
            failures: counted(&self.failures)
                .into_iter()
                .map(|(i, n)| (CauseKind::ALL[i], n))
                .collect(),
            rtt: self.rtt(),
            clock_skew_ms: self.clock_skew_ms,
            bytes_in,
            bytes_out,
            messages: self.messages,
            heartbeats: self.heartbeats,
            duplicates: self.duplicates,
            invalid: counted(&self.invalid)
                .into_iter()
                .map(|(i, n)| (INVALID_KINDS[i], n))
                .collect(),
            sent: self.sent,
            large_sent: 0,
            expired: self.expired,
            queue,
            queue_oldest_ms: self.queued_since.map(|since| millis::whole(now.since(since))),
            reader_stalls: self.reader_stalls,
            wakes: self.wakes,
            mode: self.mode,
            degraded: self.degraded,
            protocol_faults: self.protocol_faults,
            gaps: self.gaps,
            resumes_ok: self.resumes_ok,
            resumes_failed: self.resumes_failed,
            discarded: self.discarded,
            superseded: self.superseded,
            lost_events: self.lost_events,
            conflated: self.conflated,
            bytes_inflated: self.bytes_inflated,
            token_renewals: self.token_renewals,
            token_failures: self.token_failures,
            persistence_failures: self.persistence_failures,
            in_flight: self.in_flight,
            outcomes: self.outcomes,
            connect: None,
            outbox: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_cause_has_its_own_place() {
        for (i, state) in StateKind::ALL.into_iter().enumerate() {
            assert_eq!(state as usize, i);
        }
        for (i, cause) in CauseKind::ALL.into_iter().enumerate() {
            assert_eq!(cause as usize, i);
        }
    }

    #[test]
    fn percentiles_by_nearest_rank() {
        let mut counters = Counters::default();
        assert_eq!(counters.rtt(), Rtt::default());
        for ms in 1..=20 {
            counters.round_trip(Duration::from_millis(ms));
        }
        let rtt = counters.rtt();
        assert_eq!((rtt.last, rtt.p50, rtt.p95), (Some(20.0), Some(10.0), Some(19.0)));
    }

    #[test]
    fn time_is_booked_on_the_state_it_was_spent_in() {
        let at = |seconds| Monotonic(Duration::from_secs(seconds));
        let mut counters = Counters::default();
        counters.entered(StateKind::Connecting, at(2));
        counters.entered(StateKind::Connected, at(3));
        let metrics = counters.snapshot(
            ConnectionState::Connected { resumed: false },
            QueueDepth::default(),
            (0, 0),
            at(10),
        );
        let expected = [
            (StateKind::Idle, 2_000),
            (StateKind::Connecting, 1_000),
            (StateKind::Connected, 7_000),
        ];
        assert_eq!(metrics.time_in_state, expected.into());
    }
}
