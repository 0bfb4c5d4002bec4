//! A tenant's one ordered log: what was published, in which order, and whether it had been published before.
//!
//! A [`Log`] is written to and read from by offset. What it stores it hands to its tenant through [`Deliver`], in its
//! own order and whoever stored it: on a broker that several gateways share most of it comes from the others.

mod change;
mod deliver;
mod entry;
mod error;
mod escapes;
mod gone;
mod history;
mod jetstream;
mod logs;
mod memory;
mod options;
#[cfg(test)]
mod recorder;
mod retention;
mod shown;
mod sqlite;
mod values;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;

use smol_str::SmolStr;
use wire::UnixMillis;

pub(crate) use change::{Change, Part};
pub(crate) use deliver::{Deliver, Health};
pub(crate) use entry::{ClientId, Entry, EntryKind, placed};
pub(crate) use history::History;
pub(crate) use logs::{Logs, as_asked, in_memory};
pub(crate) use retention::Retention;
pub(crate) use shown::Shown;
pub(crate) use values::{Kept, KeyId, LastValues, ValueLimits};

pub use error::LogError;
pub use options::{Broker, BrokerError, LogOptions, NatsUrl};

/// What a log is asked to store.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) entry: EntryKind,
    /// Stored once within the de-duplication time.
    pub(crate) id: Option<SmolStr>,
    /// The plain client that is not to hear it.
    pub(crate) from: Option<ClientId>,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Appended {
    Stored(u64),
    /// The id was there already, at this offset.
    Duplicate(u64),
}

impl Appended {
    pub(crate) fn offset(self) -> u64 {
        match self {
            Self::Stored(offset) | Self::Duplicate(offset) => offset,
        }
    }
}

pub(crate) type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, LogError>> + Send + 'a>>;

/// Where a page ends that is read from a disk or a broker, in bytes of its messages: with the one that goes beyond. Each
/// may be a megabyte, and a thousand readers may come at once.
const PAGE_BYTES: usize = 8 << 20;

/// How many events of each type.
pub(crate) type Counts = BTreeMap<SmolStr, u64>;

/// Where a tenant's messages are kept. Asynchronous because a log may lie on a disk or another machine. Offsets
/// begin at 1 and rise by one; 0 is the position before everything.
pub(crate) trait Log: Debug + Send + Sync {
    /// Opaque: another one is another log, whose offsets mean something else.
    fn epoch(&self) -> SmolStr;

    /// Whether reading takes a trip to another machine, which is spared where messages are at hand.
    fn is_far(&self) -> bool {
        false
    }

    /// Stores the records in order. After an error none of them counts as stored, though on a broker some may be.
    fn append(&self, records: Vec<Record>, now: UnixMillis) -> Pending<'_, Vec<Appended>>;

    /// At most `count` messages with `after < offset <= upto`, in order and without a gap; fewer if they are long, none only
    /// if there are none.
    fn read(&self, after: u64, upto: u64, count: usize) -> Pending<'_, Vec<Arc<Entry>>>;

    /// At most `count` events with `after < offset <= upto`, fewer if they are long, none only if there are none. They are
    /// retained for longer than state.
    fn events(&self, after: u64, upto: u64, count: usize) -> Pending<'_, Vec<Arc<Entry>>>;

    /// The events after an offset that are not retained any more: how many of each type. `None` when nobody knows.
    fn gone(&self, after: u64) -> Pending<'_, Option<Counts>>;

    /// The offset of the newest message, delivered already or not; 0 if there was none.
    fn head(&self) -> Pending<'_, u64>;
}
