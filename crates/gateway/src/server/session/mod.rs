//! One `vaultwatch.v1` connection: a greeting, then a half that reads and a half that writes. All that is written
//! passes the writing half, which alone knows the position last told.

mod control;
mod end;
mod reader;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::stream::SplitStream;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use wire::Frame;
use wire::control::{ClientControl, ErrorReport, Goodbye, Hello};

use self::end::End;
use self::reader::Reader;
use self::writer::Writer;
use super::access::Access;
use super::board::Board;
use super::hub::{DEFAULT_TENANT, Hub, TenantError, is_tenant_name};
use super::limits::Limits;
use super::stats::Counters;
use super::tenant::Tenant;
use super::topics::Topics;

pub(super) use self::end::{TOO_MANY, VERSION, close};

/// Answers waiting for a client that does not read them: then it is not read from either.
const ANSWERS: usize = 64;
/// A client that was turned away comes back after this.
pub(super) const RETRY_MS: u64 = 5_000;

/// What a session needs to know of the gateway.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) hub: &'a Arc<Hub>,
    pub(super) access: &'a Access,
    pub(super) limits: &'a Limits,
    pub(super) shutdown: &'a CancellationToken,
}

/// Serves one upgraded connection until it ends.
pub(super) async fn serve<S>(socket: WebSocketStream<S>, around: Surroundings<'_>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut sink, mut stream) = socket.split();
    let counters = &around.hub.counters;
    let _counted = Counted::new(counters);
    let end = tokio::select! {
        biased;
        () = around.shutdown.cancelled() => End::ShuttingDown,
        greeted = timeout(around.limits.hello, greet(&mut stream, around)) => match greeted {
            Err(_) => End::HelloTooLate,
            Ok(Err(end)) => end,
            Ok(Ok(greeted)) => {
                let (hello, tenant, topics) = greeted;
                converse(&mut sink, &mut stream, around, &hello, &tenant, topics).await
            }
        },
    };
    debug!(?end, "session over");
    if end == End::Slow {
        Counters::add(&counters.slow, 1);
    }
    let farewell = match &end {
        End::ShuttingDown => {
            let goodbye = Goodbye {
                reason: "the gateway is restarting".into(),
                retry_after_ms: Some(spread(counters.clients.load(Ordering::Relaxed))),
            };
            Some(control::text("goodbye", &goodbye))
        }
        End::TooManyTenants => {
            let report = ErrorReport {
                code: "too_many".into(),
                message: "this gateway has no room for another tenant".into(),
                retry_after_ms: Some(RETRY_MS),
            };
            Some(control::text("error", &report))
        }
        _ => None,
    };
    if let Some(frame) = end.close_frame() {
        let farewell = async {
            if let Some(text) = farewell {
                let _ = sink.feed(Message::text(text)).await;
            }
            close(&mut sink, &mut stream, frame).await;
        };
        // Whether it worked makes no difference: the socket goes either way.
        let _ = timeout(around.limits.close, farewell).await;
    }
}

/// Reconnects of many clients are spread out: 10 ms each, one second to ten.
fn spread(clients: u64) -> u64 {
    fastrand::u64(0..=(10 * clients).clamp(1_000, 10_000))
}

async fn greet<S>(
    stream: &mut SplitStream<WebSocketStream<S>>,
    around: Surroundings<'_>,
) -> Result<(Hello, Arc<Tenant>, Topics), End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let text = loop {
        match stream.next().await {
            Some(Ok(Message::Text(text))) => break text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Binary(_))) => return Err(End::bad("the first frame must be hello")),
            Some(Err(error)) => return Err(End::of(&error)),
            Some(Ok(_)) | None => return Err(End::Left),
        }
    };
    let message = match Frame::parse(&Bytes::from(text)) {
        Ok(Frame::Single(message)) => message,
        Ok(Frame::Batch(_)) => return Err(End::bad("the first frame must be hello")),
        Err(invalid) => return Err(End::bad(invalid)),
    };
    let hello = match ClientControl::of(&message) {
        Ok(Some(ClientControl::Hello(hello))) => hello,
        Ok(_) => return Err(End::bad("the first frame must be hello")),
        Err(invalid) => return Err(End::bad(invalid)),
    };
    let name = hello.tenant.as_deref().unwrap_or(DEFAULT_TENANT);
    if !is_tenant_name(name) {
        return Err(End::bad("a tenant is named by 1 to 64 of a-z, 0-9, _ and -"));
    }
    if !around.access.admits(name) {
        return Err(End::Forbidden);
    }
    let topics = if hello.topics.is_empty() {
        Topics::everything()
    } else {
        Topics::default().with(&hello.topics).map_err(End::bad)?
    };
    let tenant = around.hub.tenant(name).await.map_err(|error| match error {
        TenantError::TooMany => End::TooManyTenants,
        TenantError::Log(error) => {
            debug!(%error, "a client came before the log");
            End::Unavailable
        }
    })?;
    debug!(client = %hello.client, tenant = name, "hello");
    Ok((hello, tenant, topics))
}

async fn converse<S>(
    sink: &mut futures_util::stream::SplitSink<WebSocketStream<S>, Message>,
    stream: &mut SplitStream<WebSocketStream<S>>,
    around: Surroundings<'_>,
    hello: &Hello,
    tenant: &Arc<Tenant>,
    topics: Topics,
) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let position = AtomicU64::new(tenant.board.head());
    let (commands, receiver) = mpsc::channel(ANSWERS);
    let mut reader = Reader::new(around, tenant, commands);
    let codec = hello.compress.first().copied();
    let mut writer = Writer::new(sink, tenant, around, topics, codec, &position);
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
        end = writer.run(hello, receiver) => end,
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
        Counters::add(&counters.clients, 1);
        Counters::add(&counters.sessions, 1);
        Self(counters)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.clients.fetch_sub(1, Ordering::Relaxed);
        self.0.sessions.fetch_sub(1, Ordering::Relaxed);
    }
}
