use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::Error as SocketError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tracing::debug;
use wire::control::is_reserved;
use wire::{Frame, HEARTBEAT, Heartbeat, Invalid, InvalidKind};

use super::access::{Lapse, lapsed};
use super::allowance::{Allowance, spend};
use super::hub::Hub;
use super::occupancy::Presence;
use super::published::Published;
use super::refusals::Reason;
use super::session::Surroundings;
use super::stats::Counters;
use super::tenant::{Seat, Tenant};
use crate::feed::wall_clock;
use crate::log::LogError;

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
    Lapsed(Lapse),
    /// The log cannot be read any more.
    NoLog,
    /// The log did not take what it sent.
    NotStored,
    ShuttingDown,
}

/// Close codes of a client whose token holds no longer, and of one that reads too slowly.
const UNAUTHORISED: u16 = 4401;
const SLOW_READER: u16 = 4409;

/// Serves one upgraded connection until it ends.
pub(super) async fn serve<S>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    stream: &mut SplitStream<WebSocketStream<S>>,
    around: Surroundings<'_>,
    tenant: &Arc<Tenant>,
    presence: &Presence,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Surroundings { hub, limits, .. } = around;
    let end = {
        let seat = Seat::take(hub, tenant, &around.grant.borrow().read);
        let reader = Reader { around, seat: &seat, of_tenant: &presence.party().allowance };
        // Reading goes on while a write hangs: a client's heartbeats must not wait for its own slowness.
        tokio::select! {
            biased;
            () = around.shutdown.cancelled() => End::ShuttingDown,
            () = seat.queue.overflowed() => End::Slow,
            lapse = lapsed(around.access, around.grant) => End::Lapsed(lapse),
            () = tenant.losing_track() => End::NoLog,
            end = reader.read(stream) => end,
            end = write(sink, &seat, &hub.counters) => end,
        }
    };
    debug!(?end, "client gone");
    if end == End::Slow {
        Counters::add(&hub.counters.slow, 1);
    }
    // Whether it worked makes no difference: the socket goes either way.
    let _ = timeout(limits.close, Box::pin(bid_farewell(sink, stream, end))).await;
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
            Self::Lapsed(lapse) => (CloseCode::from(UNAUTHORISED), lapse.reason()),
            Self::NoLog => (CloseCode::Again, "the log is not available: try again"),
            Self::NotStored => (
                CloseCode::Again,
                "the log takes nothing now: your last message is not stored, send it again later",
            ),
            Self::ShuttingDown => (CloseCode::Away, "the gateway is shutting down"),
        };
        Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) })
    }
}

async fn write<S>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    seat: &Seat,
    counters: &Counters,
) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        let entries = seat.queue.take().await;
        // Counted by the batch: every client adds to the same figures.
        let (mut count, mut bytes) = (0, 0);
        for message in seat.tenant.board.resolve(entries) {
            count += 1;
            bytes += message.len() as u64;
            if sink.feed(message).await.is_err() {
                return End::Left;
            }
        }
        if sink.flush().await.is_err() {
            return End::Left;
        }
        Counters::add(&counters.delivered, count);
        Counters::add(&counters.sent_bytes, bytes);
    }
}

/// The half that listens to the client.
struct Reader<'a> {
    around: Surroundings<'a>,
    seat: &'a Seat,
    of_tenant: &'a Allowance,
}

impl Reader<'_> {
    async fn read<S>(&self, stream: &mut SplitStream<WebSocketStream<S>>) -> End
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut pinged = false;
        let limits = self.around.limits;
        let own = Allowance::new(limits.publish_rate, limits.address_bytes);
        loop {
            let Ok(received) = timeout(limits.silence, stream.next()).await else {
                if pinged {
                    return End::Silent;
                }
                pinged = true;
                self.seat.queue.put_reply(Message::Ping(Bytes::new()));
                continue;
            };
            pinged = false;
            if let Some(Ok(message)) = &received {
                self.wait(&own, message.len()).await;
            }
            let result = match received {
                None => return End::Left,
                Some(Err(SocketError::Capacity(_))) => return End::TooLarge,
                Some(Err(SocketError::Protocol(_) | SocketError::Utf8(_))) => return End::Broken,
                Some(Err(_)) => return End::Left,
                // On the heap while it lasts: an idle connection should not have room for it.
                Some(Ok(Message::Text(text))) => Box::pin(self.receive(text, &own)).await,
                Some(Ok(Message::Binary(bytes))) => {
                    let reason = "plain mode has no binary frames";
                    self.reject(&Invalid::new(InvalidKind::NotText, reason, &bytes));
                    Ok(())
                }
                // Pings and closes are answered by the protocol layer while it is read from.
                Some(Ok(_)) => Ok(()),
            };
            if let Err(end) = result {
                return end;
            }
        }
    }

    /// Plain mode has no word for a refusal. Whoever sends too much is not read from for a while, so that the sender
    /// waits and nothing is lost.
    async fn wait(&self, own: &Allowance, bytes: usize) {
        Counters::add(&self.around.hub.counters.received_bytes, bytes as u64);
        let allowances = [own, self.of_tenant, &self.around.visitor.address.allowance];
        while let Err(wait) = spend(&allowances, 1, bytes, Instant::now()) {
            self.around.refuse(Reason::Rate);
            sleep(wait).await;
        }
    }

    /// A text frame from a client: an answer, a broadcast, or a count of what was wrong with it.
    async fn receive(&self, text: Utf8Bytes, own: &Allowance) -> Result<(), End> {
        match Frame::parse_text(text.clone()) {
            // The frame goes on as it came, byte for byte.
            Ok(Frame::Single(message)) => self.accept(&message, text).await?,
            Ok(Frame::Batch(messages)) => {
                for (n, message) in messages.into_iter().enumerate() {
                    // The frame is paid for, and with it the first of them; the bytes of all.
                    if n > 0 {
                        self.wait(own, 0).await;
                    }
                    match message {
                        Ok(message) => self.accept(&message, message.to_json().into()).await?,
                        Err(invalid) => self.reject(&invalid),
                    }
                }
            }
            Err(invalid) => self.reject(&invalid),
        }
        Ok(())
    }

    /// # Errors
    /// [`End::NotStored`]: plain mode has no word for it, and a sender that is not told would take it for sent.
    async fn accept(&self, message: &wire::Message, text: Utf8Bytes) -> Result<(), End> {
        if message.ty() == HEARTBEAT {
            self.answer(message, &text);
            return Ok(());
        }
        let invalid = if is_reserved(message.ty()) {
            // Whoever reads the log in `vaultwatch.v1` would take it for the gateway's own word.
            let reason = format!("`{}` is reserved", message.ty());
            Invalid::new(InvalidKind::Control, reason, text.as_bytes()).with_field("type")
        } else if text.len() > self.around.limits.published_bytes() {
            let most = self.around.limits.published_bytes();
            let reason = format!("{} bytes, {most} are allowed", text.len());
            Invalid::new(InvalidKind::TooLarge, reason, text.as_bytes())
        } else {
            match Published::classify(message, text) {
                Ok(published) => return self.publish(published).await,
                Err(invalid) => invalid,
            }
        };
        self.reject(&invalid);
        Ok(())
    }

    async fn publish(&self, published: Published) -> Result<(), End> {
        if !published.is_within(&self.around.grant.borrow().publish) {
            self.around.refuse(Reason::Forbidden);
            debug!(ty = %published.ty, "the token may not publish this");
            return Ok(());
        }
        let text = published.text.clone();
        match self.seat.tenant.publish(Some(self.seat.id), vec![published]).await {
            Ok(_) => Ok(()),
            Err(error @ LogError::TooLarge { .. }) => {
                let reason = error.to_string();
                self.reject(&Invalid::new(InvalidKind::TooLarge, reason, text.as_bytes()));
                Ok(())
            }
            Err(error) => {
                debug!(%error, "not stored");
                self.around.refuse(Reason::Log);
                Err(End::NotStored)
            }
        }
    }

    fn answer(&self, message: &wire::Message, text: &Utf8Bytes) {
        match message.decode::<Heartbeat>() {
            Ok(heartbeat) => self.seat.queue.put_reply(Message::Text(answer(heartbeat).into())),
            Err(e) => {
                let invalid = Invalid::new(InvalidKind::Payload, e.to_string(), text.as_bytes());
                self.reject(&invalid.with_field("data"));
            }
        }
    }

    fn reject(&self, invalid: &Invalid) {
        reject(invalid, self.around.hub);
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
