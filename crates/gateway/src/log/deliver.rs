use std::fmt::Debug;
use std::sync::Arc;

use super::{Entry, Kept};

/// Who is told what a log stores: the tenant it belongs to.
///
/// A log calls [`Deliver::restore`] once while it is opened, then [`Deliver::deliver`] with every message in the
/// order of the log, whoever stored it, and never two calls at a time. Nothing here waits.
pub(crate) trait Deliver: Debug + Send + Sync {
    /// All values as they were at an offset. What is delivered next comes after it.
    fn restore(&self, values: Vec<Kept>, upto: u64);

    /// The next messages of the log, which is told up to an offset with them.
    fn deliver(&self, entries: &[Arc<Entry>], upto: u64);

    /// The values of these keys with everything that was delivered; without those there are none of.
    fn keep(&self, keys: &[smol_str::SmolStr]) -> Vec<Kept>;

    /// Whether the log does what it should, told when it changes. A log that was just opened does.
    fn health(&self, health: Health);

    /// What is delivered here is no longer the log: it was made anew, or went on without us for longer than it
    /// retains. Everybody has to begin again with another [`super::Log`].
    fn lost_track(&self);
}

/// Whether a log can be written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    Ok,
    /// It cannot, for this reason, which clients are told. Messages are refused until it can.
    Degraded(String),
}
