//! Messages that were promised to be sent, in a file of their own.

mod insert;
mod lock;
mod rows;
mod teller;
mod writer;

use std::path::Path;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use realtime::persistence::{Bounds, Depth, Entry, Item, Sequence, Settlement, StreamKey};
use realtime::wire::UnixMillis;
use rusqlite::Connection;
use smol_str::SmolStr;
use tokio::sync::oneshot;

use crate::{Opened, StoreError, StoreErrorKind, database, migration};
use lock::OwnerLock;
use rows::Rows;
use writer::{Asked, Boxed};

/// Requests that may wait for the disk. Beyond that the caller is told.
const QUEUE: usize = 4_096;

/// A handle on an outbox. When the last one is dropped, what was asked for is done, the file is closed and the lock
/// given back before the drop returns.
///
/// A method hands its request over when it is *called*; the future it returns is only the answer.
#[derive(Clone, Debug)]
pub struct Outbox {
    thread: Arc<Thread>,
    depth: Arc<Mutex<Depth>>,
}

#[derive(Debug)]
struct Thread {
    /// Both are there until the end.
    requests: Option<SyncSender<Boxed>>,
    join: Option<JoinHandle<()>>,
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.join.take() {
            // It panicked: told on standard error, and its callers were told.
            let _ = thread.join();
        }
    }
}

/// The future of an answer.
pub(crate) type Answered<T> =
    std::pin::Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'static>>;

impl Outbox {
    /// Opens or makes the outbox at `path`, with its folder, for the one process that sends what is in it. A damaged
    /// file is moved aside and told of.
    ///
    /// # Errors
    /// - [`StoreErrorKind::InUse`] when another process has it open this way.
    /// - [`StoreErrorKind::Newer`] when a newer version wrote it.
    /// - [`StoreErrorKind::Open`], [`StoreErrorKind::Busy`], [`StoreErrorKind::Full`], [`StoreErrorKind::Database`].
    pub fn open(path: &Path, bounds: Bounds) -> Result<(Self, Opened), StoreError> {
        crate::files::make_folder_of(path).map_err(|e| StoreError::from(e).at(path))?;
        let lock = OwnerLock::take(path)?;
        let (connection, opened) = database::open(path, migration::OUTBOX)?;
        Ok((Self::start(connection, bounds, Some(lock))?, opened))
    }

    /// Opens an existing outbox beside the process that owns it, to list, put back or discard what is parked.
    ///
    /// # Errors
    /// [`StoreErrorKind::Open`] when there is none, and those of [`open`](Self::open).
    pub fn attach(path: &Path, bounds: Bounds) -> Result<Self, StoreError> {
        Self::start(database::attach(path, migration::OUTBOX)?, bounds, None)
    }

    fn start(
        connection: Connection,
        bounds: Bounds,
        lock: Option<OwnerLock>,
    ) -> Result<Self, StoreError> {
        let rows = Rows::new(connection, bounds)?;
        let depth = Arc::new(Mutex::new(rows.depth()));
        let (requests, queue) = sync_channel(QUEUE);
        let told = Arc::clone(&depth);
        let work = move || {
            writer::serve(rows, &queue, &told);
            // Only when the file is closed may another process have it.
            drop(lock);
        };
        let join = std::thread::Builder::new()
            .name("outbox".to_owned())
            .spawn(work)
            .map_err(|e| StoreError::because(StoreErrorKind::Open, e))?;
        let thread = Arc::new(Thread { requests: Some(requests), join: Some(join) });
        Ok(Self { thread, depth })
    }

    /// Keeps an item; `Ok` once it survives a power cut.
    ///
    /// # Errors
    /// [`StoreErrorKind::OutboxFull`], [`StoreErrorKind::Duplicate`], and those of every call:
    /// [`StoreErrorKind::Full`], [`StoreErrorKind::Busy`], [`StoreErrorKind::Corrupt`],
    /// [`StoreErrorKind::Database`], [`StoreErrorKind::Closed`].
    pub fn enqueue(&self, entry: Entry) -> Answered<Sequence> {
        self.ask(move |rows| rows.enqueue(&entry))
    }

    /// The first `limit` waiting items of a stream after `after`, in order.
    ///
    /// # Errors
    /// [`StoreErrorKind::Malformed`] and those of every call.
    pub fn unsettled(
        &self,
        stream: &StreamKey,
        after: Option<Sequence>,
        limit: usize,
    ) -> Answered<Vec<Item>> {
        let stream = stream.clone();
        self.ask(move |rows| rows.unsettled(&stream, after, limit))
    }

    /// Notes that these are about to be written to a socket for the first time.
    ///
    /// # Errors
    /// Those of every call.
    pub fn sending(&self, ids: Vec<SmolStr>, now: UnixMillis) -> Answered<()> {
        self.ask(move |rows| rows.sending(&ids, now))
    }

    /// Removes or parks items.
    ///
    /// # Errors
    /// Those of every call.
    pub fn settle(&self, settled: Vec<(SmolStr, Settlement)>) -> Answered<()> {
        self.ask(move |rows| rows.settle(&settled))
    }

    /// The first `limit` parked items, in order.
    ///
    /// # Errors
    /// [`StoreErrorKind::Malformed`] and those of every call.
    pub fn parked(&self, limit: usize) -> Answered<Vec<Item>> {
        self.ask(move |rows| rows.parked(limit))
    }

    /// The first `limit` items after `after`, of all streams and in whatever state, in order.
    ///
    /// # Errors
    /// [`StoreErrorKind::Malformed`] and those of every call.
    pub fn list(&self, after: Option<Sequence>, limit: usize) -> Answered<Vec<Item>> {
        self.ask(move |rows| rows.list(after, limit))
    }

    /// Puts parked items back into the order, to wait until `expires`; tells how many.
    ///
    /// # Errors
    /// Those of every call.
    pub fn requeue(&self, ids: Vec<SmolStr>, expires: UnixMillis) -> Answered<usize> {
        self.ask(move |rows| rows.requeue(&ids, expires))
    }

    /// Removes parked items; tells how many.
    ///
    /// # Errors
    /// Those of every call.
    pub fn discard(&self, ids: Vec<SmolStr>) -> Answered<usize> {
        self.ask(move |rows| rows.discard(&ids))
    }

    /// How much was in it after the last change.
    #[must_use]
    pub fn depth(&self) -> Depth {
        *self.depth.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Rows) -> Result<T, StoreError> + Send + 'static,
    ) -> Answered<T> {
        let (answer, result) = oneshot::channel();
        let request = Box::new(Asked { work, result: None, answer });
        let requests = self.thread.requests.as_ref().expect("it is taken only by the last drop");
        let handed_over = requests.try_send(request).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::new(StoreErrorKind::Busy),
            TrySendError::Disconnected(_) => StoreError::new(StoreErrorKind::Closed),
        });
        Box::pin(async move {
            handed_over?;
            result.await.unwrap_or_else(|_| Err(StoreError::new(StoreErrorKind::Closed)))
        })
    }
}

#[cfg(test)]
mod tests;
