use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::{Parts, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message as Frame, Utf8Bytes};
use tracing::debug;
use wire::Message;
use wire::control::{ErrorReport, V1};

use super::access::Grant;
use super::client;
use super::door::{too_many, unavailable};
use super::http::{Front, Visitor};
use super::hub::TenantError;
use super::limits::Limits;
use super::occupancy::Presence;
use super::refusals::Reason;
use super::session::{self, RETRY_MS, Surroundings, TOO_MANY, VERSION};
use super::socket::Socket;
use super::tenant::Tenant;
use crate::feed::wall_clock;
use crate::log::LogError;

/// Smaller than tungstenite's 128 KiB, which every idle connection would pay: clients send little.
const READ_BUFFER: usize = 1 << 10;

/// What is spoken on a connection.
#[derive(Debug)]
enum Mode {
    Plain {
        tenant: Arc<Tenant>,
        presence: Presence,
    },
    V1,
    /// A version of ours that this gateway does not know.
    Unknown,
    /// A `vaultwatch.v1` client for whom there is no place.
    Full(Reason),
}

/// The sub-protocol that a client offers.
#[derive(Debug, PartialEq, Eq)]
enum Offer {
    None,
    V1,
    Unknown(HeaderValue),
}

impl Offer {
    fn of(headers: &HeaderMap) -> Self {
        let offered = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
        let offered = offered.filter_map(|value| value.to_str().ok());
        let offered = offered.flat_map(|value| value.split(',')).map(str::trim);
        let mut unknown = None;
        for name in offered {
            if name == V1 {
                return Self::V1;
            }
            if name.starts_with("vaultwatch.") && unknown.is_none() {
                unknown = HeaderValue::from_str(name).ok();
            }
        }
        unknown.map_or(Self::None, Self::Unknown)
    }

    fn selected(&self) -> Option<HeaderValue> {
        match self {
            Self::None => None,
            Self::V1 => Some(HeaderValue::from_static(V1)),
            Self::Unknown(name) => Some(name.clone()),
        }
    }
}

/// Answers who came when there was no place left.
pub(super) async fn turn_away(
    State(front): State<Arc<Front>>,
    Extension(visitor): Extension<Visitor>,
    Extension(reason): Extension<Reason>,
    Extension(grant): Extension<Grant>,
    request: Request,
) -> Response {
    if Offer::of(request.headers()) == Offer::V1 {
        return switch(front, visitor, grant, request, Mode::Full(reason));
    }
    full(reason)
}

/// What is said in HTTP to whom there is no place for.
pub(super) fn full(reason: Reason) -> Response {
    let retry = Duration::from_millis(RETRY_MS);
    match reason {
        Reason::Connections => {
            let head = [(header::RETRY_AFTER, HeaderValue::from(retry.as_secs()))];
            (StatusCode::SERVICE_UNAVAILABLE, head, "full\n").into_response()
        }
        Reason::TenantConnections => too_many(retry, "too many connections of this tenant\n"),
        Reason::Tenants => too_many(retry, "too many tenants\n"),
        _ => too_many(retry, "too many connections from this address\n"),
    }
}

pub(super) async fn upgrade(
    State(front): State<Arc<Front>>,
    Extension(visitor): Extension<Visitor>,
    Extension(grant): Extension<Grant>,
    request: Request,
) -> Response {
    let mode = match Offer::of(request.headers()) {
        Offer::V1 => Mode::V1,
        Offer::Unknown(_) => Mode::Unknown,
        // Without a greeting the tenant is known by now, and a refusal can still be told in HTTP.
        Offer::None => match seat(&front, &grant).await {
            Ok((tenant, presence)) => Mode::Plain { tenant, presence },
            Err(Unseated::Refused(reason)) => {
                front.refuse(reason);
                return full(reason);
            }
            Err(Unseated::NoLog(error)) => return unavailable(format!("{error}\n")),
        },
    };
    switch(front, visitor, grant, request, mode)
}

/// Why there is no place for a plain client.
enum Unseated {
    Refused(Reason),
    NoLog(LogError),
}

async fn seat(front: &Front, grant: &Grant) -> Result<(Arc<Tenant>, Presence), Unseated> {
    let name = grant.tenant(None).map_err(|_| Unseated::Refused(Reason::Forbidden))?;
    let tenant = front.hub.tenant(name).await.map_err(|error| match error {
        TenantError::TooMany => Unseated::Refused(Reason::Tenants),
        TenantError::Log(error) => Unseated::NoLog(error),
    })?;
    let presence = front.occupancy.tenant(&tenant.name).enter();
    Ok((tenant, presence.ok_or(Unseated::Refused(Reason::TenantConnections))?))
}

fn switch(
    front: Arc<Front>,
    visitor: Visitor,
    grant: Grant,
    mut request: Request,
    mode: Mode,
) -> Response {
    let mut response = match create_response_with_body(&request, Body::empty) {
        Ok(response) => response,
        Err(error) => {
            let head = [(header::UPGRADE, "websocket"), (header::SEC_WEBSOCKET_VERSION, "13")];
            let text = format!("connect with a WebSocket client: {error}\n");
            return (StatusCode::UPGRADE_REQUIRED, head, text).into_response();
        }
    };
    if let Some(protocol) = Offer::of(request.headers()).selected() {
        response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    let upgraded = hyper::upgrade::on(&mut request);
    let (tasks, cut) = (front.tasks.clone(), Arc::clone(&front.cut).notified_owned());
    tasks.spawn(async move {
        // Made in here: what is moved into a task keeps its place there, and would take it twice.
        let serve = async {
            let upgraded = match timeout(front.limits.upgrade, upgraded).await {
                Ok(Ok(upgraded)) => upgraded,
                Ok(Err(error)) => return debug!(%error, "upgrade failed"),
                Err(_) => return debug!("upgrade took too long"),
            };
            serve(upgraded, &front, &visitor, grant, mode).await;
        };
        tokio::select! {
            biased;
            () = cut => {}
            () = serve => {}
        }
    });
    response
}

async fn serve(upgraded: Upgraded, front: &Front, visitor: &Visitor, grant: Grant, mode: Mode) {
    let limits = &front.limits;
    // In v1 what is a little too large is refused by name instead of costing the connection.
    let room = if matches!(mode, Mode::V1) { limits.message_bytes } else { 0 };
    let most = Some(limits.message_bytes + room);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(most)
        .max_frame_size(most);
    let parts = upgraded.downcast::<TokioIo<Socket>>();
    // From here on HTTP is out of the way, with its buffers.
    let Parts { io, read_buf, .. } = parts.expect("HTTP is spoken on sockets of one type");
    let (io, read) = (io.into_inner().without_patience(), read_buf.to_vec());
    drop(read_buf);
    let (mut sink, mut stream) =
        WebSocketStream::from_partially_read(io, read, Role::Server, Some(config)).await.split();
    let grant = watch::Sender::new(grant);
    let around = Surroundings::new(front, visitor, &grant);
    match mode {
        Mode::Plain { tenant, presence } => {
            client::serve(&mut sink, &mut stream, around, &tenant, &presence).await;
        }
        Mode::V1 => session::serve(&mut sink, &mut stream, around).await,
        Mode::Unknown => {
            let reason = "this gateway speaks vaultwatch.v1";
            refuse(&mut sink, &mut stream, limits, None, VERSION, reason).await;
        }
        Mode::Full(reason) => {
            let (message, close) = match reason {
                Reason::AddressConnections => (
                    "there are as many connections from this address as there may be",
                    "too many connections from this address",
                ),
                _ => ("this gateway has as many connections as it takes", "too many connections"),
            };
            let report = ErrorReport {
                code: "too_many".into(),
                message: message.into(),
                retry_after_ms: Some(RETRY_MS),
            };
            let error = Message::new("error", &report, wall_clock(), None);
            let error = error.expect("a valid message").to_json();
            refuse(&mut sink, &mut stream, limits, Some(error), TOO_MANY, close).await;
        }
    }
}

/// Closes a connection that never began, after a last word.
async fn refuse(
    sink: &mut SplitSink<WebSocketStream<Socket>, Frame>,
    stream: &mut SplitStream<WebSocketStream<Socket>>,
    limits: &Limits,
    word: Option<String>,
    code: u16,
    reason: &'static str,
) {
    let frame = CloseFrame { code: code.into(), reason: Utf8Bytes::from_static(reason) };
    let refuse = async {
        if let Some(word) = word {
            let _ = sink.feed(Frame::text(word)).await;
        }
        session::close(sink, stream, frame).await;
    };
    // Whether it worked makes no difference: the socket goes either way.
    let _ = timeout(limits.close, Box::pin(refuse)).await;
}
