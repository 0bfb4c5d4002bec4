//! One vault's solvency: normal → pending → firing → recovering → normal.

use domain::level::Measure;
use domain::platform_alert::PlatformAlert;
use domain::solvency::Solvency;
use domain::{Level, Percent, UnixMillis, Vault};

use crate::engine::alert;
use crate::policy::Policy;
use crate::words::{self, Course};
use crate::{Condition, Effect};

/// The memory of a vault that is not well.
#[derive(Debug, Default)]
pub(crate) struct SolvencyWatch {
    /// Since when the value has been at or beyond medium, high, critical, without a break.
    beyond: [Option<UnixMillis>; 3],
    /// What the platform claims, until it takes it back.
    claim: Option<Claim>,
    firing: Option<Firing>,
    last_ltv: Option<Percent>,
}

#[derive(Debug)]
struct Claim {
    level: Level,
    at: UnixMillis,
    /// Our own figures have agreed since: then their recovery ends the claim, too.
    confirmed: bool,
}

#[derive(Debug)]
struct Firing {
    level: Level,
    raised: UnixMillis,
    /// Since when the value has been back above the exit threshold of `level`.
    recovering: Option<UnixMillis>,
    refreshed: UnixMillis,
    /// Something changed since the text was last made.
    outdated: bool,
    course: Course,
    suppressed: u32,
}

const LADDER: [Level; 3] = [Level::Medium, Level::High, Level::Critical];

impl SolvencyWatch {
    /// An alert taken up again after a restart.
    pub(crate) fn firing(level: Level, raised: UnixMillis) -> Self {
        let firing = Firing {
            level,
            raised,
            recovering: None,
            refreshed: raised,
            outdated: true,
            course: Course::default(),
            suppressed: 0,
        };
        Self { firing: Some(firing), ..Self::default() }
    }

    pub(crate) fn is_normal(&self) -> bool {
        self.firing.is_none() && self.claim.is_none() && self.beyond.iter().all(Option::is_none)
    }

    pub(crate) fn raised_level(&self) -> Option<Level> {
        self.firing.as_ref().map(|firing| firing.level)
    }

    /// Whether the mere passing of time can change anything.
    pub(crate) fn waits(&self) -> bool {
        let raised = self.raised_level().unwrap_or_default();
        let pending =
            LADDER.iter().zip(self.beyond).any(|(l, since)| since.is_some() && *l > raised);
        let moving = |firing: &Firing| firing.recovering.is_some() || firing.outdated;
        pending || self.firing.as_ref().is_some_and(moving) || self.claim.is_some()
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call site; a struct would only rename the list"
    )]
    pub(crate) fn step(
        &mut self,
        policy: &Policy,
        vault: &Vault,
        measure: Option<Measure>,
        level: Option<Level>,
        previous_ltv: Option<Percent>,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        self.last_ltv = previous_ltv;
        if let Some(firing) = &mut self.firing {
            firing.outdated = true;
        }
        // Nothing to judge by any more is not the same as being well: what fires keeps firing.
        if let Some(level) = level {
            self.note_level(level, now);
            self.note_recovery(measure, level, now);
        } else if vault.status == Some(domain::vault::VaultStatus::Closed) {
            self.claim = None;
            self.beyond = [None; 3];
            if let Some(firing) = self.firing.take() {
                effects.push(firing.resolved(vault, now));
            }
            return;
        }
        self.settle(policy, vault, now, effects);
    }

    pub(crate) fn time_passed(
        &mut self,
        policy: &Policy,
        vault: &Vault,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        self.settle(policy, vault, now, effects);
    }

    pub(crate) fn platform_says(
        &mut self,
        policy: &Policy,
        alert: &PlatformAlert,
        vault: &Vault,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        if alert.resolved == Some(true) {
            self.claim = None;
            // Our own figures, where there are any, have the last word on whether it is over.
            if let Some(firing) = &mut self.firing
                && self.beyond.iter().all(Option::is_none)
            {
                firing.recovering = Some(now.minus(policy.recovery));
            }
        } else {
            let level = alert.effective_severity();
            let known = self.firing.as_ref().is_some_and(|firing| firing.level >= level);
            if known && let Some(firing) = &mut self.firing {
                firing.suppressed += 1;
                firing.outdated = true;
            }
            self.claim = Some(Claim { level, at: now, confirmed: self.measured() >= level });
        }
        self.settle(policy, vault, now, effects);
    }

    /// The level the figures themselves have reached.
    fn measured(&self) -> Level {
        let reached = LADDER.iter().zip(self.beyond).filter(|(_, since)| since.is_some());
        reached.map(|(level, _)| *level).next_back().unwrap_or_default()
    }

    fn note_level(&mut self, level: Level, now: UnixMillis) {
        for (rung, since) in LADDER.iter().zip(&mut self.beyond) {
            if level < *rung {
                *since = None;
            } else {
                // A start in the future: the clock was set back.
                *since = Some(since.map_or(now, |since| since.min(now)));
            }
        }
        if let Some(claim) = &mut self.claim {
            claim.confirmed |= level >= claim.level;
        }
    }

    fn note_recovery(&mut self, measure: Option<Measure>, level: Level, now: UnixMillis) {
        let still_at = measure.map_or(level, |measure| measure.level_on_exit().max(level));
        if let Some(claim) = &self.claim
            && claim.confirmed
            && still_at < claim.level
        {
            self.claim = None;
        }
        let claimed = self.claim.as_ref().map(|claim| claim.level).unwrap_or_default();
        if let Some(firing) = &mut self.firing {
            firing.recovering = if still_at.max(claimed) < firing.level {
                Some(firing.recovering.map_or(now, |since| since.min(now)))
            } else {
                None
            };
        }
    }

    /// Raises, worsens, refreshes or ends the alert by what has been noted.
    fn settle(
        &mut self,
        policy: &Policy,
        vault: &Vault,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        if self.claim.as_ref().is_some_and(|claim| now.since(claim.at) >= policy.platform_age) {
            self.claim = None;
            if let Some(firing) = &mut self.firing
                && self.beyond.iter().all(Option::is_none)
            {
                firing.recovering = Some(now.minus(policy.recovery));
            }
        }
        let held = LADDER
            .iter()
            .zip(self.beyond)
            .filter(|(level, since)| since.is_some_and(|s| now.since(s) >= policy.hold.of(**level)))
            .map(|(level, _)| *level)
            .next_back()
            .unwrap_or_default();
        let claimed = self.claim.as_ref().map(|claim| claim.level).unwrap_or_default();
        let due = held.max(claimed);
        let solvency = || Solvency::of(vault);
        match &mut self.firing {
            None if due > Level::Low => {
                let course = Course::start(&solvency());
                let said = words::raised(vault, &solvency(), self.last_ltv);
                let condition = Condition::solvency(vault.id.clone());
                effects.push(Effect::Raise(alert(condition, due, said, now, 0)));
                self.firing = Some(Firing {
                    level: due,
                    raised: now,
                    recovering: None,
                    refreshed: now,
                    outdated: false,
                    course,
                    suppressed: 0,
                });
            }
            None => {}
            Some(firing) if due > firing.level => {
                let solvency = solvency();
                let said = words::worse(vault, &solvency, self.last_ltv, &firing.course);
                firing.course.note(&solvency);
                firing.level = due;
                firing.refreshed = now;
                firing.outdated = false;
                firing.recovering = None;
                effects.push(Effect::Worsen(firing.alert(vault, said)));
            }
            Some(firing) => {
                let recovered = firing.recovering.is_some_and(|s| now.since(s) >= policy.recovery);
                if recovered {
                    let left = domain::solvency::measure(vault)
                        .map(Measure::level_on_exit)
                        .unwrap_or_default()
                        .max(claimed);
                    if left == Level::Low {
                        effects.push(firing.resolved(vault, now));
                        self.firing = None;
                        return;
                    }
                    firing.level = left;
                    firing.recovering = None;
                }
                let due = firing.outdated && now.since(firing.refreshed) >= policy.refresh;
                if recovered || due {
                    let solvency = solvency();
                    firing.course.note(&solvency);
                    firing.refreshed = now;
                    firing.outdated = false;
                    let said = words::raised(vault, &solvency, self.last_ltv);
                    effects.push(Effect::Update(firing.alert(vault, said)));
                }
            }
        }
    }
}

impl Firing {
    fn alert(&self, vault: &Vault, said: (String, String)) -> crate::Alert {
        let condition = Condition::solvency(vault.id.clone());
        alert(condition, self.level, said, self.raised, self.suppressed)
    }

    fn resolved(&self, vault: &Vault, now: UnixMillis) -> Effect {
        let solvency = Solvency::of(vault);
        let lasted = now.since(self.raised);
        let said = words::recovered(vault, &solvency, self.level, lasted, &self.course);
        Effect::Resolve(self.alert(vault, said))
    }
}
