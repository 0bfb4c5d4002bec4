//! When to wake a person: values, platform alerts and answers go in, [`Effect`]s come out.
//!
//! Pure: no I/O, no clock, no dice. The time is passed in, so the tests never sleep. What the engine remembers can be
//! written down and taken up again.
//!
//! **One alert per condition.** LTV, health factor and room are views of one condition of a vault, its solvency.
//! It is raised once, made worse in place, and resolved when the vault has been back above the exit threshold for
//! two minutes. Liquidation is a condition of its own, and so are the feed itself and each rule.
//!
//! Watches *find* what begins and ends ([`Finding`]); `attention` decides whom that wakes, how often and how loud.

mod attention;
mod condition;
mod effect;
mod engine;
pub mod evidence;
mod feed;
mod finding;
pub mod lifecycle;
mod memory;
mod platform;
mod policy;
mod prices;
mod quiet;
pub mod rule;
mod say;
mod solvency;
mod stale;
pub mod words;

pub use condition::{BadRuleId, Cause, Condition, ParseConditionError, RuleId, Subject};
pub use effect::{Alarm, CallOut, CallOutKind, Change, Changed, Effect, Showing, Stage};
pub use engine::{Act, Before, Engine, Input, Known, Vaults};
pub use feed::Exposure;
pub use finding::{Alert, Facts, Finding};
pub use policy::{LevelTimes, Policy};
pub use quiet::QuietHours;
pub use stale::Silent;
