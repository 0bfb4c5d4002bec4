use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use futures_util::{SinkExt, StreamExt};
use hyper::server::conn::http1;
use hyper::upgrade::Upgraded;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message as Frame, Utf8Bytes};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};
use wire::Message;
use wire::control::{ErrorReport, V1};

use super::access::Access;
use super::hub::Hub;
use super::limits::Limits;
use super::session::{self, RETRY_MS, Surroundings, TOO_MANY, VERSION};
use super::stats::Counters;
use super::{client, metrics, publish};
use crate::feed::wall_clock;

/// What every connection needs to know.
#[derive(Clone, Debug)]
pub(crate) struct Front {
    pub(crate) access: Access,
    pub(crate) hub: Arc<Hub>,
    pub(crate) limits: Limits,
    pub(crate) shutdown: CancellationToken,
    /// Ends the connections of now without a word, when a scenario says so.
    pub(crate) cut: Arc<Notify>,
    pub(crate) tasks: TaskTracker,
}

/// A place among the connections, given back when the last owner is gone: the request or the WebSocket it became.
#[derive(Clone, Debug)]
struct Slot(#[expect(dead_code, reason = "held for its drop")] Arc<OwnedSemaphorePermit>);

/// Largest request head. Ours need less than one KiB; a cookie jar for the same host may come along.
const HEAD_BYTES: usize = 16 << 10;
/// Smaller than tungstenite's 128 KiB, which every idle connection would pay: clients send little.
const READ_BUFFER: usize = 4 << 10;
/// Out of file descriptors, most likely: trying again at once would only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections until shutdown.
pub(crate) async fn listen(listener: TcpListener, front: Arc<Front>) {
    let slots = Arc::new(Semaphore::new(front.limits.connections));
    // Those beyond the limit are told so; a flood of them is dropped without a word.
    let waiting_room = Arc::new(Semaphore::new(64));
    let router = router(&front);
    let full = Router::new()
        .fallback(turn_away)
        .layer(from_fn_with_state(Arc::clone(&front), guard))
        .with_state(Arc::clone(&front));
    loop {
        let accepted = tokio::select! {
            () = front.shutdown.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let slot = |slots: &Arc<Semaphore>| {
            let permit = Arc::clone(slots).try_acquire_owned().ok()?;
            Some(Slot(Arc::new(permit)))
        };
        if let Some(slot) = slot(&slots) {
            let router = router.clone().layer(Extension(slot));
            front.tasks.spawn(converse(stream, router, Arc::clone(&front)));
        } else {
            Counters::add(&front.hub.counters.refused, 1);
            if let Some(slot) = slot(&waiting_room) {
                let full = full.clone().layer(Extension(slot));
                front.tasks.spawn(converse(stream, full, Arc::clone(&front)));
            }
        }
    }
}

const RETRY: [(header::HeaderName, &str); 1] = [(header::RETRY_AFTER, "5")];

/// Speaks HTTP on one connection, up to its upgrade.
async fn converse(stream: TcpStream, router: Router, front: Arc<Front>) {
    // Messages are small and each is news: waiting to fill a segment would only delay it.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(front.limits.upgrade)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .with_upgrades();
    tokio::select! {
        () = front.shutdown.cancelled() => {}
        ended = connection => {
            if let Err(error) = ended {
                debug!(%error, "connection failed");
            }
        }
    }
}

fn router(front: &Arc<Front>) -> Router {
    Router::new()
        .route("/", get(upgrade))
        .route("/ws", get(upgrade))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/metrics", get(figures))
        .route("/v1/publish", post(publish::publish))
        .layer(from_fn_with_state(Arc::clone(front), guard))
        .with_state(Arc::clone(front))
}

/// Turns away who may not come in, before anything else is looked at.
async fn guard(State(front): State<Arc<Front>>, request: Request, next: Next) -> Response {
    let Err(status) = front.access.check_request(request.headers()) else {
        return next.run(request).await;
    };
    Counters::add(&front.hub.counters.refused, 1);
    debug!(%status, path = request.uri().path(), "request refused");
    let mut response = status.into_response();
    if status == StatusCode::UNAUTHORIZED {
        let bearer = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
    }
    response
}

async fn figures(State(front): State<Arc<Front>>) -> Response {
    let head = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (head, metrics::render(&front.hub.stats())).into_response()
}

/// What is spoken on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Plain,
    V1,
    /// A version of ours that this gateway does not know.
    Unknown,
    /// A `vaultwatch.v1` client for whom there is no place.
    Full,
}

/// The mode for what a client offers, and the sub-protocol to select.
fn choose(headers: &HeaderMap) -> (Mode, Option<HeaderValue>) {
    let offered = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    let offered = offered.filter_map(|value| value.to_str().ok());
    let offered = offered.flat_map(|value| value.split(',')).map(str::trim);
    let mut unknown = None;
    for name in offered {
        if name == V1 {
            return (Mode::V1, Some(HeaderValue::from_static(V1)));
        }
        if name.starts_with("vaultwatch.") && unknown.is_none() {
            unknown = HeaderValue::from_str(name).ok();
        }
    }
    match unknown {
        Some(name) => (Mode::Unknown, Some(name)),
        None => (Mode::Plain, None),
    }
}

/// Answers who came when there was no place left.
async fn turn_away(front: State<Arc<Front>>, slot: Extension<Slot>, request: Request) -> Response {
    if choose(request.headers()).0 == Mode::V1 {
        return switch(front, slot, request, Some(Mode::Full));
    }
    (StatusCode::SERVICE_UNAVAILABLE, RETRY, "full\n").into_response()
}

async fn upgrade(front: State<Arc<Front>>, slot: Extension<Slot>, request: Request) -> Response {
    switch(front, slot, request, None)
}

fn switch(
    State(front): State<Arc<Front>>,
    Extension(slot): Extension<Slot>,
    mut request: Request,
    mode: Option<Mode>,
) -> Response {
    let (chosen, protocol) = choose(request.headers());
    let mode = mode.unwrap_or(chosen);
    let mut response = match create_response_with_body(&request, Body::empty) {
        Ok(response) => response,
        Err(error) => {
            let head = [(header::UPGRADE, "websocket"), (header::SEC_WEBSOCKET_VERSION, "13")];
            let text = format!("connect with a WebSocket client: {error}\n");
            return (StatusCode::UPGRADE_REQUIRED, head, text).into_response();
        }
    };
    if let Some(protocol) = protocol {
        response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    let upgraded = hyper::upgrade::on(&mut request);
    let serving = Arc::clone(&front);
    let cut = Arc::clone(&front.cut).notified_owned();
    let serve = async move {
        let front = serving;
        let upgraded = match timeout(front.limits.upgrade, upgraded).await {
            Ok(Ok(upgraded)) => TokioIo::new(upgraded),
            Ok(Err(error)) => return debug!(%error, "upgrade failed"),
            Err(_) => return debug!("upgrade took too long"),
        };
        // In v1 what is a little too large is refused by name instead of costing the connection.
        let room = if mode == Mode::V1 { front.limits.message_bytes } else { 0 };
        let most = Some(front.limits.message_bytes + room);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_message_size(most)
            .max_frame_size(most);
        let socket = WebSocketStream::from_raw_socket(upgraded, Role::Server, Some(config)).await;
        let Front { access, hub, limits, shutdown, .. } = &*front;
        match mode {
            Mode::Plain => client::serve(socket, Arc::clone(hub), limits, shutdown).await,
            Mode::V1 => {
                session::serve(socket, Surroundings { hub, access, limits, shutdown }).await;
            }
            Mode::Unknown => {
                let reason = "this gateway speaks vaultwatch.v1";
                refuse(socket, limits, None, VERSION, reason).await;
            }
            Mode::Full => {
                let report = ErrorReport {
                    code: "too_many".into(),
                    message: "this gateway has as many connections as it takes".into(),
                    retry_after_ms: Some(RETRY_MS),
                };
                let error = Message::new("error", &report, wall_clock(), None);
                let error = error.expect("a valid message").to_json();
                refuse(socket, limits, Some(error), TOO_MANY, "too many connections").await;
            }
        }
        drop(slot);
    };
    front.tasks.spawn(async move {
        tokio::select! {
            biased;
            () = cut => {}
            () = serve => {}
        }
    });
    response
}

/// Closes a connection that never began, after a last word.
async fn refuse(
    socket: WebSocketStream<TokioIo<Upgraded>>,
    limits: &Limits,
    word: Option<String>,
    code: u16,
    reason: &'static str,
) {
    let (mut sink, mut stream) = socket.split();
    let frame = CloseFrame { code: code.into(), reason: Utf8Bytes::from_static(reason) };
    let refuse = async {
        if let Some(word) = word {
            let _ = sink.feed(Frame::text(word)).await;
        }
        session::close(&mut sink, &mut stream, frame).await;
    };
    // Whether it worked makes no difference: the socket goes either way.
    let _ = timeout(limits.close, refuse).await;
}
