use serde::{Deserialize, Serialize};
use wire::UnixMillis;

/// The encryption keys of a profile, without the keys themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeysView {
    /// Whose messages they seal.
    pub tenant: String,
    /// Whether the profile uses them.
    pub encrypted: bool,
    /// In the order in which they came.
    pub keys: Vec<KeyView>,
    /// The name of the one that was removed last and can be brought back.
    pub removed: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyView {
    pub kid: String,
    /// When it was made, or came here.
    pub created: UnixMillis,
    /// It seals; all of them open.
    pub active: bool,
}

/// What is done with a key that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KeyAct {
    Activate,
    Remove,
    /// Of the one that was removed last.
    BringBack,
}

/// What became of a key that somebody put in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KeysAnswer {
    Done(KeysView),
    /// Its name is none that can be had, because.
    WrongName(String),
    /// It is no key, because. What was put in is not repeated.
    WrongKey(String),
}
