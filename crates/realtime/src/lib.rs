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
//!             Inbound::Message(message) if alerts.matches(&message.ty) => println!("{message:?}"),
//!             Inbound::Message(_) => {}
//!             Inbound::Invalid(invalid) => eprintln!("dropped: {invalid}"),
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
//! # What it does not do
//! It knows nothing of what the messages are about. In plain mode nothing is acknowledged: a message that was
//! written when the connection broke may be lost, and one the server sends again is recognised by its id only.

mod backoff;
mod cause;
mod clock;
pub mod close;
mod connection;
mod dedup;
mod delivery;
mod endpoint;
mod error;
mod event;
mod handle;
pub mod machine;
mod metrics;
mod millis;
mod options;
mod secret;
mod state;
mod topic;
pub mod transport;

pub use backoff::{Backoff, History, Plan};
pub use cause::{Cause, CauseKind, ConnectError, ConnectErrorKind, FrameFault};
pub use connection::{open, open_with};
pub use delivery::{Delivery, Inbound, Messages};
pub use endpoint::Endpoint;
pub use error::{Error, ErrorKind};
pub use event::Event;
pub use handle::{Events, Handle};
pub use machine::Network;
pub use metrics::{Metrics, QueueDepth, Rtt};
pub use options::{InvalidOption, OptionFault, Options, ValidOptions};
pub use secret::Secret;
pub use state::{ConnectionState, StateChange, StateKind};
pub use topic::{InvalidTopic, Topic};
pub use wire;
