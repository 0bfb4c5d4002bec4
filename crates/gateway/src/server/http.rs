use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use super::access::Access;
use super::client;
use super::hub::Hub;
use super::limits::Limits;
use super::stats::Counters;

/// What every connection needs to know.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) access: Access,
    pub(crate) hub: Arc<Hub>,
    pub(crate) limits: Limits,
    pub(crate) shutdown: CancellationToken,
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
    let full =
        Router::new().fallback(|| async { (StatusCode::SERVICE_UNAVAILABLE, RETRY, "full\n") });
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

async fn upgrade(
    State(front): State<Arc<Front>>,
    Extension(slot): Extension<Slot>,
    mut request: Request,
) -> Response {
    let response = match create_response_with_body(&request, Body::empty) {
        Ok(response) => response,
        Err(error) => {
            let head = [(header::UPGRADE, "websocket"), (header::SEC_WEBSOCKET_VERSION, "13")];
            let text = format!("connect with a WebSocket client: {error}\n");
            return (StatusCode::UPGRADE_REQUIRED, head, text).into_response();
        }
    };
    let upgraded = hyper::upgrade::on(&mut request);
    let serving = Arc::clone(&front);
    front.tasks.spawn(async move {
        let front = serving;
        let upgraded = match timeout(front.limits.upgrade, upgraded).await {
            Ok(Ok(upgraded)) => TokioIo::new(upgraded),
            Ok(Err(error)) => return debug!(%error, "upgrade failed"),
            Err(_) => return debug!("upgrade took too long"),
        };
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_message_size(Some(front.limits.message_bytes))
            .max_frame_size(Some(front.limits.message_bytes));
        let socket = WebSocketStream::from_raw_socket(upgraded, Role::Server, Some(config)).await;
        client::serve(socket, Arc::clone(&front.hub), &front.limits, &front.shutdown).await;
        drop(slot);
    });
    response
}
