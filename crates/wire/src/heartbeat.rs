use serde::{Deserialize, Serialize};

use crate::UnixMillis;

/// The `data` of a `heartbeat`: `{"timestamp":ms}`. An answer carries the same timestamp and may add the
/// server's own clock, from which round-trip time and clock skew are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Heartbeat {
    pub timestamp: UnixMillis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_time: Option<UnixMillis>,
}
