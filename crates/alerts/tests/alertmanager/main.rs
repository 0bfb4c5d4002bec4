//! The engine beside a real Alertmanager: the same script is played to both, and what each tells is compared. Where
//! their concepts differ, the tests hold the difference; `docs/alerts.md` lists it for people.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod alertmanager;
mod answers;
mod grouping;
mod here;
mod inhibition;
mod no_data;
mod receiver;
mod repeat;
mod sameness;
mod script;
mod silence;
