use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use super::access::{Access, Attempts, Grant, Tls};
use super::departures::Departures;
use super::door::{guard, unavailable};
use super::hub::{Ailing, Hub};
use super::limits::Limits;
use super::occupancy::{Occupancy, Party, Presence};
use super::peer::Peer;
use super::refusals::Reason;
use super::socket::Socket;
use super::upgrade::{turn_away, upgrade};
use super::{metrics, publish};

/// What every connection needs to know.
#[derive(Clone, Debug)]
pub(crate) struct Front {
    pub(super) access: Access,
    pub(super) hub: Arc<Hub>,
    pub(super) limits: Limits,
    pub(crate) shutdown: CancellationToken,
    /// Ends the connections of now without a word, when a scenario says so.
    pub(crate) cut: Arc<Notify>,
    pub(crate) tasks: TaskTracker,
    pub(super) occupancy: Arc<Occupancy>,
    pub(super) attempts: Arc<Attempts>,
    pub(super) departures: Arc<Departures>,
}

/// Who is at the other end of a connection, and its place among the others, given back when the last owner is gone:
/// the request or the WebSocket it became.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) ip: IpAddr,
    pub(super) peer: Peer,
    pub(super) address: Arc<Party>,
    place: Arc<Place>,
}

#[derive(Debug)]
#[expect(dead_code, reason = "held for their drop")]
enum Place {
    Own(OwnedSemaphorePermit, Option<Presence>),
    /// Behind a proxy: the connection is the proxy's, and who uses it is somebody else's.
    Forwarded(Arc<Place>, Presence),
}

impl Visitor {
    /// Somebody who comes by way of this one, a proxy. `None` when there are too many from that address.
    pub(super) fn forwards(&self, ip: IpAddr, front: &Front) -> Option<Self> {
        let peer = Peer::from(ip);
        let address = front.occupancy.address(peer);
        let place = Place::Forwarded(Arc::clone(&self.place), address.enter()?);
        Some(Self { ip, peer, address, place: Arc::new(place) })
    }
}

/// Largest request head. Ours need less than one KiB; a cookie jar for the same host may come along.
const HEAD_BYTES: usize = 16 << 10;
/// Out of file descriptors, most likely: trying again at once would only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Those beyond a limit are told so, this many at a time; a flood of them is dropped without a word.
const WAITING_ROOM: usize = 64;

impl Front {
    pub(crate) fn new(
        access: Access,
        hub: &Arc<Hub>,
        limits: Limits,
        shutdown: CancellationToken,
        tasks: TaskTracker,
    ) -> Self {
        let (occupancy, attempts) = (Arc::new(Occupancy::new(&limits)), Arc::new(Attempts::new()));
        let (hub, cut, departures) = (Arc::clone(hub), Arc::default(), Arc::default());
        Self { access, hub, limits, shutdown, cut, tasks, occupancy, attempts, departures }
    }

    /// The same for one stretch between two restarts, which ends when `shutdown` is cancelled.
    pub(crate) fn stretch(&self, shutdown: CancellationToken) -> Self {
        Self { shutdown, departures: Arc::default(), ..self.clone() }
    }

    pub(super) fn refuse(&self, reason: Reason) {
        self.hub.counters.refusals.note(reason);
    }
}

/// Accepts connections until shutdown.
pub(crate) async fn listen(listener: TcpListener, front: Arc<Front>) {
    let slots = Arc::new(Semaphore::new(front.limits.connections.min(Semaphore::MAX_PERMITS)));
    let waiting_room = Arc::new(Semaphore::new(WAITING_ROOM));
    let router = router(&front);
    let full = Router::new()
        .fallback(turn_away)
        .layer(from_fn_with_state(Arc::clone(&front), guard))
        .with_state(Arc::clone(&front));
    let tls = front.access.tls().cloned();
    loop {
        let accepted = tokio::select! {
            () = front.shutdown.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let ip = from.ip().to_canonical();
        let peer = Peer::from(ip);
        let address = front.occupancy.address(peer);
        let visitor = |permit, presence| {
            let place = Arc::new(Place::Own(permit, presence));
            Visitor { ip, peer, address: Arc::clone(&address), place }
        };
        let presence = if front.limits.proxies.contains(&ip) {
            Ok(None)
        } else {
            address.enter().map(Some).ok_or(Reason::AddressConnections)
        };
        let place = presence.and_then(|presence| {
            let permit = Arc::clone(&slots).try_acquire_owned();
            Ok((permit.map_err(|_| Reason::Connections)?, presence))
        });
        let guest = match place {
            Ok((permit, presence)) => {
                let (router, visitor) = (router.clone(), visitor(permit, presence));
                Guest { router, visitor, refused: None }
            }
            Err(reason) => {
                front.refuse(reason);
                let Ok(permit) = Arc::clone(&waiting_room).try_acquire_owned() else { continue };
                let (router, visitor) = (full.clone(), visitor(permit, None));
                Guest { router, visitor, refused: Some(reason) }
            }
        };
        front.tasks.spawn(receive(stream, tls.clone(), guest, Arc::clone(&front)));
    }
}

/// Whoever has just connected, and who is to answer.
struct Guest {
    router: Router,
    visitor: Visitor,
    /// Why there is no place.
    refused: Option<Reason>,
}

async fn receive(stream: TcpStream, tls: Option<Tls>, guest: Guest, front: Arc<Front>) {
    // Messages are small and each is news: waiting to fill a segment would only delay it.
    let _ = stream.set_nodelay(true);
    let patience = front.limits.body;
    let Some(tls) = tls else {
        return converse(Socket::plain(stream, patience), guest, &front).await;
    };
    let handshake = timeout(front.limits.upgrade, tls.accept(stream));
    match front.shutdown.run_until_cancelled(handshake).await {
        Some(Ok(Ok(stream))) => {
            converse(Socket::secret(stream, patience), guest, &front).await;
        }
        Some(Ok(Err(error))) => debug!(%error, "TLS handshake failed"),
        Some(Err(_)) => debug!("TLS handshake took too long"),
        None => {}
    }
}

/// Speaks HTTP on one connection, up to its upgrade.
async fn converse(stream: Socket, guest: Guest, front: &Front) {
    let Guest { router, visitor, refused } = guest;
    let router = TowerToHyperService::new(router);
    // With each request rather than as a layer of the router, which would be built anew for each connection.
    let answer = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(visitor.clone());
        if let Some(reason) = refused {
            request.extensions_mut().insert(reason);
        }
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(front.limits.upgrade)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), answer)
        .with_upgrades();
    let mut connection = pin!(connection);
    tokio::select! {
        () = front.shutdown.cancelled() => {
            // Who was promised an answer gets it: a publish cut off here would be sent again.
            connection.as_mut().graceful_shutdown();
            let _ = timeout(front.limits.close, connection).await;
        }
        ended = connection.as_mut() => {
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
        .route("/healthz", get(health))
        .route("/metrics", get(figures))
        .route("/v1/publish", post(publish::publish))
        .layer(from_fn_with_state(Arc::clone(front), guard))
        .with_state(Arc::clone(front))
}

/// Ready when all logs are. What is wrong with one may name other machines, and is its tenant's business: nobody else is
/// told whose it is.
async fn health(State(front): State<Arc<Front>>, request: Request<Body>) -> Response {
    let ailing = front.hub.ailing();
    if ailing.is_empty() {
        return "ok\n".into_response();
    }
    let grant = request.extensions().get::<Grant>();
    // Who sees the figures knows all tenants by name.
    let is_told = |tenant: &str| grant.is_some_and(|g| g.metrics || g.tenant(Some(tenant)).is_ok());
    let mut text = String::new();
    for Ailing { tenant, reason } in ailing.iter().filter(|ailing| is_told(&ailing.tenant)) {
        text += &format!("tenant `{tenant}`: {reason}\n");
    }
    if text.is_empty() {
        text += "a log takes nothing now\n";
    }
    unavailable(text)
}

async fn figures(State(front): State<Arc<Front>>, request: Request<Body>) -> Response {
    if !request.extensions().get::<Grant>().is_some_and(|grant| grant.metrics) {
        front.refuse(Reason::Forbidden);
        let text = "the figures are of all tenants: this takes a token with `metrics = true`\n";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    let head = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (head, metrics::render(&front)).into_response()
}
