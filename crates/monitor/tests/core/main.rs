//! The core against a real socket, with a recording shell and a clock that can be moved.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod alerts;
mod connection;
mod encryption;
mod history;
mod plugins;
mod rule_desk;
mod rules;
mod values;
mod watch;
mod window;
