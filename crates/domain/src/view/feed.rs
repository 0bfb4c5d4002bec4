use serde::{Deserialize, Serialize};
use wire::UnixMillis;

/// Where the values come from and how that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedView {
    pub state: FeedState,
    pub mode: Mode,
    /// The address without credentials.
    pub endpoint: String,
    /// Since when it is in this state.
    pub since: UnixMillis,
    /// Milliseconds of the last heartbeat's round trip.
    pub round_trip: Option<u32>,
    pub messages: u64,
    pub invalid: u64,
    pub duplicates: u64,
    /// When the last message was received.
    pub last_message: Option<UnixMillis>,
    /// The last invalid messages, newest first, at most [`FeedView::INVALID_LIMIT`].
    pub recent_invalid: Vec<InvalidReport>,
}

impl FeedView {
    pub const INVALID_LIMIT: usize = 20;
}

/// The connection as people need to know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "is", from = "Told")]
pub enum FeedState {
    /// Not connected yet, on purpose: what is needed first is not there.
    Waiting {
        cause: String,
    },
    Connecting {
        attempt: u32,
    },
    Live,
    /// Lost; tried again at `retry_at`.
    Retrying {
        attempt: u32,
        retry_at: UnixMillis,
        cause: String,
    },
    /// The machine has no network.
    Offline,
    /// The server refused for good; tried again at `retry_at` all the same, because somebody is to be guarded.
    NotGuarded {
        cause: String,
        retry_at: Option<UnixMillis>,
    },
}

impl FeedState {
    /// The word beside the dot.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Waiting { .. } => "Waiting",
            Self::Connecting { .. } => "Connecting",
            Self::Live => "Live",
            Self::Retrying { .. } => "Reconnecting",
            Self::Offline => "Offline",
            Self::NotGuarded { .. } => "Not guarded",
        }
    }

    /// Why it is not live, where there is more to say than the word.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        match self {
            Self::Waiting { cause }
            | Self::Retrying { cause, .. }
            | Self::NotGuarded { cause, .. } => Some(cause),
            Self::Offline => Some("this machine has no network, nothing is guarded"),
            Self::Connecting { .. } | Self::Live => None,
        }
    }
}

/// A [`FeedState`] as it is told: all in one object. Read so, and not as an enum with its tag among its fields, which would
/// have the fields kept until the tag is found and everything in them compiled for that, too.
#[derive(Deserialize)]
struct Told {
    is: Word,
    #[serde(default)]
    attempt: u32,
    retry_at: Option<UnixMillis>,
    #[serde(default)]
    cause: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Word {
    Waiting,
    Connecting,
    Live,
    Retrying,
    Offline,
    NotGuarded,
}

impl From<Told> for FeedState {
    fn from(Told { is, attempt, retry_at, cause }: Told) -> Self {
        match is {
            Word::Waiting => Self::Waiting { cause },
            Word::Connecting => Self::Connecting { attempt },
            Word::Live => Self::Live,
            Word::Retrying => {
                Self::Retrying { attempt, retry_at: retry_at.unwrap_or_default(), cause }
            }
            Word::Offline => Self::Offline,
            Word::NotGuarded => Self::NotGuarded { cause, retry_at },
        }
    }
}

/// Real money, or the embedded demo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "is", content = "profile")]
pub enum Mode {
    Demo,
    Profile(String),
}

impl Mode {
    /// The profile's name, which no profile has where it is the demo.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Demo => "demo",
            Self::Profile(name) => name,
        }
    }
}

/// An invalid message, as told to the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvalidReport {
    pub at: UnixMillis,
    pub kind: wire::InvalidKind,
    /// Which field and why.
    pub reason: String,
    /// Its first 200 bytes.
    pub sample: String,
    /// How many more of this kind came within the same minute.
    pub more: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_back_as_it_was_written() {
        let (attempt, retry_at) = (3, UnixMillis(1_763_800_000_000));
        let cause = || "the server is full".to_owned();
        for (state, json) in [
            (
                FeedState::Waiting { cause: cause() },
                r#"{"is":"waiting","cause":"the server is full"}"#,
            ),
            (FeedState::Connecting { attempt }, r#"{"is":"connecting","attempt":3}"#),
            (FeedState::Live, r#"{"is":"live"}"#),
            (
                FeedState::Retrying { attempt, retry_at, cause: cause() },
                r#"{"is":"retrying","attempt":3,"retry_at":1763800000000,"cause":"the server is full"}"#,
            ),
            (FeedState::Offline, r#"{"is":"offline"}"#),
            (
                FeedState::NotGuarded { cause: cause(), retry_at: None },
                r#"{"is":"notGuarded","cause":"the server is full","retry_at":null}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&state).unwrap(), json);
            assert_eq!(serde_json::from_str::<FeedState>(json).unwrap(), state);
        }
    }
}
