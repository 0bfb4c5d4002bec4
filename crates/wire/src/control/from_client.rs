use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Codec, decode};
use crate::{Heartbeat, Invalid, Message, Position};

/// What a client may say about the connection itself.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientControl {
    Hello(Hello),
    /// After a gap: everything after this position once more.
    Resume(Resume),
    Subscribe(Topics),
    Unsubscribe(Topics),
    Auth(Auth),
    Heartbeat(Heartbeat),
}

/// The first frame of a connection, at most 10 s after the upgrade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// Program and version, for the server's log.
    pub client: SmolStr,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<SmolStr>,
    /// Exact types, or prefixes that end in `*`. Empty is everything.
    #[serde(default)]
    pub topics: Vec<SmolStr>,
    /// What the client can inflate, the dearest first. Names it does not know are no fault of a server.
    #[serde(default, deserialize_with = "known_codecs")]
    pub compress: Vec<Codec>,
    /// Where to go on; `null` for a start from the present.
    #[serde(default)]
    pub resume: Option<Resume>,
}

/// Where to go on, and whether that is enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    pub epoch: SmolStr,
    pub offset: u64,
    /// The client has no state any more: besides the retained events after the position it wants a snapshot, as if the
    /// position were too old to be replayed from.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub snapshot: bool,
}

impl Resume {
    #[must_use]
    pub fn position(&self) -> Position {
        Position { epoch: self.epoch.clone(), offset: self.offset }
    }
}

impl From<Position> for Resume {
    fn from(Position { epoch, offset }: Position) -> Self {
        Self { epoch, offset, snapshot: false }
    }
}

/// Of `subscribe` and `unsubscribe`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topics {
    pub topics: Vec<SmolStr>,
}

/// Renews the right to be here without a new connection.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Auth {
    pub token: String,
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Auth(…)")
    }
}

impl ClientControl {
    /// Reads a control message, or finds that it is none.
    ///
    /// # Errors
    /// [`InvalidKind::Control`](crate::InvalidKind::Control) when the type is reserved and its `data` is not what
    /// that type promises.
    pub fn of(message: &Message) -> Result<Option<Self>, Invalid> {
        Ok(Some(match message.ty() {
            "hello" => Self::Hello(decode(message)?),
            "resume" => Self::Resume(decode(message)?),
            "subscribe" => Self::Subscribe(decode(message)?),
            "unsubscribe" => Self::Unsubscribe(decode(message)?),
            "auth" => Self::Auth(decode(message)?),
            crate::HEARTBEAT => Self::Heartbeat(decode(message)?),
            _ => return Ok(None),
        }))
    }
}

fn known_codecs<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Codec>, D::Error> {
    let names = Vec::<SmolStr>::deserialize(from)?;
    let known = |name: SmolStr| match name.as_str() {
        "zstd" => Some(Codec::Zstd),
        "deflate" => Some(Codec::Deflate),
        _ => None,
    };
    Ok(names.into_iter().filter_map(known).collect())
}
