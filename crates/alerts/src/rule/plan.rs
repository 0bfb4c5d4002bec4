use std::collections::HashMap;
use std::time::Duration;

use domain::{Level, Vault};
use foldhash::fast::FixedState;
use rust_decimal::Decimal;

use super::book::{About, RuleBook};
use super::metric::{Metric, VaultMetric};
use super::window::ChangeIn;
use crate::Policy;
use crate::lifecycle::Times;
use crate::policy::LevelTimes;

/// The rules that apply to a vault, arranged so that each metric is computed once: shared by all vaults to which the same
/// rules apply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) groups: Vec<Group>,
    /// How many windows its vaults have.
    pub(super) windows: usize,
    /// The ages at which a level is entered, and the least of them.
    pub(super) age_thresholds: Vec<Duration>,
    pub(super) least_age: Option<Duration>,
}

/// The rules on one metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) metric: VaultMetric,
    pub(super) checks: Vec<Check>,
    pub(super) changes: Vec<ChangeGroup>,
}

/// The rules on a metric's change over one window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ChangeGroup {
    /// Which of the vault's windows.
    pub(super) window: usize,
    pub(super) over: Duration,
    pub(super) kind: ChangeIn,
    /// Whether the window takes in the value; the other kind of change over the same window may have done so.
    pub(super) fills: bool,
    pub(super) checks: Vec<Check>,
}

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Check {
    /// Index of its name, by which its memory is kept.
    pub(super) name: u16,
    pub(super) rule: u16,
}

/// What identifies a window beyond a change of plans.
pub(super) type WindowKey = (VaultMetric, Duration);

impl Plan {
    fn new(book: &RuleBook, selected: &[Check]) -> Self {
        let mut plan = Self::default();
        for check in selected {
            let rule = book.rule(check.rule);
            let Metric::Vault(metric) = rule.metric else { continue };
            if metric == VaultMetric::Age {
                plan.age_thresholds.extend(rule.ladder.steps().iter().map(|s| seconds(s.enter)));
                plan.least_age = plan.age_thresholds.iter().min().copied();
            }
            let group = match plan.groups.iter_mut().position(|group| group.metric == metric) {
                Some(known) => &mut plan.groups[known],
                None => {
                    let group = Group { metric, checks: Vec::new(), changes: Vec::new() };
                    plan.groups.push(group);
                    plan.groups.last_mut().expect("one was pushed")
                }
            };
            let Some(change) = rule.change else {
                group.checks.push(*check);
                continue;
            };
            let mut same = group.changes.iter_mut();
            let same = same.find(|c| c.over == change.over && c.kind == change.kind);
            if let Some(same) = same {
                same.checks.push(*check);
                continue;
            }
            let shared = group.changes.iter().find(|c| c.over == change.over).map(|c| c.window);
            let window = shared.unwrap_or(plan.windows);
            plan.windows += usize::from(shared.is_none());
            group.changes.push(ChangeGroup {
                window,
                over: change.over,
                kind: change.kind,
                fills: shared.is_none(),
                checks: vec![*check],
            });
        }
        plan
    }

    /// The windows, in their order.
    pub(super) fn window_keys(&self) -> Vec<WindowKey> {
        let mut keys: Vec<_> = self
            .groups
            .iter()
            .flat_map(|group| group.changes.iter().map(move |c| (c.window, (group.metric, c.over))))
            .collect();
        keys.sort_by_key(|(window, _)| *window);
        keys.dedup_by_key(|(window, _)| *window);
        keys.into_iter().map(|(_, key)| key).collect()
    }

    /// The rule that applies under this name.
    pub(super) fn rule(&self, name: u16) -> Option<u16> {
        let changes = |group: &'_ Group| {
            group
                .changes
                .iter()
                .flat_map(|change| change.checks.iter())
                .copied()
                .collect::<Vec<_>>()
        };
        self.groups.iter().find_map(|group| {
            let all = group.checks.iter().copied().chain(changes(group));
            all.into_iter().find(|check| check.name == name).map(|check| check.rule)
        })
    }
}

/// The plans in use, each once.
#[derive(Clone, Debug)]
pub(super) struct Plans {
    /// The first is of a vault of which nothing is known yet.
    plans: Vec<Plan>,
    by_selection: HashMap<Vec<(u16, u16)>, u32, FixedState>,
}

impl Default for Plans {
    fn default() -> Self {
        Self { plans: vec![Plan::default()], by_selection: HashMap::default() }
    }
}

impl Plans {
    /// The plan for a vault as it is now.
    pub(super) fn choose(&mut self, book: &RuleBook, vault: &Vault) -> u32 {
        let selected: Vec<Check> = book
            .names()
            .iter()
            .enumerate()
            .filter(|(_, name)| matches!(name.about, About::Vaults(_)))
            .filter_map(|(index, name)| {
                let rule = book.variant(name, vault)?;
                let name = u16::try_from(index).expect("the number of rules is limited");
                Some(Check { name, rule })
            })
            .collect();
        let key: Vec<_> = selected.iter().map(|check| (check.name, check.rule)).collect();
        if let Some(known) = self.by_selection.get(&key) {
            return *known;
        }
        let plan = u32::try_from(self.plans.len()).expect("at most one for each vault");
        self.plans.push(Plan::new(book, &selected));
        self.by_selection.insert(key, plan);
        plan
    }

    pub(super) fn get(&self, plan: u32) -> &Plan {
        &self.plans[plan as usize]
    }

    pub(super) fn any_ages(&self) -> bool {
        self.plans.iter().any(|plan| plan.least_age.is_some())
    }
}

/// How long the rule's levels must last: its own times where it has any, else the policy's. A level it does not have is
/// never reached.
pub(super) fn times(book: &RuleBook, rule: u16, policy: &Policy) -> Times {
    let rule = book.rule(rule);
    let hold = |level: Level| match rule.ladder.step(level) {
        Some(step) => step.hold.unwrap_or_else(|| policy.hold.of(level)),
        None => Duration::MAX,
    };
    Times {
        hold: LevelTimes {
            medium: hold(Level::Medium),
            high: hold(Level::High),
            critical: hold(Level::Critical),
        },
        recovery: rule.recovery.unwrap_or(policy.recovery),
    }
}

/// A threshold of an age.
pub(super) fn seconds(threshold: Decimal) -> Duration {
    let millis = threshold.saturating_mul(Decimal::ONE_THOUSAND).trunc();
    Duration::from_millis(u64::try_from(millis.mantissa()).unwrap_or(u64::MAX))
}
