use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::debug;

use super::access::Denied;
use super::http::{Front, Visitor};
use super::refusals::Reason;
use super::upgrade::full;

/// Turns away who may not come in, before anything else is looked at. Whoever may brings along what they may do.
pub(super) async fn guard(
    State(front): State<Arc<Front>>,
    Extension(mut visitor): Extension<Visitor>,
    mut request: Request,
    next: Next,
) -> Response {
    let anonymous = !request.headers().contains_key(header::AUTHORIZATION);
    if anonymous && front.access.shows_health() && request.uri().path() == "/healthz" {
        return next.run(request).await;
    }
    if let Some(ip) = forwarded(&front, &visitor, request.headers()) {
        match visitor.forwards(ip, &front) {
            Some(client) => visitor = client,
            None => {
                front.refuse(Reason::AddressConnections);
                return full(Reason::AddressConnections);
            }
        }
        request.extensions_mut().insert(visitor.clone());
    }
    let denied = match front.access.check_request(request.headers()) {
        Ok(grant) => {
            request.extensions_mut().insert(grant);
            return next.run(request).await;
        }
        Err(denied) => denied,
    };
    debug!(?denied, peer = %visitor.peer, path = request.uri().path(), "request refused");
    match denied {
        Denied::Origin => {
            front.refuse(Reason::Origin);
            StatusCode::FORBIDDEN.into_response()
        }
        // Who shows none is not guessing.
        Denied::Token if request.headers().contains_key(header::AUTHORIZATION) => {
            match front.attempts.failed(visitor.peer, Instant::now()) {
                Some(wait) => {
                    front.refuse(Reason::Attempts);
                    too_many(wait, "too many bad tokens\n")
                }
                None => unauthorised(&front),
            }
        }
        Denied::Token => unauthorised(&front),
    }
}

/// Whom a proxy of ours speaks for: the last one named, which it wrote itself. Those before came with the request.
fn forwarded(front: &Front, visitor: &Visitor, headers: &HeaderMap) -> Option<IpAddr> {
    if !front.limits.proxies.contains(&visitor.ip) {
        return None;
    }
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

fn unauthorised(front: &Front) -> Response {
    front.refuse(Reason::Token);
    let bearer = [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))];
    (StatusCode::UNAUTHORIZED, bearer).into_response()
}

/// Something behind the gateway, or the gateway itself, takes nothing now.
pub(super) fn unavailable(text: String) -> Response {
    let head = [(header::RETRY_AFTER, HeaderValue::from_static("5"))];
    (StatusCode::SERVICE_UNAVAILABLE, head, text).into_response()
}

/// Comes too often, or too much at a time.
pub(super) fn too_many(wait: Duration, text: &'static str) -> Response {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let head = [(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))];
    (StatusCode::TOO_MANY_REQUESTS, head, text).into_response()
}
