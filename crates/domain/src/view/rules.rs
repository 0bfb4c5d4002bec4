use serde::{Deserialize, Serialize};
use wire::UnixMillis;

use crate::rules::{Entry, RuleOptions, RulesOptions};
use crate::{Level, VaultId};

/// The user's rules as the configuration file has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RulesView {
    pub options: RulesOptions,
    /// Of the file they were read from. A change is made to the file of this revision and to no other.
    pub revision: String,
    pub path: String,
    /// Why nothing can be changed here: the file is not valid, or cannot be read.
    pub locked: Option<String>,
    /// The last change made here can be taken back.
    pub undo: bool,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RulesAnswer {
    /// It is in the file, and in force.
    Saved(RulesView),
    /// Nothing was written.
    Faulty(Vec<FaultView>),
    /// Somebody else has changed the file: these are its rules now. Nothing was written.
    Outdated(RulesView),
}

/// An option that makes no sense: which one, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultView {
    pub entry: Entry,
    /// `levels.high.exit`; empty: the entry as a whole.
    pub field: String,
    /// Goes on where the field's name ends: `is missing: above or below`.
    pub reason: String,
}

/// A rule to be played over the stored history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DryRunQuery {
    pub what: DryRunOf,
    /// The present moment less so many hours is where it begins.
    pub hours: u32,
}

impl DryRunQuery {
    /// 30 days.
    pub const HOURS_LIMIT: u32 = 720;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DryRunOf {
    /// As it stands in a form, in place of the rule at that position or besides those there are.
    Rule { at: Option<usize>, rule: Box<RuleOptions> },
    /// The ladder that every vault is watched by, on this one.
    BuiltIn(VaultId),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DryRunAnswer {
    Report(DryRunView),
    Faulty(Vec<FaultView>),
}

/// When a rule would have fired.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DryRunView {
    /// Where it began: what was asked for, or the first value that is kept.
    pub from: UnixMillis,
    pub to: UnixMillis,
    /// How many were played; none: there is no history.
    pub values: u64,
    pub raised: u64,
    pub worse: u64,
    /// Raised, and not over at the end.
    pub open: u64,
    /// In the order of time, at most [`DryRunView::LIMIT`].
    pub moments: Vec<MomentView>,
    /// There are more.
    pub cut: bool,
}

impl DryRunView {
    pub const LIMIT: usize = 1_000;
}

/// One thing that would have been told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MomentView {
    pub at: UnixMillis,
    pub what: MomentKind,
    pub level: Level,
    /// What is the same for the beginning and the end of one alert.
    pub condition: String,
    pub vault: Option<VaultId>,
    pub title: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MomentKind {
    Raised,
    Worse,
    Over,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_back_as_it_was_written() {
        let fault = FaultView {
            entry: Entry::Rule(2),
            field: "levels.high.exit".to_owned(),
            reason: "is no time".to_owned(),
        };
        let answer = RulesAnswer::Faulty(vec![fault]);
        let json = serde_json::to_string(&answer).unwrap();
        insta::assert_snapshot!(json, @r#"{"faulty":[{"entry":{"is":"rule","at":2},"field":"levels.high.exit","reason":"is no time"}]}"#);
        assert_eq!(serde_json::from_str::<RulesAnswer>(&json).unwrap(), answer);
        let moment = MomentView {
            at: UnixMillis(1),
            what: MomentKind::Over,
            level: Level::High,
            condition: "rule:low A".to_owned(),
            vault: VaultId::new("A").ok(),
            title: "A recovered".to_owned(),
        };
        let view = DryRunView { moments: vec![moment], raised: 1, ..DryRunView::default() };
        let json = serde_json::to_string(&view).unwrap();
        assert_eq!(serde_json::from_str::<DryRunView>(&json).unwrap(), view);
    }
}
