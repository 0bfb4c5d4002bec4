use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use wire::control::is_reserved;
use wire::{Frame, Message};

use super::http::Front;
use super::hub::{DEFAULT_TENANT, TenantError, is_tenant_name};
use super::published::Published;
use super::stats::Counters;
use crate::log::LogError;

/// Names the tenant of a publish without a socket.
const TENANT_HEADER: &str = "vaultwatch-tenant";
/// Stored at a time: others get their turn in between.
const CHUNK: usize = 500;
/// When to send again what the log did not take.
const RETRY_SECONDS: &str = "5";

/// What became of a body.
#[derive(Debug, Default, Serialize)]
struct Answer {
    accepted: usize,
    /// First and last, if anything was accepted.
    offsets: Option<[u64; 2]>,
    rejected: Vec<Rejected>,
}

#[derive(Debug, Serialize)]
struct Rejected {
    index: usize,
    #[serde(flatten)]
    refusal: Refusal,
}

/// Why a message was not published.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) field: Option<String>,
    pub(super) message: String,
}

/// A message as it goes into the log, with its id.
pub(super) fn check(message: &Message, limit: usize) -> Result<Published, Refusal> {
    let refuse =
        |code, field: &str, message: String| Refusal { code, field: Some(field.into()), message };
    if is_reserved(&message.ty) {
        return Err(refuse("reserved_type", "type", format!("`{}` is reserved", message.ty)));
    }
    let text = message.to_json();
    if text.len() > limit {
        let reason = format!("{} bytes, {limit} are allowed", text.len());
        return Err(refuse("too_large", "data", reason));
    }
    match Published::classify(message, text.into()) {
        Ok(published) => Ok(published.once(message.id.clone())),
        Err(e) => Err(Refusal { code: "invalid", message: e.to_string(), field: e.field }),
    }
}

/// `POST /v1/publish`: one envelope, an array of them, or one per line.
pub(super) async fn publish(
    State(front): State<Arc<Front>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let name = headers.get(TENANT_HEADER).map_or(Ok(DEFAULT_TENANT), |value| value.to_str());
    let name = match name {
        Ok(name) if !is_tenant_name(name) => None,
        Ok(name) if !front.access.admits(name) => return StatusCode::FORBIDDEN.into_response(),
        Ok(name) => Some(name),
        Err(_) => None,
    };
    let Some(name) = name else {
        return (StatusCode::BAD_REQUEST, "no such tenant\n").into_response();
    };
    // Read before the log is looked at: who is still sending would not hear that it takes nothing.
    let limit = front.limits.publish_body;
    let Ok(body) = to_bytes(body, limit).await else {
        let text = format!("cut short, or more than {limit} bytes: send it in parts\n");
        return (StatusCode::PAYLOAD_TOO_LARGE, text).into_response();
    };
    let tenant = match front.hub.tenant(name).await {
        Ok(tenant) => tenant,
        Err(TenantError::TooMany) => {
            return (StatusCode::BAD_REQUEST, "too many tenants\n").into_response();
        }
        Err(TenantError::Log(error)) => return refused(&error),
    };
    let envelopes = match split(&body) {
        Ok(envelopes) => envelopes,
        Err(error) => {
            let text = format!("the array is not JSON: {error}\n");
            return (StatusCode::BAD_REQUEST, text).into_response();
        }
    };
    let mut answer = Answer::default();
    for (chunk, envelopes) in envelopes.chunks(CHUNK).enumerate() {
        let mut messages = Vec::with_capacity(envelopes.len());
        for (at, envelope) in envelopes.iter().enumerate() {
            match read(envelope, front.limits.published_bytes()) {
                Ok(published) => messages.push(published),
                Err(refusal) => {
                    Counters::add(&front.hub.counters.invalid, 1);
                    answer.rejected.push(Rejected { index: chunk * CHUNK + at, refusal });
                }
            }
        }
        match tenant.publish(None, messages).await {
            Ok(appended) => {
                answer.accepted += appended.len();
                for offset in appended.iter().map(|appended| appended.offset()) {
                    let [first, last] = answer.offsets.unwrap_or([offset, offset]);
                    answer.offsets = Some([first.min(offset), last.max(offset)]);
                }
            }
            Err(error) => return refused(&error),
        }
        tokio::task::yield_now().await;
    }
    let status = match (answer.accepted, answer.rejected.len()) {
        (0, 1..) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    let body = serde_json::to_string(&answer).expect("numbers and strings");
    (status, [("content-type", "application/json")], body).into_response()
}

/// What the log would not take.
fn refused(error: &LogError) -> Response {
    let text = format!("{error}\n");
    if let LogError::TooLarge { .. } = error {
        return (StatusCode::PAYLOAD_TOO_LARGE, text).into_response();
    }
    let retry = [("retry-after", RETRY_SECONDS)];
    (StatusCode::SERVICE_UNAVAILABLE, retry, text).into_response()
}

fn read(envelope: &Bytes, limit: usize) -> Result<Published, Refusal> {
    match Frame::parse(envelope) {
        Ok(Frame::Single(message)) => check(&message, limit),
        Ok(Frame::Batch(_)) => {
            let message = "send the messages of a batch as an array".into();
            Err(Refusal { code: "invalid", field: Some("type".into()), message })
        }
        Err(e) => Err(Refusal { code: "invalid", message: e.to_string(), field: e.field }),
    }
}

/// The envelopes of a body, each for itself, so that a bad one spoils no other.
fn split(body: &Bytes) -> Result<Vec<Bytes>, serde_json::Error> {
    let trimmed = body.trim_ascii();
    if trimmed.first() == Some(&b'[') {
        let values: Vec<&RawValue> = serde_json::from_slice(trimmed)?;
        return Ok(values.iter().map(|value| body.slice_ref(value.get().as_bytes())).collect());
    }
    // One envelope may be spread over several lines.
    if serde_json::from_slice::<&RawValue>(trimmed).is_ok() {
        return Ok(vec![body.slice_ref(trimmed)]);
    }
    let lines = trimmed.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    Ok(lines.filter(|line| !line.is_empty()).map(|line| body.slice_ref(line)).collect())
}
