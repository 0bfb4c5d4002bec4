//! When to wake a person: values and platform alerts go in, [`Effect`]s come out.
//!
//! Pure: no I/O, no clock, no dice. The time is passed in, so the tests never sleep.
//!
//! **One alert per condition.** LTV, health factor and room are views of one condition of a vault, its solvency.
//! It is raised once, made worse in place, and resolved when the vault has been back above the exit threshold for
//! two minutes. Liquidation is a condition of its own, and so is the feed itself.

mod condition;
mod effect;
mod engine;
mod feed;
pub mod lifecycle;
mod platform;
mod policy;
mod solvency;
pub mod words;

pub use condition::{BadRuleId, Cause, Condition, ParseConditionError, RuleId, Subject};
pub use effect::{Alert, Effect};
pub use engine::{Before, Engine, Vaults};
pub use feed::Exposure;
pub use policy::Policy;
