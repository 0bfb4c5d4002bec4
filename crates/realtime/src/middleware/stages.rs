use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use tokio::time::Instant;
use wire::Message;

use super::{Middleware, Verdict};
use crate::{Error, ErrorKind, Inbound};

/// The stages of a connection, the one next to the socket first.
#[derive(Debug, Default)]
pub(crate) struct Stages(Vec<Stage>);

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
    pub name: String,
    pub inbound: VerdictCounts,
    pub outbound: VerdictCounts,
}

/// Its verdicts in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VerdictCounts {
    pub passed: u64,
    pub replaced: u64,
    pub dropped: u64,
    pub rejected: u64,
    /// Messages that went on unchanged because the stage panicked over them.
    pub panicked: u64,
}

impl Stages {
    pub(crate) fn new(stages: Vec<Arc<dyn Middleware>>) -> Self {
        let stage = |middleware| Stage {
            middleware,
            inbound: Counts::default(),
            outbound: Counts::default(),
        };
        Self(stages.into_iter().map(stage).collect())
    }

    pub(crate) fn metrics(&self) -> Vec<StageMetrics> {
        let metrics = |stage: &Stage| StageMetrics {
            name: stage.middleware.name().to_owned(),
            inbound: stage.inbound.read(),
            outbound: stage.outbound.read(),
        };
        self.0.iter().map(metrics).collect()
    }

    /// Sends what was gathered through the stages, but for the first few, which went through before; then what a
    /// stage has held back until now.
    pub(crate) fn inbound(&self, gathered: &mut Vec<Inbound>, done: usize) {
        if self.0.is_empty() {
            return;
        }
        let fresh = gathered.split_off(done);
        gathered.extend(fresh.into_iter().filter_map(|inbound| match inbound {
            Inbound::Message(message) => self.inward(0, message),
            other => Some(other),
        }));
        for (i, stage) in self.0.iter().enumerate() {
            for message in stage.released() {
                gathered.extend(self.inward(i + 1, message));
            }
        }
    }

    /// When a stage wants to hand on what it has held back.
    pub(crate) fn due(&self) -> Option<Instant> {
        // What panics here has nothing to hand on.
        let due = |stage: &Stage| catch_unwind(AssertUnwindSafe(|| stage.middleware.due())).ok();
        self.0.iter().filter_map(|stage| due(stage).flatten()).min()
    }

    fn inward(&self, first: usize, mut message: Message) -> Option<Inbound> {
        for stage in &self.0[first..] {
            match stage.inbound.judge(|| stage.middleware.inbound(&message)) {
                Verdict::Pass => {}
                Verdict::Replace(mut other) => {
                    // The place belongs to the connection: with another one it would count a gap.
                    other.place = message.place;
                    message = other;
                }
                Verdict::Drop => return None,
                Verdict::Reject(invalid) => return Some(Inbound::Invalid(invalid)),
            }
        }
        Some(Inbound::Message(message))
    }

    /// Sends a message out through the stages; `None` when one of them has dropped it.
    ///
    /// # Errors
    /// [`ErrorKind::Rejected`] with the reason as its source.
    pub(crate) fn outbound(&self, mut message: Message) -> Result<Option<Message>, Error> {
        for stage in self.0.iter().rev() {
            match stage.outbound.judge(|| stage.middleware.outbound(&message)) {
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
    fn released(&self) -> Vec<Message> {
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
    /// Counts the verdict; a panic lets the message pass.
    fn judge(&self, verdict: impl FnOnce() -> Verdict) -> Verdict {
        // Unwind safe: the message is only lent, and what state a stage leaves itself in is its own affair.
        let (count, verdict) = match catch_unwind(AssertUnwindSafe(verdict)) {
            Ok(Verdict::Pass) => (&self.passed, Verdict::Pass),
            Ok(verdict @ Verdict::Replace(_)) => (&self.replaced, verdict),
            Ok(Verdict::Drop) => (&self.dropped, Verdict::Drop),
            Ok(verdict @ Verdict::Reject(_)) => (&self.rejected, verdict),
            Err(_) => (&self.panicked, Verdict::Pass),
        };
        count.fetch_add(1, Ordering::Relaxed);
        verdict
    }

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
