use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use smol_str::SmolStr;
use tokio::sync::Notify;

/// What happens to a reader that has not taken [`Updates::WAITING`] values yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overflow {
    /// The source waits.
    Wait,
    /// Of the same type, the newest stays.
    Conflate,
}

/// Values on their way to one reader.
#[derive(Debug)]
pub(super) struct Queue<T> {
    overflow: Overflow,
    waiting: Mutex<Waiting<T>>,
    /// Something came, or nothing will any more.
    filled: Notify,
    /// Something was taken, or nobody takes any more.
    emptied: Notify,
}

#[derive(Debug)]
struct Waiting<T> {
    values: VecDeque<(SmolStr, Arc<T>)>,
    conflated: u64,
    closed: bool,
}

impl<T> Queue<T> {
    pub(super) fn new(overflow: Overflow) -> Arc<Self> {
        let waiting = Waiting { values: VecDeque::new(), conflated: 0, closed: false };
        Arc::new(Self {
            overflow,
            waiting: Mutex::new(waiting),
            filled: Notify::new(),
            emptied: Notify::new(),
        })
    }

    pub(super) fn push(&self, ty: &str, value: Arc<T>) {
        let mut waiting = self.lock();
        if waiting.closed {
            return;
        }
        if self.overflow == Overflow::Conflate && waiting.values.len() >= Updates::<T>::WAITING {
            // The older value of the same type gives up its place; the newest one is behind all others, as it came.
            if let Some(older) = waiting.values.iter().position(|(other, _)| other == ty) {
                waiting.values.remove(older);
                waiting.conflated += 1;
            }
        }
        waiting.values.push_back((ty.into(), value));
        self.filled.notify_one();
    }

    /// Waits until the next value has room.
    pub(super) async fn room(&self) {
        loop {
            let emptied = self.emptied.notified();
            if !self.is_full() {
                return;
            }
            emptied.await;
        }
    }

    pub(super) fn is_full(&self) -> bool {
        let waiting = self.lock();
        // One that conflates is full only when more types wait than it has places.
        let limit = match self.overflow {
            Overflow::Wait => Updates::<T>::WAITING,
            Overflow::Conflate => 2 * Updates::<T>::WAITING,
        };
        !waiting.closed && waiting.values.len() >= limit
    }

    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_one();
        self.emptied.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        // Held for no call of anybody else's code, so nothing can be half-done.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every value from the moment it was asked for, in order: see [`RealTimeData::subscribe`](crate::RealTimeData::subscribe).
#[derive(Debug)]
pub struct Updates<T> {
    queue: Arc<Queue<T>>,
}

impl<T> Updates<T> {
    /// Values that wait for a reader before its way of overflowing counts.
    pub const WAITING: usize = 1_024;

    pub(super) fn new(queue: Arc<Queue<T>>) -> Self {
        Self { queue }
    }

    /// The next value; `None` when the stream is gone and everything was taken. Cancel safe.
    pub async fn recv(&mut self) -> Option<Arc<T>> {
        loop {
            let filled = self.queue.filled.notified();
            {
                let mut waiting = self.queue.lock();
                if let Some((_, value)) = waiting.values.pop_front() {
                    self.queue.emptied.notify_waiters();
                    return Some(value);
                }
                if waiting.closed {
                    return None;
                }
            }
            filled.await;
        }
    }

    /// The next value, if one is waiting.
    pub fn try_recv(&mut self) -> Option<Arc<T>> {
        let (_, value) = self.queue.lock().values.pop_front()?;
        self.queue.emptied.notify_waiters();
        Some(value)
    }

    /// Values that a newer one of the same type replaced before this reader came to take them.
    #[must_use]
    pub fn conflated(&self) -> u64 {
        self.queue.lock().conflated
    }
}

impl<T> Drop for Updates<T> {
    fn drop(&mut self) {
        self.queue.close();
    }
}
