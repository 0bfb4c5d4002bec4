use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::HashSet;
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_util::sync::CancellationToken;

use super::limits::Limits;
use super::topics::Topics;
use crate::log::{ClientId, Entry as Logged, KeyId};

/// What waits to be written to one client, bounded: state is conflated per key when the client lags, events never
/// are, and a client with too many of those is given up.
#[derive(Debug)]
pub(super) struct ClientQueue {
    /// A plain lock: it is held for a push or a swap, never across an await.
    inner: Mutex<Inner>,
    filled: Notify,
    /// Ends the connection even while its writer hangs in a write.
    overflow: CancellationToken,
    limits: Limits,
    /// What the client may be told of; `None` for everything.
    read: Option<Topics>,
}

#[derive(Debug)]
struct Inner {
    entries: VecDeque<Entry>,
    /// Of the messages in `entries`.
    bytes: usize,
    /// Entries that must not be lost.
    events: usize,
    /// Keys with an [`Entry::Latest`] in the queue.
    latest: HashSet<KeyId>,
}

#[derive(Clone, Debug)]
pub(super) enum Entry {
    /// A message as it was published.
    State(Utf8Bytes),
    Event(Message),
    /// The last value of a key, whatever it is when its turn comes.
    Latest(KeyId),
}

/// A message with its key, if it is the value of one.
#[derive(Debug)]
pub(super) struct Routed {
    pub(super) key: Option<KeyId>,
    pub(super) logged: Arc<Logged>,
}

/// Most entries a writer takes at once: enough to share a flush, few enough that a lagging client's backlog stays
/// in the queue, where it is conflated.
const TAKE: usize = 128;

impl ClientQueue {
    /// A queue that begins with the last value of each of these keys: the snapshot of a new client. One that is late
    /// with everything and one that has just come are the same thing here.
    pub(super) fn starting_with(
        keys: impl Iterator<Item = KeyId>,
        read: &Topics,
        limits: Limits,
    ) -> Self {
        let entries: VecDeque<Entry> = keys.map(Entry::Latest).collect();
        let key = |entry: &Entry| match entry {
            Entry::Latest(key) => Some(*key),
            Entry::State(_) | Entry::Event(_) => None,
        };
        let latest = entries.iter().filter_map(key).collect();
        let inner = Inner { entries, bytes: 0, events: 0, latest };
        let overflow = CancellationToken::new();
        let read = (!read.is_everything()).then(|| read.clone());
        Self { inner: Mutex::new(inner), filled: Notify::new(), overflow, limits, read }
    }

    /// Queues a batch in order, but for what came from this very client. Answers how many messages were conflated
    /// with a newer one.
    pub(super) fn put(&self, client: ClientId, batch: &[Routed]) -> u64 {
        let mut conflated = 0;
        let inner = &mut *self.lock();
        let others = batch.iter().filter(|message| message.logged.from != Some(client));
        for Routed { key, logged } in others {
            if self.read.as_ref().is_some_and(|read| !read.select(&logged.kind)) {
                continue;
            }
            let text = &logged.kind.text;
            match key {
                Some(key) if inner.put_state(*key, text, &self.limits) => {}
                Some(_) => conflated += 1,
                None => self.put_counted(inner, Message::Text(text.clone())),
            }
        }
        self.filled.notify_one();
        conflated
    }

    /// Queues an answer to this client alone.
    pub(super) fn put_reply(&self, reply: Message) {
        self.put_counted(&mut self.lock(), reply);
        self.filled.notify_one();
    }

    /// Waits for something to write.
    pub(super) async fn take(&self) -> Vec<Entry> {
        loop {
            let taken = self.lock().take();
            if !taken.is_empty() {
                return taken;
            }
            self.filled.notified().await;
        }
    }

    /// How many messages wait.
    pub(super) fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Waits until the client has fallen too far behind.
    pub(super) async fn overflowed(&self) {
        self.overflow.cancelled().await;
    }

    fn put_counted(&self, inner: &mut Inner, message: Message) {
        if self.overflow.is_cancelled() {
            return;
        }
        inner.events += 1;
        inner.bytes += message.len();
        inner.entries.push_back(Entry::Event(message));
        if inner.events > self.limits.queued_events || inner.bytes > self.limits.queued_bytes {
            // Nothing of it will be sent any more.
            inner.entries.clear();
            self.overflow.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change is complete in itself: a panic elsewhere must not silence this client.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// False when the message was conflated.
    fn put_state(&mut self, key: KeyId, text: &Utf8Bytes, limits: &Limits) -> bool {
        if self.latest.contains(&key) {
            return false;
        }
        // Entries that stand for a last value are bounded by the number of keys; only the others make a lag.
        let waiting = self.entries.len().saturating_sub(self.latest.len());
        if waiting >= limits.conflate_after || self.bytes >= limits.queued_bytes / 4 {
            self.latest.insert(key);
            self.entries.push_back(Entry::Latest(key));
            return false;
        }
        self.bytes += text.len();
        self.entries.push_back(Entry::State(text.clone()));
        true
    }

    fn take(&mut self) -> Vec<Entry> {
        let count = self.entries.len().min(TAKE);
        let taken: Vec<Entry> = self.entries.drain(..count).collect();
        for entry in &taken {
            match entry {
                Entry::State(text) => self.bytes -= text.len(),
                Entry::Event(message) => {
                    self.bytes -= message.len();
                    self.events -= 1;
                }
                Entry::Latest(key) => {
                    self.latest.remove(key);
                }
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use smol_str::SmolStr;

    use super::*;
    use crate::log::{EntryKind, LastValues, Part};

    const CLIENT: ClientId = ClientId(1);

    fn queue(limits: Limits) -> (ClientQueue, KeyId) {
        let mut values = LastValues::new(limits.values());
        let key = values.apply(&SmolStr::new("k"), Part::Full, 1, &"{}".into()).unwrap();
        (ClientQueue::starting_with(std::iter::empty(), &Topics::everything(), limits), key)
    }

    fn routed(key: Option<KeyId>, ty: &str, text: &str) -> Routed {
        let kind = EntryKind { ty: ty.into(), change: None, text: text.into() };
        Routed { key, logged: Arc::new(Logged::new(1, kind, None)) }
    }

    fn state(key: KeyId, text: &str) -> Routed {
        routed(Some(key), "k", text)
    }

    fn event(text: &str) -> Routed {
        routed(None, "event", text)
    }

    #[tokio::test]
    async fn what_may_not_be_read_is_not_queued() {
        let read = Topics::default().with(&["alert*".into()]).unwrap();
        let queue = ClientQueue::starting_with(std::iter::empty(), &read, Limits::default());
        queue.put(CLIENT, &[event("1"), routed(None, "alert_x", "2"), event("3")]);
        assert_eq!(queue.len(), 1);
    }

    #[tokio::test]
    async fn a_lagging_client_gets_one_value_per_key_and_every_event() {
        let (queue, key) = queue(Limits { conflate_after: 2, ..Limits::default() });
        let mut batch: Vec<Routed> = (0..100).map(|_| state(key, "s")).collect();
        batch.insert(50, event("alert"));
        assert_eq!(queue.put(CLIENT, &batch), 98);
        let taken = queue.take().await;
        let kinds: Vec<_> = taken.iter().map(std::mem::discriminant).collect();
        let expected = [
            Entry::State("s".into()),
            Entry::State("s".into()),
            Entry::Latest(key),
            Entry::Event("alert".into()),
        ];
        assert_eq!(kinds, expected.iter().map(std::mem::discriminant).collect::<Vec<_>>());
        assert_eq!(
            queue.put(CLIENT, &[state(key, "s")]),
            0,
            "caught up: messages pass as they are"
        );
    }

    #[tokio::test]
    async fn too_many_events_give_the_client_up_and_free_the_queue() {
        let (queue, _) = queue(Limits { queued_events: 3, ..Limits::default() });
        queue.put(CLIENT, &[event("1"), event("2"), event("3")]);
        assert!(!queue.overflow.is_cancelled());
        queue.put(CLIENT, &[event("4"), event("5")]);
        queue.overflowed().await;
        assert_eq!(queue.lock().entries.len(), 0);
    }

    #[tokio::test]
    async fn bytes_count_too() {
        let (queue, _) = queue(Limits { queued_bytes: 1_000, ..Limits::default() });
        queue.put(CLIENT, &[event(&"x".repeat(1_001))]);
        queue.overflowed().await;
    }
}
