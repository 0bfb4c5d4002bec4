use serde::{Deserialize, Serialize};

/// Which rules and settings watch a vault, and why these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplanationView {
    pub settings: Vec<SettingView>,
    pub rules: Vec<VerdictView>,
}

/// What the policy says for this vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingView {
    /// As in the configuration.
    pub name: String,
    /// In words: `15 s`, `22:00 to 07:00, Europe/Berlin`.
    pub value: String,
    /// Which policy set it, the nearest that names it.
    pub from: String,
}

/// Whether a rule is asked about this vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerdictView {
    pub rule: String,
    pub applies: bool,
    /// In the language of whoever is told; without whether it does.
    pub why: String,
}
