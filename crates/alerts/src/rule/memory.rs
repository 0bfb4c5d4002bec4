use std::collections::HashSet;
use std::num::NonZeroU64;

use domain::{Level, UnixMillis};
use foldhash::fast::FixedState;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::window::Window;
use crate::lifecycle::Lifecycle;
use crate::{Condition, Finding};

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

impl VaultMemory {
    /// Of a vault of which nothing is known yet.
    pub(super) fn new(received: UnixMillis) -> Self {
        Self { key: None, plan: 0, received, windows: Box::default(), live: Vec::new() }
    }
}

/// One condition of a rule that is not normal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Live {
    /// Index of the rule's name, which another run may have elsewhere.
    #[serde(skip)]
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
    #[serde(with = "digits")]
    pub(super) now: Option<Decimal>,
    /// Before it was that.
    #[serde(default, with = "digits")]
    pub(super) before: Option<Decimal>,
    /// When the alert was raised.
    #[serde(with = "digits")]
    pub(super) first: Option<Decimal>,
    #[serde(with = "digits")]
    pub(super) worst: Option<Decimal>,
}

/// A decimal as text, with all its digits.
mod digits {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        value: &Option<Decimal>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(|value| value.to_string()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Decimal>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
    }
}

/// One condition as it is kept over a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    #[serde(flatten)]
    pub(super) live: Live,
    /// Of a rule on a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) window: Option<Window>,
}

/// Where a look's outcome goes.
pub(super) struct Out<'a> {
    pub(super) effects: &'a mut Vec<Finding>,
    /// What is to be kept anew.
    pub(super) dirty: &'a mut HashSet<Condition, FixedState>,
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
