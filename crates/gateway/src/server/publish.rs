use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use smol_str::SmolStr;
use tokio::time::timeout;
use wire::control::is_reserved;
use wire::{Frame, Message};

use super::access::{Grant, NotYours};
use super::allowance::spend;
use super::body::{NotTaken, take};
use super::door::{too_many, unavailable};
use super::envelopes::{MOST, NotSplit, split};
use super::http::{Front, Visitor};
use super::hub::{TenantError, is_tenant_name};
use super::published::Published;
use super::refusals::Reason;
use super::stats::Counters;
use super::topics::Topics;
use super::upgrade::full;
use crate::log::LogError;

/// Names the tenant of a publish without a socket.
const TENANT_HEADER: &str = "vaultwatch-tenant";
/// Stored at a time: others get their turn in between.
const CHUNK: usize = 500;

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

/// The code of what a token does not cover.
const FORBIDDEN: &str = "forbidden";

/// Why a message was not published.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) field: Option<String>,
    pub(super) message: String,
}

/// A message as it goes into the log, with its id, if it may be published by whoever has these rights.
pub(super) fn check(
    message: &Message,
    limit: usize,
    rights: &Topics,
) -> Result<Published, Refusal> {
    let refuse =
        |code, field: &str, message: String| Refusal { code, field: Some(field.into()), message };
    if is_reserved(message.ty()) {
        return Err(refuse("reserved_type", "type", format!("`{}` is reserved", message.ty())));
    }
    let text = message.to_json();
    if text.len() > limit {
        let reason = format!("{} bytes, {limit} are allowed", text.len());
        return Err(refuse("too_large", "data", reason));
    }
    match Published::classify(message, text.into()) {
        Ok(published) if published.is_within(rights) => {
            Ok(published.once(message.id().map(Into::into)))
        }
        Ok(_) => {
            let reason = format!("the token may not publish `{}`", message.ty());
            Err(refuse(FORBIDDEN, "type", reason))
        }
        Err(e) => Err(Refusal { code: "invalid", message: e.to_string(), field: e.field }),
    }
}

impl Counters {
    /// What was refused as not allowed is not invalid.
    pub(super) fn note(&self, refusal: &Refusal) {
        if refusal.code == FORBIDDEN {
            self.refusals.note(Reason::Forbidden);
        } else {
            Self::add(&self.invalid, 1);
        }
    }
}

/// `POST /v1/publish`: one envelope, an array of them, or one per line.
pub(super) async fn publish(
    State(front): State<Arc<Front>>,
    Extension(visitor): Extension<Visitor>,
    Extension(grant): Extension<Grant>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let asked = headers.get(TENANT_HEADER).map(HeaderValue::to_str).transpose();
    let name = match asked {
        Ok(asked) if asked.is_none_or(is_tenant_name) => match grant.tenant(asked) {
            Ok(name) => name,
            Err(NotYours) => {
                front.refuse(Reason::Forbidden);
                return StatusCode::FORBIDDEN.into_response();
            }
        },
        _ => return (StatusCode::BAD_REQUEST, "no such tenant\n").into_response(),
    };
    // Read before anything else is looked at: who is still sending would not hear why it is not taken.
    let limit = front.limits.publish_body;
    let party = front.occupancy.tenant(&SmolStr::new(name));
    let whole = take(body, limit, [&party, &visitor.address]);
    let whole = match timeout(front.limits.body, whole).await {
        Ok(Ok(whole)) => whole,
        Ok(Err(NotTaken::Cut)) => {
            return (StatusCode::BAD_REQUEST, "the body was cut short\n").into_response();
        }
        Ok(Err(NotTaken::TooLarge)) => {
            let text = format!("more than {limit} bytes: send it in parts\n");
            return (StatusCode::PAYLOAD_TOO_LARGE, text).into_response();
        }
        Ok(Err(NotTaken::NoRoom)) => {
            front.refuse(Reason::Rate);
            return too_many(Duration::from_secs(1), "too many bytes are on their way already\n");
        }
        Err(_) => {
            // What is left of it would be taken for the next request.
            let close = [(header::CONNECTION, "close")];
            let text = "the body did not come in time: send less at a time\n";
            return (StatusCode::REQUEST_TIMEOUT, close, text).into_response();
        }
    };
    let body = &whole.bytes;
    Counters::add(&front.hub.counters.received_bytes, body.len() as u64);
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        let head = [(header::ACCEPT_ENCODING, "identity")];
        let text = "compressed bodies are not taken: send it as it is\n";
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, head, text).into_response();
    }
    let envelopes = match split(body) {
        Ok(envelopes) => envelopes,
        Err(NotSplit::Json(error)) => {
            let text = format!("the array is not JSON: {error}\n");
            return (StatusCode::BAD_REQUEST, text).into_response();
        }
        Err(NotSplit::TooMany) => {
            let text = format!("more than {MOST} messages: send them in parts\n");
            return (StatusCode::PAYLOAD_TOO_LARGE, text).into_response();
        }
    };
    let tenant = match front.hub.tenant(name).await {
        Ok(tenant) => tenant,
        Err(TenantError::TooMany) => {
            front.refuse(Reason::Tenants);
            return full(Reason::Tenants);
        }
        Err(TenantError::Log(error)) => return refused(&error),
    };
    let allowances = [&party.allowance, &visitor.address.allowance];
    if let Err(wait) = spend(&allowances, envelopes.len(), body.len(), Instant::now()) {
        front.refuse(Reason::Rate);
        return too_many(wait, "too many messages at a time\n");
    }
    let mut answer = Answer::default();
    for (chunk, envelopes) in envelopes.chunks(CHUNK).enumerate() {
        let mut messages = Vec::with_capacity(envelopes.len());
        for (at, envelope) in envelopes.iter().enumerate() {
            match read(envelope, front.limits.published_bytes(), &grant.publish) {
                Ok(published) => messages.push(published),
                Err(refusal) => {
                    front.hub.counters.note(&refusal);
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
    unavailable(text)
}

fn read(envelope: &Bytes, limit: usize, rights: &Topics) -> Result<Published, Refusal> {
    match Frame::parse(envelope.clone()) {
        Ok(Frame::Single(message)) => check(&message, limit, rights),
        Ok(Frame::Batch(_)) => {
            let message = "send the messages of a batch as an array".into();
            Err(Refusal { code: "invalid", field: Some("type".into()), message })
        }
        Err(e) => Err(Refusal { code: "invalid", message: e.to_string(), field: e.field }),
    }
}
