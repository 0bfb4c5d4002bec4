//! For the tests of programs that use this crate: servers that do what a test tells them to. With the feature
//! `testing`.
//!
//! | what | when |
//! |---|---|
//! | [`ScriptedServer`] | a conversation is known beforehand: expect this, send that, close |
//! | [`MockSocket`] | the test itself plays the server: look at what was sent, have something received |
//! | [`Pipes`] and [`Peer`] | as the mock, with every frame in the test's own hands |
//! | [`LogServer`] | a complete server of `vaultwatch.v1` over TCP, with a log in memory |
//! | [`FaultProxy`] | a network that breaks in nine ways, between any client and any server |
//!
//! The first three work over in-process pipes, so that they run under Tokio's paused clock: an hour of reconnecting
//! takes milliseconds, and nothing depends on how busy the machine is.

mod fault;
mod log_server;
mod mock;
mod peer;
mod pipes;
mod script;

pub use self::fault::{Direction, Fault, FaultEvent, FaultPlan, FaultProxy};
pub use self::log_server::{LogServer, Stored};
pub use self::mock::{MockSocket, ReadyState};
pub use self::peer::{Peer, PeerError, UpgradeRequest};
pub use self::pipes::Pipes;
pub use self::script::{Script, ScriptFault, ScriptedServer};

use crate::{Options, ValidOptions};

/// The defaults, for an address that exists nowhere: what the pipes need.
#[must_use]
pub fn options() -> ValidOptions {
    Options::new("wss://pipes.example/").validate().expect("the defaults are valid")
}
