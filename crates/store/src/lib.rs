//! SQLite persistence of one profile: the notification center, the settings and the positions of streams in one file,
//! the outbox in another.
//!
//! One thread owns each database; [`Store`] and [`Outbox`] are clonable handles that send it requests over a bounded
//! queue. Async callers await the answer and never block a runtime thread on a disk. What was answered with `Ok`
//! survives a power cut. [`Durable`] is both of them as the [`Persistence`](realtime::Persistence) of a connection.

mod database;
mod durable;
mod error;
mod files;
mod migration;
mod notifications;
mod outbox;
mod positions;
mod settings;
mod thread;

pub use database::Opened;
pub use durable::{Durable, OUTBOX_FILE};
pub use error::{StoreError, StoreErrorKind};
pub use notifications::{Delivery, Stored};
pub use outbox::Outbox;
pub use thread::Store;
