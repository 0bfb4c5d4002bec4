use domain::{Level, UnixMillis};

use crate::engine::alert;
use crate::{Condition, Effect, Policy, words};

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
#[derive(Debug, Default)]
pub(crate) struct FeedWatch {
    lost: Option<UnixMillis>,
    firing: Option<(Level, UnixMillis)>,
    name: String,
}

impl FeedWatch {
    pub(crate) fn firing(level: Level, raised: UnixMillis) -> Self {
        Self { lost: Some(raised), firing: Some((level, raised)), name: String::new() }
    }

    pub(crate) fn waits(&self) -> bool {
        self.lost.is_some() && self.firing.is_none()
    }

    pub(crate) fn lost(&mut self, now: UnixMillis) {
        self.lost.get_or_insert(now);
    }

    pub(crate) fn back(&mut self, now: UnixMillis, effects: &mut Vec<Effect>) {
        let lost = self.lost.take();
        if let Some((level, raised)) = self.firing.take() {
            let gone = now.since(lost.unwrap_or(raised));
            let said = words::feed_back(&self.name, gone);
            effects.push(Effect::Resolve(alert(Condition::feed(), level, said, raised, 0)));
        }
    }

    pub(crate) fn tick(
        &mut self,
        policy: &Policy,
        exposure: &Exposure,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        let (Some(lost), None) = (&mut self.lost, &self.firing) else { return };
        *lost = (*lost).min(now);
        let gone = now.since(*lost);
        let exposed = exposure.at_risk > 0;
        let patience = if exposed { policy.feed_down_exposed } else { policy.feed_down };
        if gone >= patience {
            let level = if exposed { Level::Critical } else { Level::High };
            self.name.clone_from(&exposure.feed);
            let said = words::feed_down(exposure, gone);
            effects.push(Effect::Raise(alert(Condition::feed(), level, said, now, 0)));
            self.firing = Some((level, now));
        }
    }
}
