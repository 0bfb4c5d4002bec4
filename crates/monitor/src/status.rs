use domain::UnixMillis;
use domain::status::SystemStatus;
use domain::view::StatusView;
use serde_json::{Map, Value};

/// The platform's word on itself, with the fields nobody has a name for as text.
pub(crate) fn view(
    status: SystemStatus,
    extra: Map<String, Value>,
    received: UnixMillis,
) -> StatusView {
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    StatusView {
        is_running: status.is_running,
        received,
        alerts_count: status.alerts_count,
        market_data_count: status.market_data_count,
        metrics: status.performance_metrics.unwrap_or_default(),
        extra: extra.into_iter().map(|(name, value)| (name.into(), text(value))).collect(),
    }
}
