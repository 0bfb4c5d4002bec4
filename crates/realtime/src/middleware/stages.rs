use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::time::Instant;
use wire::{Invalid, InvalidKind, Message};

use super::{Middleware, OnPanic, Verdict};
use crate::{Error, ErrorKind, Inbound};

/// The stages of a connection, the one next to the socket first.
#[derive(Debug, Default)]
pub(crate) struct Stages {
    stages: Vec<Stage>,
    /// What they refused of what came in.
    invalid: Mutex<BTreeMap<InvalidKind, u64>>,
}

#[derive(Debug)]
struct Stage {
    middleware: Arc<dyn Middleware>,
    inbound: Counts,
    outbound: Counts,
}

/// Relaxed: figures that lead to nothing. Handles on several threads and the connection's task share them.
#[derive(Debug, Default)]
struct Counts {
    passed: AtomicU64,
    replaced: AtomicU64,
    dropped: AtomicU64,
    rejected: AtomicU64,
    panicked: AtomicU64,
}

/// What one stage did so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StageMetrics {
    /// What the stage calls itself.
    pub name: String,
    /// On messages that came in.
    pub inbound: VerdictCounts,
    /// On messages to be sent.
    pub outbound: VerdictCounts,
}

/// Its verdicts in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VerdictCounts {
    /// [`Verdict::Pass`].
    pub passed: u64,
    /// [`Verdict::Replace`].
    pub replaced: u64,
    /// [`Verdict::Drop`].
    pub dropped: u64,
    /// [`Verdict::Reject`].
    pub rejected: u64,
    /// Messages over which the stage panicked: they went on unchanged, or were refused if it wants that.
    pub panicked: u64,
}

impl Stages {
    pub(crate) fn new(stages: Vec<Arc<dyn Middleware>>) -> Self {
        let stage = |middleware| Stage {
            middleware,
            inbound: Counts::default(),
            outbound: Counts::default(),
        };
        Self { stages: stages.into_iter().map(stage).collect(), invalid: Mutex::default() }
    }

    pub(crate) fn metrics(&self) -> Vec<StageMetrics> {
        let metrics = |stage: &Stage| StageMetrics {
            name: stage.middleware.name().to_owned(),
            inbound: stage.inbound.read(),
            outbound: stage.outbound.read(),
        };
        self.stages.iter().map(metrics).collect()
    }

    /// Adds what the stages refused of what came in.
    pub(crate) fn add_invalid(&self, invalid: &mut BTreeMap<InvalidKind, u64>) {
        for (kind, count) in self.refused().iter() {
            *invalid.entry(*kind).or_default() += count;
        }
    }

    fn refused(&self) -> MutexGuard<'_, BTreeMap<InvalidKind, u64>> {
        // Figures: nobody leaves them half-done.
        self.invalid.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends what was gathered through the stages, but for the first few, which went through before; then what a
    /// stage has held back until now.
    pub(crate) fn inbound(&self, gathered: &mut Vec<Inbound>, done: usize) {
        if self.stages.is_empty() {
            return;
        }
        let fresh = gathered.split_off(done);
        gathered.extend(fresh.into_iter().filter_map(|inbound| match inbound {
            Inbound::Message(message) => self.inward(0, message),
            other => Some(other),
        }));
        for (i, stage) in self.stages.iter().enumerate() {
            for released in stage.released() {
                gathered.extend(match released {
                    Ok(message) => self.inward(i + 1, message),
                    Err(invalid) => Some(self.refuse(invalid)),
                });
            }
        }
    }

    /// When a stage wants to hand on what it has held back.
    pub(crate) fn due(&self) -> Option<Instant> {
        // What panics here has nothing to hand on.
        let due = |stage: &Stage| catch_unwind(AssertUnwindSafe(|| stage.middleware.due())).ok();
        self.stages.iter().filter_map(|stage| due(stage).flatten()).min()
    }

    /// Whether something has come in that the reader has still to get.
    pub(crate) fn hold_back(&self) -> bool {
        // What panics here has nothing to hand on.
        let holds =
            |stage: &Stage| catch_unwind(AssertUnwindSafe(|| stage.middleware.holds_back()));
        self.stages.iter().any(|stage| holds(stage).unwrap_or(false))
    }

    fn inward(&self, first: usize, mut message: Message) -> Option<Inbound> {
        for stage in &self.stages[first..] {
            match stage.judge(&stage.inbound, |middleware| middleware.inbound(&message)) {
                Verdict::Pass => {}
                Verdict::Replace(mut other) => {
                    // The place belongs to the connection: with another one it would count a gap.
                    other.place = message.place;
                    message = other;
                }
                Verdict::Drop => return None,
                Verdict::Reject(invalid) => return Some(self.refuse(invalid)),
            }
        }
        Some(Inbound::Message(message))
    }

    fn refuse(&self, invalid: Invalid) -> Inbound {
        *self.refused().entry(invalid.kind).or_default() += 1;
        Inbound::Invalid(invalid)
    }

    /// Sends a message out through the stages; `None` when one of them has dropped it.
    ///
    /// # Errors
    /// [`ErrorKind::Rejected`] with the reason as its source.
    pub(crate) fn outbound(&self, mut message: Message) -> Result<Option<Message>, Error> {
        for stage in self.stages.iter().rev() {
            match stage.judge(&stage.outbound, |middleware| middleware.outbound(&message)) {
                Verdict::Pass => {}
                Verdict::Replace(other) => message = other,
                Verdict::Drop => return Ok(None),
                Verdict::Reject(invalid) => {
                    return Err(Error::with_source(ErrorKind::Rejected, invalid));
                }
            }
        }
        Ok(Some(message))
    }
}

impl Stage {
    fn judge(&self, counts: &Counts, verdict: impl FnOnce(&dyn Middleware) -> Verdict) -> Verdict {
        // Unwind safe: the message is only lent, and what state a stage leaves itself in is its own affair.
        let (count, verdict) = match catch_unwind(AssertUnwindSafe(|| verdict(&*self.middleware))) {
            Ok(Verdict::Pass) => (&counts.passed, Verdict::Pass),
            Ok(verdict @ Verdict::Replace(_)) => (&counts.replaced, verdict),
            Ok(Verdict::Drop) => (&counts.dropped, Verdict::Drop),
            Ok(verdict @ Verdict::Reject(_)) => (&counts.rejected, verdict),
            Err(_) => (&counts.panicked, self.panicked()),
        };
        count.fetch_add(1, Ordering::Relaxed);
        verdict
    }

    fn panicked(&self) -> Verdict {
        // What cannot even say what it wants is not trusted with the message either.
        let on_panic = catch_unwind(AssertUnwindSafe(|| self.middleware.on_panic()));
        match on_panic.unwrap_or(OnPanic::Refuse(InvalidKind::Payload)) {
            OnPanic::Pass => Verdict::Pass,
            // Without a sample: it may be what nobody should see.
            OnPanic::Refuse(kind) => {
                Verdict::Reject(Invalid::new(kind, "a stage of the connection failed over it", &[]))
            }
        }
    }

    fn released(&self) -> Vec<Result<Message, Invalid>> {
        let mut released = Vec::new();
        // What it had appended before it panicked is complete.
        let call = AssertUnwindSafe(|| self.middleware.release(&mut released));
        if catch_unwind(call).is_err() {
            self.inbound.panicked.fetch_add(1, Ordering::Relaxed);
        }
        released
    }
}

impl Counts {
    fn read(&self) -> VerdictCounts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        VerdictCounts {
            passed: read(&self.passed),
            replaced: read(&self.replaced),
            dropped: read(&self.dropped),
            rejected: read(&self.rejected),
            panicked: read(&self.panicked),
        }
    }
}
