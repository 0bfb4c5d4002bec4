//! The protocol's server side, both modes: HTTP with an upgrade to WebSocket, and the hub that hands messages out.

mod access;
mod client;
mod http;
mod hub;
mod inside;
mod invalid_log;
mod limits;
mod metrics;
mod publish;
mod published;
mod queue;
mod session;
mod stats;
mod tenant;
mod topics;
mod values;

pub use access::{Access, Origin, OriginError, Token};
pub use limits::Limits;
pub use stats::Stats;

pub(crate) use http::{Front, listen};
pub(crate) use hub::{Hub, is_tenant_name};
pub(crate) use inside::{EventReader, Recorded, admit, count_escalation, record, tenant_named};
pub(crate) use published::Published;
pub(crate) use tenant::Tenant;
