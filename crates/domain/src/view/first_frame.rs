use serde::{Deserialize, Serialize};

use super::{Attached, TickBatch};
use crate::UnixMillis;

/// What the page is given before it draws anything, so that its first frame shows last values where the person left it.
/// It lies in the page as a text in JSON under [`FirstFrame::NAME`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FirstFrame {
    /// Missing where the watch did not answer at once, or there is too much of it.
    pub glimpse: Option<Glimpse>,
    /// As the page has last told it by `keep_view`; nobody else reads it.
    pub left: Option<String>,
}

impl FirstFrame {
    /// Of the page's variable.
    pub const NAME: &str = "__VAULTWATCH_FIRST_FRAME__";
}

/// Everything there is at one moment, the worst vaults first. What comes after it comes by `attach`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Glimpse {
    /// On the shell's clock, which is the page's, too.
    pub at: UnixMillis,
    pub attached: Attached,
    pub batch: TickBatch,
}

/// Most bytes of what the page may leave to be kept.
pub const LEFT_BYTES: usize = 8_192;
