mod due;
mod evaluate;
mod hours;
mod keep;
mod renew;
mod vaults;

use std::collections::{HashMap, HashSet};

use domain::market::Market;
use domain::status::SystemStatus;
use domain::{Language, Level, UnixMillis, Vault, VaultId};
use foldhash::fast::FixedState;
use serde_json::{Map, Value};

pub(super) use due::Due;
use evaluate::{Look, choose, evaluate, key_of};
use hours::Hours;
use vaults::WatchedVaults;

use super::book::RuleBook;
use super::judge::{self, Judge};
use super::memory::{Live, Out, VaultMemory};
use super::plan::{Plans, WindowKey};
use super::scenes::Scenes;
use super::window::Window;
use super::words;
use crate::finding::alert;
use crate::{Condition, Finding, Subject, Vaults};

/// All rules of a profile at work: values go in, effects come out.
///
/// Each metric of a vault is computed once for all rules on it, and a vault that is well costs no allocation. What is
/// remembered of a vault is its windows, and what is not normal.
#[derive(Debug, Default)]
pub struct RuleWatch {
    book: RuleBook,
    language: Language,
    plans: Plans,
    vaults: WatchedVaults,
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

impl RuleWatch {
    #[must_use]
    pub fn new(book: RuleBook) -> Self {
        let mut watch = Self::default();
        watch.set_rules(book);
        watch
    }

    /// What people are told in from now on; English unless this says otherwise.
    pub fn set_language(&mut self, language: Language) {
        self.language = language;
    }

    #[must_use]
    pub fn book(&self) -> &RuleBook {
        &self.book
    }

    /// Puts other rules in place. Alerts of rules that are still there stay as they are and follow the new thresholds
    /// from the next value or tick on; those of others end with the next tick.
    pub fn set_rules(&mut self, book: RuleBook) {
        let old = std::mem::replace(&mut self.book, book);
        let plans = std::mem::take(&mut self.plans);
        self.hours = Hours::of(&self.book);
        let renamed: Vec<Option<u16>> =
            old.names().iter().map(|name| self.index_of(&name.name)).collect();
        let new_name = |live: &Live| renamed[usize::from(live.name)];
        for (id, memory) in self.vaults.iter_mut() {
            if !memory.windows.is_empty() {
                // A window that is still looked through goes on from where it is.
                let keys = plans.get(memory.plan).window_keys().into_iter();
                let windows = keys.zip(std::mem::take(&mut memory.windows)).collect();
                self.kept_windows.insert(id.clone(), windows);
            }
            memory.key = None;
            memory.plan = 0;
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
        self.unwell = self.vaults.iter().filter(|(_, memory)| !memory.live.is_empty()).count();
        self.scenes.set_rules(&old, &self.book, &mut self.orphans);
    }

    fn index_of(&self, name: &str) -> Option<u16> {
        let index = self.book.names().iter().position(|known| known.name == name)?;
        Some(u16::try_from(index).expect("the number of rules is limited"))
    }

    /// A vault changed.
    pub fn vault_changed(&mut self, vault: &Vault, now: UnixMillis, effects: &mut Vec<Finding>) {
        self.look_at(vault, now, Look::Update, now, effects);
    }

    /// A vault of which this was heard at `received`.
    fn look_at(
        &mut self,
        vault: &Vault,
        received: UnixMillis,
        look: Look,
        now: UnixMillis,
        effects: &mut Vec<Finding>,
    ) {
        if self.book.is_empty() && self.vaults.is_empty() {
            return;
        }
        self.hours.look(&self.book, now);
        let key = key_of(vault);
        let memory = self.vaults.get_or_insert_with(&vault.id, || VaultMemory::new(received));
        let mut out = Out { effects, dirty: &mut self.dirty };
        memory.received = received;
        let was_well = memory.live.is_empty();
        if memory.key != Some(key) {
            let kept = self.kept_windows.remove(&vault.id).unwrap_or_default();
            choose(self.language, &self.book, &mut self.plans, memory, vault, kept, &mut out);
        }
        let judge = judge(&self.book, &self.hours, self.language, now);
        evaluate(&judge, self.plans.get(memory.plan), memory, vault, look, &mut out);
        count(&mut self.unwell, was_well, memory.live.is_empty());
    }

    /// A chain's market changed.
    pub fn market_changed(&mut self, market: &Market, now: UnixMillis, effects: &mut Vec<Finding>) {
        self.hours.look(&self.book, now);
        let judge = judge(&self.book, &self.hours, self.language, now);
        let out = &mut Out { effects, dirty: &mut self.dirty };
        self.scenes.market_changed(&judge, market, now, out);
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
        let judge = judge(&self.book, &self.hours, self.language, now);
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
            let what = condition.vault.as_ref().map(VaultId::as_str);
            let said = words::withdrawn(self.language, rule.as_str(), what);
            self.dirty.insert(condition.clone());
            effects.push(Finding::Resolve(alert(condition, level, said, raised, 0)));
        }
        let opened = self.hours.look(&self.book, now);
        if opened || self.unwell > 0 || (fed && self.plans.any_ages()) {
            let from = effects.len();
            self.look_again(vaults, fed, opened, now, effects);
            // Not in the order in which they were first heard of: a restart changes it.
            effects[from..]
                .sort_by(|a, b| a.alert().condition.vault.cmp(&b.alert().condition.vault));
        }
        let judge = judge(&self.book, &self.hours, self.language, now);
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
        for (id, memory) in self.vaults.iter_mut() {
            let look = if opened || !memory.live.is_empty() {
                if fed { Look::Again } else { Look::LastKnown }
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
                choose(self.language, &self.book, &mut self.plans, memory, vault, kept, out);
            }
            let judge = judge(&self.book, &self.hours, self.language, now);
            evaluate(&judge, self.plans.get(memory.plan), memory, vault, look, out);
            count(&mut self.unwell, was_well, memory.live.is_empty());
        }
    }

    /// Whether something is not normal about this vault.
    #[must_use]
    pub fn waits_for(&self, vault: &VaultId) -> bool {
        self.unwell > 0 && self.vaults.get(vault).is_some_and(|memory| !memory.live.is_empty())
    }

    /// How many vaults are remembered, and how many conditions of theirs are not normal.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.vaults.len(), self.vaults.iter().map(|(_, memory)| memory.live.len()).sum())
    }
}

fn judge<'a>(
    book: &'a RuleBook,
    hours: &'a Hours,
    language: Language,
    now: UnixMillis,
) -> Judge<'a> {
    Judge { book, closed: &hours.closed, now, language }
}

fn count(unwell: &mut usize, was_well: bool, is_well: bool) {
    match (was_well, is_well) {
        (true, false) => *unwell += 1,
        (false, true) => *unwell -= 1,
        _ => {}
    }
}
