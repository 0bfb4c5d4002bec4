//! SQLite persistence of one profile, in three files: the notification center, the alert log, the settings and the
//! positions of streams; the outbox; figures over time.
//!
//! One thread owns each database; [`Store`], [`Outbox`] and [`History`] are clonable handles that send it requests over
//! a bounded queue. Async callers await the answer and never block a runtime thread on a disk. What was answered with
//! `Ok` survives a power cut. [`Durable`] is outbox and store as the [`Persistence`](realtime::Persistence) of a
//! connection.

mod alert_log;
mod commit;
mod database;
mod durable;
mod error;
mod files;
mod history;
mod log_reader;
mod memory;
mod migration;
mod notifications;
mod outbox;
mod positions;
mod retention;
mod settings;
mod thread;

pub use alert_log::{AlertChange, AlertRecord, LogQuery, LogSequence, Logged};
pub use commit::Batch;
pub use database::Opened;
pub use durable::{Durable, OUTBOX_FILE};
pub use error::{StoreError, StoreErrorKind};
pub use history::{
    Fold, HISTORY_FILE, History, HistoryPoint, HistoryReader, HistoryState, HistoryStatistics,
    Point, Recorded, Samples, Series, SeriesKey, Spread,
};
pub use log_reader::LogReader;
pub use notifications::{Delivery, Stored};
pub use outbox::Outbox;
pub use retention::{HistoryRetention, Retention};
pub use thread::Store;
