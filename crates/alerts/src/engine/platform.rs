//! What others say: the platform of its vaults, and other clients of what was done about an alert.

use domain::alert_state::AlertState;
use domain::platform_alert::PlatformAlert;
use domain::solvency::Solvency;
use domain::{Level, UnixMillis, Vault};

use super::{Engine, Vaults, context, times};
use crate::attention::By;
use crate::platform::{self, Said, Witness};
use crate::solvency::Look;
use crate::{Condition, Effect, Facts, Subject, say};

impl Engine {
    /// The platform says something.
    pub fn platform_alert(
        &mut self,
        alert: &PlatformAlert,
        vaults: &impl Vaults,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        let (language, condition) = (self.policy.language, Condition::of(alert));
        let unknown;
        let vault = match condition.vault.as_ref().map(|id| (id, vaults.vault(id))) {
            Some((_, Some(vault))) => Some(vault),
            Some((id, None)) => {
                unknown = Vault::unknown(id.clone());
                Some(&unknown)
            }
            None => None,
        };
        if let (Subject::Solvency, Some(vault)) = (&condition.subject, vault) {
            let times = times(&self.policy, &self.rules, vault);
            let look = Look { policy: &self.policy, times, prices: &self.prices, vault, now };
            let watch = self.solvency.entry(vault.id.clone()).or_default();
            watch.platform_says(look, alert, &mut self.findings);
            if watch.is_normal() {
                self.solvency.remove(&vault.id);
            }
            self.touched.insert(vault.id.clone());
        } else if alert.resolved == Some(true) {
            self.platform.resolve(language, &condition, alert, &mut self.findings);
        } else {
            let facts = vault.map(|vault| Facts::of(vault, &Solvency::of(vault)));
            // It happened, whatever the platform makes of it.
            let liquidation = condition.subject == Subject::Liquidation;
            let severity = if liquidation { Level::Critical } else { alert.effective_severity() };
            let said = Said {
                severity,
                words: platform::words_of(language, alert),
                facts: facts.unwrap_or_default(),
                source: alert.id.clone(),
                witness: Witness::Platform,
            };
            self.platform.claim(language, condition.clone(), said, now, &mut self.findings);
        }
        // First whether somebody has seen it already: then nobody is to be woken.
        self.judge(now, effects);
        if alert.acknowledged == Some(true) && alert.resolved != Some(true) {
            let ids: Vec<_> = self.attention.of(&condition).into_iter().collect();
            let by = By::Others("the platform".into());
            let cx = context(&self.policy, &self.rules, &self.prices, now);
            self.attention.acknowledge(&ids, &by, cx, effects);
        }
        self.tell(now, effects);
    }

    /// Somebody did something about an alert, on another machine.
    pub fn alert_state(
        &mut self,
        state: &AlertState,
        vaults: &impl Vaults,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        let cx = context(&self.policy, &self.rules, &self.prices, now);
        let language = self.policy.language;
        let over = say::platform::said_over(language);
        for condition in self.attention.others_did(state, cx, effects) {
            let resolved = PlatformAlert {
                id: None,
                vault_id: condition.vault.clone(),
                ty: None,
                severity: None,
                category: None,
                title: None,
                message: state.note.clone().unwrap_or_else(|| over.to_owned()),
                metadata: None,
                acknowledged: None,
                resolved: Some(true),
            };
            match (&condition.subject, &condition.vault) {
                (Subject::Solvency, Some(id)) => {
                    let (Some(watch), Some(vault)) = (self.solvency.get_mut(id), vaults.vault(id))
                    else {
                        continue;
                    };
                    let times = times(&self.policy, &self.rules, vault);
                    let (policy, prices) = (&self.policy, &self.prices);
                    let look = Look { policy, times, prices, vault, now };
                    watch.platform_says(look, &resolved, &mut self.findings);
                    if watch.is_normal() {
                        self.solvency.remove(id);
                    }
                    self.touched.insert(id.clone());
                }
                _ => self.platform.resolve(language, &condition, &resolved, &mut self.findings),
            }
        }
        self.decide(now, effects);
    }
}
