use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{FeedView, NotificationId, NotificationView, Preferences, ProfileView, StatusView};
use crate::VaultId;

/// The answer to `attach`: everything rare, at once. Ticks follow on the channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attached {
    pub version: String,
    pub theme: Theme,
    #[serde(default)]
    pub preferences: Preferences,
    pub feed: FeedView,
    pub status: Option<StatusView>,
    /// Newest first.
    pub notifications: Vec<NotificationView>,
    /// Why the operating system shows no notifications, while it does not: told in a banner.
    pub notifications_blocked: Option<String>,
    /// The last time that nobody was watching, since the start or shortly before it.
    #[serde(default)]
    pub away: Option<super::AwayView>,
    /// Where to go at once: somebody clicked an OS notification while there was no window.
    pub target: Option<Target>,
    /// All profiles, this one among them, in the order of the settings' file.
    #[serde(default)]
    pub profiles: Vec<ProfileView>,
}

/// The rare things, sent in a [`WindowMessage`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WindowEvent {
    /// State changes at once; counters at most once a second.
    Feed(FeedView),
    Status(StatusView),
    /// A new notification, or one with this id changed in place.
    Notification(NotificationView),
    /// Why the operating system shows no notifications; `None` once it does.
    NotificationsBlocked(Option<String>),
    /// Removed from the center.
    Dismissed(NotificationId),
    /// Go to this page.
    Open(Target),
    /// How all profiles stand. Of no profile.
    Profiles(Vec<ProfileView>),
    /// Show this profile: somebody clicked one of its notifications. Of no profile.
    Use(String),
}

/// The Tauri event `window-event`: what happened, and in which profile. A window that shows another one by now must not
/// take it for its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WindowMessage {
    /// `None`: it is about all of them.
    pub profile: Option<String>,
    pub event: WindowEvent,
}

impl WindowMessage {
    /// The name of the Tauri event.
    pub const NAME: &str = "window-event";
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Theme {
    #[default]
    System,
    Dark,
    Light,
}

/// A page of the window, written `vault/ETH-001` or `alerts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Target {
    Overview,
    Alerts,
    Markets,
    /// A shock to prices, and which vaults would fall.
    WhatIf,
    System,
    Settings,
    /// A feed is connected, or the demo looked at: what somebody sees first.
    Welcome,
    /// The user's rules; with a name, that one opened.
    Rules(Option<SmolStr>),
    Vault(VaultId),
    /// One entry of the notification center, which may be gone by now.
    Alert(NotificationId),
}

/// The text names no page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no page")]
pub struct UnknownTarget(String);

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overview => f.write_str("overview"),
            Self::Alerts => f.write_str("alerts"),
            Self::Markets => f.write_str("markets"),
            Self::WhatIf => f.write_str("what-if"),
            Self::Welcome => f.write_str("welcome"),
            Self::System => f.write_str("system"),
            Self::Settings => f.write_str("settings"),
            Self::Rules(None) => f.write_str("rules"),
            Self::Rules(Some(name)) => write!(f, "rules/{name}"),
            Self::Vault(id) => write!(f, "vault/{id}"),
            Self::Alert(id) => write!(f, "alert/{id}"),
        }
    }
}

impl FromStr for Target {
    type Err = UnknownTarget;

    fn from_str(text: &str) -> Result<Self, UnknownTarget> {
        let unknown = || UnknownTarget(text.to_owned());
        Ok(match text {
            "overview" => Self::Overview,
            "alerts" => Self::Alerts,
            "markets" => Self::Markets,
            "what-if" => Self::WhatIf,
            "welcome" => Self::Welcome,
            "system" => Self::System,
            "settings" => Self::Settings,
            "rules" => Self::Rules(None),
            other => match other.split_once('/').ok_or_else(unknown)? {
                ("rules", name) if (1..=64).contains(&name.len()) => Self::Rules(Some(name.into())),
                ("vault", id) => Self::Vault(VaultId::new(id).map_err(|_| unknown())?),
                ("alert", id) => Self::Alert(number(id).ok_or_else(unknown)?),
                _ => return Err(unknown()),
            },
        })
    }
}

/// Entries are counted from 1.
fn number(text: &str) -> Option<NotificationId> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| digits && *number > 0)?;
    Some(NotificationId(number))
}

impl TryFrom<String> for Target {
    type Error = UnknownTarget;

    fn try_from(text: String) -> Result<Self, UnknownTarget> {
        text.parse()
    }
}

impl From<Target> for String {
    fn from(target: Target) -> Self {
        target.to_string()
    }
}
