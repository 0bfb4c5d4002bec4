//! A rule while somebody fills in its form: what was typed, as it was typed.

use std::collections::BTreeMap;

use domain::rules::{LevelOptions, Number, RuleOptions, RulesEdit, ScheduleOptions, ScopeOptions};
use smol_str::SmolStr;

use super::level::LEVELS;
use super::metric;
use crate::words::{self, rules_form as say};

/// The form's contents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    /// Which rule of the file it replaces; none: it is new.
    pub(super) at: Option<usize>,
    /// All but what stands below.
    pub(super) rule: RuleOptions,
    pub(super) rungs: [Rung; 3],
    /// The level where nothing is compared.
    pub(super) severity: String,
    /// The file has a table of levels, though there is only one.
    table: bool,
    pub(super) is: String,
    pub(super) profiles: String,
    pub(super) chains: String,
    pub(super) tokens: String,
    pub(super) labels: String,
    pub(super) vaults: String,
}

/// A level of the ladder. Empty: there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rung {
    pub(super) enter: String,
    pub(super) exit: String,
    pub(super) hold: String,
}

impl Rung {
    fn of(level: &LevelOptions) -> Self {
        Self {
            enter: shown(&level.enter),
            exit: level.exit.as_ref().map(shown).unwrap_or_default(),
            hold: level.hold.as_deref().unwrap_or_default().to_owned(),
        }
    }

    fn is_empty(&self) -> bool {
        [&self.enter, &self.exit, &self.hold].iter().all(|text| text.trim().is_empty())
    }

    fn options(&self) -> LevelOptions {
        LevelOptions {
            enter: number(&self.enter),
            exit: some(&self.exit).map(|exit| number(&exit)),
            hold: some(&self.hold),
        }
    }
}

impl Draft {
    /// A new one, with a first level to begin with.
    pub(super) fn new() -> Self {
        let rule = RuleOptions {
            metric: "room".into(),
            when: Some("below".into()),
            ..RuleOptions::default()
        };
        Self { rule, severity: "high".to_owned(), ..Self::default() }
    }

    pub(super) fn of(at: Option<usize>, rule: &RuleOptions) -> Self {
        let mut rungs: [Rung; 3] = Default::default();
        for ((name, _), rung) in LEVELS.iter().zip(&mut rungs) {
            if let Some(level) = rule.levels.get(*name) {
                *rung = Rung::of(level);
            } else if rule.severity.as_deref() == Some(*name)
                && let Some(enter) = &rule.enter
            {
                let exit = rule.exit.clone();
                *rung = Rung::of(&LevelOptions { enter: enter.clone(), exit, hold: None });
            }
        }
        let scope = &rule.scope;
        let chains = scope.chains.iter().map(ToString::to_string).collect::<Vec<_>>();
        Self {
            at,
            rungs,
            severity: rule.severity.as_deref().unwrap_or("high").to_owned(),
            table: !rule.levels.is_empty(),
            is: joined(rule.is.as_deref().unwrap_or_default()),
            profiles: joined(&scope.profiles),
            chains: chains.join(", "),
            tokens: joined(&scope.tokens),
            labels: joined(&scope.labels),
            vaults: joined(&scope.vaults),
            rule: rule.clone(),
        }
    }

    /// The same under another name, as a new rule.
    pub(super) fn duplicate(rule: &RuleOptions, all: &[RuleOptions]) -> Self {
        let free = |name: &String| all.iter().all(|one| one.name != *name);
        let numbered = |n: u32| format!("{}-{n}", rule.name);
        let name = (2..).map(numbered).find(free).unwrap_or_default();
        Self::of(None, &RuleOptions { name: name.into(), ..rule.clone() })
    }

    /// Whether the metric is compared with nothing: it is, or is not, one of some words.
    pub(super) fn is_flag(&self) -> bool {
        self.rule.metric == "vault_status"
            || (self.rule.metric == "status" && !self.is.trim().is_empty())
    }

    pub(super) fn unit(&self) -> &'static str {
        match self.rule.change.as_deref() {
            Some("percent") => "%",
            _ => metric::of(&self.rule.metric).map_or("", |metric| metric.unit),
        }
    }

    /// Another metric: what only the last one had goes.
    pub(super) fn set_metric(&mut self, name: &str) {
        let Some(metric) = metric::of(name) else { return };
        self.rule.metric = name.into();
        if metric.of != metric::Of::VaultOrMarket {
            self.rule.token = None;
        }
        if metric.of != metric::Of::Platform {
            self.rule.field = None;
        }
        self.is.clear();
        if self.is_flag() {
            self.rule.change = None;
            self.rule.over = None;
        } else {
            self.rule.when = Some(metric.when.into());
        }
    }

    pub(super) fn schedule(&mut self) -> &mut ScheduleOptions {
        self.rule.schedule.get_or_insert_default()
    }

    /// The rule as it would stand in the file.
    ///
    /// # Errors
    /// The field that can be no part of a rule, and why.
    pub(super) fn options(&self) -> Result<RuleOptions, (&'static str, &'static str)> {
        let chain = |text: &SmolStr| text.parse::<u64>();
        let chains = list(&self.chains).iter().map(chain).collect::<Result<Vec<_>, _>>();
        let chains = chains.map_err(|_| ("scope.chains", say::no_chains()))?;
        let mut rule = RuleOptions {
            is: Some(list(&self.is)).filter(|is| !is.is_empty()),
            enter: None,
            exit: None,
            severity: None,
            levels: BTreeMap::new(),
            scope: ScopeOptions {
                profiles: list(&self.profiles),
                chains,
                tokens: list(&self.tokens),
                labels: list(&self.labels),
                vaults: list(&self.vaults),
            },
            ..self.rule.clone()
        };
        if self.is_flag() {
            rule.when = None;
            rule.severity = some(&self.severity);
            return Ok(rule);
        }
        let filled = LEVELS.iter().zip(&self.rungs).filter(|(_, rung)| !rung.is_empty());
        let filled: Vec<_> = filled.collect();
        match filled[..] {
            [((name, _), rung)] if !self.table && rung.hold.trim().is_empty() => {
                let LevelOptions { enter, exit, .. } = rung.options();
                (rule.enter, rule.exit) = (Some(enter), exit);
                rule.severity = Some((*name).into());
            }
            _ => {
                let levels = filled.into_iter();
                rule.levels =
                    levels.map(|((name, _), rung)| (SmolStr::new(name), rung.options())).collect();
            }
        }
        Ok(rule)
    }

    pub(super) fn edit(&self) -> Result<RulesEdit, (&'static str, &'static str)> {
        Ok(RulesEdit::PutRule { at: self.at, rule: Box::new(self.options()?) })
    }
}

/// A text that was typed; nothing, where only blanks were.
pub(super) fn some(text: &str) -> Option<SmolStr> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(SmolStr::new)
}

/// A number of the file, as the language writes it.
fn shown(number: &Number) -> String {
    words::local(number.0.to_string())
}

/// What was typed, as the file writes it: the same that was [`shown`].
fn number(text: &str) -> Number {
    Number::new(&words::typed(text.trim()))
}

/// What stands between commas or blanks.
pub(super) fn list(text: &str) -> Vec<SmolStr> {
    text.split([',', ' ', '\n']).filter_map(some).collect()
}

pub(super) fn joined(list: &[SmolStr]) -> String {
    list.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, speak};

    fn level(enter: &str, exit: &str, hold: &str) -> LevelOptions {
        LevelOptions { enter: Number::new(enter), exit: some(exit).map(Number), hold: some(hold) }
    }

    fn simple() -> RuleOptions {
        RuleOptions {
            name: "low".into(),
            note: Some("Ask Ada.".to_owned()),
            metric: "room".into(),
            when: Some("below".into()),
            enter: Some(Number::new("12")),
            exit: Some(Number::new("14.0")),
            severity: Some("high".into()),
            hold: Some("30s".into()),
            ..RuleOptions::default()
        }
    }

    #[test]
    fn a_rule_that_is_opened_and_saved_is_the_same() {
        let flat = simple();
        let table = RuleOptions {
            enter: None,
            exit: None,
            severity: None,
            levels: [
                ("high".into(), level("20", "22", "")),
                ("critical".into(), level("10", "", "0s")),
            ]
            .into(),
            scope: ScopeOptions {
                chains: vec![1, 8453],
                tokens: vec!["WETH".into(), "wstETH".into()],
                vaults: vec!["DAO-*".into()],
                ..ScopeOptions::default()
            },
            schedule: Some(ScheduleOptions {
                days: vec!["mon".into()],
                from: Some("08:00".into()),
                to: None,
                zone: "Europe/Berlin".into(),
            }),
            ..simple()
        };
        let one_level = RuleOptions {
            levels: [("high".into(), level("20", "22", ""))].into(),
            ..table.clone()
        };
        let flag = RuleOptions {
            name: "gone".into(),
            metric: "vault_status".into(),
            is: Some(vec!["SUSPENDED".into(), "CLOSED".into()]),
            severity: Some("medium".into()),
            ..RuleOptions::default()
        };
        for language in Language::ALL {
            speak(language);
            for rule in [&flat, &table, &one_level, &flag] {
                assert_eq!(Draft::of(Some(0), rule).options().unwrap(), *rule);
            }
        }
    }

    #[test]
    fn a_number_is_typed_as_the_language_writes_it_and_the_file_has_a_point() {
        speak(Language::German);
        let mut draft = Draft::of(Some(0), &simple());
        assert_eq!(draft.rungs[1].exit, "14,0");
        draft.rungs[1].exit = " 1.234,5 ".to_owned();
        assert_eq!(draft.options().unwrap().exit, Some(Number::new("1234.5")));
    }

    #[test]
    fn one_level_is_written_short_and_several_as_a_ladder() {
        let mut draft = Draft::of(Some(0), &simple());
        draft.rungs[2] = Rung { enter: " 5 ".to_owned(), ..Rung::default() };
        let rule = draft.options().unwrap();
        assert_eq!((rule.enter, rule.exit, rule.severity), (None, None, None));
        assert_eq!(rule.levels["high"], level("12", "14.0", ""));
        assert_eq!(rule.levels["critical"], level("5", "", ""));
        draft.rungs[1] = Rung::default();
        let rule = draft.options().unwrap();
        assert_eq!((rule.enter, rule.severity), (Some(Number::new("5")), Some("critical".into())));
        draft.rungs[2].hold = "5s".to_owned();
        assert_eq!(draft.options().unwrap().levels["critical"], level("5", "", "5s"));
    }

    #[test]
    fn another_metric_takes_what_does_not_belong_to_it_away() {
        let mut draft = Draft::of(
            None,
            &RuleOptions {
                metric: "price".into(),
                token: Some("WETH".into()),
                change: Some("percent".into()),
                over: Some("30m".into()),
                ..simple()
            },
        );
        draft.set_metric("ltv");
        assert_eq!((draft.rule.token.as_ref(), draft.rule.when.as_deref()), (None, Some("above")));
        assert!(draft.rule.change.is_some());
        draft.set_metric("vault_status");
        draft.is = "SUSPENDED".to_owned();
        let rule = draft.options().unwrap();
        assert_eq!((rule.change, rule.over, rule.when, rule.enter), (None, None, None, None));
        assert_eq!(rule.severity.as_deref(), Some("high"));
    }

    #[test]
    fn a_copy_has_a_name_of_its_own() {
        let all = [simple(), RuleOptions { name: "low-2".into(), ..simple() }];
        let copy = Draft::duplicate(&all[0], &all);
        assert_eq!((copy.rule.name.as_str(), copy.at), ("low-3", None));
        assert_eq!(list(" 1,8453  10,"), ["1", "8453", "10"]);
        let chains = Draft { chains: "one".to_owned(), ..Draft::new() };
        assert_eq!(chains.options().unwrap_err().0, "scope.chains");
    }
}
