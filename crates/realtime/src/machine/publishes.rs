use std::collections::VecDeque;
use std::time::Duration;

use smol_str::SmolStr;
use wire::UnixMillis;
use wire::control::{Ack, Nack};

use super::{Monotonic, Now, Reservation};
use crate::persistence::{Parked, Sequence, Settlement};
use crate::{Options, Outcome};

/// Tells one request from another, for as long as the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// A message to be acknowledged.
#[derive(Debug)]
pub struct Publish {
    /// Who waits for the outcome. Nobody, for what an earlier run of the program left behind.
    pub request: Option<RequestId>,
    /// By which the server knows it when it comes twice.
    pub id: SmolStr,
    /// Its type, to be told of.
    pub ty: SmolStr,
    /// Its envelope.
    pub text: String,
    /// Where it waits.
    pub keeping: Keeping,
}

/// What becomes of a publish when the program ends.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum Keeping {
    /// It is gone. Until then it has a place in the queue.
    Volatile(Reservation),
    /// It is on disk, at this place in the order, until `expires`; `first_sent` when it was written to a socket before.
    Durable { sequence: Sequence, expires: UnixMillis, first_sent: Option<UnixMillis> },
}

/// What came of some publishes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Settled {
    Request {
        request: RequestId,
        outcome: Outcome,
    },
    /// Strike it from the disk, or note why it stays.
    Kept {
        id: SmolStr,
        settlement: Settlement,
    },
    /// It was never sent.
    Expired {
        ty: SmolStr,
    },
    /// A durable one was put aside.
    Parked {
        id: SmolStr,
        ty: SmolStr,
        parked: Parked,
    },
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Write(String),
    /// Note on disk that these are about to be written, and come back.
    Mark(Vec<SmolStr>),
    /// Nothing may go now.
    Wait,
}

/// The publishes that have not ended yet, in order.
///
/// There are two lanes, one of what is on disk and one of what is not, and each keeps its order: what a server asked to
/// be sent later, or did not answer, is not overtaken by what came after it in its lane. It goes again alone, and the
/// rest follows when it has ended. The lanes do not wait for each other's refusals: one item may rest for a day, while
/// what is in memory lives for a minute. Only what was on its way already when the refusal came cannot be called back.
#[derive(Debug)]
pub(super) struct Publishes {
    entries: VecDeque<Entry>,
    /// Most that may wait for an acknowledgement at a time.
    window: usize,
    in_flight: usize,
    ttl: Duration,
    timeout: Duration,
    base: Duration,
    cap: Duration,
}

#[derive(Debug)]
struct Entry {
    publish: Publish,
    queued: Monotonic,
    /// When it was first written to a socket, as far as anybody knows.
    first_sent: Option<UnixMillis>,
    /// How often the server asked for it to be sent later, or did not answer.
    refusals: u32,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    /// The disk is being told that it is about to go.
    Marking,
    /// The disk knows.
    Marked,
    /// Sent, to be acknowledged by then.
    InFlight {
        until: Monotonic,
    },
    /// Sent, in a mode that acknowledges nothing.
    Written,
    /// The server wants it later.
    Resting {
        until: Monotonic,
    },
}

impl Entry {
    fn is_durable(&self) -> bool {
        matches!(self.publish.keeping, Keeping::Durable { .. })
    }

    fn is_on_its_way(&self) -> bool {
        matches!(self.stage, Stage::InFlight { .. } | Stage::Written)
    }

    fn is_ready(&self, now: Monotonic) -> bool {
        match self.stage {
            Stage::Waiting | Stage::Marking | Stage::Marked => true,
            Stage::Resting { until } => until <= now,
            Stage::InFlight { .. } | Stage::Written => false,
        }
    }
}

/// Which lanes wait for one that was refused, seen from the front.
#[derive(Debug, Default)]
struct Lanes {
    durable_held: bool,
    volatile_held: bool,
}

impl Lanes {
    /// Whether an entry has to wait for one before it, all of which were asked about.
    fn is_held(&mut self, entry: &Entry) -> bool {
        let held =
            if entry.is_durable() { &mut self.durable_held } else { &mut self.volatile_held };
        let is_held = *held && !entry.is_on_its_way();
        *held |= entry.refusals > 0;
        is_held
    }
}

/// How many are marked together: as many as the disk commits together.
const MARKED_AT_ONCE: usize = 64;

impl Publishes {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            entries: VecDeque::new(),
            window: options.in_flight,
            in_flight: 0,
            ttl: options.queue_ttl,
            timeout: options.request_timeout,
            base: options.reconnect_interval,
            cap: options.reconnect_cap,
        }
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Since when the first of what is not on disk has waited to be sent.
    pub(super) fn queued_since(&self) -> Option<Monotonic> {
        let waits = |entry: &&Entry| !entry.is_durable() && !entry.is_on_its_way();
        self.entries.iter().find(waits).map(|entry| entry.queued)
    }

    /// Takes one in, at its place: durable ones in the order of the disk. One whose id is known already waits for the
    /// other's end and is refused itself, unless it is the same one, read from disk again.
    pub(super) fn add(&mut self, publish: Publish, now: Now, settled: &mut Vec<Settled>) {
        if let Some(known) = self.entries.iter_mut().find(|e| e.publish.id == publish.id) {
            let Some(request) = publish.request else { return };
            if known.publish.request.is_none() && matches!(publish.keeping, Keeping::Durable { .. })
            {
                known.publish.request = Some(request);
                return;
            }
            let outcome = Outcome::Refused {
                code: "duplicate_id".into(),
                message: "a publish with this id is under way; give each its own".into(),
            };
            settled.push(Settled::Request { request, outcome });
            return;
        }
        let noted = match publish.keeping {
            Keeping::Durable { first_sent, .. } => first_sent,
            Keeping::Volatile(_) => None,
        };
        // One that somebody waits for has just been noted, and not been sent yet.
        let first_sent = noted.filter(|_| publish.request.is_none());
        let at = match publish.keeping {
            Keeping::Volatile(_) => self.entries.len(),
            Keeping::Durable { sequence, .. } => {
                let later = |entry: &Entry| matches!(entry.publish.keeping, Keeping::Durable { sequence: other, .. } if other > sequence);
                self.entries.iter().position(later).unwrap_or(self.entries.len())
            }
        };
        let stage = if noted.is_some() { Stage::Marked } else { Stage::Waiting };
        let queued = now.monotonic;
        self.entries.insert(at, Entry { publish, queued, first_sent, refusals: 0, stage });
    }

    /// A connection stands. What the server would not recognise any more is not sent to it again.
    pub(super) fn opened(&mut self, dedup: Option<Duration>, now: Now, settled: &mut Vec<Settled>) {
        let Some(dedup) = dedup else { return };
        let too_old =
            |entry: &Entry| entry.first_sent.is_some_and(|at| now.wall.since(at) >= dedup);
        self.end_all(too_old, |_| Outcome::OutcomeUnknown, now, settled);
    }

    /// The connection is gone: what was on its way goes first on the next one.
    pub(super) fn lost(&mut self) {
        self.in_flight = 0;
        for entry in &mut self.entries {
            entry.stage = match entry.stage {
                Stage::InFlight { .. } | Stage::Written | Stage::Marked => Stage::Marked,
                // The disk's answer is still to come.
                Stage::Marking => Stage::Marking,
                stage @ (Stage::Waiting | Stage::Resting { .. }) => stage,
            };
        }
    }

    /// No connection is wanted any more. What is on disk stays there.
    pub(super) fn rest(&mut self, now: Now, settled: &mut Vec<Settled>) {
        let volatile = |entry: &Entry| matches!(entry.publish.keeping, Keeping::Volatile(_));
        let outcome = |entry: &Entry| match entry.first_sent {
            Some(_) => Outcome::OutcomeUnknown,
            None => Outcome::ConnectionFailed,
        };
        self.end_all(volatile, outcome, now, settled);
    }

    /// The next that may go, when there is room for one of that size.
    pub(super) fn next(
        &mut self,
        acknowledged: bool,
        mut room: impl FnMut(usize, Monotonic) -> bool,
        now: Now,
    ) -> Next {
        if acknowledged && self.in_flight >= self.window {
            return Next::Wait;
        }
        let mut lanes = Lanes::default();
        let ready = |entry: &Entry| !lanes.is_held(entry) && entry.is_ready(now.monotonic);
        let Some(at) = self.entries.iter().position(ready) else { return Next::Wait };
        let entry = &mut self.entries[at];
        let is_durable = entry.is_durable();
        match entry.stage {
            Stage::Marking => return Next::Wait,
            Stage::Waiting if is_durable => return self.mark(at),
            Stage::Waiting
            | Stage::Marked
            | Stage::Resting { .. }
            | Stage::InFlight { .. }
            | Stage::Written => {}
        }
        if !room(entry.publish.text.len(), entry.queued) {
            return Next::Wait;
        }
        entry.first_sent.get_or_insert(now.wall);
        entry.stage = if acknowledged {
            self.in_flight += 1;
            Stage::InFlight { until: now.monotonic.plus(self.timeout) }
        } else {
            Stage::Written
        };
        Next::Write(entry.publish.text.clone())
    }

    fn mark(&mut self, from: usize) -> Next {
        let mut ids = Vec::new();
        for entry in self.entries.iter_mut().skip(from) {
            if entry.is_durable() && entry.stage == Stage::Waiting && ids.len() < MARKED_AT_ONCE {
                entry.stage = Stage::Marking;
                ids.push(entry.publish.id.clone());
            }
        }
        Next::Mark(ids)
    }

    /// The disk knows that these go now, or could not be told: then they go all the same, because being late is worse
    /// than being sent twice within the time the server recognises them.
    pub(super) fn marked(&mut self, ids: &[SmolStr]) {
        for entry in &mut self.entries {
            if entry.stage == Stage::Marking && ids.contains(&entry.publish.id) {
                entry.stage = Stage::Marked;
            }
        }
    }

    /// All that was written has left.
    pub(super) fn flushed(&mut self, now: Now, settled: &mut Vec<Settled>) {
        if self.entries.iter().any(|entry| entry.stage == Stage::Written) {
            self.end_all(|e| e.stage == Stage::Written, |_| Outcome::Written, now, settled);
        }
    }

    pub(super) fn ack(&mut self, ack: &Ack, now: Now, settled: &mut Vec<Settled>) {
        if let Some(at) = self.sent(&ack.id) {
            self.end(at, Outcome::Acknowledged { offset: ack.offset }, now, settled);
        }
    }

    pub(super) fn nack(&mut self, nack: Nack, now: Now, dice: f64, settled: &mut Vec<Settled>) {
        let Some(at) = self.sent(&nack.id) else { return };
        if nack.retryable {
            self.rest_one(at, now, dice);
        } else {
            let outcome = Outcome::Refused { code: nack.code, message: nack.message };
            self.end(at, outcome, now, settled);
        }
    }

    fn sent(&self, id: &SmolStr) -> Option<usize> {
        let is_it = |e: &Entry| e.publish.id == *id && matches!(e.stage, Stage::InFlight { .. });
        self.entries.iter().position(is_it)
    }

    fn rest_one(&mut self, at: usize, now: Now, dice: f64) {
        let entry = &mut self.entries[at];
        let window = self.base.saturating_mul(2_u32.saturating_pow(entry.refusals)).min(self.cap);
        let delay = (self.base + window.mul_f64(dice)).min(self.cap);
        entry.refusals = entry.refusals.saturating_add(1);
        entry.stage = Stage::Resting { until: now.monotonic.plus(delay) };
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    pub(super) fn cancel(&mut self, request: RequestId, now: Now, settled: &mut Vec<Settled>) {
        let is_it = |entry: &Entry| entry.publish.request == Some(request);
        if let Some(at) = self.entries.iter().position(is_it) {
            self.end(at, Outcome::Cancelled, now, settled);
        }
    }

    /// Ends what has waited too long, and lets what was not answered go again or end.
    pub(super) fn due(&mut self, now: Now, dice: f64, settled: &mut Vec<Settled>) {
        let mut overdue = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            if matches!(entry.stage, Stage::InFlight { until } if until <= now.monotonic) {
                overdue.push(at);
            }
        }
        // From behind, so that the places of those before stay what they were.
        for at in overdue.into_iter().rev() {
            match self.entries[at].publish.keeping {
                Keeping::Volatile(_) => self.end(at, Outcome::TimedOut, now, settled),
                Keeping::Durable { .. } => self.rest_one(at, now, dice),
            }
        }
        let ttl = self.ttl;
        let expired = |entry: &Entry| match (&entry.publish.keeping, entry.stage) {
            (_, Stage::InFlight { .. } | Stage::Written) => false,
            (Keeping::Volatile(_), _) => now.monotonic.since(entry.queued) >= ttl,
            (Keeping::Durable { expires, .. }, _) => now.wall >= *expires,
        };
        let outcome = |entry: &Entry| match entry.first_sent {
            Some(_) => Outcome::OutcomeUnknown,
            None => Outcome::Expired,
        };
        self.end_all(expired, outcome, now, settled);
    }

    /// When to look again.
    pub(super) fn next_due(&self, now: Now) -> Option<Monotonic> {
        let due = |entry: &Entry| {
            let expiry = match entry.publish.keeping {
                Keeping::Volatile(_) => entry.queued.plus(self.ttl),
                Keeping::Durable { expires, .. } => now.monotonic.plus(expires.since(now.wall)),
            };
            match entry.stage {
                Stage::InFlight { until } => Some(until),
                Stage::Written => None,
                // Rested, it waits for an answer or for room, not for a time.
                Stage::Resting { until } if until > now.monotonic => Some(until.min(expiry)),
                Stage::Resting { .. } | Stage::Waiting | Stage::Marking | Stage::Marked => {
                    Some(expiry)
                }
            }
        };
        self.entries.iter().filter_map(due).min()
    }

    fn end_all(
        &mut self,
        which: impl Fn(&Entry) -> bool,
        outcome: impl Fn(&Entry) -> Outcome,
        now: Now,
        settled: &mut Vec<Settled>,
    ) {
        let mut at = 0;
        while let Some(entry) = self.entries.get(at) {
            if which(entry) {
                let outcome = outcome(entry);
                self.end(at, outcome, now, settled);
            } else {
                at += 1;
            }
        }
    }

    /// The one way a publish ends.
    fn end(&mut self, at: usize, outcome: Outcome, now: Now, settled: &mut Vec<Settled>) {
        let Some(entry) = self.entries.remove(at) else { return };
        if matches!(entry.stage, Stage::InFlight { .. }) {
            self.in_flight = self.in_flight.saturating_sub(1);
        }
        let Publish { request, id, ty, keeping, .. } = entry.publish;
        if outcome == Outcome::Expired {
            settled.push(Settled::Expired { ty: ty.clone() });
        }
        if matches!(keeping, Keeping::Durable { .. })
            && let Some(settlement) = settlement(&outcome, now.wall)
        {
            if let Settlement::Parked(parked) = &settlement {
                settled.push(Settled::Parked { id: id.clone(), ty, parked: parked.clone() });
            }
            settled.push(Settled::Kept { id, settlement });
        }
        if let Some(request) = request {
            settled.push(Settled::Request { request, outcome });
        }
    }
}

/// What an outcome means for what is on disk; `None` leaves it there.
fn settlement(outcome: &Outcome, at: UnixMillis) -> Option<Settlement> {
    Some(match outcome {
        Outcome::Acknowledged { .. } | Outcome::Written => Settlement::Acked,
        Outcome::Expired => Settlement::Expired,
        Outcome::Cancelled => Settlement::Cancelled,
        Outcome::Refused { code, message } => {
            Settlement::Parked(Parked { code: code.clone(), message: message.clone(), at })
        }
        Outcome::OutcomeUnknown => Settlement::Parked(Parked {
            code: "outcome_unknown".into(),
            message:
                "it was sent, and nobody can tell whether it arrived; check before sending it again"
                    .into(),
            at,
        }),
        Outcome::TimedOut | Outcome::ConnectionFailed => return None,
    })
}
