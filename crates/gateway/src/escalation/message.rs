use channels::{Ntfy, Push, PushUrgency, Request, Webhook};
use serde::Serialize;
use serde_json::value::RawValue;
use wire::UnixMillis;

use super::alert::Alert;

/// Body of a webhook's call.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Call<'a> {
    event: &'static str,
    delivery: &'a str,
    tenant: &'a str,
    /// When this gateway heard of it.
    heard_at: UnixMillis,
    /// The alert's `data` as it came.
    alert: &'a RawValue,
}

pub(super) fn webhook(webhook: &Webhook, tenant: &str, alert: &Alert, now: UnixMillis) -> Request {
    let data: &RawValue = serde_json::from_str(&alert.data).expect("was JSON when it came in");
    let call = Call {
        event: "risk_alert.unacknowledged",
        delivery: &alert.delivery,
        tenant,
        heard_at: alert.heard,
        alert: data,
    };
    let body = serde_json::to_vec(&call).expect("string keys only");
    webhook.request(&alert.delivery, body, now)
}

pub(super) fn ntfy(ntfy: &Ntfy, alert: &Alert) -> Request {
    let fields: serde_json::Value = serde_json::from_str(&alert.data).unwrap_or_default();
    let text = |name: &str| fields[name].as_str().filter(|text| !text.is_empty());
    let about = alert.vault.as_deref().map_or_else(String::new, |vault| format!(" ({vault})"));
    let title = text("title").map_or_else(|| format!("Critical alert{about}"), str::to_owned);
    let message = text("message").unwrap_or("Nobody has acknowledged this alert.");
    let (vault, alert) = (alert.vault.as_deref(), alert.alert.as_deref());
    let urgency = PushUrgency::Alarm;
    ntfy.push(&Push { title: &title, message, vault, alert, urgency })
}
