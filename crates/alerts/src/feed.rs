use domain::{Level, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::{Alert, Condition, Finding, Policy, words};

/// What is unwatched while no data arrive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// The feed's name in notifications.
    pub feed: String,
    pub vaults: usize,
    pub critical: usize,
    /// Vaults under 15 % room, the critical ones included.
    pub at_risk: usize,
}

/// The condition "no data".
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct FeedWatch {
    lost: Option<UnixMillis>,
    firing: Option<(Level, UnixMillis)>,
    name: String,
    #[serde(skip)]
    pub(crate) changed: bool,
}

impl FeedWatch {
    pub(crate) fn raised(level: Level, raised: UnixMillis) -> Self {
        Self { lost: Some(raised), firing: Some((level, raised)), ..Self::default() }
    }

    pub(crate) fn waits(&self) -> bool {
        self.lost.is_some() && self.firing.is_none()
    }

    /// It was told that no data arrive.
    pub(crate) fn fires(&self) -> bool {
        self.firing.is_some()
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    pub(crate) fn lost(&mut self, now: UnixMillis) {
        if self.lost.is_none() {
            self.lost = Some(now);
            self.changed = true;
        }
    }

    pub(crate) fn back(&mut self, now: UnixMillis, findings: &mut Vec<Finding>) {
        let lost = self.lost.take();
        self.changed |= lost.is_some();
        if let Some((level, raised)) = self.firing.take() {
            let gone = now.since(lost.unwrap_or(raised));
            let said = words::feed_back(&self.name, gone);
            findings.push(Finding::Resolve(Alert::new(Condition::feed(), level, said, raised)));
        }
    }

    pub(crate) fn tick(
        &mut self,
        policy: &Policy,
        exposure: &Exposure,
        now: UnixMillis,
        findings: &mut Vec<Finding>,
    ) {
        let (Some(lost), None) = (&mut self.lost, &self.firing) else { return };
        *lost = (*lost).min(now);
        let gone = now.since(*lost);
        let exposed = exposure.at_risk > 0;
        let patience = if exposed { policy.feed_down_exposed } else { policy.feed_down };
        if gone >= patience {
            let level = if exposed { Level::Critical } else { Level::High };
            self.name.clone_from(&exposure.feed);
            let said = words::feed_down(exposure, gone, *lost, &policy.zone);
            findings.push(Finding::Raise(Alert::new(Condition::feed(), level, said, now)));
            self.firing = Some((level, now));
            self.changed = true;
        }
    }
}
