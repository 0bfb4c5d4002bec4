//! What must outlive the process: messages that were promised to be sent, and how far each stream was read.
//!
//! [`Persistence`] is what the connection asks of its surroundings; [`InMemory`] keeps everything for as long as the
//! program runs, for tests and for programs that want no file.

mod entry;
mod error;
mod in_memory;
mod stream;

use std::fmt::Debug;

use futures_util::future::BoxFuture;
use smol_str::SmolStr;
use wire::{Position, UnixMillis};

pub use entry::{Bounds, Depth, Entry, EntryState, Item, MissingId, Parked, Sequence, Settlement};
pub use error::{Error, ErrorKind};
pub use in_memory::InMemory;
pub use stream::StreamKey;

/// The answer to a request that is already on its way: see [`Persistence`].
pub type Answer<T> = BoxFuture<'static, Result<T, Error>>;

/// A durable outbox, and the positions of streams.
///
/// **Calling is asking.** A method hands the request over before it returns, never blocks, and the future is only the
/// answer: requests take effect in the order of the calls, and dropping a future undoes nothing. So a driver can put
/// answers into a set and go on.
///
/// **Durable means durable.** An `Ok` of a method that changes something says that the change survives a power cut.
/// An `Err` of [`enqueue`](Self::enqueue) says that the item is not kept, now or after a restart; only after
/// [`ErrorKind::Io`] nobody knows: ask again with the same id, [`ErrorKind::Duplicate`] then says that it is.
///
/// Every answer may be [`ErrorKind::DiskFull`], [`ErrorKind::Corrupt`], [`ErrorKind::Busy`], [`ErrorKind::Closed`] or
/// [`ErrorKind::Io`]; what else it may be is told at the method. Ids that are not (or no longer) kept are ignored,
/// because another process may have discarded them.
pub trait Persistence: Debug + Send + Sync {
    /// Keeps an item at the end of its stream's order. Answered with its place in that order once the item survives a
    /// power cut, which is when its sender may be told that it is kept.
    ///
    /// # Errors
    /// [`ErrorKind::Full`] when as much is kept as may be, [`ErrorKind::Duplicate`] when an item with this id is kept
    /// already.
    fn enqueue(&self, entry: Entry) -> Answer<Sequence>;

    /// The first `limit` items of a stream after `after` that are neither settled nor parked, in order; from the
    /// beginning with `None`. Fewer than `limit` means that there are no more. Ask again after each connect: another
    /// process may have put a parked item back.
    fn unsettled(
        &self,
        stream: &StreamKey,
        after: Option<Sequence>,
        limit: usize,
    ) -> Answer<Vec<Item>>;

    /// Notes that these items are about to be written to a socket for the first time. To be awaited *before* writing:
    /// after a crash it is what tells an item that may have arrived from one that cannot have. Items that have been
    /// sent before keep their first moment. An [`Entry`] can also be enqueued as sent, which spares a sync.
    fn sending(&self, ids: Vec<SmolStr>, now: UnixMillis) -> Answer<()>;

    /// Ends the waiting of these items: removed, or parked with a reason.
    fn settle(&self, settled: Vec<(SmolStr, Settlement)>) -> Answer<()>;

    /// The parked items of all streams, in order, at most `limit`.
    fn parked(&self, limit: usize) -> Answer<Vec<Item>>;

    /// Puts parked items back where they were in the order, as never sent, to wait until `expires`. Ids of items that
    /// are not parked are ignored. Answered with how many were put back.
    fn requeue(&self, ids: Vec<SmolStr>, expires: UnixMillis) -> Answer<usize>;

    /// Removes parked items for good. Ids of items that are not parked are ignored. Answered with how many were
    /// removed.
    fn discard(&self, ids: Vec<SmolStr>) -> Answer<usize>;

    /// How much is kept. Told at once, as of the last change; for figures, not for decisions.
    fn depth(&self) -> Depth;

    /// How far a stream was read; `None` when it never was.
    fn load_position(&self, stream: &StreamKey) -> Answer<Option<Position>>;

    /// Notes how far a stream was read, in place of what was noted before, be it further or not: a server with another
    /// epoch begins anew.
    fn save_position(&self, stream: &StreamKey, position: Position) -> Answer<()>;
}
