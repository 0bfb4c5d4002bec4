use serde::{Deserialize, Serialize};
use wire::{Message, UnixMillis};

/// What a recording says of itself: the `data` of its first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// Of the file's format. See [`Header::VERSION`].
    pub version: u32,
    /// Where it was recorded, without what may be a secret.
    pub url: String,
    /// When, by the clock of the machine that recorded. What lies before it in a recording was the state of then.
    pub started_at: UnixMillis,
    /// What was asked for; empty is everything.
    #[serde(default)]
    pub topics: Vec<String>,
}

impl Header {
    /// The format this version writes, and the newest it reads.
    pub const VERSION: u32 = 1;
    /// Type of the envelope that carries it.
    pub(super) const TYPE: &str = "recording";

    /// As the first line of a file.
    pub(super) fn line(&self) -> String {
        let message = Message::new(Self::TYPE, self, self.started_at, None);
        message.expect("a valid type and string keys").to_json() + "\n"
    }
}
