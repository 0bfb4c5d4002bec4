use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::Error as SocketError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_util::sync::CancellationToken;
use tracing::debug;
use wire::control::is_reserved;
use wire::{Frame, HEARTBEAT, Heartbeat, Invalid, InvalidKind};

use super::hub::{DEFAULT_TENANT, Hub};
use super::limits::Limits;
use super::published::Published;
use super::stats::Counters;
use super::tenant::Seat;
use crate::feed::wall_clock;

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The client closed, or its socket did.
    Left,
    /// Not a byte, not even an answer to a ping.
    Silent,
    /// Too far behind.
    Slow,
    TooLarge,
    /// Broke the WebSocket protocol, or sent text that is no UTF-8.
    Broken,
    /// The log cannot be read yet, or not any more.
    NoLog,
    ShuttingDown,
}

/// Close code of a client that reads too slowly.
const SLOW_READER: u16 = 4409;

/// Serves one upgraded connection until it ends.
pub(super) async fn serve<S>(
    socket: WebSocketStream<S>,
    hub: Arc<Hub>,
    limits: &Limits,
    shutdown: &CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut sink, mut stream) = socket.split();
    let end = {
        let tenant = match hub.tenant(DEFAULT_TENANT).await {
            Ok(tenant) => tenant,
            Err(error) => {
                debug!(%error, "a client came before the log");
                let _ =
                    timeout(limits.close, bid_farewell(&mut sink, &mut stream, End::NoLog)).await;
                return;
            }
        };
        let seat = Seat::take(&hub, &tenant);
        // Reading goes on while a write hangs: a client's heartbeats must not wait for its own slowness.
        tokio::select! {
            biased;
            () = shutdown.cancelled() => End::ShuttingDown,
            () = seat.queue.overflowed() => End::Slow,
            () = tenant.losing_track() => End::NoLog,
            end = read(&mut stream, &hub, &seat, limits) => end,
            end = write(&mut sink, &seat) => end,
        }
    };
    debug!(?end, "client gone");
    if end == End::Slow {
        Counters::add(&hub.counters.slow, 1);
    }
    // Whether it worked makes no difference: the socket goes either way.
    let _ = timeout(limits.close, bid_farewell(&mut sink, &mut stream, end)).await;
}

/// Says why it closes, to a client that is still there.
async fn bid_farewell<S>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    stream: &mut SplitStream<WebSocketStream<S>>,
    end: End,
) -> Result<(), SocketError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Some(frame) = end.close_frame() else { return Ok(()) };
    sink.send(Message::Close(Some(frame))).await?;
    // The answer is awaited: dropping a socket with unread input resets it, and the close would be lost.
    while let Some(message) = stream.next().await {
        message?;
    }
    Ok(())
}

impl End {
    fn close_frame(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Left | Self::Silent => return None,
            Self::Slow => {
                (CloseCode::from(SLOW_READER), "slow reader: too many events are waiting")
            }
            Self::TooLarge => (CloseCode::Size, "message too large"),
            Self::Broken => (CloseCode::Protocol, "not the WebSocket protocol"),
            Self::NoLog => (CloseCode::Again, "the log is not available: try again"),
            Self::ShuttingDown => (CloseCode::Away, "the gateway is shutting down"),
        };
        Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) })
    }
}

async fn write<S>(sink: &mut SplitSink<WebSocketStream<S>, Message>, seat: &Seat) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        let entries = seat.queue.take().await;
        for message in seat.tenant.board.resolve(entries) {
            if sink.feed(message).await.is_err() {
                return End::Left;
            }
        }
        if sink.flush().await.is_err() {
            return End::Left;
        }
    }
}

async fn read<S>(
    stream: &mut SplitStream<WebSocketStream<S>>,
    hub: &Hub,
    seat: &Seat,
    limits: &Limits,
) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut pinged = false;
    loop {
        let Ok(received) = timeout(limits.silence, stream.next()).await else {
            if pinged {
                return End::Silent;
            }
            pinged = true;
            seat.queue.put_reply(Message::Ping(Bytes::new()));
            continue;
        };
        pinged = false;
        match received {
            None => return End::Left,
            Some(Err(SocketError::Capacity(_))) => return End::TooLarge,
            Some(Err(SocketError::Protocol(_) | SocketError::Utf8(_))) => return End::Broken,
            Some(Err(_)) => return End::Left,
            Some(Ok(Message::Text(text))) => receive(text, hub, seat, limits).await,
            Some(Ok(Message::Binary(bytes))) => {
                let reason = "plain mode has no binary frames";
                reject(&Invalid::new(InvalidKind::NotText, reason, &bytes), hub);
            }
            // Pings and closes are answered by the protocol layer while it is read from.
            Some(Ok(_)) => {}
        }
    }
}

/// A text frame from a client: an answer, a broadcast, or a count of what was wrong with it.
async fn receive(text: Utf8Bytes, hub: &Hub, seat: &Seat, limits: &Limits) {
    match Frame::parse(&Bytes::from(text.clone())) {
        // The frame goes on as it came, byte for byte.
        Ok(Frame::Single(message)) => accept(&message, text, hub, seat, limits).await,
        Ok(Frame::Batch(messages)) => {
            for message in messages {
                match message {
                    Ok(message) => {
                        accept(&message, message.to_json().into(), hub, seat, limits).await;
                    }
                    Err(invalid) => reject(&invalid, hub),
                }
            }
        }
        Err(invalid) => reject(&invalid, hub),
    }
}

async fn accept(message: &wire::Message, text: Utf8Bytes, hub: &Hub, seat: &Seat, limits: &Limits) {
    if message.ty != HEARTBEAT {
        if is_reserved(&message.ty) {
            // Whoever reads the log in `vaultwatch.v1` would take it for the gateway's own word.
            let reason = format!("`{}` is reserved", message.ty);
            let invalid = Invalid::new(InvalidKind::Control, reason, text.as_bytes());
            return reject(&invalid.with_field("type"), hub);
        }
        if text.len() > limits.published_bytes() {
            let reason = format!("{} bytes, {} are allowed", text.len(), limits.published_bytes());
            return reject(&Invalid::new(InvalidKind::TooLarge, reason, text.as_bytes()), hub);
        }
        match Published::classify(message, text) {
            Ok(published) => {
                // Without an id a log has nothing to refuse but its own trouble, and plain mode cannot tell of it.
                if let Err(error) = seat.tenant.publish(Some(seat.id), vec![published]).await {
                    debug!(%error, "not stored");
                }
            }
            Err(invalid) => reject(&invalid, hub),
        }
        return;
    }
    match message.decode::<Heartbeat>() {
        Ok(heartbeat) => seat.queue.put_reply(Message::Text(answer(heartbeat).into())),
        Err(e) => {
            let sample = text.as_bytes();
            let invalid = Invalid::new(InvalidKind::Payload, e.to_string(), sample);
            reject(&invalid.with_field("data"), hub);
        }
    }
}

pub(super) fn answer(heartbeat: Heartbeat) -> String {
    let now = wall_clock();
    let data = Heartbeat { server_time: Some(now), ..heartbeat };
    let answer = wire::Message::new(HEARTBEAT, &data, now, None);
    answer.expect("a heartbeat is a valid message").to_json()
}

pub(super) fn reject(invalid: &Invalid, hub: &Hub) {
    Counters::add(&hub.counters.invalid, 1);
    hub.invalid.report(invalid);
}
