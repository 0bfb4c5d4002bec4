use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use smol_str::SmolStr;
use tokio::sync::watch;
use wire::Message;
use wire::control::Resume;

use super::LogServer;

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Counted from 1.
    pub offset: u64,
    /// As it was published, without a place.
    pub message: Message,
}

impl Stored {
    pub(super) fn is_event(&self) -> bool {
        let ty = self.message.ty();
        let prefixes = ["vault_update", "market_data", "system_status"];
        !prefixes.iter().any(|prefix| ty.starts_with(prefix))
    }
}

#[derive(Debug)]
pub(super) struct Log {
    pub(super) epoch: SmolStr,
    entries: Mutex<Entries>,
    pub(super) head: watch::Sender<u64>,
    /// Clients that were welcomed and are still there.
    pub(super) followers: watch::Sender<usize>,
    /// Moved to end all connections.
    pub(super) ended: watch::Sender<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Entries {
    list: VecDeque<Stored>,
    /// How many have been given up: the offset before the first one kept.
    gone: u64,
    /// Which of them were events, as far back as that is remembered, and from where on it is.
    gone_events: VecDeque<(u64, SmolStr)>,
    remembered_after: u64,
    by_id: HashMap<SmolStr, u64>,
    /// The last message of each state type.
    state: BTreeMap<SmolStr, Stored>,
}

impl Default for Log {
    /// With an epoch of its own.
    fn default() -> Self {
        Self {
            epoch: format!("{:016x}", fastrand::u64(..)).into(),
            entries: Mutex::default(),
            head: watch::Sender::new(0),
            followers: watch::Sender::new(0),
            ended: watch::Sender::new(0),
        }
    }
}

impl Log {
    pub(super) fn entries(&self) -> MutexGuard<'_, Entries> {
        // Whoever panicked with the lock held left nothing half-done.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn append(&self, message: Message) -> u64 {
        let mut entries = self.entries();
        if let Some(known) = message.id().and_then(|id| entries.by_id.get(id)) {
            return *known;
        }
        let offset = entries.head() + 1;
        if let Some(id) = message.id() {
            entries.by_id.insert(id.into(), offset);
        }
        // Kept for long: with memory of its own, not with the whole buffer it was read into.
        let mut message = message.detached();
        message.place = None;
        entries.push(Stored { offset, message });
        drop(entries);
        self.head.send_modify(|head| *head = (*head).max(offset));
        offset
    }

    /// Whether all that came after a position can be sent again.
    pub(super) fn knows(&self, asked: &Resume) -> bool {
        let entries = self.entries();
        asked.epoch == self.epoch && (entries.gone..=entries.head()).contains(&asked.offset)
    }
}

impl Entries {
    pub(super) fn head(&self) -> u64 {
        self.gone + self.list.len() as u64
    }

    /// Those after an offset. What is gone is gone.
    pub(super) fn after(&self, offset: u64) -> impl Iterator<Item = &Stored> {
        let start = usize::try_from(offset.saturating_sub(self.gone)).unwrap_or(usize::MAX);
        self.list.range(start.min(self.list.len())..)
    }

    pub(super) fn state(&self) -> impl Iterator<Item = &Stored> {
        self.state.values()
    }

    /// How many events after an offset are gone, of those somebody wants; `None` where nobody remembers.
    pub(super) fn lost_after(&self, offset: u64, wants: impl Fn(&str) -> bool) -> Option<u64> {
        let gone = self.gone_events.iter().filter(|(at, ty)| *at > offset && wants(ty));
        (offset >= self.remembered_after).then(|| gone.count() as u64)
    }

    fn push(&mut self, stored: Stored) {
        if !stored.is_event() {
            self.state.insert(stored.message.ty().into(), stored.clone());
        }
        self.list.push_back(stored);
        if self.list.len() > LogServer::KEEPS
            && let Some(oldest) = self.list.pop_front()
        {
            self.give_up(oldest);
        }
    }

    fn give_up(&mut self, oldest: Stored) {
        self.gone += 1;
        if oldest.is_event() {
            self.gone_events.push_back((oldest.offset, oldest.message.ty().into()));
        }
        if self.gone_events.len() > LogServer::KEEPS
            && let Some((offset, _)) = self.gone_events.pop_front()
        {
            self.remembered_after = offset;
        }
        oldest.message.id().and_then(|id| self.by_id.remove(id));
    }
}

/// Counts a client for as long as it is there.
pub(super) struct Follower(Arc<Log>);

impl Follower {
    pub(super) fn new(log: &Arc<Log>) -> Self {
        log.followers.send_modify(|followers| *followers += 1);
        Self(Arc::clone(log))
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.followers.send_modify(|followers| *followers -= 1);
    }
}
