//! One vault's solvency: what its figures and the platform say about it, as one condition.

use std::time::Duration;

use domain::level::Measure;
use domain::platform_alert::PlatformAlert;
use domain::solvency::Solvency;
use domain::vault::VaultStatus;
use domain::{Amount, Level, Percent, UnixMillis, Vault};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::lifecycle::{Lifecycle, Seen, Times, Turn};
use crate::policy::Policy;
use crate::prices::Prices;
use crate::words::{self, Course};
use crate::{Alert, Condition, Facts, Finding, evidence};

/// A fall of the room by more than this in one message is doubted, in percent points.
const JUMP: Decimal = Decimal::from_parts(10, 0, 0, false, 0);

/// The memory of a vault that is not well.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct SolvencyWatch {
    life: Lifecycle,
    /// What the platform claims, until it takes it back.
    claim: Option<Claim>,
    firing: Option<Firing>,
    last_ltv: Option<Percent>,
    /// A jump nobody has confirmed yet, and since when.
    doubt: Option<UnixMillis>,
    /// What the only collateral and the only debt amounted to: a liquidation tells what it took.
    amounts: Option<(Amount, Amount)>,
    /// When the last message was sent.
    sent: Option<UnixMillis>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Claim {
    level: Level,
    at: UnixMillis,
    /// Our own figures have agreed since: then their recovery ends the claim, too.
    confirmed: bool,
    source: Option<SmolStr>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Firing {
    raised: UnixMillis,
    refreshed: UnixMillis,
    /// Something changed since the text was last made.
    outdated: bool,
    course: Course,
    /// How often the platform said the same.
    repeated: u32,
    depth: u8,
}

/// What is known while a vault is judged.
#[derive(Clone, Copy)]
pub(crate) struct Look<'a> {
    pub(crate) policy: &'a Policy,
    /// Of this vault: the nearest policy's.
    pub(crate) times: Times,
    pub(crate) prices: &'a Prices,
    pub(crate) vault: &'a Vault,
    pub(crate) now: UnixMillis,
}

/// A vault's figures, judged.
#[derive(Clone, Copy)]
pub(crate) struct Judged {
    pub(crate) measure: Option<Measure>,
    pub(crate) level: Option<Level>,
}

impl Judged {
    pub(crate) fn of(vault: &Vault) -> Self {
        let measure = domain::solvency::measure(vault);
        Self { measure, level: domain::solvency::level(vault, measure) }
    }

    fn room(self) -> Option<Percent> {
        match self.measure? {
            Measure::Room(room) | Measure::CorrelatedRoom(room) => Some(room),
            Measure::Ltv(_) | Measure::HealthFactor(_) => None,
        }
    }

    fn seen(self) -> Seen {
        self.level.map_or(Seen::NoData, |entered| {
            let kept = self.measure.map_or(entered, |m| m.level_on_exit().max(entered));
            Seen::Value { entered, kept }
        })
    }

    /// How many of the steps beyond critical are passed.
    fn depth(self) -> u8 {
        let (room, critical) = match self.measure {
            Some(Measure::Room(room)) => (room.0, 8),
            Some(Measure::CorrelatedRoom(room)) => (room.0, 2),
            Some(Measure::Ltv(_) | Measure::HealthFactor(_)) | None => return 0,
        };
        let steps = [5, 3, 1, 0].into_iter().filter(|step| *step <= critical);
        steps.filter(|step| room <= Decimal::from(*step)).fold(0, |depth, _| depth + 1)
    }
}

impl SolvencyWatch {
    /// An alert taken up again of which nothing else was kept.
    pub(crate) fn raised(level: Level, raised: UnixMillis) -> Self {
        let firing = Firing {
            raised,
            refreshed: raised,
            outdated: true,
            course: Course::default(),
            repeated: 0,
            depth: 0,
        };
        Self { life: Lifecycle::raised(level), firing: Some(firing), ..Self::default() }
    }

    pub(crate) fn is_normal(&self) -> bool {
        self.firing.is_none()
            && self.claim.is_none()
            && self.doubt.is_none()
            && (self.life.is_normal()
                || matches!(self.life.measured(), Level::Low) && !self.life.waits())
    }

    pub(crate) fn fires(&self) -> bool {
        self.firing.is_some()
    }

    /// Since when its figures have been critical without a break.
    pub(crate) fn critical_since(&self) -> Option<UnixMillis> {
        self.life.since(Level::Critical).or(self.claim.as_ref().map(|claim| claim.at))
    }

    /// Whether its figures are getting better, and the platform does not say otherwise.
    pub(crate) fn recovers(&self) -> bool {
        self.life.recovers() && self.claim.is_none()
    }

    /// What it held before the last message: the only collateral, the only debt.
    pub(crate) fn amounts(&self) -> Option<&(Amount, Amount)> {
        self.amounts.as_ref()
    }

    /// Whether the mere passing of time can change anything.
    pub(crate) fn waits(&self) -> bool {
        self.life.waits()
            || self.claim.is_some()
            || self.doubt.is_some()
            || self.firing.as_ref().is_some_and(|firing| firing.outdated)
    }

    /// When a doubt ends: sooner than the next second's look, perhaps.
    pub(crate) fn urgent(&self, policy: &Policy) -> Option<UnixMillis> {
        self.doubt.map(|since| since.plus(policy.doubt))
    }

    pub(crate) fn step(
        &mut self,
        look: Look<'_>,
        judged: Judged,
        before: Option<Percent>,
        sent: Option<UnixMillis>,
        findings: &mut Vec<Finding>,
    ) {
        self.last_ltv = before;
        self.sent = sent;
        if let Some(firing) = &mut self.firing {
            firing.outdated = true;
        }
        let vault = look.vault;
        if judged.level.is_none() && vault.status == Some(VaultStatus::Closed) {
            self.claim = None;
            self.doubt = None;
            if let Some(firing) = self.firing.take() {
                let level = self.life.end().unwrap_or_default();
                findings.push(firing.resolved(level, &self.claim, look));
            }
            self.life = Lifecycle::default();
            return;
        }
        // A second message that says the same has confirmed it.
        let doubted = self.doubt.take().is_some();
        if !doubted && self.is_doubtful(look, judged, before) {
            self.doubt = Some(look.now);
        } else {
            self.observe(judged, look.now);
            if let Some(firing) = &mut self.firing {
                firing.course.look(judged.room(), domain::solvency::ltv(vault));
            }
        }
        self.settle(look, judged, findings);
        self.amounts = amounts(vault);
    }

    pub(crate) fn time_passed(&mut self, look: Look<'_>, findings: &mut Vec<Finding>) {
        let judged = Judged::of(look.vault);
        if let Some(since) = &mut self.doubt {
            *since = (*since).min(look.now);
            let waited = look.now.since(*since) >= look.policy.doubt;
            if waited || look.prices.explain(look.vault, Percent(JUMP), look.now) {
                self.doubt = None;
                self.observe(judged, look.now);
            }
        }
        self.settle(look, judged, findings);
    }

    pub(crate) fn platform_says(
        &mut self,
        look: Look<'_>,
        alert: &PlatformAlert,
        findings: &mut Vec<Finding>,
    ) {
        if alert.resolved == Some(true) {
            self.claim = None;
            // Our own figures, where there are any, have the last word on whether it is over.
            self.life.retract(&look.times, look.now);
        } else {
            let level = alert.effective_severity();
            if self.life.level() >= level
                && let Some(firing) = &mut self.firing
            {
                firing.repeated = firing.repeated.saturating_add(1);
                firing.outdated = true;
            }
            let confirmed = self.life.measured() >= level;
            let source = alert.id.clone();
            self.claim = Some(Claim { level, at: look.now, confirmed, source });
        }
        self.settle(look, Judged::of(look.vault), findings);
    }

    /// A critical level, reached by a fall that nothing explains.
    fn is_doubtful(&self, look: Look<'_>, judged: Judged, before: Option<Percent>) -> bool {
        if judged.level != Some(Level::Critical) || self.life.measured() == Level::Critical {
            return false;
        }
        let (Some(Measure::Room(room) | Measure::CorrelatedRoom(room)), Some(before)) =
            (judged.measure, before)
        else {
            return false;
        };
        let limit = Solvency::of(look.vault).limit;
        let before = limit.and_then(|limit| evidence::room_of(before, limit.percent()));
        let fall = before.and_then(|before| before.0.checked_sub(room.0));
        fall.is_some_and(|fall| {
            fall > JUMP && !look.prices.explain(look.vault, Percent(fall), look.now)
        })
    }

    fn observe(&mut self, judged: Judged, now: UnixMillis) {
        let seen = judged.seen();
        self.life.observe(seen, now);
        if let (Some(claim), Seen::Value { entered, kept }) = (&mut self.claim, seen) {
            claim.confirmed |= entered >= claim.level;
            if claim.confirmed && kept < claim.level {
                self.claim = None;
            }
        }
    }

    /// Raises, worsens, refreshes or ends the alert by what has been noted.
    fn settle(&mut self, look: Look<'_>, judged: Judged, findings: &mut Vec<Finding>) {
        let Look { policy, vault, now, .. } = look;
        if self.claim.as_ref().is_some_and(|claim| now.since(claim.at) >= policy.platform_age) {
            self.claim = None;
            self.life.retract(&look.times, now);
        }
        let claimed = self.claim.as_ref().map(|claim| claim.level).unwrap_or_default();
        let turn = self.life.settle(&look.times, claimed, now);
        let level = self.life.level();
        match (turn, &mut self.firing) {
            (Turn::Raised(_), _) => {
                let solvency = Solvency::of(vault);
                let mut firing = Firing {
                    raised: now,
                    refreshed: now,
                    outdated: false,
                    course: Course::start(vault, &solvency, now),
                    repeated: 0,
                    depth: judged.depth(),
                };
                let said = words::raised(policy.language, vault, &solvency, self.last_ltv);
                let mut alert =
                    firing.alert(level, said, &self.claim, look, &solvency, self.last_ltv);
                alert.happened = self.sent;
                firing.depth = alert.depth;
                findings.push(Finding::Raise(alert));
                self.firing = Some(firing);
            }
            (_, None) => {}
            (Turn::Resolved(level), Some(firing)) => {
                findings.push(firing.resolved(level, &self.claim, look));
                self.firing = None;
            }
            (turn, Some(firing)) => {
                let depth = if level == Level::Critical { judged.depth() } else { 0 };
                let deeper = depth > firing.depth && self.doubt.is_none();
                let worse = deeper || matches!(turn, Turn::Worse { .. });
                let eased = matches!(turn, Turn::Eased { .. });
                // Each step is told once while it is critical.
                firing.depth = if eased {
                    depth
                } else if worse {
                    depth.max(firing.depth)
                } else {
                    firing.depth
                };
                let stale = firing.outdated && now.since(firing.refreshed) >= policy.refresh;
                // A refresh in the future: the clock was set back.
                firing.refreshed = firing.refreshed.min(now);
                if !(worse || eased || stale) {
                    return;
                }
                let solvency = Solvency::of(vault);
                let (language, before) = (policy.language, self.last_ltv);
                let said = if worse {
                    words::worse(language, vault, &solvency, before, &firing.course, now)
                } else {
                    words::raised(language, vault, &solvency, before)
                };
                firing.course.note(vault, &solvency, now);
                firing.refreshed = now;
                firing.outdated = false;
                let mut alert =
                    firing.alert(level, said, &self.claim, look, &solvency, self.last_ltv);
                alert.suppressed = alert.suppressed.saturating_add(self.life.crossings());
                alert.happened = self.sent;
                findings.push(if worse { Finding::Worsen(alert) } else { Finding::Update(alert) });
            }
        }
    }
}

impl Firing {
    fn alert(
        &self,
        level: Level,
        said: (String, String),
        claim: &Option<Claim>,
        look: Look<'_>,
        solvency: &Solvency,
        before: Option<Percent>,
    ) -> Alert {
        let condition = Condition::solvency(look.vault.id.clone());
        Alert {
            depth: self.depth,
            suppressed: self.repeated,
            evidence: Some(evidence::of_solvency(
                look.policy.language,
                look.vault,
                solvency,
                before,
                level,
            )),
            facts: Facts::of(look.vault, solvency),
            source: claim.as_ref().and_then(|claim| claim.source.clone()),
            ..Alert::new(condition, level, said, self.raised)
        }
    }

    fn resolved(&self, level: Level, claim: &Option<Claim>, look: Look<'_>) -> Finding {
        let solvency = Solvency::of(look.vault);
        let lasted: Duration = look.now.since(self.raised);
        let language = look.policy.language;
        let said = words::recovered(language, look.vault, &solvency, level, lasted, &self.course);
        Finding::Resolve(self.alert(level, said, claim, look, &solvency, None))
    }
}

/// What the only collateral and the only debt amount to.
fn amounts(vault: &Vault) -> Option<(Amount, Amount)> {
    let only = |holdings: Option<&[domain::vault::Holding]>| match holdings {
        Some([only]) => only.amount.clone(),
        _ => None,
    };
    Some((only(vault.collateral.as_deref())?, only(vault.debt.as_deref())?))
}
