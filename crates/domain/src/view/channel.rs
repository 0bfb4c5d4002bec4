use serde::{Deserialize, Serialize};
use wire::UnixMillis;

/// A way of reaching somebody who is not at the screen, as configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelView {
    /// `webhook`, `ntfy` or `dead_man`.
    pub name: String,
    /// The server that is called; the whole address may be a secret.
    pub target: String,
    /// When it was called last.
    pub called: Option<UnixMillis>,
    /// Why the last call was not taken; it is tried again.
    pub failure: Option<String>,
}
