use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Amount;
use crate::moment::Moment;

/// The platform's health, as it tells it. Fields we have no name for are kept and shown as given.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SystemStatus {
    pub is_running: bool,
    #[serde(default)]
    pub last_check: Option<Moment>,
    #[serde(default)]
    pub alerts_count: Option<u64>,
    #[serde(default)]
    pub market_data_count: Option<u64>,
    #[serde(default)]
    pub performance_metrics: Option<PerformanceMetrics>,
}

/// The platform's own figures. `average_response_time` in milliseconds, `success_rate` in percent, as sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub struct PerformanceMetrics {
    pub total_checks: Option<Amount>,
    pub average_response_time: Option<Amount>,
    pub error_count: Option<Amount>,
    pub success_rate: Option<Amount>,
}

/// The names [`SystemStatus`] knows; the rest of the object is free.
const KNOWN: [&str; 5] =
    ["isRunning", "lastCheck", "alertsCount", "marketDataCount", "performanceMetrics"];

/// The fields of a status message that have no meaning to us.
#[must_use]
pub fn extra_fields(data: &[u8]) -> Map<String, Value> {
    let mut fields: Map<String, Value> = serde_json::from_slice(data).unwrap_or_default();
    for name in KNOWN {
        fields.remove(name);
    }
    fields
}
