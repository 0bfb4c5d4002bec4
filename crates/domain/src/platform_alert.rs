use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::units::{Percent, VaultId};
use crate::{Amount, Level};

/// A `risk_alert` of the platform. Only `message` is required.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlatformAlert {
    #[serde(default)]
    pub id: Option<SmolStr>,
    #[serde(default)]
    pub vault_id: Option<VaultId>,
    #[serde(default, rename = "type")]
    pub ty: Option<AlertType>,
    #[serde(default)]
    pub severity: Option<Level>,
    #[serde(default)]
    pub category: Option<Category>,
    #[serde(default)]
    pub title: Option<String>,
    pub message: String,
    #[serde(default)]
    pub metadata: Option<AlertMetadata>,
    #[serde(default)]
    pub acknowledged: Option<bool>,
    #[serde(default)]
    pub resolved: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AlertType {
    Warning,
    Alert,
    Critical,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Category {
    Ltv,
    HealthFactor,
    MarketRisk,
    Liquidation,
    Performance,
    System,
}

/// The figures a platform sends along. Others are ignored.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AlertMetadata {
    #[serde(rename = "currentLTV")]
    pub current_ltv: Option<Percent>,
    pub threshold: Option<Amount>,
}

impl PlatformAlert {
    /// The severity sent, else the one that follows from the type, else medium.
    #[must_use]
    pub fn effective_severity(&self) -> Level {
        self.severity.unwrap_or(match self.ty {
            Some(AlertType::Critical) => Level::Critical,
            Some(AlertType::Alert) => Level::High,
            Some(AlertType::Warning) | None => Level::Medium,
        })
    }
}
