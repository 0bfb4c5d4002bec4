//! What somebody did about an alert, as clients tell each other.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wire::UnixMillis;

use crate::platform_alert::Category;
use crate::units::VaultId;

/// An `alert_state`. It is about the platform's alert `alert_id`, or about the vault: all its alerts, or those of a
/// category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertState {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault_id: Option<VaultId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_id: Option<SmolStr>,
    pub action: AlertAction,
    /// When a snooze ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<UnixMillis>,
    /// Who did it, as they wish to be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<SmolStr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertAction {
    Ack,
    Snooze,
    Resolve,
    /// One of a later version.
    #[serde(other)]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_it_is_read() {
        let text = r#"{"vaultId":"ETH-017","category":"LTV","action":"snooze","until":1763800000000,"by":"Ada"}"#;
        let state: AlertState = serde_json::from_str(text).unwrap();
        assert_eq!(state.action, AlertAction::Snooze);
        assert_eq!(serde_json::to_string(&state).unwrap(), text);
        let later: AlertState = serde_json::from_str(r#"{"action":"shrug","more":1}"#).unwrap();
        assert_eq!(later.action, AlertAction::Unknown);
        assert!(serde_json::from_str::<AlertState>("{}").is_err());
    }
}
