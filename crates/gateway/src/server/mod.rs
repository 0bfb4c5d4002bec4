//! The protocol's server side, plain mode: HTTP with an upgrade to WebSocket, and the hub that hands messages out.

mod access;
mod client;
mod http;
mod hub;
mod invalid_log;
mod limits;
mod published;
mod queue;
mod stats;
mod values;

pub use access::{Access, Origin, OriginError, Token};
pub use limits::Limits;
pub use stats::Stats;

pub(crate) use http::{Front, listen};
pub(crate) use hub::Hub;
pub(crate) use published::Published;
