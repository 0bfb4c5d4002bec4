//! SQLite persistence: the notification center and the settings of one profile.
//!
//! One thread owns the database; a [`Store`] is a clonable handle that sends it jobs over a bounded queue. Async
//! callers await the answer and never block a runtime thread on a disk.

mod database;
mod error;
mod notifications;
mod settings;
mod thread;

pub use database::Opened;
pub use error::{StoreError, StoreErrorKind};
pub use notifications::{Delivery, Stored};
pub use thread::Store;
