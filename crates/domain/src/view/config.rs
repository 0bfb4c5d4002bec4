use serde::{Deserialize, Serialize};

/// What the settings' file says, key by key, besides rules and profiles; as texts that a person reads and writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigView {
    pub values: Vec<ConfigValue>,
    /// Stands for what the file says: a change is made to no other.
    pub revision: String,
    pub path: String,
    /// Why nothing can be changed here: the file has a mistake, which has to be corrected where it was made.
    pub locked: Option<String>,
    /// Whether the last change can be taken back.
    pub undo: bool,
}

impl ConfigView {
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&ConfigValue> {
        self.values.iter().find(|value| value.key == key)
    }
}

/// One key. Times are written `90s`, `15m`, `24h`, `30d`; lists with commas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigValue {
    /// `alerts.soundAfter`; of a profile `profiles.acme.url`.
    pub key: String,
    /// `None`: the file says nothing of it.
    pub text: Option<String>,
    /// What counts then; empty where that is nothing.
    pub default: String,
}

impl ConfigValue {
    /// What is in force.
    #[must_use]
    pub fn in_force(&self) -> &str {
        self.text.as_deref().unwrap_or(&self.default)
    }
}

/// A change of one key in the file of that revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigChange {
    pub revision: String,
    pub key: String,
    /// `None`: the file is to say nothing of it.
    pub text: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ConfigAnswer {
    /// Written, and in force within a moment.
    Saved(ConfigView),
    /// It makes no sense, because: goes on where the field's name ends. Nothing was written.
    Faulty(String),
    /// Somebody else has changed the file since; nothing was written.
    Outdated(ConfigView),
}
