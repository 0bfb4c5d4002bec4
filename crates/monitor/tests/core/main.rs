//! The core against a real socket, with a recording shell and a clock that can be moved.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod alerts;
mod center;
mod connection;
mod encryption;
mod follow;
mod history;
mod language;
mod machine;
mod plugins;
mod questions;
mod rule_desk;
mod rules;
mod snapshot;
mod values;
mod watch;
mod window;
