use serde::{Deserialize, Serialize};

/// How the two ends of a connection talk. The server chooses with the upgrade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Envelopes and nothing else: what any server can do.
    #[default]
    Plain,
    /// `vaultwatch.v1`: a log with positions, and publishes that are acknowledged.
    V1,
}

/// What is offered to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Offer {
    /// `vaultwatch.v1`, and plain mode where the server does not select it.
    #[default]
    Auto,
    /// Plain mode only.
    Plain,
    /// `vaultwatch.v1` only: a server that does not select it fails the connection for good.
    V1,
}
