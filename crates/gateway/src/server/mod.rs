//! The protocol's server side, both modes: HTTP with an upgrade to WebSocket, and the hub that hands messages out.

mod access;
mod allowance;
mod board;
mod body;
mod client;
mod departures;
mod door;
mod envelopes;
mod http;
mod hub;
mod inside;
mod invalid_log;
mod limits;
mod metrics;
mod occupancy;
mod peer;
mod publish;
mod published;
mod queue;
mod refusals;
mod session;
mod socket;
mod stats;
mod tenant;
mod topics;
mod upgrade;

pub use access::{
    Access, JwtKeyError, JwtOptions, KeyError, Keys, ListedToken, NewToken, Origin, OriginError,
    Tls, TlsError, Token, TokenFile, TokenFileError, Transport,
};
pub use limits::Limits;
pub use stats::Stats;

pub(crate) use http::{Front, listen};
pub(crate) use hub::{Hub, is_tenant_name};
pub(crate) use inside::{EventReader, Recorded, admit, count_escalation, record, tenant_named};
pub(crate) use published::Published;
pub(crate) use tenant::Tenant;
