//! A tenant's one ordered log: what was published, in which order, and whether it had been published before.

mod entry;
mod gone;
mod memory;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;

use smol_str::SmolStr;
use thiserror::Error;
use wire::UnixMillis;

pub(crate) use entry::{Entry, EntryKind, placed};
pub(crate) use memory::{MemoryLog, Retention};

/// What a log is asked to store.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) entry: EntryKind,
    /// Stored once within the de-duplication time.
    pub(crate) id: Option<SmolStr>,
}

/// What became of a record.
#[derive(Clone, Debug)]
pub(crate) enum Appended {
    Stored(Arc<Entry>),
    /// The id was there already, at this offset.
    Duplicate(u64),
}

impl Appended {
    pub(crate) fn offset(&self) -> u64 {
        match self {
            Self::Stored(entry) => entry.offset,
            Self::Duplicate(offset) => *offset,
        }
    }
}

/// The retained events after an offset.
#[derive(Debug)]
pub(crate) struct Events {
    pub(crate) entries: Vec<Arc<Entry>>,
    /// Those after that offset that are gone: how many of each type. `None` when nobody knows.
    pub(crate) gone: Option<BTreeMap<SmolStr, u64>>,
}

/// Why a log did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum LogError {
    /// So many ids were published within the de-duplication time that no more can be remembered.
    #[error("too many ids were published within the de-duplication time: wait and send it again")]
    TooManyIds,
    /// The offset lies before the oldest message retained.
    #[error("offset {0} is no longer retained")]
    Trimmed(u64),
}

pub(crate) type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, LogError>> + Send + 'a>>;

/// Where a tenant's messages are kept. Asynchronous because a log may lie on a disk or another machine. Offsets
/// begin at 1 and rise by one; 0 is the position before everything.
pub(crate) trait Log: Debug + Send + Sync {
    /// Opaque: another one is another log, whose offsets mean something else.
    fn epoch(&self) -> SmolStr;

    /// Stores all records in order, or none of them.
    fn append(&self, records: Vec<Record>, now: UnixMillis) -> Pending<'_, Vec<Appended>>;

    /// At most `count` messages with `after < offset <= upto`, in order.
    fn read(&self, after: u64, upto: u64, count: usize) -> Pending<'_, Vec<Arc<Entry>>>;

    /// The events with `after < offset <= upto`, which are retained for longer than state.
    fn events(&self, after: u64, upto: u64) -> Pending<'_, Events>;

    /// The offset of the newest message, 0 if there was none.
    fn head(&self) -> u64;
}
