//! Vaults at risk of which nothing is heard any more, though the feed is up.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::solvency::Solvency;
use domain::{Language, Level, UnixMillis, Vault, VaultId};
use serde::{Deserialize, Serialize};

use crate::{Alert, Condition, Facts, Finding, evidence, say, words};

/// How often the age in an alert's text follows the clock.
const REFRESH: Duration = Duration::from_secs(60);

/// A vault whose values became older than three of its usual intervals, and than a minute.
#[derive(Clone, Copy, Debug)]
pub struct Silent<'a> {
    pub vault: &'a Vault,
    /// The usual time between its updates; `None`: there was only one.
    pub usual: Option<Duration>,
    /// When the last one came.
    pub last: UnixMillis,
    /// The level by its last figures.
    pub level: Level,
}

#[derive(Debug, Default)]
pub(crate) struct StaleWatch {
    open: BTreeMap<VaultId, Open>,
    dirty: BTreeSet<VaultId>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Open {
    raised: UnixMillis,
    refreshed: UnixMillis,
    last: UnixMillis,
    usual: Option<u64>,
    level: Level,
}

impl StaleWatch {
    pub(crate) fn any(&self) -> bool {
        !self.open.is_empty()
    }

    pub(crate) fn holds(&self, vault: &VaultId) -> bool {
        !self.open.is_empty() && self.open.contains_key(vault)
    }

    pub(crate) fn restore(&mut self, vault: &VaultId, level: Level, raised: UnixMillis) {
        let open = Open { raised, refreshed: raised, last: raised, usual: None, level };
        self.open.insert(vault.clone(), open);
    }

    /// One that is worth an eye: of a vault with room enough, the table shows that it is old.
    pub(crate) fn silent(
        &mut self,
        language: Language,
        silent: Silent<'_>,
        now: UnixMillis,
        out: &mut Vec<Finding>,
    ) {
        let level = match silent.level {
            Level::Low => return,
            Level::Medium => Level::Medium,
            // Its own alert wakes people where it is critical.
            Level::High | Level::Critical => Level::High,
        };
        if self.holds(&silent.vault.id) {
            return;
        }
        let usual = silent.usual.and_then(|usual| u64::try_from(usual.as_millis()).ok());
        let open = Open { raised: now, refreshed: now, last: silent.last, usual, level };
        out.push(Finding::Raise(open.alert(language, silent.vault, now)));
        self.dirty.insert(silent.vault.id.clone());
        self.open.insert(silent.vault.id.clone(), open);
    }

    pub(crate) fn heard(
        &mut self,
        language: Language,
        vault: &Vault,
        now: UnixMillis,
        out: &mut Vec<Finding>,
    ) {
        if let Some(open) = self.open.remove(&vault.id) {
            self.dirty.insert(vault.id.clone());
            let said = words::heard_again(language, vault, now.since(open.last));
            let condition = Condition::stale(vault.id.clone());
            out.push(Finding::Resolve(Alert::new(condition, open.level, said, open.raised)));
        }
    }

    pub(crate) fn tick(
        &mut self,
        language: Language,
        vaults: &impl crate::Vaults,
        now: UnixMillis,
        out: &mut Vec<Finding>,
    ) {
        for (id, open) in &mut self.open {
            open.refreshed = open.refreshed.min(now);
            if now.since(open.refreshed) >= REFRESH
                && let Some(vault) = vaults.vault(id)
            {
                open.refreshed = now;
                self.dirty.insert(id.clone());
                out.push(Finding::Update(open.alert(language, vault, now)));
            }
        }
    }

    pub(crate) fn take_memory(&mut self, put: &mut impl FnMut(&str, Option<String>)) {
        for id in std::mem::take(&mut self.dirty) {
            put(id.as_str(), self.open.get(&id).map(crate::memory::json));
        }
    }

    pub(crate) fn recall(&mut self, key: &str, value: &str) -> Option<()> {
        self.open.insert(VaultId::new(key).ok()?, serde_json::from_str(value).ok()?);
        Some(())
    }
}

impl Open {
    fn alert(&self, language: Language, vault: &Vault, now: UnixMillis) -> Alert {
        let solvency = Solvency::of(vault);
        let usual = self.usual.map(Duration::from_millis);
        let said = words::stale(language, vault, &solvency, now.since(self.last), usual);
        let mut evidence = evidence::of_solvency(language, vault, &solvency, None, self.level);
        evidence.rule = say::evidence::age(language).to_owned();
        evidence.built_in = false;
        evidence.threshold = None;
        evidence.last_known = true;
        let condition = Condition::stale(vault.id.clone());
        let alert = Alert::new(condition, self.level, said, self.raised);
        alert.evidence(evidence).facts(Facts::of(vault, &solvency))
    }
}
