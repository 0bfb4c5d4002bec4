//! Rules, policies and labels as somebody writes them, in a file or in a form, and changes to them. What makes sense is
//! for the alert engine to say.

mod edit;
mod options;

pub use edit::RulesEdit;
pub use options::{
    LevelOptions, Number, PolicyOptions, QuietHoursOptions, QuietOptions, RepeatOptions,
    RuleOptions, RulesOptions, ScheduleOptions, ScopeOptions, TOO_MANY_DIGITS,
};

use serde::{Deserialize, Serialize};

/// Where in the options something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "is", content = "at")]
pub enum Entry {
    /// The n-th `[[rule]]`, from 0.
    Rule(usize),
    /// The n-th `[[policy]]`, from 0.
    Policy(usize),
    Labels,
}
