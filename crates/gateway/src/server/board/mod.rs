mod recent;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use smol_str::SmolStr;
use tokio::sync::{broadcast, watch};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

use self::recent::Recent;
pub(super) use self::recent::Recently;
use super::limits::Limits;
use super::queue::{ClientQueue, Entry as Queued, Routed};
use super::stats::Counters;
use super::topics::Topics;
use crate::log::{Change, ClientId, Deliver, Entry, Health, History, Kept, LastValues, Shown};

/// Where the log meets clients: what it delivers goes to everybody, in its order.
///
/// Plain clients have queues that are filled for them. A `vaultwatch.v1` client reads on from its own position, so
/// a slow one costs no memory: what it is late with is looked up when it asks.
#[derive(Debug)]
pub(super) struct Board {
    /// One lock around values and clients, so that a new client's snapshot and its first live message meet without a
    /// gap. Never held across an await.
    state: Mutex<State>,
    head: watch::Sender<u64>,
    /// The offset of the newest event that no reader can be given any more without reading the log.
    out_of_reach: AtomicU64,
    health: watch::Sender<Health>,
    /// What is said past the log.
    interjections: broadcast::Sender<&'static str>,
    /// Cancelled when what was delivered here is no longer the log.
    lost_track: CancellationToken,
    pub(super) limits: Limits,
    history: History,
    counters: Arc<Counters>,
}

#[derive(Debug)]
struct State {
    head: u64,
    values: LastValues,
    /// The newest messages of all kinds, for readers who keep up.
    tail: Recent,
    /// The newest events, for readers who lag.
    events: Recent,
    /// More of the newest of all kinds, for clients who come back. Nothing is missing between the first and the last.
    history: Recent,
    clients: Vec<(ClientId, Arc<ClientQueue>)>,
    next_id: u64,
}

/// What comes next for a reader.
#[derive(Debug)]
pub(super) struct Next {
    pub(super) items: Vec<Item>,
    /// The reader has everything up to here now.
    pub(super) upto: u64,
}

#[derive(Clone, Debug)]
pub(super) enum Item {
    Logged(Arc<Entry>),
    /// The value of a key, in the place of what it came from.
    Value(Arc<Shown>),
}

/// A reader too far behind: events it has not got are out of reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slow;

/// Said past the log and not heard by a session yet. It may miss some beyond: they are faults, made to be seen.
const INTERJECTIONS: usize = 64;
/// Most messages a reader takes at once: see [`super::queue`].
const TAKE: usize = 128;

impl Board {
    pub(super) fn new(limits: Limits, history: History, counters: Arc<Counters>) -> Self {
        let state = State {
            head: 0,
            values: LastValues::new(limits.values()),
            tail: Recent::default(),
            events: Recent::default(),
            history: Recent::default(),
            clients: Vec::new(),
            next_id: 0,
        };
        Self {
            state: Mutex::new(state),
            head: watch::Sender::new(0),
            out_of_reach: AtomicU64::new(0),
            health: watch::Sender::new(Health::Ok),
            interjections: broadcast::Sender::new(INTERJECTIONS),
            lost_track: CancellationToken::new(),
            limits,
            history,
            counters,
        }
    }

    /// Takes a plain client in. Its queue begins with the last value of everything it may read.
    pub(super) fn seat(&self, read: &Topics) -> (ClientId, Arc<ClientQueue>) {
        let state = &mut *self.lock();
        let values = &state.values;
        let whole = values.ids().filter(|id| values.is_whole(*id) && read.matches(values.key(*id)));
        let queue = Arc::new(ClientQueue::starting_with(whole, read, self.limits.clone()));
        let id = ClientId(state.next_id);
        state.next_id += 1;
        state.clients.push((id, Arc::clone(&queue)));
        (id, queue)
    }

    pub(super) fn unseat(&self, client: ClientId) {
        self.lock().clients.retain(|(id, _)| *id != client);
    }

    /// Says something to every client, as it is and past the log.
    pub(super) fn interject(&self, text: &'static str) {
        // Nobody there hears nothing.
        let _ = self.interjections.send(text);
        for (_, queue) in &self.lock().clients {
            queue.put_reply(Message::text(text));
        }
    }

    /// What is said past the log from now on, for sessions.
    pub(super) fn interjections(&self) -> broadcast::Receiver<&'static str> {
        self.interjections.subscribe()
    }

    /// How many messages wait in the queues of plain clients.
    pub(super) fn queued(&self) -> usize {
        self.lock().clients.iter().map(|(_, queue)| queue.len()).sum()
    }

    /// Tells of every change.
    pub(super) fn health(&self) -> watch::Receiver<Health> {
        self.health.subscribe()
    }

    pub(super) fn has_lost_track(&self) -> bool {
        self.lost_track.is_cancelled()
    }

    /// Waits until there is nothing more to be had here: the client has to begin again.
    pub(super) async fn losing_track(&self) {
        self.lost_track.cancelled().await;
    }

    /// The messages at hand with `after < offset <= upto`: from the first one on, or from where it says that they begin.
    pub(super) fn recent(&self, after: u64, upto: u64) -> Recently {
        self.lock().history.stretch(after, upto)
    }

    pub(super) fn head(&self) -> u64 {
        self.lock().head
    }

    /// Tells of every new head.
    pub(super) fn follow(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    /// Whether a reader at this position has lost touch.
    pub(super) fn is_out_of_reach(&self, position: u64) -> bool {
        self.out_of_reach.load(Ordering::Acquire) > position
    }

    /// What a reader at `position` gets next: the messages one by one, or, if there are too many of them, every event
    /// and of each key the value it has by now.
    pub(super) fn next(&self, position: u64, topics: &Topics) -> Result<Next, Slow> {
        let mut state = self.lock();
        let late = state.head.saturating_sub(position);
        if late <= self.limits.conflate_after as u64 && state.tail.reaches(position) {
            let taken: Vec<_> = state.tail.after(position).take(TAKE).collect();
            let upto = taken.last().map_or(state.head, |entry| entry.offset);
            let items = taken.into_iter().filter(|entry| topics.select(&entry.kind));
            return Ok(Next { items: items.cloned().map(Item::Logged).collect(), upto });
        }
        let next = self.latest(&mut state, position, topics)?;
        Counters::add(&self.counters.conflated, late.saturating_sub(next.items.len() as u64));
        Ok(next)
    }

    /// All a reader at `position` has not got, at most one message per key, and the values of the keys that `new`
    /// selects and `old` did not, both as of the same head.
    pub(super) fn turn_over(
        &self,
        position: u64,
        old: &Topics,
        new: &Topics,
    ) -> Result<(Next, Vec<Arc<Shown>>), Slow> {
        let mut state = self.lock();
        let rest = self.latest(&mut state, position, old)?;
        let snapshot = state.snapshot(|key| new.matches(key) && !old.matches(key));
        Ok((rest, snapshot))
    }

    /// All events a reader at `position` has not got, and the values of all keys, both as of the same head.
    pub(super) fn present(
        &self,
        position: u64,
        topics: &Topics,
    ) -> Result<(Next, Vec<Arc<Shown>>), Slow> {
        let mut state = self.lock();
        let mut rest = self.latest(&mut state, position, topics)?;
        // What has a last value is in the snapshot.
        rest.items.retain(|item| matches!(item, Item::Logged(_)));
        let snapshot = state.snapshot(|key| topics.matches(key));
        Ok((rest, snapshot))
    }

    /// The values of all keys, and the head they are of.
    pub(super) fn snapshot(&self, topics: &Topics) -> (u64, Vec<Arc<Shown>>) {
        let mut state = self.lock();
        let values = state.snapshot(|key| topics.matches(key));
        (state.head, values)
    }

    /// The messages that queue entries stand for.
    pub(super) fn resolve(&self, entries: Vec<Queued>) -> Vec<Message> {
        let latest = entries.iter().any(|entry| matches!(entry, Queued::Latest(_)));
        // Most batches need no look at the last values.
        let mut state = latest.then(|| self.lock());
        let mut messages = Vec::with_capacity(entries.len());
        for entry in entries {
            match entry {
                Queued::State(text) => messages.push(Message::Text(text)),
                Queued::Event(message) => messages.push(message),
                Queued::Latest(key) => {
                    let state =
                        state.as_mut().expect("locked when there is a last value to look up");
                    let parts = state.values.render(key).iter();
                    messages.extend(parts.map(|shown| Message::Text(shown.text.clone())));
                }
            }
        }
        messages
    }

    fn latest(&self, state: &mut State, position: u64, topics: &Topics) -> Result<Next, Slow> {
        if self.is_out_of_reach(position) {
            return Err(Slow);
        }
        let events = state.events.after(position).filter(|entry| topics.select(&entry.kind));
        let mut items: Vec<Item> = events.cloned().map(Item::Logged).collect();
        for id in state.values.ids() {
            if state.values.offset(id) <= position || !topics.matches(state.values.key(id)) {
                continue;
            }
            let late = state.values.render(id).iter().filter(|shown| shown.offset > position);
            items.extend(late.cloned().map(Item::Value));
        }
        items.sort_unstable_by_key(Item::offset);
        Ok(Next { items, upto: state.head })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deliver for Board {
    fn restore(&self, values: Vec<Kept>, upto: u64) {
        let mut state = self.lock();
        for value in values {
            state.values.restore(value);
        }
        state.head = upto;
        self.out_of_reach.store(upto, Ordering::Release);
        self.head.send_replace(upto);
    }

    fn deliver(&self, entries: &[Arc<Entry>], upto: u64) {
        let state = &mut *self.lock();
        let mut batch = Vec::with_capacity(entries.len());
        let mut last = state.head;
        for entry in entries {
            if entry.offset != last + 1 {
                state.history = Recent::default();
            }
            last = entry.offset;
            let text = &entry.kind.text;
            let change = entry.kind.change.as_ref();
            let apply =
                |change: &Change| state.values.apply(&change.key, change.part, entry.offset, text);
            let key = change.and_then(apply);
            state.tail.push(entry);
            state.history.push(entry);
            // What has no last value cannot be looked up later and counts like an event.
            if key.is_none() {
                state.events.push(entry);
            }
            batch.push(Routed { key, logged: Arc::clone(entry) });
        }
        if upto != last {
            state.history = Recent::default();
        }
        state.head = upto;
        state.history.keep(self.history);
        state.tail.trim(2 * self.limits.conflate_after, self.limits.queued_bytes / 4);
        if let Some(gone) = state.events.trim(self.limits.queued_events, self.limits.queued_bytes) {
            self.out_of_reach.store(gone, Ordering::Release);
        }
        let conflated = state.clients.iter().map(|(id, queue)| queue.put(*id, &batch)).sum();
        Counters::add(&self.counters.conflated, conflated);
        self.head.send_replace(state.head);
    }

    fn keep(&self, keys: &[SmolStr]) -> Vec<Kept> {
        let mut state = self.lock();
        keys.iter().filter_map(|key| state.values.keep(key)).collect()
    }

    fn health(&self, health: Health) {
        self.health.send_if_modified(|known| {
            let changed = *known != health;
            *known = health;
            changed
        });
    }

    fn lost_track(&self) {
        self.lost_track.cancel();
    }
}

impl State {
    fn snapshot(&mut self, select: impl Fn(&str) -> bool) -> Vec<Arc<Shown>> {
        let mut values = Vec::new();
        for id in self.values.ids() {
            if self.values.is_whole(id) && select(self.values.key(id)) {
                values.extend_from_slice(self.values.render(id));
            }
        }
        values
    }
}

impl Item {
    pub(super) fn offset(&self) -> u64 {
        match self {
            Self::Logged(entry) => entry.offset,
            Self::Value(shown) => shown.offset,
        }
    }
}
