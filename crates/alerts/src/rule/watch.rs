use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::num::NonZeroU64;
use std::time::Duration;

use domain::market::Market;
use domain::status::SystemStatus;
use domain::{ChainId, Level, UnixMillis, Vault, VaultId};
use foldhash::fast::FixedState;
use serde_json::{Map, Value};
use smol_str::SmolStr;

use super::book::{self, RuleBook};
use super::figure::{self, Figure};
use super::judge::{self, Judge};
use super::memory::{Kept, Live, Out, VaultMemory};
use super::metric::VaultMetric;
use super::plan::{Plan, Plans, WindowKey};
use super::scenes::Scenes;
use super::window::Window;
use super::words::{self, About};
use crate::finding::alert;
use crate::{Condition, Finding, Subject, Vaults};

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
    /// What is to be kept anew.
    dirty: HashSet<Condition, FixedState>,
    /// Windows of the last run, until their vaults are heard of.
    kept_windows: HashMap<VaultId, Vec<(WindowKey, Window)>>,
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
                        let condition = judge::named(name, Some(id));
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
        let (name, chain) = split(rule.as_str());
        match self.index_of(name) {
            Some(index) if self.fits(index, condition.vault.as_ref(), chain) => {
                let live = Live::restored(index, severity, raised);
                self.take_up(condition.vault.as_ref(), chain, Kept { live, window: None });
            }
            _ => self.orphans.push((condition.clone(), severity, raised)),
        }
    }

    /// Whether the rule still is about such a thing.
    fn fits(&self, name: u16, vault: Option<&VaultId>, chain: Option<ChainId>) -> bool {
        let about = &self.book.names()[usize::from(name)].about;
        match about {
            book::About::Vaults(_) => vault.is_some(),
            book::About::Markets(_) => vault.is_none() && chain.is_some(),
            book::About::Status(_) => vault.is_none() && chain.is_none(),
        }
    }

    /// Unless something is known of it already.
    fn take_up(&mut self, vault: Option<&VaultId>, chain: Option<ChainId>, kept: Kept) {
        let Some(vault) = vault else { return self.scenes.restore(chain, kept) };
        let Kept { live, window } = kept;
        let received = live.raised;
        let memory = self.vaults.entry(vault.clone()).or_insert_with(|| VaultMemory {
            key: None,
            plan: 0,
            received,
            windows: Box::default(),
            live: Vec::new(),
        });
        let known = memory.live.iter().position(|known| known.name == live.name);
        if let Some(known) = known {
            // What was told of it is more than what was kept.
            if live.life.level() > memory.live[known].life.level() {
                memory.live[known] = live;
            }
            return;
        }
        if let (Some(window), book::About::Vaults(variants)) =
            (window, &self.book.names()[usize::from(live.name)].about)
        {
            // Of whichever variant applies: a window of another length is not found again.
            let key = |index: &u16| self.book.rule(*index).window();
            let windows = self.kept_windows.entry(vault.clone()).or_default();
            windows.extend(variants.iter().filter_map(key).map(|key| (key, window.clone())));
        }
        self.unwell += usize::from(memory.live.is_empty());
        memory.live.push(live);
    }

    /// What is to be kept over a restart and has changed since the last call, by key; an empty value is to be removed.
    #[must_use]
    pub fn take_memory(&mut self) -> Vec<(SmolStr, String)> {
        let mut dirty: Vec<_> = self.dirty.drain().collect();
        dirty.sort_by_cached_key(ToString::to_string);
        let kept = dirty.iter().map(|condition| {
            let value = self.kept(condition).map(|kept| {
                serde_json::to_string(&kept).expect("its keys are strings and its numbers finite")
            });
            (SmolStr::new(condition.to_string()), value.unwrap_or_default())
        });
        kept.collect()
    }

    fn kept(&self, condition: &Condition) -> Option<Kept> {
        let Subject::Rule(rule) = &condition.subject else { return None };
        let (name, chain) = split(rule.as_str());
        let name = self.index_of(name)?;
        let Some(vault) = &condition.vault else { return self.scenes.kept(chain, name) };
        let memory = self.vaults.get(vault)?;
        let live = memory.live.iter().find(|live| live.name == name)?.clone();
        let plan = self.plans.get(memory.plan);
        let window = plan.rule(name).and_then(|rule| {
            let key = self.book.rule(rule).window()?;
            let at = plan.window_keys().into_iter().position(|known| known == key)?;
            memory.windows.get(at).cloned()
        });
        Some(Kept { live, window })
    }

    /// Takes up what [`RuleWatch::take_memory`] gave. What cannot be understood, or is about a rule that is not there any
    /// more, is left out: its alert comes by [`RuleWatch::restore`], which is to be called after it.
    pub fn remember(&mut self, key: &str, value: &str) {
        let Ok(condition) = key.parse::<Condition>() else { return };
        let Subject::Rule(rule) = &condition.subject else { return };
        let (name, chain) = split(rule.as_str());
        let Some(index) = self.index_of(name) else { return };
        let vault = condition.vault.as_ref();
        if let Ok(mut kept) = serde_json::from_str::<Kept>(value)
            && self.fits(index, vault, chain)
        {
            kept.live.name = index;
            self.take_up(vault, chain, kept);
        }
    }

    /// A vault changed.
    pub fn vault_changed(&mut self, vault: &Vault, now: UnixMillis, effects: &mut Vec<Finding>) {
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
        let mut out = Out { effects, dirty: &mut self.dirty };
        memory.received = now;
        let was_well = memory.live.is_empty();
        if memory.key != Some(key) {
            let kept = self.kept_windows.remove(&vault.id).unwrap_or_default();
            choose(&self.book, &mut self.plans, memory, vault, key, kept, &mut out);
        }
        let judge = Judge { book: &self.book, closed: &self.hours.closed, now };
        evaluate(&judge, self.plans.get(memory.plan), memory, vault, Look::Update, &mut out);
        count(&mut self.unwell, was_well, memory.live.is_empty());
    }

    /// A chain's market changed.
    pub fn market_changed(&mut self, market: &Market, now: UnixMillis, effects: &mut Vec<Finding>) {
        self.hours.look(&self.book, now);
        let judge = Judge { book: &self.book, closed: &self.hours.closed, now };
        let out = &mut Out { effects, dirty: &mut self.dirty };
        self.scenes.market_changed(&judge, market, out);
    }

    /// The platform told of itself. `extra` are the fields nobody has a name for.
    pub fn status_changed(
        &mut self,
        status: &SystemStatus,
        extra: &Map<String, Value>,
        now: UnixMillis,
        effects: &mut Vec<Finding>,
    ) {
        self.hours.look(&self.book, now);
        let judge = Judge { book: &self.book, closed: &self.hours.closed, now };
        let out = &mut Out { effects, dirty: &mut self.dirty };
        self.scenes.status_changed(&judge, status, extra, out);
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
        effects: &mut Vec<Finding>,
    ) {
        for (condition, level, raised) in self.orphans.drain(..) {
            let Subject::Rule(rule) = &condition.subject else { continue };
            let what = condition.vault.as_ref().map_or("Alert", VaultId::as_str);
            let said = words::withdrawn(rule.as_str(), what);
            self.dirty.insert(condition.clone());
            effects.push(Finding::Resolve(alert(condition, level, said, raised, 0)));
        }
        let opened = self.hours.look(&self.book, now);
        if opened || self.unwell > 0 || (fed && self.plans.any_ages()) {
            self.look_again(vaults, fed, opened, now, effects);
        }
        let judge = Judge { book: &self.book, closed: &self.hours.closed, now };
        let out = &mut Out { effects, dirty: &mut self.dirty };
        self.scenes.tick(&judge, fed, out);
    }

    fn look_again(
        &mut self,
        vaults: &impl Vaults,
        fed: bool,
        opened: bool,
        now: UnixMillis,
        effects: &mut Vec<Finding>,
    ) {
        let out = &mut Out { effects, dirty: &mut self.dirty };
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
                let kept = self.kept_windows.remove(id).unwrap_or_default();
                choose(&self.book, &mut self.plans, memory, vault, key_of(vault), kept, out);
            }
            let judge = Judge { book: &self.book, closed: &self.hours.closed, now };
            evaluate(&judge, self.plans.get(memory.plan), memory, vault, look, out);
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
                live.life.due(&times).into_iter().for_each(&mut note);
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
    kept: Vec<(WindowKey, Window)>,
    out: &mut Out<'_>,
) {
    let before = memory.key.map(|_| plans.get(memory.plan).window_keys()).unwrap_or_default();
    memory.plan = plans.choose(book, vault);
    memory.key = Some(key);
    let plan = plans.get(memory.plan);
    let known = before.into_iter().zip(std::mem::take(&mut memory.windows));
    let mut old: Vec<_> = known.chain(kept).collect();
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
            let condition = judge::named(name, Some(&vault.id));
            out.dirty.insert(condition.clone());
            out.effects.push(Finding::Resolve(alert(condition, level, said, live.raised, 0)));
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
    out: &mut Out<'_>,
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
            judge.check(*check, value, about, policy, live, out);
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
                judge.check(*check, changed, about, policy, live, out);
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

/// `depeg@1`: the rule, and the chain it is about.
fn split(rule: &str) -> (&str, Option<ChainId>) {
    match rule.split_once('@') {
        Some((name, chain)) => (name, chain.parse().ok()),
        None => (rule, None),
    }
}

fn count(unwell: &mut usize, was_well: bool, is_well: bool) {
    match (was_well, is_well) {
        (true, false) => *unwell += 1,
        (false, true) => *unwell -= 1,
        _ => {}
    }
}
