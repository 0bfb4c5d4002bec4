use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use smol_str::SmolStr;

use super::{Monotonic, Outgoing};
use crate::{Options, QueueDepth};

/// Messages that wait to be sent: for a connection, for their turn after a reconnect, or for room in the socket.
#[derive(Debug)]
pub(super) struct Outbound {
    ttl: Duration,
    rate: f64,
    burst: f64,
    /// Bytes that may be in the socket's buffer, which has room for as much again and so never overflows.
    unflushed_limit: usize,
    waiting: VecDeque<(Monotonic, Outgoing)>,
    unflushed: usize,
    bucket: Bucket,
    opened_at: Monotonic,
}

/// Tokens for sending what waited. A server that has just come back is not met with everything at once.
#[derive(Debug, Default)]
struct Bucket {
    tokens: f64,
    at: Monotonic,
}

/// What the head of the queue waits for.
#[derive(Debug)]
pub(super) enum Head {
    /// Send it now.
    Ready(String),
    /// Its turn comes at this moment.
    Wait(Monotonic),
    /// The socket is full; go on when it has been flushed. Or there is nothing.
    Blocked,
}

impl Outbound {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            ttl: options.queue_ttl,
            rate: f64::from(options.drain_rate),
            burst: f64::from(options.drain_burst),
            unflushed_limit: options.write_buffer / 2,
            waiting: VecDeque::new(),
            unflushed: 0,
            bucket: Bucket::default(),
            opened_at: Monotonic::default(),
        }
    }

    pub(super) fn opened(&mut self, now: Monotonic) {
        self.unflushed = 0;
        self.bucket = Bucket { tokens: self.burst, at: now };
        self.opened_at = now;
    }

    pub(super) fn flushed(&mut self) {
        self.unflushed = 0;
    }

    /// Takes a message to an open socket: returned if it can go at once, which is when none waits before it.
    pub(super) fn submit(&mut self, outgoing: Outgoing, now: Monotonic) -> Option<String> {
        if self.waiting.is_empty() && self.has_room(outgoing.text.len()) {
            self.unflushed += outgoing.text.len();
            return Some(outgoing.text);
        }
        self.keep(outgoing, now);
        None
    }

    /// Keeps a message until there is a socket.
    pub(super) fn keep(&mut self, outgoing: Outgoing, now: Monotonic) {
        self.waiting.push_back((now, outgoing));
    }

    /// The next waiting message, if it may go.
    pub(super) fn head(&mut self, now: Monotonic) -> Head {
        let Some((_, head)) = self.waiting.front() else { return Head::Blocked };
        let bytes = head.text.len();
        if !self.has_room(bytes) {
            return Head::Blocked;
        }
        if let Err(at) = self.take_token(now) {
            return Head::Wait(at);
        }
        self.unflushed += bytes;
        let (_, head) = self.waiting.pop_front().expect("the head was just looked at");
        Head::Ready(head.text)
    }

    /// Takes a token, or tells when there will be one.
    fn take_token(&mut self, now: Monotonic) -> Result<(), Monotonic> {
        let earned = now.since(self.bucket.at).as_secs_f64() * self.rate;
        self.bucket.tokens = (self.bucket.tokens + earned).min(self.burst);
        self.bucket.at = now;
        if self.bucket.tokens < 1.0 {
            let missing = (1.0 - self.bucket.tokens) / self.rate;
            // A little more than exact, or rounding could make the timer come due just too early, again and again.
            return Err(now.plus(Duration::from_secs_f64(missing) + Duration::from_micros(1)));
        }
        self.bucket.tokens -= 1.0;
        Ok(())
    }

    /// Room for one more in an open socket, and its turn if it was queued before the socket was there. Otherwise when its
    /// turn comes, or `None` when the socket has to be flushed first.
    pub(super) fn room(
        &mut self,
        bytes: usize,
        queued: Monotonic,
        now: Monotonic,
    ) -> Result<(), Option<Monotonic>> {
        if !self.has_room(bytes) {
            return Err(None);
        }
        if queued < self.opened_at {
            self.take_token(now).map_err(Some)?;
        }
        self.unflushed += bytes;
        Ok(())
    }

    /// Drops what has waited too long: how many, and the type of the first.
    pub(super) fn expire(&mut self, now: Monotonic) -> Option<(usize, SmolStr)> {
        let ttl = self.ttl;
        let count = self.waiting.iter().take_while(|(at, _)| now.since(*at) >= ttl).count();
        let first = self.waiting.front().map(|(_, outgoing)| outgoing.ty.clone())?;
        self.waiting.drain(..count);
        (count > 0).then_some((count, first))
    }

    pub(super) fn queued_since(&self) -> Option<Monotonic> {
        self.waiting.front().map(|(at, _)| *at)
    }

    /// When the oldest will have waited too long.
    pub(super) fn next_expiry(&self) -> Option<Monotonic> {
        self.waiting.front().map(|(at, _)| at.plus(self.ttl))
    }

    /// One message always fits: it is smaller than the limit by validation of the options.
    fn has_room(&self, bytes: usize) -> bool {
        self.unflushed == 0 || self.unflushed + bytes <= self.unflushed_limit
    }
}

/// How much may wait, shared with the handles, so that one too many is refused where it is sent.
#[derive(Debug)]
pub struct Budget {
    max: QueueDepth,
    messages: AtomicUsize,
    bytes: AtomicUsize,
}

impl Budget {
    /// As much as this.
    #[must_use]
    pub fn new(max: QueueDepth) -> Arc<Self> {
        Arc::new(Self { max, messages: AtomicUsize::new(0), bytes: AtomicUsize::new(0) })
    }

    /// Room for one message, or `None` when there is none.
    #[must_use]
    pub fn reserve(self: &Arc<Self>, bytes: usize) -> Option<Reservation> {
        // Taken first and checked then: two that race for the last place may both be refused, never both admitted.
        let reservation = Reservation { budget: Arc::clone(self), bytes };
        let messages = self.messages.fetch_add(1, Ordering::Relaxed) + 1;
        let total = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        (messages <= self.max.messages && total <= self.max.bytes).then_some(reservation)
    }

    /// How much waits now.
    #[must_use]
    pub fn used(&self) -> QueueDepth {
        QueueDepth {
            messages: self.messages.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }
}

/// A place in the queue. Dropping it gives it back, so none is ever lost.
#[derive(Debug)]
pub struct Reservation {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.messages.fetch_sub(1, Ordering::Relaxed);
        self.budget.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_admits_as_much_as_it_says_and_takes_back_all() {
        let budget = Budget::new(QueueDepth { messages: 2, bytes: 100 });
        let first = budget.reserve(60).unwrap();
        assert!(budget.reserve(41).is_none(), "too many bytes");
        let second = budget.reserve(40).unwrap();
        assert!(budget.reserve(0).is_none(), "too many messages");
        assert_eq!(budget.used(), QueueDepth { messages: 2, bytes: 100 });
        drop((first, second));
        assert_eq!(budget.used(), QueueDepth::default());
    }
}
