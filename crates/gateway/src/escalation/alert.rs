use std::collections::BTreeMap;

use channels::Attempts;
pub(super) use channels::Kind as Channel;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wire::UnixMillis;

/// A critical alert from its first appearance on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Alert {
    /// Names this appearance; the same at every gateway of the log.
    pub(super) delivery: SmolStr,
    pub(super) alert: Option<SmolStr>,
    pub(super) vault: Option<SmolStr>,
    pub(super) category: Option<SmolStr>,
    /// The alert's `data`, as it came last.
    pub(super) data: String,
    pub(super) heard: UnixMillis,
    pub(super) phase: Phase,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Phase {
    /// For somebody to acknowledge it.
    Waiting { due: UnixMillis },
    /// Ours to call.
    Calling { claim: u32, renew: UnixMillis, left: BTreeMap<Channel, Attempts> },
    /// Another gateway calls, or has died over it.
    Elsewhere { claim: u32, until: UnixMillis },
    /// To be told.
    Delivered { at: UnixMillis },
    /// Seen by somebody, or somebody was called. Kept so that the same alert told again is known.
    Closed { at: UnixMillis },
}
