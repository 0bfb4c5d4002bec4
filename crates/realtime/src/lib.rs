//! A real-time client over WebSocket that keeps a connection for as long as it is wanted: it finds dead peers,
//! reconnects with back-off and jitter for ever, recognises duplicates, and never queues without a bound.
//!
//! ```no_run
//! use realtime::{Inbound, Options, Topic};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let (handle, mut messages) = realtime::open(Options::new("wss://feed.example/ws").validate()?);
//! let alerts = Topic::parse("risk_alert")?;
//! handle.connect()?;
//! while let Some(delivery) = messages.recv().await {
//!     for inbound in delivery.messages {
//!         match inbound {
//!             Inbound::Message(message) if alerts.matches(message.ty()) => println!("{message:?}"),
//!             Inbound::Message(_) => {}
//!             Inbound::Invalid(invalid) => eprintln!("dropped: {invalid}"),
//!             Inbound::SnapshotEnd(_) => {}
//!         }
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # How it is made
//! A cheap [`Handle`] sends commands to one task per connection. That task owns the socket and the timers and drives
//! a pure state machine, [`machine`], which decides everything. State *now* is a watch ([`Handle::state`]); what
//! *happened* is a bounded stream ([`Handle::subscribe_events`]) whose slow readers miss events rather than stall the
//! socket. Messages are neither: a slow reader of [`Messages`] makes the server wait, and nothing is dropped.
//!
//! # More than one connection's messages
//! - [`Hub`] and [`RealTimeData`]: live values of one topic each over a shared connection, and handlers; [`Pool`] shares
//!   connections by what they lead to.
//! - [`Builder`]: a connection with [`Middleware`] stages ([`RateLimit`] is one), or another way to dial.
//! - [`Dialect`]: another way of talking, for servers that know neither plain mode nor `vaultwatch.v1`.
//! - [`Batcher`]: many small messages out as a few frames.
//! - `testing`, a feature: scripted servers, a mock socket and a network that breaks.
//!
//! # What it does not do
//! It knows nothing of what the messages are about. In plain mode nothing is acknowledged: a message that was
//! written when the connection broke may be lost, and one the server sends again is recognised by its id only.

#![warn(missing_docs)]

mod backoff;
mod batcher;
mod builder;
mod cause;
mod clock;
pub mod close;
mod connection;
mod dedup;
mod delivery;
mod diagnostics;
mod dialect;
pub mod encryption;
mod endpoint;
mod error;
mod event;
mod fault;
mod fields;
mod handle;
mod handlers;
pub mod machine;
mod metrics;
mod middleware;
mod millis;
mod mode;
mod options;
pub mod persistence;
mod pool;
mod publish;
mod secret;
mod state;
mod stream;
#[cfg(feature = "testing")]
pub mod testing;
mod token;
mod topic;
pub mod transport;

pub use backoff::{Backoff, History, Plan};
pub use batcher::{BatchOptions, Batcher};
pub use builder::Builder;
pub use cause::{Cause, CauseKind, ConnectError, ConnectErrorKind, FrameFault};
pub use connection::{open, open_with};
pub use delivery::{Delivery, Inbound, Messages, SnapshotEnd};
pub use diagnostics::Diagnostics;
pub use dialect::{Dialect, RawFrame, Said, Talk};
pub use endpoint::{Endpoint, EndpointCircuit, EndpointHealth, EndpointPolicy};
pub use error::{Error, ErrorKind};
pub use event::Event;
pub use fault::ProtocolFault;
pub use handle::{Events, Handle};
pub use handlers::Registration;
pub use machine::Network;
pub use metrics::{Metrics, OutboxDepth, OutcomeCounts, QueueDepth, Rtt};
pub use middleware::{Middleware, OnPanic, RateLimit, StageMetrics, Verdict, VerdictCounts};
pub use mode::{Mode, Offer};
pub use options::{InvalidOption, OptionFault, Options, ValidOptions};
pub use persistence::Persistence;
pub use pool::Pool;
pub use publish::{Outcome, Publishing};
pub use secret::Secret;
pub use state::{ConnectionState, StateChange, StateKind};
pub use stream::{Hub, RealTimeData, RealTimeState, StreamError, Updates, WeakRealTimeData};
pub use token::{
    CommandToken, EnvironmentToken, LEAST_TOKEN_LIFE, Providing, StaticToken, TOKEN_LIMIT, Token,
    TokenError, TokenProvider, obtain, refresh_at,
};
pub use topic::{InvalidTopic, Topic};
pub use wire;
