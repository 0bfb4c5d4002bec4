use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use smol_str::SmolStr;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::hub::Hub;
use super::limits::Limits;
use super::published::{Published, PublishedKind};
use super::queue::{ClientQueue, Entry as Queued, Routed};
use super::stats::Counters;
use super::topics::Topics;
use super::values::LastValues;
use crate::feed::wall_clock;
use crate::log::{Appended, Entry, EntryKind, Log, LogError, Record};

/// Where messages meet clients: everything published goes into the log first, then to everybody, in one order.
///
/// Plain clients have queues that are filled for them. A `vaultwatch.v1` client reads on from its own position, so
/// a slow one costs no memory: what it is late with is looked up when it asks.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(super) name: SmolStr,
    pub(super) log: Arc<dyn Log>,
    /// Held from the log's answer to the hand-out, so that both have the same order.
    turn: tokio::sync::Mutex<()>,
    /// One lock around values and clients, so that a new client's snapshot and its first live message meet without a
    /// gap. Never held across an await.
    state: Mutex<State>,
    head: watch::Sender<u64>,
    /// The offset of the newest event that no reader can be given any more without reading the log.
    out_of_reach: AtomicU64,
    limits: Limits,
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
    clients: Vec<(ClientId, Arc<ClientQueue>)>,
    next_id: u64,
}

#[derive(Debug, Default)]
struct Recent {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
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
    /// The value of a key as of this offset.
    Value {
        offset: u64,
        text: Utf8Bytes,
    },
}

/// A reader too far behind: events it has not got are out of reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slow;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientId(u64);

/// Most messages a reader takes at once: see [`super::queue`].
const TAKE: usize = 128;

impl Tenant {
    pub(super) fn new(
        name: SmolStr,
        log: Arc<dyn Log>,
        limits: Limits,
        counters: Arc<Counters>,
    ) -> Self {
        let state = State {
            head: log.head(),
            values: LastValues::new(&limits),
            tail: Recent::default(),
            events: Recent::default(),
            clients: Vec::new(),
            next_id: 0,
        };
        let head = watch::Sender::new(state.head);
        let (turn, state) = (tokio::sync::Mutex::default(), Mutex::new(state));
        let out_of_reach = AtomicU64::new(log.head());
        Self { name, log, turn, state, head, out_of_reach, limits, counters }
    }

    /// Stores messages and hands them to every client; in plain mode to all but the one they came from.
    ///
    /// # Errors
    /// Whatever the log has to say. Nothing was stored then.
    pub(crate) async fn publish(
        &self,
        from: Option<ClientId>,
        messages: Vec<Published>,
    ) -> Result<Vec<Appended>, LogError> {
        let mut parts = Vec::with_capacity(messages.len());
        let record = |message: Published| {
            let (key, part) = match message.kind {
                PublishedKind::State { key, part } => (Some(key), Some(part)),
                PublishedKind::Event => (None, None),
            };
            parts.push(part);
            Record { entry: EntryKind { ty: message.ty, key, text: message.text }, id: message.id }
        };
        let records = messages.into_iter().map(record).collect();
        let turn = self.turn.lock().await;
        let appended = self.log.append(records, wall_clock()).await?;
        let mut state = self.lock();
        let state = &mut *state;
        let mut batch = Vec::with_capacity(appended.len());
        for (appended, part) in appended.iter().zip(parts) {
            let Appended::Stored(entry) = appended else { continue };
            let text = &entry.kind.text;
            let key = entry.kind.key.as_ref().zip(part);
            let key = key.and_then(|(key, part)| state.values.apply(key, part, entry.offset, text));
            state.head = entry.offset;
            state.tail.push(entry);
            // What has no last value cannot be looked up later and counts like an event.
            if key.is_none() {
                state.events.push(entry);
            }
            batch.push(Routed { key, text: text.clone() });
        }
        state.tail.trim(2 * self.limits.conflate_after, self.limits.queued_bytes / 4);
        if let Some(gone) = state.events.trim(self.limits.queued_events, self.limits.queued_bytes) {
            self.out_of_reach.store(gone, Ordering::Release);
        }
        let others = state.clients.iter().filter(|(id, _)| Some(*id) != from);
        let conflated = others.map(|(_, queue)| queue.put(&batch)).sum();
        Counters::add(&self.counters.published, batch.len() as u64);
        Counters::add(&self.counters.duplicates, (appended.len() - batch.len()) as u64);
        Counters::add(&self.counters.conflated, conflated);
        self.head.send_replace(state.head);
        drop(turn);
        Ok(appended)
    }

    /// Sends text to every client in plain mode, as it is and past the log: a scenario's malformed frames.
    pub(crate) fn interject(&self, text: &'static str) {
        for (_, queue) in &self.lock().clients {
            queue.put_reply(Message::text(text));
        }
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.counters
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
    ) -> Result<(Next, Vec<Item>), Slow> {
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
    ) -> Result<(Next, Vec<Item>), Slow> {
        let mut state = self.lock();
        let mut rest = self.latest(&mut state, position, topics)?;
        // What has a last value is in the snapshot.
        rest.items.retain(|item| matches!(item, Item::Logged(_)));
        let snapshot = state.snapshot(|key| topics.matches(key));
        Ok((rest, snapshot))
    }

    /// The values of all keys, and the head they are of.
    pub(super) fn snapshot(&self, topics: &Topics) -> (u64, Vec<Item>) {
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
                    messages.extend(parts.map(|(_, text)| Message::Text(text.clone())));
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
            let late = state.values.render(id).iter().filter(|(offset, _)| *offset > position);
            items.extend(late.map(|(offset, text)| Item::value(*offset, text)));
        }
        items.sort_unstable_by_key(Item::offset);
        Ok(Next { items, upto: state.head })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn snapshot(&mut self, select: impl Fn(&str) -> bool) -> Vec<Item> {
        let mut items = Vec::new();
        for id in self.values.ids() {
            if self.values.is_whole(id) && select(self.values.key(id)) {
                let parts = self.values.render(id).iter();
                items.extend(parts.map(|(offset, text)| Item::value(*offset, text)));
            }
        }
        items
    }
}

impl Recent {
    fn push(&mut self, entry: &Arc<Entry>) {
        self.bytes += entry.kind.text.len();
        self.entries.push_back(Arc::clone(entry));
    }

    fn trim(&mut self, count: usize, bytes: usize) -> Option<u64> {
        let mut gone = None;
        while self.entries.len() > count || self.bytes > bytes {
            let entry = self.entries.pop_front()?;
            self.bytes -= entry.kind.text.len();
            gone = Some(entry.offset);
        }
        gone
    }

    fn reaches(&self, position: u64) -> bool {
        self.entries.front().is_some_and(|entry| entry.offset <= position + 1)
    }

    fn after(&self, position: u64) -> impl Iterator<Item = &Arc<Entry>> {
        let start = self.entries.partition_point(|entry| entry.offset <= position);
        self.entries.iter().skip(start)
    }
}

impl Item {
    fn value(offset: u64, text: &Utf8Bytes) -> Self {
        Self::Value { offset, text: text.clone() }
    }

    pub(super) fn offset(&self) -> u64 {
        match self {
            Self::Logged(entry) => entry.offset,
            Self::Value { offset, .. } => *offset,
        }
    }
}

/// A plain client's place among the others; dropping it takes the client out.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) id: ClientId,
    pub(super) queue: Arc<ClientQueue>,
    pub(super) tenant: Arc<Tenant>,
    hub: Arc<Hub>,
}

impl Seat {
    /// Takes a client in. Its queue begins with the last value of everything.
    pub(super) fn take(hub: &Arc<Hub>, tenant: &Arc<Tenant>) -> Self {
        let mut state = tenant.lock();
        let whole = state.values.ids().filter(|id| state.values.is_whole(*id));
        let queue = ClientQueue::starting_with(whole, tenant.limits.clone());
        let queue = Arc::new(queue);
        let id = ClientId(state.next_id);
        state.next_id += 1;
        state.clients.push((id, Arc::clone(&queue)));
        Counters::add(&hub.counters.clients, 1);
        Self { id, queue, tenant: Arc::clone(tenant), hub: Arc::clone(hub) }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.tenant.lock().clients.retain(|(id, _)| *id != self.id);
        self.hub.counters.clients.fetch_sub(1, Ordering::Relaxed);
    }
}
