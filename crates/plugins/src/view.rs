use domain::{ChainId, Level, UnixMillis, VaultId};
use serde::{Deserialize, Serialize};

/// An alert as `on_alert` sees it: the fields in camelCase, what is not known is `()`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertView {
    pub stage: AlertStage,
    pub severity: Level,
    /// What it is about, as it is stored: `solvency ETH-001`, `feed`.
    pub condition: String,
    pub vault_id: Option<VaultId>,
    /// The chain of that vault.
    pub chain_id: Option<ChainId>,
    pub title: String,
    pub message: String,
    /// When it was raised first.
    pub raised: UnixMillis,
    pub suppressed: u32,
}

/// What became of it. Mere changes of figures are not shown to plugins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertStage {
    Raised,
    Worse,
    Resolved,
}

/// The connection's state as `on_state` sees it: the fields in camelCase, what is not known is `()`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StateView {
    /// `waiting` (for the keychain), `connecting`, `connected`, `reconnecting`, `offline` or `failed`.
    pub state: String,
    pub previous: Option<String>,
    /// Without credentials.
    pub endpoint: String,
    /// Why, where it is not well.
    pub cause: Option<String>,
}
