//! The engine from its outside, with a simulated clock.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod answers;
mod away;
mod bad_input;
mod desk;
mod escalation;
mod incidents;
mod ladder;
mod liquidation;
mod policies;
mod properties;
mod settings;
mod telling;
mod veiled;
