use http::{HeaderValue, Method};
use serde::Serialize;
use url::Url;
use wire::UnixMillis;

use crate::page::{Event, Page};
use crate::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER, sign};
use crate::{Request, Secret};

/// Names the alert to the receiver, the same in each attempt, so that it can recognise one it has taken already.
pub const DELIVERY_HEADER: &str = "vaultwatch-delivery";

/// An address that takes signed JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub url: Url,
    pub secret: Secret,
}

/// Body of an app's call.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Call<'a> {
    event: Event,
    delivery: &'a str,
    profile: &'a str,
    alert: Alert<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Alert<'a> {
    id: i64,
    title: &'a str,
    message: &'a str,
    severity: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    vault_id: Option<&'a str>,
    raised_at: UnixMillis,
}

impl Webhook {
    /// What an app sends about an alert.
    #[must_use]
    pub fn page(&self, page: &Page, now: UnixMillis) -> Request {
        let call = Call {
            event: page.event,
            delivery: &page.delivery,
            profile: &page.profile,
            alert: Alert {
                id: page.id,
                title: &page.title,
                message: &page.message,
                severity: &page.severity,
                vault_id: page.vault.as_deref(),
                raised_at: page.raised,
            },
        };
        let body = serde_json::to_vec(&call).expect("string keys only");
        self.request(&page.delivery, body, now)
    }

    /// `body` is JSON. `now` is signed with it, so it must be the receiver's time, too.
    #[must_use]
    pub fn request(&self, delivery: &str, body: Vec<u8>, now: UnixMillis) -> Request {
        let timestamp = now.0 / 1_000;
        let signature = sign(self.secret.expose(), timestamp, &body);
        let headers = vec![
            (DELIVERY_HEADER, value(delivery)),
            (TIMESTAMP_HEADER, HeaderValue::from(timestamp)),
            (SIGNATURE_HEADER, value(&signature)),
        ];
        Request { method: Method::POST, url: self.url.clone(), headers, body }
    }
}

/// A header's value; what cannot be one is left out.
pub(crate) fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}
