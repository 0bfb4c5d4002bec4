use axum::http::HeaderValue;
use serde::Serialize;
use serde_json::value::RawValue;
use url::Url;
use wire::UnixMillis;

use super::call::Post;
use super::config::{Ntfy, Webhook};
use super::machine::Alert;
use super::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER, sign};

/// Names the alert to the receiver, the same in each attempt, so that it can recognise one it has taken already.
const DELIVERY_HEADER: &str = "vaultwatch-delivery";

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

/// What ntfy takes as JSON.
#[derive(Serialize)]
struct Push<'a> {
    topic: &'a str,
    title: String,
    message: String,
    priority: u8,
    tags: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    click: Option<String>,
}

/// ntfy takes 4,096 bytes of a message, and turns longer ones into files.
const MESSAGE_LIMIT: usize = 1_000;
const TITLE_LIMIT: usize = 200;

pub(super) fn webhook(webhook: &Webhook, tenant: &str, alert: &Alert, now: UnixMillis) -> Post {
    let data: &RawValue = serde_json::from_str(&alert.data).expect("was JSON when it came in");
    let call = Call {
        event: "risk_alert.unacknowledged",
        delivery: &alert.delivery,
        tenant,
        heard_at: alert.heard,
        alert: data,
    };
    let body = serde_json::to_vec(&call).expect("string keys only");
    let timestamp = now.0 / 1_000;
    let signature = sign(webhook.secret.expose(), timestamp, &body);
    let headers = vec![
        (DELIVERY_HEADER, value(&alert.delivery)),
        (TIMESTAMP_HEADER, HeaderValue::from(timestamp)),
        (SIGNATURE_HEADER, value(&signature)),
    ];
    Post { url: webhook.url.clone(), headers, body }
}

pub(super) fn ntfy(ntfy: &Ntfy, alert: &Alert) -> Post {
    let fields: serde_json::Value = serde_json::from_str(&alert.data).unwrap_or_default();
    let text = |name: &str| fields[name].as_str().filter(|text| !text.is_empty());
    let about = alert.vault.as_deref().map_or_else(String::new, |vault| format!(" ({vault})"));
    let title = text("title").map_or_else(|| format!("Critical alert{about}"), str::to_owned);
    let message = text("message").unwrap_or("Nobody has acknowledged this alert.");
    let push = Push {
        topic: &ntfy.topic,
        title: cut(&title, TITLE_LIMIT),
        message: cut(message, MESSAGE_LIMIT),
        priority: ntfy.priority,
        tags: ["rotating_light"],
        click: ntfy.click.as_deref().map(|click| fill(click, alert)),
    };
    let body = serde_json::to_vec(&push).expect("string keys only");
    let bearer = ntfy.token.as_ref().map(|token| value(&format!("Bearer {}", token.expose())));
    let headers = bearer.into_iter().map(|mut bearer| {
        bearer.set_sensitive(true);
        ("authorization", bearer)
    });
    Post { url: ntfy.server.clone(), headers: headers.collect(), body }
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn fill(click: &str, alert: &Alert) -> String {
    let encoded = |text: Option<&str>| {
        // As a path segment would be.
        let mut url = Url::parse("http://x/").expect("a URL");
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(text.unwrap_or_default());
        }
        url.path()[1..].to_owned()
    };
    click
        .replace("{vaultId}", &encoded(alert.vault.as_deref()))
        .replace("{alertId}", &encoded(alert.alert.as_deref()))
}

fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}
