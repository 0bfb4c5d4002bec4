use std::collections::HashMap;
use std::hash::BuildHasher;
use std::num::NonZeroU64;
use std::time::Duration;

use domain::market::Market;
use domain::status::SystemStatus;
use domain::{ChainId, Level, UnixMillis, Vault, VaultId};
use foldhash::fast::FixedState;
use serde_json::{Map, Value};

use super::book::{self, RuleBook};
use super::figure::{self, Figure};
use super::judge::Judge;
use super::memory::{Live, VaultMemory};
use super::metric::VaultMetric;
use super::plan::{Plan, Plans};
use super::scenes::Scenes;
use super::window::Window;
use super::words::{self, About};
use crate::condition::{Condition, Subject};
use crate::engine::alert;
use crate::{Effect, Vaults};

const MINUTE: i64 = 60_000;

/// All rules of a profile at work: values go in, effects come out.
///
/// Each metric of a vault is computed once for all rules on it, and a vault that is well costs no allocation. What is
/// remembered of a vault is its windows, and what is not normal.
#[derive(Debug, Default)]
pub struct RuleWatch {
    book: RuleBook,
    plans: Plans,
    vaults: HashMap<VaultId, VaultMemory, FixedState>,
    scenes: Scenes,
    hours: Hours,
    /// Vaults with something that is not normal.
    unwell: usize,
    /// Alerts of rules that are not there any more.
    orphans: Vec<(Condition, Level, UnixMillis)>,
}

/// Which schedules are closed, looked up once a minute: they begin and end with one.
#[derive(Debug, Default)]
struct Hours {
    minute: Option<i64>,
    closed: Vec<bool>,
    any: bool,
}

impl Hours {
    fn of(book: &RuleBook) -> Self {
        let any = book.rules().iter().any(|rule| rule.schedule.is_some());
        Self { minute: None, closed: vec![false; book.rules().len()], any }
    }

    /// Returns whether one has opened.
    fn look(&mut self, book: &RuleBook, now: UnixMillis) -> bool {
        let minute = now.0.div_euclid(MINUTE);
        if !self.any || self.minute == Some(minute) {
            return false;
        }
        let first = self.minute.replace(minute).is_none();
        let mut opened = false;
        for (rule, closed) in book.rules().iter().zip(&mut self.closed) {
            let open = rule.schedule.as_ref().is_none_or(|schedule| schedule.is_open(now));
            opened |= open && *closed && !first;
            *closed = !open;
        }
        opened
    }
}

/// What is looked at again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// A new value: everything.
    Update,
    /// Time passed: everything, without a new value for the windows.
    Again,
    /// Time passed, and nothing is known to be wrong: ages only.
    Ages,
}

impl RuleWatch {
    #[must_use]
    pub fn new(book: RuleBook) -> Self {
        let mut watch = Self::default();
        watch.set_rules(book);
        watch
    }

    #[must_use]
    pub fn book(&self) -> &RuleBook {
        &self.book
    }

    /// Puts other rules in place. Alerts of rules that are still there stay as they are and follow the new thresholds
    /// from the next value or tick on; those of others end with the next tick.
    pub fn set_rules(&mut self, book: RuleBook) {
        let old = std::mem::replace(&mut self.book, book);
        self.plans = Plans::default();
        self.hours = Hours::of(&self.book);
        let renamed: Vec<Option<u16>> =
            old.names().iter().map(|name| self.index_of(&name.name)).collect();
        let new_name = |live: &Live| renamed[usize::from(live.name)];
        for (id, memory) in &mut self.vaults {
            memory.key = None;
            memory.plan = 0;
            memory.windows = Box::default();
            memory.live.retain_mut(|live| match new_name(live) {
                Some(name) => {
                    live.name = name;
                    true
                }
                None => {
                    let name = &old.names()[usize::from(live.name)].name;
                    if live.life.level() > Level::Low {
                        let condition = Condition::rule(name, Some(id));
                        self.orphans.push((condition, live.life.level(), live.raised));
                    }
                    false
                }
            });
        }
        self.unwell = self.vaults.values().filter(|memory| !memory.live.is_empty()).count();
        self.scenes.set_rules(&old, &self.book, &mut self.orphans);
    }

    fn index_of(&self, name: &str) -> Option<u16> {
        let index = self.book.names().iter().position(|known| known.name == name)?;
        Some(u16::try_from(index).expect("the number of rules is limited"))
    }

    /// Takes up an alert that was open when the program ended.
    pub fn restore(&mut self, condition: &Condition, severity: Level, raised: UnixMillis) {
        let Subject::Rule(rule) = &condition.subject else { return };
        let (name, chain) = match rule.as_str().split_once('@') {
            Some((name, chain)) => (name, chain.parse::<ChainId>().ok()),
            None => (rule.as_str(), None),
        };
        let known = self.index_of(name);
        let about = known.map(|index| &self.book.names()[usize::from(index)].about);
        match (known, about, &condition.vault) {
            (Some(index), Some(book::About::Vaults(_)), Some(vault)) => {
                let memory = self.vaults.entry(vault.clone()).or_insert_with(|| VaultMemory {
                    key: None,
                    plan: 0,
                    received: raised,
                    windows: Box::default(),
                    live: Vec::new(),
                });
                if memory.live.iter().all(|live| live.name != index) {
                    self.unwell += usize::from(memory.live.is_empty());
                    memory.live.push(Live::restored(index, severity, raised));
                }
            }
            (Some(index), Some(about), None) if *about != book::About::Vaults(Vec::new()) => {
                let live = Live::restored(index, severity, raised);
                self.scenes.restore(chain, live);
            }
            _ => self.orphans.push((condition.clone(), severity, raised)),
        }
    }

    /// A vault changed.
    pub fn vault_changed(&mut self, vault: &Vault, now: UnixMillis, effects: &mut Vec<Effect>) {
        if self.book.is_empty() && self.vaults.is_empty() {
            return;
        }
        self.hours.look(&self.book, now);
        let key = key_of(vault);
        let memory = match self.vaults.get_mut(&vault.id) {
            Some(memory) => memory,
            None => self.vaults.entry(vault.id.clone()).or_insert(VaultMemory {
                key: None,
                plan: 0,
                received: now,
                windows: Box::default(),
                live: Vec::new(),
            }),
        };
        memory.received = now;
        let was_well = memory.live.is_empty();
        if memory.key != Some(key) {
            choose(&self.book, &mut self.plans, memory, vault, key, effects);
        }
        let judge = Judge { book: &self.book, closed: &self.hours.closed, now };
        evaluate(&judge, self.plans.get(memory.plan), memory, vault, Look::Update, effects);
        count(&mut self.unwell, was_well, memory.live.is_empty());
    }

    /// A chain's market changed.
    pub fn market_changed(&mut self, market: &Market, now: UnixMillis, effects: &mut Vec<Effect>) {
        self.hours.look(&self.book, now);
        let judge = Judge { book: &self.book, closed: &self.hours.closed, now };
        self.scenes.market_changed(&judge, market, effects);
    }

    /// The platform told of itself. `extra` are the fields nobody has a name for.
    pub fn status_changed(
        &mut self,
        status: &SystemStatus,
        extra: &Map<String, Value>,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        self.hours.look(&self.book, now);
        let judge = Judge { book: &self.book, closed: &self.hours.closed, now };
        self.scenes.status_changed(&judge, status, extra, effects);
    }

    /// Whether [`RuleWatch::tick`] has anything to wait for.
    #[must_use]
    pub fn has_timers(&self) -> bool {
        self.unwell > 0
            || self.hours.any
            || !self.orphans.is_empty()
            || self.plans.any_ages()
            || self.scenes.has_timers(&self.book)
    }

    /// Time passed. Call about once a second while [`RuleWatch::has_timers`]. While no data arrive, `fed` is false: then
    /// ages are not judged, because that there are no data is an alert of its own.
    pub fn tick(
        &mut self,
        vaults: &impl Vaults,
        fed: bool,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        for (condition, level, raised) in self.orphans.drain(..) {
            let Subject::Rule(rule) = &condition.subject else { continue };
            let what = condition.vault.as_ref().map_or("Alert", VaultId::as_str);
            let said = words::withdrawn(rule.as_str(), what);
            effects.push(Effect::Resolve(alert(condition, level, said, raised, 0)));
        }
        let opened = self.hours.look(&self.book, now);
        if opened || self.unwell > 0 || (fed && self.plans.any_ages()) {
            self.look_again(vaults, fed, opened, now, effects);
        }
        let judge = Judge { book: &self.book, closed: &self.hours.closed, now };
        self.scenes.tick(&judge, fed, effects);
    }

    fn look_again(
        &mut self,
        vaults: &impl Vaults,
        fed: bool,
        opened: bool,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        for (id, memory) in &mut self.vaults {
            let look = if opened || !memory.live.is_empty() {
                Look::Again
            } else {
                let least = self.plans.get(memory.plan).least_age;
                match least {
                    Some(least) if fed && now.since(memory.received) >= least => Look::Ages,
                    _ => continue,
                }
            };
            let Some(vault) = vaults.vault(id) else { continue };
            let was_well = memory.live.is_empty();
            if memory.key.is_none() {
                choose(&self.book, &mut self.plans, memory, vault, key_of(vault), effects);
            }
            let judge = Judge { book: &self.book, closed: &self.hours.closed, now };
            evaluate(&judge, self.plans.get(memory.plan), memory, vault, look, effects);
            count(&mut self.unwell, was_well, memory.live.is_empty());
        }
    }

    /// The next moment at which time alone may change something; `None`: only a value can. For whoever plays the past
    /// instead of waiting for it.
    #[must_use]
    pub fn due(&self, vaults: &impl Vaults) -> Option<UnixMillis> {
        let mut due = self.scenes.due(&self.book);
        let mut note = |at: UnixMillis| due = Some(due.map_or(at, |due: UnixMillis| due.min(at)));
        for (id, memory) in &self.vaults {
            let plan = self.plans.get(memory.plan);
            let Some(vault) = vaults.vault(id) else { continue };
            let policy = self.book.policies().of(vault);
            for live in &memory.live {
                let Some(rule) = plan.rule(live.name) else { continue };
                let times = super::plan::times(&self.book, rule, &policy);
                super::memory::due(&live.life, &times).into_iter().for_each(&mut note);
            }
            for age in &plan.age_thresholds {
                note(memory.received.plus(*age));
            }
        }
        due
    }

    /// How many vaults are remembered, and how many conditions of theirs are not normal.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.vaults.len(), self.vaults.values().map(|memory| memory.live.len()).sum())
    }
}

/// Of what decides which rules apply to a vault.
fn key_of(vault: &Vault) -> NonZeroU64 {
    let tokens = vault.collateral.as_deref().unwrap_or_default();
    let hasher = FixedState::default();
    let mut key = hasher.hash_one(vault.chain_id.map(|chain| chain.0));
    for holding in tokens {
        key = key.rotate_left(5) ^ hasher.hash_one(holding.token.as_str());
    }
    NonZeroU64::new(key | 1).expect("its last bit is set")
}

/// Finds the rules for a vault, ends the alerts of those that no longer apply, and keeps the windows that go on.
fn choose(
    book: &RuleBook,
    plans: &mut Plans,
    memory: &mut VaultMemory,
    vault: &Vault,
    key: NonZeroU64,
    effects: &mut Vec<Effect>,
) {
    let before = memory.key.map(|_| plans.get(memory.plan).window_keys()).unwrap_or_default();
    memory.plan = plans.choose(book, vault);
    memory.key = Some(key);
    let plan = plans.get(memory.plan);
    let mut old: Vec<_> = before.into_iter().zip(std::mem::take(&mut memory.windows)).collect();
    let take = |key| {
        let at = old.iter().position(|(known, _)| *known == key);
        at.map(|at| old.swap_remove(at).1).unwrap_or_default()
    };
    memory.windows = plan.window_keys().into_iter().map(take).collect();
    memory.live.retain(|live| {
        if plan.rule(live.name).is_some() {
            return true;
        }
        let level = live.life.level();
        if level > Level::Low {
            let name = &book.names()[usize::from(live.name)].name;
            let said = words::withdrawn(name, vault.label());
            let condition = Condition::rule(name, Some(&vault.id));
            effects.push(Effect::Resolve(alert(condition, level, said, live.raised, 0)));
        }
        false
    });
}

/// All rules on one vault, each metric computed once.
fn evaluate(
    judge: &Judge<'_>,
    plan: &Plan,
    memory: &mut VaultMemory,
    vault: &Vault,
    look: Look,
    effects: &mut Vec<Effect>,
) {
    let VaultMemory { received, windows, live, .. } = memory;
    let about = About::Vault(vault);
    let policy = || judge.book.policies().of(vault);
    for group in &plan.groups {
        if look == Look::Ages && group.metric != VaultMetric::Age {
            continue;
        }
        let value = figure::of_vault(group.metric, vault, *received, judge.now);
        for check in &group.checks {
            judge.check(*check, value, about, policy, live, effects);
        }
        for change in &group.changes {
            let window = &mut windows[change.window];
            let changed = match value {
                Figure::Of(value) => {
                    if change.fills {
                        fill(window, look, judge.now, value, change.over);
                    }
                    window.change(value, change.kind)
                }
                other => other,
            };
            for check in &change.checks {
                judge.check(*check, changed, about, policy, live, effects);
            }
        }
    }
}

fn fill(
    window: &mut Window,
    look: Look,
    now: UnixMillis,
    value: rust_decimal::Decimal,
    over: Duration,
) {
    if look == Look::Update {
        window.push(now, value, over);
    } else {
        window.pass(now, over);
    }
}

fn count(unwell: &mut usize, was_well: bool, is_well: bool) {
    match (was_well, is_well) {
        (true, false) => *unwell += 1,
        (false, true) => *unwell -= 1,
        _ => {}
    }
}
