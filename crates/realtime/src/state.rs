use std::time::Duration;

use serde::Serialize;
use wire::UnixMillis;

use crate::{Cause, Endpoint, millis};

/// What a connection is doing now. `attempt` counts from 1 and starts anew after a session that was good.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[expect(
    missing_docs,
    reason = "a variant says what its fields are, and `attempt` is told of above"
)]
pub enum ConnectionState {
    /// Not asked to connect yet.
    #[default]
    Idle,
    /// An attempt is under way: DNS, TCP, TLS and the upgrade.
    Connecting { attempt: u32 },
    /// The socket is open; in `vaultwatch.v1` the server's `welcome` is being waited for. Plain mode has no such state.
    Handshaking { attempt: u32 },
    /// Messages flow. `resumed` tells that nothing was missed since the last session; plain mode cannot know.
    Connected { resumed: bool },
    /// Waiting until `retry_at`, by the wall clock, for the next attempt; `cause` ended the last one.
    Backoff { attempt: u32, retry_at: UnixMillis, cause: Cause },
    /// It has failed for so long that attempts are rare now; they never end.
    Suspended { attempt: u32, retry_at: UnixMillis, cause: Cause },
    /// The operating system says there is no network. No attempts are made.
    Offline,
    /// We asked for the end and wait for the server to agree.
    Closing,
    /// Ended because we asked for it.
    Closed,
    /// Ended for good, until asked to connect again.
    Failed { error: Cause },
}

/// States without their details, to count by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the `ConnectionState` of the same name")]
pub enum StateKind {
    Idle,
    Connecting,
    Handshaking,
    Connected,
    Backoff,
    Suspended,
    Offline,
    Closing,
    Closed,
    Failed,
}

impl StateKind {
    pub(crate) const ALL: [Self; 10] = [
        Self::Idle,
        Self::Connecting,
        Self::Handshaking,
        Self::Connected,
        Self::Backoff,
        Self::Suspended,
        Self::Offline,
        Self::Closing,
        Self::Closed,
        Self::Failed,
    ];

    /// The name it has in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Connecting => "connecting",
            Self::Handshaking => "handshaking",
            Self::Connected => "connected",
            Self::Backoff => "backoff",
            Self::Suspended => "suspended",
            Self::Offline => "offline",
            Self::Closing => "closing",
            Self::Closed => "closed",
            Self::Failed => "failed",
        }
    }
}

impl ConnectionState {
    /// Without its details.
    #[must_use]
    pub fn kind(&self) -> StateKind {
        match self {
            Self::Idle => StateKind::Idle,
            Self::Connecting { .. } => StateKind::Connecting,
            Self::Handshaking { .. } => StateKind::Handshaking,
            Self::Connected { .. } => StateKind::Connected,
            Self::Backoff { .. } => StateKind::Backoff,
            Self::Suspended { .. } => StateKind::Suspended,
            Self::Offline => StateKind::Offline,
            Self::Closing => StateKind::Closing,
            Self::Closed => StateKind::Closed,
            Self::Failed { .. } => StateKind::Failed,
        }
    }

    /// The name it has in JSON.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.kind().name()
    }

    /// Messages flow.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        matches!(self, Self::Connected { .. })
    }

    /// An attempt is under way.
    #[must_use]
    pub fn is_connecting(&self) -> bool {
        matches!(self, Self::Connecting { .. } | Self::Handshaking { .. })
    }

    /// The connection failed and is being made anew, or will be.
    #[must_use]
    pub fn is_reconnecting(&self) -> bool {
        match self {
            Self::Connecting { attempt } | Self::Handshaking { attempt } => *attempt > 1,
            Self::Backoff { .. } | Self::Suspended { .. } | Self::Offline => true,
            _ => false,
        }
    }

    /// Nothing happens any more, or not yet, without being asked.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        matches!(self, Self::Idle | Self::Closed | Self::Failed { .. })
    }
}

/// One state gave way to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StateChange {
    /// When, by the wall clock.
    pub at: UnixMillis,
    /// What it was.
    pub previous: ConnectionState,
    /// What it is; never the same.
    pub current: ConnectionState,
    /// What brought it about; `None` when somebody asked for it or all went well.
    pub cause: Option<Cause>,
    /// The endpoint it is about: the one that failed, or the one being used.
    pub endpoint: Endpoint,
    /// The attempt it is about, counted from 1.
    pub attempt: u32,
    /// Until the next attempt, where there will be one.
    #[serde(rename = "delayMs", serialize_with = "millis::optional::serialize")]
    pub delay: Option<Duration>,
}
