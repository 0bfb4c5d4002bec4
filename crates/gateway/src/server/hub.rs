use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_tungstenite::tungstenite::Message;

use super::invalid_log::InvalidLog;
use super::limits::Limits;
use super::published::{Published, PublishedKind};
use super::queue::{ClientQueue, Entry, Routed};
use super::stats::{Counters, Stats};
use super::values::LastValues;

/// Where messages meet clients: everything published goes into every other client's queue, in one order.
#[derive(Debug)]
pub(crate) struct Hub {
    /// One lock around values and clients, so that a new client's snapshot and its first live message meet without a
    /// gap. Never held across an await.
    state: Mutex<State>,
    limits: Limits,
    pub(super) counters: Counters,
    pub(super) invalid: InvalidLog,
}

#[derive(Debug)]
struct State {
    values: LastValues,
    clients: Vec<(ClientId, Arc<ClientQueue>)>,
    next_id: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientId(u64);

/// A client's place in the hub; dropping it takes the client out.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) id: ClientId,
    pub(super) queue: Arc<ClientQueue>,
    hub: Arc<Hub>,
}

impl Hub {
    pub(crate) fn new(limits: Limits) -> Self {
        let values = LastValues::new(&limits);
        let state = State { values, clients: Vec::new(), next_id: 0 };
        Self {
            state: Mutex::new(state),
            limits,
            counters: Counters::default(),
            invalid: InvalidLog::default(),
        }
    }

    /// Takes a client in. Its queue begins with the last value of everything.
    pub(super) fn join(self: &Arc<Self>) -> Seat {
        let mut state = self.lock();
        let queue = ClientQueue::starting_with(state.values.ids(), self.limits.clone());
        let queue = Arc::new(queue);
        let id = ClientId(state.next_id);
        state.next_id += 1;
        state.clients.push((id, Arc::clone(&queue)));
        Counters::add(&self.counters.clients, 1);
        Seat { id, queue, hub: Arc::clone(self) }
    }

    /// Hands messages to every client but the one they came from.
    pub(crate) fn publish(
        &self,
        from: Option<ClientId>,
        messages: impl IntoIterator<Item = Published>,
    ) {
        let mut state = self.lock();
        let values = &mut state.values;
        let route = |message: Published| {
            let key = match &message.kind {
                PublishedKind::State { key, full } => values.apply(key, *full, &message.text),
                PublishedKind::Event => None,
            };
            Routed { key, text: message.text }
        };
        let batch: Vec<Routed> = messages.into_iter().map(route).collect();
        let others = state.clients.iter().filter(|(id, _)| Some(*id) != from);
        let conflated = others.map(|(_, queue)| queue.put(&batch)).sum();
        Counters::add(&self.counters.published, batch.len() as u64);
        Counters::add(&self.counters.conflated, conflated);
    }

    /// The messages that queue entries stand for.
    pub(super) fn resolve(&self, entries: Vec<Entry>) -> Vec<Message> {
        let latest = entries.iter().any(|entry| matches!(entry, Entry::Latest(_)));
        // Most batches need no look at the last values.
        let mut state = latest.then(|| self.lock());
        let resolve = |entry| match entry {
            Entry::State(text) => Message::Text(text),
            Entry::Event(message) => message,
            Entry::Latest(key) => {
                let state = state.as_mut().expect("locked when there is a last value to look up");
                Message::Text(state.values.render(key))
            }
        };
        entries.into_iter().map(resolve).collect()
    }

    pub(crate) fn stats(&self) -> Stats {
        self.counters.read()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hub.lock().clients.retain(|(id, _)| *id != self.id);
        self.hub.counters.clients.fetch_sub(1, Ordering::Relaxed);
    }
}
