//! The control messages of `vaultwatch.v1`: the `data` of envelopes whose types are reserved for the two ends.

mod from_client;
mod from_server;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Invalid, InvalidKind, Message};

pub use from_client::{Auth, ClientControl, Hello, Resume, Topics};
pub use from_server::{
    Ack, Authorised, ErrorReport, Goodbye, Nack, Resumed, ServerControl, ServerState, ServerStatus,
    SnapshotEnd, Subscribed, Welcome,
};

/// The sub-protocol's name in `Sec-WebSocket-Protocol`.
pub const V1: &str = "vaultwatch.v1";

/// Every type that is no application message in `vaultwatch.v1`. Publishing one is refused with `reserved_type`.
pub const RESERVED: [&str; 16] = [
    "hello",
    "welcome",
    "resume",
    "resumed",
    "snapshot_end",
    "subscribe",
    "unsubscribe",
    "subscribed",
    "ack",
    "nack",
    "auth",
    "authorised",
    "status",
    "error",
    "goodbye",
    crate::HEARTBEAT,
];

/// Whether a type is reserved for the two ends of a connection.
#[must_use]
pub fn is_reserved(ty: &str) -> bool {
    RESERVED.contains(&ty)
}

/// A compression that both ends know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    /// In zlib's format.
    Deflate,
    Zstd,
}

fn decode<T: DeserializeOwned>(message: &Message) -> Result<T, Invalid> {
    // A list would be taken for the fields in their order.
    if message.data().first() != Some(&b'{') {
        let invalid = Invalid::new(InvalidKind::Control, "must be an object", message.data());
        return Err(invalid.with_field(message.ty()));
    }
    message.decode().map_err(|error| {
        let reason = error.to_string();
        // The position is that within `data`, which nobody can look up.
        let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
        Invalid::new(InvalidKind::Control, reason, message.data()).with_field(message.ty())
    })
}
