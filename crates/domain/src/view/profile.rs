use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{FeedState, Mode};
use crate::Level;

/// What marks a profile wherever there are several. It never stands alone: the name is beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    Teal,
    Blue,
    Violet,
    Magenta,
    Brown,
    Olive,
    Green,
    Slate,
}

impl Colour {
    pub const ALL: [Self; 8] = [
        Self::Teal,
        Self::Blue,
        Self::Violet,
        Self::Magenta,
        Self::Brown,
        Self::Olive,
        Self::Green,
        Self::Slate,
    ];

    /// Of a profile that names none, by its place among the profiles, from 0.
    #[must_use]
    pub fn at(place: usize) -> Self {
        Self::ALL[place % Self::ALL.len()]
    }

    /// The first that nobody has; where all are taken, the one for that many profiles.
    #[must_use]
    pub fn free(taken: &[Self]) -> Self {
        let free = Self::ALL.into_iter().find(|colour| !taken.contains(colour));
        free.unwrap_or_else(|| Self::at(taken.len()))
    }

    /// As it is written in the settings' file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Teal => "teal",
            Self::Blue => "blue",
            Self::Violet => "violet",
            Self::Magenta => "magenta",
            Self::Brown => "brown",
            Self::Olive => "olive",
            Self::Green => "green",
            Self::Slate => "slate",
        }
    }
}

/// The text is no colour of a profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no colour of a profile")]
pub struct UnknownColour(String);

impl FromStr for Colour {
    type Err = UnknownColour;

    fn from_str(text: &str) -> Result<Self, UnknownColour> {
        let known = Self::ALL.into_iter().find(|colour| colour.word() == text);
        known.ok_or_else(|| UnknownColour(text.to_owned()))
    }
}

/// Which alerts of a profile the operating system shows, and whether its alarm is heard. In the window and at the tray
/// icon all of them are, whatever is chosen.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum NotifyScope {
    /// Those that the settings of alerts name.
    #[default]
    All,
    /// Critical ones alone.
    Critical,
    /// None, and the alarm does not sound.
    None,
}

impl NotifyScope {
    pub const ALL: [Self; 3] = [Self::All, Self::Critical, Self::None];

    /// As it is written in the settings' file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Critical => "critical",
            Self::None => "none",
        }
    }
}

/// The text is no scope of notifications.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of all, critical and none")]
pub struct UnknownScope(String);

impl FromStr for NotifyScope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let known = Self::ALL.into_iter().find(|scope| scope.word() == text);
        known.ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

/// A profile as the switcher and the settings show it, watched or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileView {
    /// `demo` for the demo.
    pub name: String,
    pub mode: Mode,
    pub colour: Colour,
    pub notify: NotifyScope,
    pub state: ProfileState,
    /// The preferred address, without credentials.
    pub endpoint: String,
    pub vaults: u32,
    /// Vaults that are critical now.
    pub critical: u32,
    /// Notifications that nobody has read.
    pub unread: u32,
    /// The worst level of an alert that holds and that nobody has acknowledged.
    pub worst: Option<Level>,
    /// The title of that alert.
    pub headline: Option<String>,
    /// Why the settings cannot change it; `None`: they can.
    pub fixed: Option<String>,
}

/// Whether a profile is watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProfileState {
    Watched {
        feed: FeedState,
    },
    /// Somebody wants it not to be.
    Paused,
    /// It should be, and cannot be.
    Failed {
        cause: String,
    },
    /// The program was started for something else.
    Left {
        cause: String,
    },
}

impl ProfileState {
    /// The word beside the name.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Watched { feed } => feed.word(),
            Self::Paused => "Paused",
            Self::Failed { .. } => "Not watched",
            Self::Left { .. } => "Not started",
        }
    }

    /// Why it is not live, where there is more to say than the word.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        match self {
            Self::Watched { feed } => feed.cause(),
            Self::Paused => None,
            Self::Failed { cause } | Self::Left { cause } => Some(cause),
        }
    }

    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Watched { feed: FeedState::Live })
    }
}

/// A profile that somebody wants to add.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewProfile {
    /// 1 to 64 of `a`–`z`, `0`–`9`, `_` and `-`.
    pub name: String,
    /// In the order in which they are tried.
    pub urls: Vec<String>,
    /// Kept in the operating system's keychain, never in a file.
    pub token: Option<String>,
    /// `None`: one that no other has.
    pub colour: Option<Colour>,
    /// Watches this vault alone, by the platform's name of it; `None`: all that there are.
    #[serde(default)]
    pub vault: Option<String>,
}

/// The token stays out of logs, and so does what may be one in an address.
impl fmt::Debug for NewProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, urls, token, colour, vault } = self;
        f.debug_struct("NewProfile")
            .field("name", name)
            .field("urls", &urls.len())
            .field("token", &token.as_ref().map(|_| "***"))
            .field("colour", colour)
            .field("vault", vault)
            .finish()
    }
}

/// What is to be otherwise; what is left out stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProfileChange {
    pub colour: Option<Colour>,
    pub notify: Option<NotifyScope>,
    pub paused: Option<bool>,
}

/// What becomes of what was kept of a profile that is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProfileRemains {
    Deleted,
    /// A profile that is added by the same name goes on with them.
    Kept,
}

/// What is kept of a profile: what its removal would delete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileKept {
    pub folder: String,
    pub bytes: u64,
    /// In words: `notifications and the alert log`.
    pub contents: Vec<String>,
}

/// What became of a change to the profiles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProfileAnswer {
    /// In force. What is to be known of it besides, as a sentence.
    Done(Option<String>),
    Refused(ProfileFault),
}

/// Why a change was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileFault {
    /// `None`: it is about no field.
    pub field: Option<ProfileField>,
    /// Goes on where the field's name ends, or is a sentence by itself where there is none.
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProfileField {
    Name,
    Url,
    Token,
}

impl ProfileFault {
    #[must_use]
    pub fn of(field: ProfileField, reason: impl Into<String>) -> Self {
        Self { field: Some(field), reason: reason.into() }
    }

    #[must_use]
    pub fn general(reason: impl Into<String>) -> Self {
        Self { field: None, reason: reason.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_as_it_is_written() {
        for colour in Colour::ALL {
            assert_eq!(colour.word().parse(), Ok(colour));
            assert_eq!(serde_json::to_value(colour).unwrap(), colour.word());
        }
        for scope in NotifyScope::ALL {
            assert_eq!(scope.word().parse(), Ok(scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.word());
        }
        assert!("red".parse::<Colour>().is_err() && "some".parse::<NotifyScope>().is_err());
    }

    #[test]
    fn a_new_profile_gets_a_colour_that_nobody_has() {
        assert_eq!(Colour::free(&[]), Colour::Teal);
        assert_eq!(Colour::free(&[Colour::Blue, Colour::Teal]), Colour::Violet);
        assert_eq!(Colour::free(&Colour::ALL), Colour::at(8));
        assert_eq!(Colour::at(9), Colour::Blue);
    }

    #[test]
    fn what_crosses_the_bridge_is_read_back_and_no_token_is_shown() {
        let view = ProfileView {
            name: "acme".to_owned(),
            mode: Mode::Profile("acme".to_owned()),
            colour: Colour::Violet,
            notify: NotifyScope::Critical,
            state: ProfileState::Watched { feed: FeedState::Live },
            endpoint: "wss://feed.example/ws".to_owned(),
            vaults: 12,
            critical: 1,
            unread: 2,
            worst: Some(Level::Critical),
            headline: Some("ETH-017: 7.9 % to liquidation".to_owned()),
            fixed: None,
        };
        let json = serde_json::to_string(&view).unwrap();
        insta::assert_snapshot!(json, @r#"{"name":"acme","mode":{"is":"profile","profile":"acme"},"colour":"violet","notify":"critical","state":{"watched":{"feed":{"is":"live"}}},"endpoint":"wss://feed.example/ws","vaults":12,"critical":1,"unread":2,"worst":"CRITICAL","headline":"ETH-017: 7.9 % to liquidation","fixed":null}"#);
        assert_eq!(serde_json::from_str::<ProfileView>(&json).unwrap(), view);
        let new = NewProfile {
            name: "acme".to_owned(),
            urls: vec!["wss://me:hush@feed.example/?key=hush".to_owned()],
            token: Some("hush".to_owned()),
            colour: None,
            vault: None,
        };
        assert!(!format!("{new:?}").contains("hush"));
        let change: ProfileChange = serde_json::from_str(r#"{"paused":true}"#).unwrap();
        assert_eq!(change, ProfileChange { paused: Some(true), ..ProfileChange::default() });
    }
}
