//! One `vaultwatch.v1` connection: a greeting, then a half that reads and a half that writes. All that is written
//! passes the writing half, which alone knows the position last told.

mod control;
mod end;
mod past;
mod reader;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use wire::Frame;
use wire::control::{ClientControl, Hello};

use self::end::End;
use self::reader::Reader;
use self::writer::Writer;
use super::access::{Access, Grant, NotYours, lapsed};
use super::allowance::spend;
use super::board::Board;
use super::http::{Front, Visitor};
use super::hub::{Hub, TenantError, is_tenant_name};
use super::limits::Limits;
use super::occupancy::Presence;
use super::refusals::Reason;
use super::stats::{Counters, Speaks};
use super::tenant::Tenant;
use super::topics::Topics;

pub(super) use self::end::{TOO_MANY, VERSION, close};

/// Answers waiting for a client that does not read them: then it is not read from either.
const ANSWERS: usize = 64;
/// A client that was turned away comes back after this.
pub(super) const RETRY_MS: u64 = 5_000;

/// What a connection needs to know of the gateway, and of itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) hub: &'a Arc<Hub>,
    pub(super) access: &'a Access,
    pub(super) limits: &'a Limits,
    pub(super) shutdown: &'a CancellationToken,
    pub(super) front: &'a Front,
    pub(super) visitor: &'a Visitor,
    /// What the client may do at this moment.
    pub(super) grant: &'a watch::Sender<Grant>,
}

impl<'a> Surroundings<'a> {
    pub(super) fn new(
        front: &'a Front,
        visitor: &'a Visitor,
        grant: &'a watch::Sender<Grant>,
    ) -> Self {
        let Front { hub, access, limits, shutdown, .. } = front;
        Self { hub, access, limits, shutdown, front, visitor, grant }
    }

    pub(super) fn refuse(&self, reason: Reason) {
        self.front.refuse(reason);
    }
}

/// Serves one upgraded connection until it ends.
pub(super) async fn serve<S>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    stream: &mut SplitStream<WebSocketStream<S>>,
    around: Surroundings<'_>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let counters = &around.hub.counters;
    let _counted = Counted::new(counters);
    let talk = async {
        match timeout(around.limits.hello, Box::pin(greet(stream, around))).await {
            Err(_) => End::HelloTooLate,
            Ok(Err(end)) => end,
            Ok(Ok(greeted)) => converse(sink, stream, around, &greeted).await,
        }
    };
    let end = tokio::select! {
        biased;
        lapse = lapsed(around.access, around.grant) => End::Lapsed(lapse),
        end = talk => end,
    };
    debug!(?end, "session over");
    if end == End::Slow {
        Counters::add(&counters.slow, 1);
    }
    let retry = match end {
        End::ShuttingDown => around.front.departures.retry_after_ms(counters.read().clients),
        _ => 0,
    };
    if let Some(frame) = end.close_frame() {
        let farewell = async {
            if let Some(text) = end.last_word(retry) {
                let _ = sink.feed(Message::text(text)).await;
            }
            close(sink, stream, frame).await;
        };
        // Whether it worked makes no difference: the socket goes either way.
        let _ = timeout(around.limits.close, Box::pin(farewell)).await;
    }
}

/// A client that has said who it is.
struct Greeted {
    hello: Hello,
    tenant: Arc<Tenant>,
    presence: Presence,
    /// What it asked for, whether it may have it or not.
    topics: Topics,
}

async fn greet<S>(
    stream: &mut SplitStream<WebSocketStream<S>>,
    around: Surroundings<'_>,
) -> Result<Greeted, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let text = loop {
        let next = tokio::select! {
            biased;
            () = around.shutdown.cancelled() => return Err(End::ShuttingDown),
            next = stream.next() => next,
        };
        match next {
            Some(Ok(Message::Text(text))) => break text,
            Some(Ok(message @ (Message::Ping(_) | Message::Pong(_)))) => {
                let allowance = &around.visitor.address.allowance;
                spend(&[allowance], 1, message.len(), Instant::now()).map_err(|retry| {
                    around.refuse(Reason::Rate);
                    End::Flood { retry }
                })?;
            }
            Some(Ok(Message::Binary(_))) => return Err(End::bad("the first frame must be hello")),
            Some(Err(error)) => return Err(End::of(&error)),
            Some(Ok(_)) | None => return Err(End::Left),
        }
    };
    Counters::add(&around.hub.counters.received_bytes, text.len() as u64);
    let message = match Frame::parse_text(text) {
        Ok(Frame::Single(message)) => message,
        Ok(Frame::Batch(_)) => return Err(End::bad("the first frame must be hello")),
        Err(invalid) => return Err(End::bad(invalid)),
    };
    let hello = match ClientControl::of(&message) {
        Ok(Some(ClientControl::Hello(hello))) => hello,
        Ok(_) => return Err(End::bad("the first frame must be hello")),
        Err(invalid) => return Err(End::bad(invalid)),
    };
    if !hello.tenant.as_deref().is_none_or(is_tenant_name) {
        return Err(End::bad("a tenant is named by 1 to 64 of a-z, 0-9, _ and -"));
    }
    let grant = around.grant.borrow().clone();
    let name = grant.tenant(hello.tenant.as_deref()).map_err(|NotYours| {
        around.refuse(Reason::Forbidden);
        End::Forbidden
    })?;
    let topics = if hello.topics.is_empty() {
        Topics::everything()
    } else {
        Topics::default().with(&hello.topics).map_err(End::bad)?
    };
    let turned_away = |reason| {
        around.refuse(reason);
        End::TooMany(reason)
    };
    let tenant = around.hub.tenant(name).await.map_err(|error| match error {
        TenantError::TooMany => turned_away(Reason::Tenants),
        TenantError::Log(error) => {
            debug!(%error, "a client came before the log");
            End::Unavailable
        }
    })?;
    let presence = around.front.occupancy.tenant(&tenant.name).enter();
    let presence = presence.ok_or_else(|| turned_away(Reason::TenantConnections))?;
    debug!(client = %hello.client, tenant = name, token = %grant.name, "hello");
    Ok(Greeted { hello, tenant, presence, topics })
}

async fn converse<S>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    stream: &mut SplitStream<WebSocketStream<S>>,
    around: Surroundings<'_>,
    greeted: &Greeted,
) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Greeted { hello, tenant, presence, topics } = greeted;
    let position = Arc::new(AtomicU64::new(tenant.board.head()));
    presence.party().watch(&position);
    let (commands, receiver) = mpsc::channel(ANSWERS);
    let mut reader = Reader::new(around, tenant, &presence.party().allowance, commands);
    let mut writer = Writer::new(sink, tenant, around, hello, topics, &position);
    let drained = async {
        around.shutdown.cancelled().await;
        // The writer brings what is in the log to its client first; one that does not read is not waited for.
        tokio::time::sleep(around.limits.close).await;
    };
    // Reading goes on while a write hangs: a client's heartbeats must not wait for its own slowness.
    tokio::select! {
        biased;
        () = drained => End::ShuttingDown,
        () = out_of_reach(&tenant.board, &position) => End::Slow,
        () = tenant.losing_track() => End::Unavailable,
        end = reader.run(stream) => end,
        end = writer.run(receiver) => end,
    }
}

/// Waits until the reader has lost touch, even while its writer hangs in a write.
async fn out_of_reach(board: &Board, position: &AtomicU64) {
    let mut head = board.follow();
    loop {
        if board.is_out_of_reach(position.load(Ordering::Acquire)) {
            return;
        }
        if head.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Counts a session while it lives.
struct Counted<'a>(&'a Counters);

impl<'a> Counted<'a> {
    fn new(counters: &'a Counters) -> Self {
        counters.came(Speaks::V1);
        Self(counters)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.left(Speaks::V1);
    }
}
