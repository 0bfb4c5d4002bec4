//! The engine from its outside, with a simulated clock.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod answers;
mod away;
mod bad_input;
mod causes;
mod desk;
mod escalation;
mod incidents;
mod ladder;
mod language;
mod liquidation;
mod on_screen;
mod policies;
mod properties;
mod scope;
mod settings;
mod telling;
mod veiled;
