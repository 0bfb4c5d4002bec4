//! Rules that a user writes without code: a metric, a comparison, levels with enter and exit, a time to hold, hours, a
//! scope. And policies: the numbers of the alerts about some vaults.
//!
//! [`RulesOptions`] are what was written; a [`RuleBook`] is what makes sense; [`RuleWatch`] holds values against it;
//! [`DryRun`] plays the past. Where several rules of one name, or several policies, are about a vault, the nearest wins:
//! the vault itself before its labels, its collateral, its chain, the profile, everything.

mod book;
mod definition;
mod dry_run;
mod explain;
mod fault;
mod figure;
mod judge;
mod ladder;
mod memory;
mod metric;
mod plan;
mod policies;
mod said;
mod scenes;
mod schedule;
mod scope;
mod time;
mod validate;
mod watch;
mod window;
mod words;

use domain::rules as options;

pub use book::RuleBook;
pub use definition::{NoData, Rule};
pub use dry_run::{DryRun, Moment, Report};
pub use explain::{Explanation, Verdict};
pub use fault::{Fault, RuleError};
pub use figure::Figure;
pub use ladder::{Ladder, Step, When};
pub use metric::{MarketMetric, Metric, StatusField, Statuses, Unit, VaultMetric};
pub use options::{
    Entry, LevelOptions, Number, PolicyOptions, QuietHoursOptions, QuietOptions, RepeatOptions,
    RuleOptions, RulesOptions, ScheduleOptions, ScopeOptions,
};
pub use policies::{Policies, Setting};
pub use schedule::Schedule;
pub use scope::{Label, Nearness, Outside, Pattern, Scope};
pub use time::parse as read_time;
pub use watch::RuleWatch;
pub use window::{Change, ChangeIn};
