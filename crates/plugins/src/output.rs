use domain::Level;
use serde::Serialize;
use smol_str::SmolStr;
use tokio::sync::mpsc;
use wire::{Message, UnixMillis};

use crate::PluginError;

/// What plugins have to say to the program around them.
#[derive(Clone, Debug)]
pub enum Output {
    /// A custom message, with an id and a time, for the local subscribers of its type.
    Message(Message),
    /// For a person.
    Notification(Notification),
    /// Something became of a plugin itself.
    Change(Change),
}

/// What a plugin wants a person to see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notification {
    pub plugin: SmolStr,
    pub severity: Level,
    pub title: String,
    pub message: String,
    pub at: UnixMillis,
}

impl Notification {
    /// Longest title, in characters.
    pub const TITLE_LIMIT: usize = 120;
    /// Longest message, in characters.
    pub const MESSAGE_LIMIT: usize = 1_000;
}

/// What became of a plugin. To be shown: nobody should believe in a watch that does not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum Change {
    /// It was read for the first time, or anew. It begins without state.
    Loaded { plugin: SmolStr },
    /// Its file does not load. `kept`: the last good version runs on.
    Broken { plugin: SmolStr, error: PluginError, kept: bool },
    /// Its file is gone.
    Removed { plugin: SmolStr },
    /// It failed too often in a row and is left alone until then.
    Paused { plugin: SmolStr, until: UnixMillis, error: PluginError },
    /// There are more files than are read; these first ones run.
    TooMany { files: usize, limit: usize },
    /// The folder is there and cannot be read. What was loaded runs on.
    Unreadable { reason: String },
}

/// Outputs that may wait for their reader; beyond it they are lost and counted.
pub(crate) const QUEUE: usize = 1_024;

/// Where [`Output`]s arrive. Read it all the time: what does not fit is lost, and counted in
/// [`PluginStatus::lost`](crate::PluginStatus).
#[derive(Debug)]
pub struct Outputs(pub(crate) mpsc::Receiver<Output>);

impl Outputs {
    /// The next one; `None` when no [`Plugins`](crate::Plugins) are left. Cancel safe.
    pub async fn recv(&mut self) -> Option<Output> {
        self.0.recv().await
    }

    /// The next one, if there is one already.
    pub fn try_recv(&mut self) -> Option<Output> {
        self.0.try_recv().ok()
    }
}
