use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use super::refusals::Refusals;

/// What a gateway has done since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// WebSocket clients right now.
    pub clients: u64,
    /// Requests and messages refused: for their origin, their token, for want of a right or of room.
    pub refused: u64,
    /// Messages published, by the demo market and by clients.
    pub published: u64,
    /// Messages of clients that were dropped as invalid.
    pub invalid: u64,
    /// Messages that lagging clients did not get because a newer one of the same key took their place.
    pub conflated: u64,
    /// Clients closed for falling too far behind.
    pub slow: u64,
    /// Of the clients, those that speak `vaultwatch.v1`.
    pub sessions: u64,
    /// Connections that went on where they had been, each missed message replayed.
    pub resumed: u64,
    /// Messages published again under an id that was known.
    pub duplicates: u64,
    /// Calls about unacknowledged alerts that somebody took.
    pub escalated: u64,
    /// Calls that failed and were made again.
    pub escalation_failures: u64,
}

/// What a client that is counted speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaks {
    Plain,
    V1,
}

/// The running figures. They stand alone, so relaxed ordering is enough.
#[derive(Debug, Default)]
pub(super) struct Counters {
    clients: AtomicU64,
    pub(super) published: AtomicU64,
    pub(super) invalid: AtomicU64,
    pub(super) conflated: AtomicU64,
    pub(super) slow: AtomicU64,
    sessions: AtomicU64,
    /// Somebody came or left.
    moved: Notify,
    pub(super) resumed: AtomicU64,
    pub(super) duplicates: AtomicU64,
    pub(super) escalated: AtomicU64,
    pub(super) escalation_failures: AtomicU64,
    /// Messages written to clients, once for each of them.
    pub(super) delivered: AtomicU64,
    /// Payload of the frames from clients and of bodies.
    pub(super) received_bytes: AtomicU64,
    /// Payload of the frames to clients, as sent: compressed where it was.
    pub(super) sent_bytes: AtomicU64,
    pub(super) refusals: Refusals,
}

impl Counters {
    pub(super) fn add(counter: &AtomicU64, count: u64) {
        counter.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn came(&self, speaks: Speaks) {
        Self::add(&self.clients, 1);
        Self::add(&self.sessions, u64::from(speaks == Speaks::V1));
        self.moved.notify_waiters();
    }

    pub(super) fn left(&self, spoke: Speaks) {
        self.clients.fetch_sub(1, Ordering::Relaxed);
        self.sessions.fetch_sub(u64::from(spoke == Speaks::V1), Ordering::Relaxed);
        self.moved.notify_waiters();
    }

    /// The figures once they are as `wanted`. They are looked at now, and each time somebody comes or leaves.
    pub(super) async fn when(&self, wanted: impl Fn(&Stats) -> bool) -> Stats {
        loop {
            let mut moved = pin!(self.moved.notified());
            // Before the look, so that nobody slips in between.
            moved.as_mut().enable();
            let stats = self.read();
            if wanted(&stats) {
                return stats;
            }
            moved.await;
        }
    }

    pub(super) fn read(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            clients: read(&self.clients),
            refused: self.refusals.total(),
            published: read(&self.published),
            invalid: read(&self.invalid),
            conflated: read(&self.conflated),
            slow: read(&self.slow),
            sessions: read(&self.sessions),
            resumed: read(&self.resumed),
            duplicates: read(&self.duplicates),
            escalated: read(&self.escalated),
            escalation_failures: read(&self.escalation_failures),
        }
    }
}
