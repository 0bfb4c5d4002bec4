use std::time::Duration;

use serde::Serialize;
use smol_str::SmolStr;
use wire::{Invalid, UnixMillis};

use crate::{StateChange, millis};

/// Something that happened. State *now* is [`Handle::state`](crate::Handle::state).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Event {
    State(StateChange),
    /// Something invalid came in and was dropped. Told once per kind and minute, so that a broken sender does not
    /// drown everything else; `suppressed` tells how many of the kind went untold since the last one.
    Invalid {
        at: UnixMillis,
        invalid: Invalid,
        suppressed: u64,
    },
    /// Messages waited for a connection longer than `queueTtl` and were dropped unsent.
    Expired {
        at: UnixMillis,
        count: usize,
        first_type: SmolStr,
    },
    /// `maxReconnectAttempts` was reached; the connection is `Failed`.
    MaxReconnectAttemptsReached {
        at: UnixMillis,
        attempts: u32,
    },
    /// The machine slept this long.
    Woke {
        at: UnixMillis,
        #[serde(rename = "sleptMs", serialize_with = "millis::serialize")]
        slept: Duration,
    },
    /// This observer was too slow and did not get as many events.
    Missed {
        count: u64,
    },
}
