use std::num::NonZeroU64;
use std::time::Duration;

use domain::{Level, UnixMillis};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::window::Window;
use crate::lifecycle::{Lifecycle, State, Times};

/// What is remembered of one vault, in about a hundred bytes while it is well and no rule looks back.
#[derive(Debug)]
pub(super) struct VaultMemory {
    /// Of what decides which rules apply: chain and collateral tokens.
    pub(super) key: Option<NonZeroU64>,
    pub(super) plan: u32,
    pub(super) received: UnixMillis,
    /// In the order of the plan.
    pub(super) windows: Box<[Window]>,
    /// What is not normal.
    pub(super) live: Vec<Live>,
}

/// One condition of a rule that is not normal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Live {
    /// Index of the rule's name.
    pub(super) name: u16,
    pub(super) life: Lifecycle,
    pub(super) course: RuleCourse,
    pub(super) raised: UnixMillis,
    /// When the text was last made.
    pub(super) refreshed: UnixMillis,
    /// The figure changed since.
    pub(super) outdated: bool,
}

/// How a figure fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RuleCourse {
    pub(super) now: Option<Decimal>,
    /// When the alert was raised.
    pub(super) first: Option<Decimal>,
    pub(super) worst: Option<Decimal>,
}

impl Live {
    pub(super) fn new(name: u16, now: UnixMillis) -> Self {
        Self {
            name,
            life: Lifecycle::default(),
            course: RuleCourse::default(),
            raised: now,
            refreshed: now,
            outdated: false,
        }
    }

    /// An alert that was raised before, of which no more is known.
    pub(super) fn restored(name: u16, level: Level, raised: UnixMillis) -> Self {
        let life = Lifecycle::raised(level);
        Self { life, raised, outdated: true, ..Self::new(name, raised) }
    }
}

/// When time alone changes it next.
pub(super) fn due(life: &Lifecycle, times: &Times) -> Option<UnixMillis> {
    let levels = [Level::Medium, Level::High, Level::Critical];
    let pending = levels.into_iter().filter(|level| *level > life.level()).filter_map(|level| {
        let hold = times.hold.of(level);
        (hold < Duration::MAX).then_some(life.since(level)?.plus(hold))
    });
    let recovery = match life.state() {
        State::Recovering { since, .. } => Some(since.plus(times.recovery)),
        _ => None,
    };
    pending.chain(recovery).min()
}
