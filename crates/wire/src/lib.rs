//! The VaultWatch wire: the envelope every message travels in, and the control messages both ends must agree on.
//!
//! Shared by the client and the gateway. Does no I/O, reads no clock, knows no vaults: what lies in `data` is
//! the business of whoever subscribed to the type.

#[cfg(feature = "compression")]
mod compressed;
pub mod control;
mod derived;
mod frame;
mod heartbeat;
mod invalid;
mod message;
mod millis;
mod place;
pub mod scan;

#[cfg(feature = "compression")]
pub use compressed::{COMPRESS_FROM, COMPRESSED_HEADER, Compressed};
pub use derived::DERIVED;
pub use frame::{BATCH_LIMIT, Frame};
pub use heartbeat::Heartbeat;
pub use invalid::{Invalid, InvalidKind};
pub use message::{ID_LIMIT, Message, TYPE_LIMIT};
pub use millis::UnixMillis;
pub use place::{Place, Position};

/// Keep-alive, answered with the same timestamp.
pub const HEARTBEAT: &str = "heartbeat";
/// A frame that carries up to [`BATCH_LIMIT`] envelopes; not a message of its own.
pub const BATCH_UPDATE: &str = "batch_update";
