use std::collections::BTreeMap;
use std::future;
use std::sync::{Mutex, MutexGuard, PoisonError};

use smol_str::SmolStr;
use wire::{Position, UnixMillis};

use super::{
    Answer, Bounds, Depth, Entry, EntryState, Error, ErrorKind, Item, Persistence, Sequence,
    Settlement, StreamKey,
};

/// Keeps everything in memory: what a test needs, and a program that can do without what it had not sent.
///
/// Every answer is ready at once. [`fail_with`](Self::fail_with) plays a full or broken disk.
#[derive(Debug, Default)]
pub struct InMemory {
    state: Mutex<State>,
    bounds: Bounds,
}

#[derive(Debug, Default)]
struct State {
    last: i64,
    items: BTreeMap<Sequence, Item>,
    positions: BTreeMap<StreamKey, Position>,
    fault: Option<ErrorKind>,
}

impl InMemory {
    /// Empty, with room for as much.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self { state: Mutex::default(), bounds }
    }

    /// From now on every request fails like this and changes nothing; with `None` all is well again.
    pub fn fail_with(&self, fault: Option<ErrorKind>) {
        self.lock().fault = fault;
    }

    /// No request leaves anything half-done, so what a panic left behind is whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut State) -> Result<T, Error>,
    ) -> Answer<T> {
        let mut state = self.lock();
        let result = match state.fault {
            Some(kind) => Err(kind.into()),
            None => work(&mut state),
        };
        Box::pin(future::ready(result))
    }
}

impl State {
    fn of_id(&mut self, id: &SmolStr) -> Option<&mut Item> {
        self.items.values_mut().find(|item| item.id == *id)
    }

    fn remove(&mut self, id: &SmolStr) {
        self.items.retain(|_, item| item.id != *id);
    }

    fn is_parked(&self, id: &SmolStr) -> bool {
        self.items.values().any(|item| item.id == *id && parked(item))
    }

    fn depth(&self) -> Depth {
        let mut depth = Depth::default();
        for item in self.items.values() {
            depth.messages += 1;
            depth.bytes += item.bytes();
            if parked(item) {
                depth.parked += 1;
            } else {
                depth.oldest = Some(depth.oldest.map_or(item.queued, |o| o.min(item.queued)));
            }
        }
        depth
    }
}

fn parked(item: &Item) -> bool {
    matches!(item.state, EntryState::Parked(_))
}

impl Persistence for InMemory {
    fn enqueue(&self, entry: Entry) -> Answer<Sequence> {
        let bounds = self.bounds;
        self.answer(|state| {
            let depth = state.depth();
            if state.of_id(entry.id()).is_some() {
                return Err(ErrorKind::Duplicate.into());
            }
            if depth.messages >= bounds.messages || depth.bytes + entry.bytes() > bounds.bytes {
                return Err(ErrorKind::Full.into());
            }
            state.last += 1;
            let sequence = Sequence(state.last);
            let item = Item {
                sequence,
                stream: entry.stream().clone(),
                id: entry.id().clone(),
                queued: entry.queued(),
                expires: entry.expires(),
                state: entry.state(),
                message: entry.message().clone(),
            };
            state.items.insert(sequence, item);
            Ok(sequence)
        })
    }

    fn unsettled(
        &self,
        stream: &StreamKey,
        after: Option<Sequence>,
        limit: usize,
    ) -> Answer<Vec<Item>> {
        self.answer(|state| {
            let waiting = state.items.values().filter(|item| {
                item.stream == *stream && !parked(item) && after.is_none_or(|a| item.sequence > a)
            });
            Ok(waiting.take(limit).cloned().collect())
        })
    }

    fn sending(&self, ids: Vec<SmolStr>, now: UnixMillis) -> Answer<()> {
        self.answer(|state| {
            for id in &ids {
                if let Some(item) = state.of_id(id)
                    && item.state == EntryState::Queued
                {
                    item.state = EntryState::Sent { first: now };
                }
            }
            Ok(())
        })
    }

    fn settle(&self, settled: Vec<(SmolStr, Settlement)>) -> Answer<()> {
        self.answer(|state| {
            for (id, settlement) in settled {
                match settlement {
                    Settlement::Acked | Settlement::Expired | Settlement::Cancelled => {
                        state.remove(&id);
                    }
                    Settlement::Parked(reason) => {
                        if let Some(item) = state.of_id(&id) {
                            item.state = EntryState::Parked(reason);
                        }
                    }
                }
            }
            Ok(())
        })
    }

    fn parked(&self, limit: usize) -> Answer<Vec<Item>> {
        self.answer(|state| {
            Ok(state.items.values().filter(|item| parked(item)).take(limit).cloned().collect())
        })
    }

    fn requeue(&self, ids: Vec<SmolStr>, expires: UnixMillis) -> Answer<usize> {
        self.answer(|state| {
            let mut count = 0;
            for id in &ids {
                if let Some(item) = state.of_id(id)
                    && parked(item)
                {
                    item.state = EntryState::Queued;
                    item.expires = expires;
                    count += 1;
                }
            }
            Ok(count)
        })
    }

    fn discard(&self, ids: Vec<SmolStr>) -> Answer<usize> {
        self.answer(|state| {
            let mut count = 0;
            for id in &ids {
                if state.is_parked(id) {
                    state.remove(id);
                    count += 1;
                }
            }
            Ok(count)
        })
    }

    fn depth(&self) -> Depth {
        self.lock().depth()
    }

    fn load_position(&self, stream: &StreamKey) -> Answer<Option<Position>> {
        self.answer(|state| Ok(state.positions.get(stream).cloned()))
    }

    fn save_position(&self, stream: &StreamKey, position: Position) -> Answer<()> {
        self.answer(|state| {
            state.positions.insert(stream.clone(), position);
            Ok(())
        })
    }
}
