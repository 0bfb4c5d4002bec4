use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Codec, decode};
use crate::{Heartbeat, Invalid, Message, UnixMillis};

/// What a server may say about the connection itself.
#[derive(Clone, Debug, PartialEq)]
pub enum ServerControl {
    Welcome(Welcome),
    Resumed(Resumed),
    SnapshotEnd(SnapshotEnd),
    Subscribed(Subscribed),
    Ack(Ack),
    Nack(Nack),
    Authorised(Authorised),
    Status(ServerStatus),
    Error(ErrorReport),
    Goodbye(Goodbye),
    Heartbeat(Heartbeat),
}

/// The answer to `hello`, within 10 s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    pub session: SmolStr,
    pub tenant: SmolStr,
    pub epoch: SmolStr,
    /// The log's head: the position from which live messages follow, unless replayed ones come first.
    pub offset: u64,
    pub heartbeat_ms: u64,
    pub grace_ms: u64,
    /// What binary frames will be compressed with; `null` when there will be none.
    #[serde(default)]
    pub compress: Option<Codec>,
    /// Bytes. Also the limit for what a binary frame may inflate to.
    pub max_message_bytes: u64,
    /// An id published twice within this time is stored once.
    pub dedup_ms: u64,
    /// Whether the missed messages follow one by one; otherwise a snapshot does.
    pub resumed: bool,
    /// How many missed messages follow.
    #[serde(default)]
    pub replay: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_expires_at: Option<UnixMillis>,
}

/// The answer to `resume`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resumed {
    /// `false`: the position is too old or none of this log; retained events and a snapshot follow.
    pub ok: bool,
    #[serde(default)]
    pub replay: u64,
    /// The position told by this message: with `ok` the one that was asked for.
    pub offset: u64,
}

/// The snapshot is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotEnd {
    pub offset: u64,
    /// Events between the client's position and the oldest one retained; `null` when the server cannot tell.
    #[serde(default)]
    pub lost_events: Option<u64>,
}

/// The answer to `subscribe` and `unsubscribe`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribed {
    /// All topics the connection has from now on.
    pub topics: Vec<SmolStr>,
    pub offset: u64,
}

/// A publish is in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    pub id: SmolStr,
    pub offset: u64,
}

/// A publish was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nack {
    pub id: SmolStr,
    /// For programs: `reserved_type`, `too_large`, `invalid`, `forbidden`, `rate_limited`, `unavailable`, …
    pub code: SmolStr,
    pub message: String,
    /// Whether the same publish may succeed later.
    pub retryable: bool,
}

/// A token sent with `auth` was accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Authorised {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_expires_at: Option<UnixMillis>,
}

/// Trouble behind the server, or its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerStatus {
    pub state: ServerState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServerState {
    Ok,
    Degraded,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorReport {
    pub code: SmolStr,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

/// Comes before a planned close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Goodbye {
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl ServerControl {
    /// Reads a control message, or finds that it is none.
    ///
    /// # Errors
    /// [`InvalidKind::Control`](crate::InvalidKind::Control) when the type is reserved and its `data` is not what
    /// that type promises.
    pub fn of(message: &Message) -> Result<Option<Self>, Invalid> {
        Ok(Some(match message.ty() {
            "welcome" => Self::Welcome(decode(message)?),
            "resumed" => Self::Resumed(decode(message)?),
            "snapshot_end" => Self::SnapshotEnd(decode(message)?),
            "subscribed" => Self::Subscribed(decode(message)?),
            "ack" => Self::Ack(decode(message)?),
            "nack" => Self::Nack(decode(message)?),
            "authorised" => Self::Authorised(decode(message)?),
            "status" => Self::Status(decode(message)?),
            "error" => Self::Error(decode(message)?),
            "goodbye" => Self::Goodbye(decode(message)?),
            crate::HEARTBEAT => Self::Heartbeat(decode(message)?),
            _ => return Ok(None),
        }))
    }
}
