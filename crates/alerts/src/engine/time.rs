//! What does not arrive, and the passing of time.

use domain::solvency::Solvency;
use domain::{UnixMillis, VaultId};

use super::{Engine, Vaults, context, times};
use crate::solvency::Look;
use crate::{Condition, Effect, Exposure, Finding, Silent, Subject};

impl Engine {
    /// A vault's values became stale, though the feed is up.
    pub fn vault_silent(&mut self, silent: Silent<'_>, now: UnixMillis, effects: &mut Vec<Effect>) {
        if !self.feed.is_lost() {
            self.stale.silent(self.policy.language, silent, now, &mut self.findings);
            self.decide(now, effects);
        }
    }

    /// No data arrive any more.
    pub fn feed_lost(&mut self, now: UnixMillis) {
        self.feed.lost(now);
    }

    /// They do again.
    pub fn feed_back(&mut self, now: UnixMillis, effects: &mut Vec<Effect>) {
        self.feed.back(self.policy.language, now, &mut self.findings);
        self.decide(now, effects);
        let cx = context(&self.policy, &self.rules, &self.prices, now);
        self.attention.feed_is(false, cx, effects);
    }

    /// Whether the next [`tick`](Self::tick) looks at the exposure.
    #[must_use]
    pub fn wants_exposure(&self) -> bool {
        self.feed.waits()
    }

    /// When [`tick`](Self::tick) is to be called, if not by the second.
    #[must_use]
    pub fn due(&self) -> Option<UnixMillis> {
        let doubts = self.solvency.values().filter_map(|watch| watch.urgent(&self.policy)).min();
        [doubts, self.attention.due(&self.policy)].into_iter().flatten().min()
    }

    /// Time passed. Call about once a second, and at [`due`](Self::due).
    pub fn tick(
        &mut self,
        vaults: &impl Vaults,
        exposure: &Exposure,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        let (policy, prices) = (&self.policy, &self.prices);
        let was_down = self.feed.fires();
        self.feed.tick(policy, exposure, now, &mut self.findings);
        let down = self.feed.fires();
        let from = self.findings.len();
        let (findings, touched, rules) = (&mut self.findings, &mut self.touched, &self.rules);
        self.solvency.retain(|id, watch| {
            // While nothing arrives, what has not been raised is not raised: the feed's own alert says it all.
            if watch.waits()
                && (watch.fires() || !down)
                && let Some(vault) = vaults.vault(id)
            {
                let times = times(policy, rules, vault);
                watch.time_passed(Look { policy, times, prices, vault, now }, findings);
                touched.insert(id.clone());
            }
            !watch.is_normal()
        });
        // The map has no order, and what is told should not depend on it.
        self.findings[from..]
            .sort_by(|a, b| a.alert().condition.vault.cmp(&b.alert().condition.vault));
        self.platform.expire(policy, now, &mut self.findings);
        self.stale.tick(policy.language, vaults, now, &mut self.findings);
        if self.rules.has_timers() {
            self.rules.tick(vaults, !self.feed.is_lost(), now, &mut self.findings);
        }
        let cx = context(policy, &self.rules, prices, now);
        // First of all whether somebody was away: what follows is told otherwise then.
        let solvency = &self.solvency;
        let holding = |condition: &Condition| {
            condition.vault.as_ref().and_then(|id| solvency.get(id)?.critical_since())
        };
        // Of one that nothing more is heard of, nobody knows; what is over is judged a moment later.
        let findings = &self.findings;
        let feed_up = !self.feed.is_lost();
        let recovers = |condition: &Condition| {
            let watch = condition.vault.as_ref().and_then(|id| solvency.get(id));
            let is_of_figures = condition.subject == Subject::Solvency;
            let over = |finding: &Finding| matches!(finding, Finding::Resolve(alert) if alert.condition == *condition);
            feed_up && is_of_figures && watch.is_some_and(|watch| watch.recovers())
                || findings.iter().any(over)
        };
        let present = |id: &VaultId| vaults.vault(id).map(Solvency::of);
        self.attention.time_passed(feed_up, (holding, recovers), present, cx, effects);
        if down && !was_down {
            self.attention.feed_is(true, cx, effects);
        }
        self.judge(now, effects);
        let cx = context(&self.policy, &self.rules, &self.prices, now);
        self.attention.release(cx, effects);
        self.tell(now, effects);
    }

    /// Whether something is not normal about this vault: then the mere passing of time may raise an alert.
    #[must_use]
    pub fn waits_for(&self, vault: &VaultId) -> bool {
        (!self.solvency.is_empty() && self.solvency.contains_key(vault))
            || self.rules.waits_for(vault)
    }
}
