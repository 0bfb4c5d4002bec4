//! Values: of vaults, markets and the platform.

use domain::market::Market;
use domain::solvency::Solvency;
use domain::status::SystemStatus;
use domain::vault::VaultStatus;
use domain::{Level, UnixMillis, Vault};
use serde_json::{Map, Value};

use super::{Before, Engine, times};
use crate::platform::{Said, Witness};
use crate::solvency::{Judged, Look, SolvencyWatch};
use crate::{Condition, Effect, Facts, words};

impl Engine {
    /// A vault changed; returns its level now. `before` is what was known of it.
    pub fn vault_changed(
        &mut self,
        before: &Before,
        vault: &Vault,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) -> Option<Level> {
        if vault.status == Some(VaultStatus::Liquidated)
            && before.status.is_some_and(|status| status != VaultStatus::Liquidated)
        {
            self.liquidated(before, vault, now);
        }
        if self.stale.any() {
            self.stale.heard(self.policy.language, vault, now, &mut self.findings);
        }
        self.rules.vault_changed(vault, now, &mut self.findings);
        let watched = !self.solvency.is_empty() && self.solvency.contains_key(&vault.id);
        if !watched && domain::solvency::is_clearly_low(vault) {
            self.decide(now, effects);
            return Some(Level::Low);
        }
        let judged = Judged::of(vault);
        if !watched && judged.level.is_none_or(|level| level == Level::Low) {
            // Nearly every update of nearly every vault ends here at the latest.
            self.decide(now, effects);
            return judged.level;
        }
        let times = times(&self.policy, &self.rules, vault);
        let look = Look { policy: &self.policy, times, prices: &self.prices, vault, now };
        match self.solvency.get_mut(&vault.id) {
            Some(watch) => {
                watch.step(look, judged, before.ltv, before.sent, &mut self.findings);
                if watch.is_normal() {
                    self.solvency.remove(&vault.id);
                }
                self.touched.insert(vault.id.clone());
            }
            None => {
                let mut watch = SolvencyWatch::default();
                watch.step(look, judged, before.ltv, before.sent, &mut self.findings);
                if !watch.is_normal() {
                    self.solvency.insert(vault.id.clone(), watch);
                    self.touched.insert(vault.id.clone());
                }
            }
        }
        self.decide(now, effects);
        judged.level
    }

    fn liquidated(&mut self, before: &Before, vault: &Vault, now: UnixMillis) {
        // By the sender's clock, unless that is ahead of ours.
        let at = before.sent.map_or(now, |sent| sent.min(now));
        let amounts = self.solvency.get(&vault.id).and_then(SolvencyWatch::amounts);
        let said = Said {
            severity: Level::Critical,
            words: words::liquidated(self.policy.language, vault, amounts, at, &self.policy.zone),
            facts: Facts::of(vault, &Solvency::of(vault)),
            source: None,
            witness: Witness::Status,
        };
        let condition = Condition::liquidation(vault.id.clone());
        let from = self.findings.len();
        self.platform.claim(self.policy.language, condition, said, now, &mut self.findings);
        for finding in &mut self.findings[from..] {
            finding.alert_mut().happened = before.sent;
        }
    }

    /// A chain's market changed.
    pub fn market_changed(&mut self, market: &Market, now: UnixMillis, effects: &mut Vec<Effect>) {
        self.prices.note(market, now);
        self.rules.market_changed(market, now, &mut self.findings);
        self.decide(now, effects);
    }

    /// The platform told of itself. `extra` are the fields nobody has a name for.
    pub fn status_changed(
        &mut self,
        status: &SystemStatus,
        extra: &Map<String, Value>,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        self.rules.status_changed(status, extra, now, &mut self.findings);
        self.decide(now, effects);
    }
}
