use std::fmt;

use serde::{Deserialize, Serialize};
use wire::UnixMillis;

use super::Target;
use crate::{Level, VaultId};

/// Rises with each notification of a data directory; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NotificationId(pub i64);

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
    /// The condition is over.
    Resolved,
}

/// What can be done from the notification. The target is data, so it works after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    pub label: String,
    pub target: Target,
}
