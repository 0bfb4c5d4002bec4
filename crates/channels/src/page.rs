use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use thiserror::Error;
use wire::UnixMillis;

/// A way of reaching somebody. The order is that in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Webhook,
    Ntfy,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Webhook, Self::Ntfy];

    /// As in the configuration, and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Ntfy => "ntfy",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// No channel has that name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no channel: there are webhook and ntfy")]
pub struct UnknownKind(String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let kind = Self::ALL.into_iter().find(|kind| kind.name() == text);
        kind.ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// What somebody is to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// Names it to receivers, the same in each attempt.
    pub delivery: SmolStr,
    pub event: Event,
    /// The notification's number in the app that calls; unique in one profile's data folder.
    pub id: i64,
    /// Whose watch this is: the profile's name.
    pub profile: String,
    pub title: String,
    pub message: String,
    pub severity: SmolStr,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<String>,
    /// When the alert was raised.
    pub raised: UnixMillis,
}

/// Why somebody is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A critical alert that nobody has acknowledged.
    #[serde(rename = "alert.unacknowledged")]
    Unacknowledged,
    /// Somebody has seen an alert that was called about.
    #[serde(rename = "alert.acknowledged")]
    Acknowledged,
    /// It is over.
    #[serde(rename = "alert.resolved")]
    Resolved,
    /// Somebody tries whether it works.
    #[serde(rename = "test")]
    Test,
}

impl Event {
    /// Whether nobody need do anything any more.
    #[must_use]
    pub fn is_end(self) -> bool {
        matches!(self, Self::Acknowledged | Self::Resolved)
    }
}

impl Page {
    /// What a test says.
    #[must_use]
    pub fn test(profile: &str, now: UnixMillis) -> Self {
        Self {
            delivery: smol_str::format_smolstr!("test-{}", now.0),
            event: Event::Test,
            id: 0,
            profile: profile.to_owned(),
            title: "VaultWatch: a test".to_owned(),
            message: "If you read this, a critical alert that nobody acknowledges reaches you. Nothing to do.".to_owned(),
            severity: "LOW".into(),
            vault: None,
            raised: now,
        }
    }
}
