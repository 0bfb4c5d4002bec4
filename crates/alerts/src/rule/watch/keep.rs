//! What is kept over a restart, and how it is taken up again.

use domain::{ChainId, Level, UnixMillis, VaultId};
use smol_str::SmolStr;

use super::RuleWatch;
use crate::rule::book;
use crate::rule::memory::{Kept, Live, VaultMemory};
use crate::{Condition, Subject};

impl RuleWatch {
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
        let memory = self.vaults.get_or_insert_with(vault, || VaultMemory::new(received));
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
    /// more, is left out, and forgotten: its alert comes by [`RuleWatch::restore`], which is to be called after it.
    pub fn remember(&mut self, key: &str, value: &str) {
        let Ok(condition) = key.parse::<Condition>() else { return };
        let Subject::Rule(rule) = &condition.subject else { return };
        let (name, chain) = split(rule.as_str());
        let Some(index) = self.index_of(name) else {
            self.dirty.insert(condition);
            return;
        };
        let vault = condition.vault.as_ref();
        if let Ok(mut kept) = serde_json::from_str::<Kept>(value)
            && self.fits(index, vault, chain)
        {
            kept.live.name = index;
            self.take_up(vault, chain, kept);
        }
    }
}

/// `depeg@1`: the rule, and the chain it is about.
fn split(rule: &str) -> (&str, Option<ChainId>) {
    match rule.split_once('@') {
        Some((name, chain)) => (name, chain.parse().ok()),
        None => (rule, None),
    }
}
