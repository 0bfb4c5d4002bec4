use std::collections::HashMap;

use domain::platform_alert::PlatformAlert;
use domain::vault::VaultStatus;
use domain::{Level, Percent, UnixMillis, Vault, VaultId};
use foldhash::fast::FixedState;

use crate::feed::FeedWatch;
use crate::platform::{self, PlatformAlerts};
use crate::solvency::SolvencyWatch;
use crate::{Alert, Condition, Effect, Exposure, Policy, Subject, words};

/// Access to the last known values, for alerts that a timer raises.
pub trait Vaults {
    fn vault(&self, id: &VaultId) -> Option<&Vault>;
}

/// All conditions that are not normal. Vaults that are well take no memory here.
#[derive(Debug)]
pub struct Engine {
    policy: Policy,
    solvency: HashMap<VaultId, SolvencyWatch, FixedState>,
    platform: PlatformAlerts,
    feed: FeedWatch,
}

impl Engine {
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            solvency: HashMap::default(),
            platform: PlatformAlerts::default(),
            feed: FeedWatch::default(),
        }
    }

    /// Takes up an alert that was open when the program ended, so that it is neither raised again nor forgotten.
    pub fn restore(&mut self, condition: &Condition, severity: Level, raised: UnixMillis) {
        match (&condition.vault, &condition.subject) {
            (Some(vault), Subject::Solvency) => {
                self.solvency.insert(vault.clone(), SolvencyWatch::firing(severity, raised));
            }
            (_, Subject::Feed) => self.feed = FeedWatch::firing(severity, raised),
            _ => self.platform.restore(condition, severity, raised),
        }
    }

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
            let (title, message) = words::liquidated(vault);
            let condition = Condition::liquidation(vault.id.clone());
            self.platform.claim(condition, Level::Critical, title, message, now, effects);
        }
        let watched = !self.solvency.is_empty() && self.solvency.contains_key(&vault.id);
        if !watched && domain::solvency::is_clearly_low(vault) {
            return Some(Level::Low);
        }
        let measure = domain::solvency::measure(vault);
        let level = domain::solvency::level(vault, measure);
        match self.solvency.get_mut(&vault.id) {
            Some(watch) => {
                watch.step(&self.policy, vault, measure, level, before.ltv, now, effects);
                if watch.is_normal() {
                    self.solvency.remove(&vault.id);
                }
            }
            // Nearly every update of nearly every vault ends here.
            None if level.is_none_or(|level| level == Level::Low) => {}
            None => {
                let mut watch = SolvencyWatch::default();
                watch.step(&self.policy, vault, measure, level, before.ltv, now, effects);
                if !watch.is_normal() {
                    self.solvency.insert(vault.id.clone(), watch);
                }
            }
        }
        level
    }

    /// The platform says something.
    pub fn platform_alert(
        &mut self,
        alert: &PlatformAlert,
        vaults: &impl Vaults,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        let condition = Condition::of(alert);
        if let (Subject::Solvency, Some(id)) = (&condition.subject, &condition.vault) {
            let unknown;
            let vault = match vaults.vault(id) {
                Some(vault) => vault,
                None => {
                    unknown = Vault::unknown(id.clone());
                    &unknown
                }
            };
            let watch = self.solvency.entry(id.clone()).or_default();
            watch.platform_says(&self.policy, alert, vault, now, effects);
            if watch.is_normal() {
                self.solvency.remove(id);
            }
        } else if alert.resolved == Some(true) {
            self.platform.resolve(&condition, alert, effects);
        } else {
            let (title, message) = platform::words_of(alert);
            let severity = alert.effective_severity();
            self.platform.claim(condition, severity, title, message, now, effects);
        }
    }

    /// No data arrive any more, or they do again.
    pub fn feed_lost(&mut self, now: UnixMillis) {
        self.feed.lost(now);
    }

    pub fn feed_back(&mut self, now: UnixMillis, effects: &mut Vec<Effect>) {
        self.feed.back(now, effects);
    }

    /// Whether [`Engine::tick`] has anything to wait for.
    #[must_use]
    pub fn has_timers(&self) -> bool {
        self.feed.waits() || self.platform.any() || self.solvency.values().any(SolvencyWatch::waits)
    }

    /// Time passed. Call about once a second while [`Engine::has_timers`].
    pub fn tick(
        &mut self,
        vaults: &impl Vaults,
        exposure: &Exposure,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        let policy = &self.policy;
        self.solvency.retain(|id, watch| {
            if watch.waits()
                && let Some(vault) = vaults.vault(id)
            {
                watch.time_passed(policy, vault, now, effects);
            }
            !watch.is_normal()
        });
        self.platform.expire(policy, now, effects);
        self.feed.tick(policy, exposure, now, effects);
    }

    /// The open alerts, in no order.
    pub fn open(&self) -> impl Iterator<Item = (&VaultId, Level)> {
        self.solvency.iter().filter_map(|(id, watch)| Some((id, watch.raised_level()?)))
    }
}

/// What was known of a vault before an update.
#[derive(Clone, Copy, Debug, Default)]
pub struct Before {
    pub ltv: Option<Percent>,
    pub status: Option<VaultStatus>,
}

impl Before {
    /// To be taken before [`Vault::apply`].
    #[must_use]
    pub fn of(vault: &Vault) -> Self {
        Self { ltv: domain::solvency::ltv(vault), status: vault.status }
    }
}

/// An alert without a history of its own.
pub(crate) fn alert(
    condition: Condition,
    severity: Level,
    (title, message): (String, String),
    raised: UnixMillis,
    suppressed: u32,
) -> Alert {
    Alert { condition, severity, title, message, raised, suppressed }
}
