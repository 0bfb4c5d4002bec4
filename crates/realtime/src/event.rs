use std::time::Duration;

use serde::Serialize;
use smol_str::SmolStr;
use wire::control::{ErrorReport, Goodbye, ServerStatus};
use wire::{Invalid, UnixMillis};

use crate::{ProtocolFault, StateChange, millis};

/// Something that happened, `at` a time by this machine's clock. State *now* is [`Handle::state`](crate::Handle::state).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[non_exhaustive]
#[expect(missing_docs, reason = "a variant says what its fields are, and `at` is the time in each")]
pub enum Event {
    /// The connection is in another state.
    State(StateChange),
    /// Something invalid came in and was dropped. Told once per kind and minute, so that a broken sender does not
    /// drown everything else; `suppressed` tells how many of the kind went untold since the last one.
    Invalid { at: UnixMillis, invalid: Invalid, suppressed: u64 },
    /// `count` messages, the first one of `first_type`, waited to be sent for longer than `queueTtl`, or on disk than
    /// `durableTtl`, and were dropped unsent.
    Expired { at: UnixMillis, count: usize, first_type: SmolStr },
    /// `maxReconnectAttempts` was reached after as many attempts; the connection is `Failed`.
    MaxReconnectAttemptsReached { at: UnixMillis, attempts: u32 },
    /// The machine slept this long.
    Woke {
        at: UnixMillis,
        #[serde(rename = "sleptMs", serialize_with = "millis::serialize")]
        slept: Duration,
    },
    /// `vaultwatch.v1`: messages after `from` and up to `to` did not come. `recovered`: the server sent them again after
    /// all; otherwise a snapshot follows, or they are lost.
    Gap { at: UnixMillis, from: u64, to: u64, recovered: bool },
    /// `vaultwatch.v1`: a snapshot of `keys` types is complete, as of `offset` in the log. `lost_events` are those that are
    /// not retained any more; `None` when the server cannot tell. Anything but 0 is worth showing.
    Snapshot { at: UnixMillis, offset: u64, keys: usize, lost_events: Option<u64> },
    /// The server broke a rule of the protocol.
    ProtocolFault { at: UnixMillis, fault: ProtocolFault },
    /// Trouble behind the server, or its end.
    ServerStatus { at: UnixMillis, status: ServerStatus },
    /// The server reports an error.
    ServerError { at: UnixMillis, error: ErrorReport },
    /// The server is about to close.
    Goodbye { at: UnixMillis, goodbye: Goodbye },
    /// A durable publish was put aside until a person decides: its id and type, and why, as a code and in words.
    Parked {
        at: UnixMillis,
        id: SmolStr,
        #[serde(rename = "type")]
        ty: SmolStr,
        code: SmolStr,
        message: String,
    },
    /// What must outlive the process could not be read or written: what was being done, and the disk's reason.
    Persistence { at: UnixMillis, doing: &'static str, reason: String },
    /// The reader is so slow that state was conflated: as many messages were replaced by newer ones of their type.
    SlowConsumer { at: UnixMillis, conflated: u64 },
    /// The token could not be renewed.
    TokenFailed { at: UnixMillis, reason: String },
    /// This observer was too slow and did not get as many events.
    Missed { count: u64 },
}
