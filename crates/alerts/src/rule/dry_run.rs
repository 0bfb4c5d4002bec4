use std::collections::HashMap;

use domain::market::Market;
use domain::status::SystemStatus;
use domain::view::{DryRunView, MomentKind, MomentView};
use domain::{Language, Level, UnixMillis, Vault, VaultId};
use serde_json::{Map, Value};

use super::book::RuleBook;
use super::watch::RuleWatch;
use crate::{Condition, Finding, Vaults};

/// Rules played over the past: what they would have raised, and when.
///
/// It is the same [`RuleWatch`] that watches the present; only the clock is the past's. Values come in the order of their
/// times; between them time passes exactly as far as something waits for it.
#[derive(Debug)]
pub struct DryRun {
    watch: RuleWatch,
    vaults: Past,
    effects: Vec<Finding>,
    report: Report,
    now: Option<UnixMillis>,
}

#[derive(Debug, Default)]
struct Past(HashMap<VaultId, Vault>);

impl Vaults for Past {
    fn vault(&self, id: &VaultId) -> Option<&Vault> {
        self.0.get(id)
    }
}

/// What the rules would have done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Of the first and the last value.
    pub from: Option<UnixMillis>,
    pub to: Option<UnixMillis>,
    pub values: u64,
    /// In the order of time; the first [`Report::LIMIT`] of them.
    pub timeline: Vec<Moment>,
    /// Alerts raised.
    pub raised: u64,
    /// Times one got worse.
    pub worse: u64,
    /// Raised, and not over at the end.
    pub open: u64,
}

impl Report {
    /// Most entries of a timeline.
    pub const LIMIT: usize = 10_000;

    /// For the window: what was asked for reached from `from` to `to`.
    #[must_use]
    pub fn view(&self, from: UnixMillis, to: UnixMillis) -> DryRunView {
        DryRunView {
            from: self.from.unwrap_or(from).max(from),
            to,
            values: self.values,
            raised: self.raised,
            worse: self.worse,
            open: self.open,
            moments: self.timeline.iter().take(DryRunView::LIMIT).map(Moment::view).collect(),
            cut: self.timeline.len() > DryRunView::LIMIT,
        }
    }
}

/// One entry of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    Raised { at: UnixMillis, condition: Condition, level: Level, title: String, message: String },
    Worse { at: UnixMillis, condition: Condition, level: Level, title: String },
    Over { at: UnixMillis, condition: Condition, level: Level, raised: UnixMillis, title: String },
}

impl Moment {
    fn view(&self) -> MomentView {
        let (at, what, level, condition, title) = match self {
            Self::Raised { at, condition, level, title, .. } => {
                (at, MomentKind::Raised, level, condition, title)
            }
            Self::Worse { at, condition, level, title } => {
                (at, MomentKind::Worse, level, condition, title)
            }
            Self::Over { at, condition, level, title, .. } => {
                (at, MomentKind::Over, level, condition, title)
            }
        };
        MomentView {
            at: *at,
            what,
            level: *level,
            condition: condition.to_string(),
            vault: condition.vault.clone(),
            title: title.clone(),
        }
    }
}

impl DryRun {
    #[must_use]
    pub fn new(book: RuleBook) -> Self {
        Self {
            watch: RuleWatch::new(book),
            vaults: Past::default(),
            effects: Vec::new(),
            report: Report::default(),
            now: None,
        }
    }

    /// What alerts would have said is said in this language; English unless this is called.
    #[must_use]
    pub fn speaking(mut self, language: Language) -> Self {
        self.watch.set_language(language);
        self
    }

    /// A vault as it was from this moment on.
    pub fn vault(&mut self, at: UnixMillis, vault: Vault) {
        self.pass(at);
        self.watch.vault_changed(&vault, at, &mut self.effects);
        self.vaults.0.insert(vault.id.clone(), vault);
        self.note(at);
    }

    /// As [`DryRun::vault`], changing what is known of it.
    pub fn update(&mut self, at: UnixMillis, id: &VaultId, change: impl FnOnce(&mut Vault)) {
        let mut vault = self.vaults.0.remove(id).unwrap_or_else(|| Vault::unknown(id.clone()));
        // Time passes over what was known, not over what is told now.
        self.vaults.0.insert(id.clone(), vault.clone());
        self.pass(at);
        change(&mut vault);
        self.vault(at, vault);
    }

    /// A chain's market as it was from this moment on.
    pub fn market(&mut self, at: UnixMillis, market: &Market) {
        self.pass(at);
        self.watch.market_changed(market, at, &mut self.effects);
        self.note(at);
    }

    /// What the platform told of itself.
    pub fn status(&mut self, at: UnixMillis, status: &SystemStatus, extra: &Map<String, Value>) {
        self.pass(at);
        self.watch.status_changed(status, extra, at, &mut self.effects);
        self.note(at);
    }

    /// Nothing more came until this moment.
    #[must_use]
    pub fn finish(mut self, at: UnixMillis) -> Report {
        self.pass(at);
        self.report.to = self.report.to.max(Some(at));
        self.report
    }

    fn note(&mut self, at: UnixMillis) {
        self.report.values += 1;
        self.report.from.get_or_insert(at);
        self.report.to = self.report.to.max(Some(at));
        self.collect(at);
    }

    /// Lets the time pass from what was last told, stopping wherever something waits for it.
    fn pass(&mut self, until: UnixMillis) {
        let Some(mut now) = self.now.replace(until) else { return };
        while let Some(due) = self.watch.due(&self.vaults, now).filter(|due| *due < until) {
            now = due;
            self.watch.tick(&self.vaults, true, now, &mut self.effects);
            self.collect(now);
        }
        if until > now && self.watch.has_timers() {
            self.watch.tick(&self.vaults, true, until, &mut self.effects);
            self.collect(until);
        }
    }

    fn collect(&mut self, at: UnixMillis) {
        for effect in self.effects.drain(..) {
            let report = &mut self.report;
            let moment = match effect {
                Finding::Raise(alert) => {
                    report.raised += 1;
                    report.open += 1;
                    let (condition, level) = (alert.condition, alert.severity);
                    let (title, message) = (alert.title, alert.message);
                    Moment::Raised { at, condition, level, title, message }
                }
                Finding::Worsen(alert) => {
                    report.worse += 1;
                    let (condition, level) = (alert.condition, alert.severity);
                    Moment::Worse { at, condition, level, title: alert.title }
                }
                Finding::Resolve(alert) => {
                    report.open = report.open.saturating_sub(1);
                    let (condition, level) = (alert.condition, alert.severity);
                    Moment::Over { at, condition, level, raised: alert.raised, title: alert.title }
                }
                _ => continue,
            };
            if report.timeline.len() < Report::LIMIT {
                report.timeline.push(moment);
            }
        }
    }
}
