use std::fmt;

use serde::{Deserialize, Serialize};
use wire::UnixMillis;

use super::Target;
use crate::{Level, VaultId};

/// Rises with each notification of a data directory; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NotificationId(pub i64);

impl NotificationId {
    /// What the operating system shows in place of many: no entry of the center. What is done to it is done to all it
    /// stands for.
    pub const SUMMARY: Self = Self(0);
}

impl fmt::Display for NotificationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One entry of the notification center.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NotificationView {
    pub id: NotificationId,
    #[serde(rename = "type")]
    pub tone: Tone,
    pub title: String,
    pub message: String,
    /// When it was raised.
    pub timestamp: UnixMillis,
    /// When it was last changed in place.
    pub updated: UnixMillis,
    pub read: bool,
    pub action: Option<Action>,
    /// Milliseconds after which its toast goes by itself; `None`: it stays until dismissed.
    pub auto_dismiss: Option<u32>,
    pub severity: Level,
    pub vault: Option<VaultId>,
    pub state: NotificationState,
    /// How often it was raised or made worse.
    pub occurrences: u32,
    /// Worsenings and repeats that were not shown on their own.
    pub suppressed: u32,
    /// The incident it is part of: that one is notified of, this one is kept for the list.
    #[serde(default)]
    pub incident: Option<NotificationId>,
    #[serde(default)]
    pub acknowledged: Option<AcknowledgedView>,
    #[serde(default)]
    pub snoozed_until: Option<UnixMillis>,
    /// What it is based on, as far as there are figures.
    #[serde(default)]
    pub evidence: Option<Box<EvidenceView>>,
    /// It could be told only long after it happened.
    #[serde(default)]
    pub late: bool,
    #[serde(default)]
    pub delivery: DeliveryView,
}

/// Who has seen an alert, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AcknowledgedView {
    /// `you`, or the name another client gave.
    pub by: String,
    pub at: UnixMillis,
}

/// What happened while nobody was watching: the machine slept, or the program did not run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AwayView {
    /// Nothing was watched from here to there.
    pub from: UnixMillis,
    pub to: UnixMillis,
    pub liquidated: u32,
    pub critical: u32,
    pub recovered: u32,
    /// Of what is none of these: alerts that wait for an answer, most of them from before.
    #[serde(default)]
    pub unanswered: u32,
}

/// The values an alert stands on, and what cures it. Texts are for people, in the language of the alert.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceView {
    /// The rule that raised it: `Room to liquidation`, or the name its author gave it.
    pub rule: String,
    /// It was raised by the ladder that watches every vault by itself. Alerts of older versions do not say.
    #[serde(default)]
    pub built_in: bool,
    /// Where that rule is entered: `critical at 8 % or less`.
    pub threshold: Option<String>,
    /// The figure the rule judges by, before the alert and now, with its unit.
    pub previous: Option<String>,
    pub current: Option<String>,
    pub figures: Vec<FigureView>,
    /// Without its dollar sign, with the token it is the price of: `1,783 (WETH)`.
    pub liquidation_price: Option<String>,
    /// `Repay 13,700 USDC or add 10.1 WETH → 15 %.`
    pub cure: Option<String>,
    /// No newer values arrive: the figures are the last known ones.
    pub last_known: bool,
}

/// A figure under its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FigureView {
    pub label: String,
    pub value: String,
}

/// What became of the operating system's notification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "is", content = "value")]
pub enum DeliveryView {
    #[default]
    NotWanted,
    /// To be shown, or on its way.
    Wanted,
    Shown(UnixMillis),
    /// It was not shown, for this cause; it is tried again.
    Failed(String),
}

/// The seed's notification types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Tone {
    Info,
    Success,
    Warning,
    Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NotificationState {
    /// The condition holds.
    Firing,
    /// Somebody has seen it; the condition holds.
    Acknowledged,
    /// Put off until a time, or until it gets worse; the condition holds.
    Snoozed,
    /// The condition is over.
    Resolved,
}

/// What can be done from the notification. The target is data, so it works after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    pub label: String,
    pub target: Target,
}
