use crate::server::Limits;

/// How much of the newest of a log is kept at hand, for all clients who come back: after a restart that may be a thousand at
/// once, and what each of them would be read from a disk or another machine would be a thousand times as much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct History {
    pub(crate) messages: usize,
    /// Of text.
    pub(crate) bytes: usize,
}

impl History {
    /// Of a log that lies in memory itself.
    pub(crate) const NONE: Self = Self { messages: 0, bytes: 0 };

    /// As much as one of them is replayed.
    pub(super) fn of(limits: &Limits) -> Self {
        Self { messages: limits.replay_messages, bytes: limits.replay_bytes }
    }
}
