use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Where a message lies in its tenant's one ordered log. Only `vaultwatch.v1` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A live or replayed message. `prev` is the position last told on this connection: what lies between the two
    /// was not selected or was skipped on purpose, and is no gap.
    Log { offset: u64, prev: u64 },
    /// The last value of a key, as of `offset`.
    Snapshot { offset: u64 },
}

impl Place {
    #[must_use]
    pub fn offset(self) -> u64 {
        match self {
            Self::Log { offset, .. } | Self::Snapshot { offset } => offset,
        }
    }
}

/// How far a client has come in a log: everything up to and including `offset` was delivered. An offset means
/// something only together with the epoch of the log it counts in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Opaque; another one is another log.
    pub epoch: SmolStr,
    pub offset: u64,
}
