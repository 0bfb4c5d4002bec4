use std::path::Path;

use realtime::Persistence;
use realtime::persistence::{Answer, Bounds, Depth, Entry, Item, Sequence, Settlement, StreamKey};
use realtime::wire::{Position, UnixMillis};
use smol_str::SmolStr;

use crate::outbox::Answered;
use crate::{Opened, Outbox, Store, StoreError};

/// The outbox's file, beside `vaultwatch.db`.
pub const OUTBOX_FILE: &str = "outbox.db";

/// What a connection keeps, on disk: messages in an [`Outbox`], positions in the [`Store`].
#[derive(Clone, Debug)]
pub struct Durable {
    outbox: Outbox,
    store: Store,
}

impl Durable {
    #[must_use]
    pub fn new(store: Store, outbox: Outbox) -> Self {
        Self { outbox, store }
    }

    /// The outbox of the profile whose store lies at `store_path`, with that store.
    ///
    /// # Errors
    /// Those of [`Outbox::open`].
    pub fn beside(
        store: Store,
        store_path: &Path,
        bounds: Bounds,
    ) -> Result<(Self, Opened), StoreError> {
        let (outbox, opened) = Outbox::open(&store_path.with_file_name(OUTBOX_FILE), bounds)?;
        Ok((Self::new(store, outbox), opened))
    }
}

impl Persistence for Durable {
    fn enqueue(&self, entry: Entry) -> Answer<Sequence> {
        answer(self.outbox.enqueue(entry))
    }

    fn unsettled(
        &self,
        stream: &StreamKey,
        after: Option<Sequence>,
        limit: usize,
    ) -> Answer<Vec<Item>> {
        answer(self.outbox.unsettled(stream, after, limit))
    }

    fn sending(&self, ids: Vec<SmolStr>, now: UnixMillis) -> Answer<()> {
        answer(self.outbox.sending(ids, now))
    }

    fn settle(&self, settled: Vec<(SmolStr, Settlement)>) -> Answer<()> {
        answer(self.outbox.settle(settled))
    }

    fn parked(&self, limit: usize) -> Answer<Vec<Item>> {
        answer(self.outbox.parked(limit))
    }

    fn requeue(&self, ids: Vec<SmolStr>, expires: UnixMillis) -> Answer<usize> {
        answer(self.outbox.requeue(ids, expires))
    }

    fn discard(&self, ids: Vec<SmolStr>) -> Answer<usize> {
        answer(self.outbox.discard(ids))
    }

    fn depth(&self) -> Depth {
        self.outbox.depth()
    }

    fn load_position(&self, stream: &StreamKey) -> Answer<Option<Position>> {
        answer(self.store.ask_position(stream))
    }

    fn save_position(&self, stream: &StreamKey, position: Position) -> Answer<()> {
        answer(self.store.ask_save_position(stream, position))
    }
}

fn answer<T: Send + 'static>(answered: Answered<T>) -> Answer<T> {
    Box::pin(async move { Ok(answered.await?) })
}
