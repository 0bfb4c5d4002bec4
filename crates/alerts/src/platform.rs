//! Conditions that only the platform, or a vault's status, can tell of.

use std::collections::HashMap;

use domain::platform_alert::{Category, PlatformAlert};
use domain::{Level, UnixMillis};
use foldhash::fast::FixedState;

use crate::engine::alert;
use crate::words::shortened;
use crate::{Condition, Effect, Policy};

/// Most conditions remembered at once; a platform that invents more has its oldest forgotten.
const LIMIT: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct PlatformAlerts {
    open: HashMap<Condition, Open, FixedState>,
}

#[derive(Debug)]
struct Open {
    severity: Level,
    raised: UnixMillis,
    heard: UnixMillis,
    suppressed: u32,
    said: (String, String),
}

impl PlatformAlerts {
    pub(crate) fn any(&self) -> bool {
        !self.open.is_empty()
    }

    pub(crate) fn restore(&mut self, condition: &Condition, severity: Level, raised: UnixMillis) {
        let open =
            Open { severity, raised, heard: raised, suppressed: 0, said: Default::default() };
        self.open.insert(condition.clone(), open);
    }

    /// Raises the condition, makes it worse, or counts one more of the same.
    pub(crate) fn claim(
        &mut self,
        condition: Condition,
        severity: Level,
        title: String,
        message: String,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        let said = (title, message);
        if let Some(open) = self.open.get_mut(&condition) {
            open.heard = now;
            let worse = severity > open.severity;
            open.severity = open.severity.max(severity);
            if !worse {
                open.suppressed += 1;
            }
            let changed = open.said != said;
            open.said = said.clone();
            let alert = alert(condition, open.severity, said, open.raised, open.suppressed);
            if worse {
                effects.push(Effect::Worsen(alert));
            } else if changed || open.suppressed.is_power_of_two() {
                // The same words ten thousand times are not worth ten thousand writes.
                effects.push(Effect::Update(alert));
            }
            return;
        }
        if self.open.len() >= LIMIT
            && let Some(oldest) = self.open.iter().min_by_key(|(_, open)| open.heard)
        {
            let oldest = oldest.0.clone();
            self.open.remove(&oldest);
        }
        effects.push(Effect::Raise(alert(condition.clone(), severity, said.clone(), now, 0)));
        self.open
            .insert(condition, Open { severity, raised: now, heard: now, suppressed: 0, said });
    }

    pub(crate) fn resolve(
        &mut self,
        condition: &Condition,
        by: &PlatformAlert,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(open) = self.open.remove(condition) {
            let said = words_of(by);
            let alert = alert(condition.clone(), open.severity, said, open.raised, open.suppressed);
            effects.push(Effect::Resolve(alert));
        }
    }

    /// What nobody resolved or repeated for a day is over.
    pub(crate) fn expire(&mut self, policy: &Policy, now: UnixMillis, effects: &mut Vec<Effect>) {
        self.open.retain(|condition, open| {
            let expired = now.since(open.heard) >= policy.platform_age;
            if expired {
                let (title, message) = open.said.clone();
                let said = (title, format!("{message} Not repeated for 24 h.").trim().to_owned());
                let (raised, suppressed) = (open.raised, open.suppressed);
                effects.push(Effect::Resolve(alert(
                    condition.clone(),
                    open.severity,
                    said,
                    raised,
                    suppressed,
                )));
            }
            !expired
        });
    }
}

/// The platform's own words, within bounds.
pub(crate) fn words_of(alert: &PlatformAlert) -> (String, String) {
    let title = alert.title.as_deref().filter(|t| !t.trim().is_empty()).map_or_else(
        || {
            let about = match alert.category {
                Some(Category::Ltv) => "LTV",
                Some(Category::HealthFactor) => "health factor",
                Some(Category::MarketRisk) => "market risk",
                Some(Category::Liquidation) => "liquidation",
                Some(Category::Performance) => "performance",
                Some(Category::System) => "system",
                None => "risk alert",
            };
            alert
                .vault_id
                .as_ref()
                .map_or_else(|| format!("Platform: {about}"), |vault| format!("{vault}: {about}"))
        },
        str::to_owned,
    );
    (shortened(&title, 120), shortened(&alert.message, 1_000))
}
