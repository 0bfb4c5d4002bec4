//! What is played, as the page's query says: what becomes of the connection, and in which theme.

use std::time::Duration;

use domain::view::{FeedState, Theme};

use crate::clock;

/// What becomes of the connection in this playing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scene {
    Live,
    /// Connected, but no vault comes.
    Waiting,
    Connecting,
    /// Never connected.
    Unreachable,
    Refused,
    /// Lost after the first values.
    Lost,
    /// After two seconds everything becomes critical.
    Storm,
    /// The system shows no notifications.
    Blocked,
    /// Nothing was watched for three hours.
    Away,
    /// The window's own code fails after a second.
    Panic,
    /// Several profiles.
    Profiles,
    /// Nobody was here yet.
    First,
}

impl Scene {
    /// Of the page that is shown.
    pub(super) fn of_page() -> Self {
        match query("scene").as_deref() {
            Some("waiting") => Self::Waiting,
            Some("connecting") => Self::Connecting,
            Some("unreachable") => Self::Unreachable,
            Some("refused") => Self::Refused,
            Some("lost") => Self::Lost,
            Some("storm") => Self::Storm,
            Some("blocked") => Self::Blocked,
            Some("away") => Self::Away,
            Some("panic") => Self::Panic,
            Some("profiles") => Self::Profiles,
            Some("first") => Self::First,
            _ => Self::Live,
        }
    }

    pub(super) fn feed_state(self) -> FeedState {
        let soon = clock::now().plus(Duration::from_secs(7));
        match self {
            Self::Live
            | Self::Waiting
            | Self::Storm
            | Self::Blocked
            | Self::Away
            | Self::Panic
            | Self::Profiles
            | Self::First => FeedState::Live,
            Self::Connecting => FeedState::Connecting { attempt: 1 },
            Self::Unreachable | Self::Lost => FeedState::Retrying {
                attempt: 4,
                retry_at: soon,
                cause: "connection refused".to_owned(),
            },
            Self::Refused => FeedState::NotGuarded {
                cause: "the token is not valid (401)".to_owned(),
                retry_at: Some(soon),
            },
        }
    }
}

pub(super) fn theme() -> Option<Theme> {
    match query("theme")?.as_str() {
        "dark" => Some(Theme::Dark),
        "light" => Some(Theme::Light),
        _ => None,
    }
}

fn query(name: &str) -> Option<String> {
    let search = web_sys::window()?.location().search().ok()?;
    let pairs = search.trim_start_matches('?').split('&');
    pairs
        .filter_map(|pair| pair.split_once('='))
        .find(|pair| pair.0 == name)
        .map(|pair| pair.1.to_owned())
}
