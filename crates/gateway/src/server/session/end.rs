use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::error::Error as SocketError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use wire::control::{ErrorReport, Goodbye};

use super::super::access::Lapse;
use super::super::refusals::Reason;
use super::{RETRY_MS, control};

/// Why a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Left,
    Silent,
    Slow,
    TooLarge,
    Broken,
    HelloTooLate,
    /// What the client said makes no sense, and why.
    BadRequest(String),
    Forbidden,
    /// A token sent within the connection opens nothing.
    Unauthorised,
    /// The token the connection stands on holds no longer.
    Lapsed(Lapse),
    TooMany(Reason),
    /// Went on sending when it had been told to wait.
    Flood {
        retry: Duration,
    },
    /// The log could not be read.
    Unavailable,
    ShuttingDown,
}

pub(in crate::server) const VERSION: u16 = 4426;
pub(in crate::server) const TOO_MANY: u16 = 4429;
/// The most a close frame can say, less what an ellipsis takes.
const REASON: usize = 120;

impl End {
    pub(super) fn bad(reason: impl ToString) -> Self {
        Self::BadRequest(reason.to_string())
    }

    pub(super) fn of(error: &SocketError) -> Self {
        match error {
            SocketError::Capacity(_) => Self::TooLarge,
            SocketError::Protocol(_) | SocketError::Utf8(_) => Self::Broken,
            _ => Self::Left,
        }
    }

    pub(super) fn close_frame(&self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Left | Self::Silent => return None,
            Self::Slow => (4409, "slow reader: too many events are waiting; resume"),
            Self::TooLarge => (1009, "message too large"),
            Self::Broken => (1002, "not the WebSocket protocol"),
            Self::HelloTooLate => (4408, "no hello in time"),
            Self::BadRequest(reason) => (4400, reason.as_str()),
            Self::Forbidden => (4403, "this tenant is not yours"),
            Self::Unauthorised => (4401, "the token was refused"),
            Self::Lapsed(lapse) => (4401, lapse.reason()),
            Self::TooMany(Reason::Tenants) => (TOO_MANY, "too many tenants"),
            Self::TooMany(_) => (TOO_MANY, "too many connections of this tenant"),
            Self::Flood { .. } => (TOO_MANY, "too many messages at a time"),
            Self::Unavailable => (1013, "the log cannot be read"),
            Self::ShuttingDown => (1012, "the gateway is restarting"),
        };
        Some(frame(code, reason))
    }

    /// What comes before the close, if there is more to say than a close frame holds.
    pub(super) fn last_word(&self, restart: u64) -> Option<String> {
        let (code, message, retry) = match self {
            Self::ShuttingDown => {
                let reason = "the gateway is restarting".into();
                let goodbye = Goodbye { reason, retry_after_ms: Some(restart) };
                return Some(control::text("goodbye", &goodbye));
            }
            Self::TooMany(Reason::Tenants) => {
                ("too_many", "this gateway has no room for another tenant", RETRY_MS)
            }
            Self::TooMany(_) => {
                ("too_many", "this tenant has as many connections as it may have", RETRY_MS)
            }
            Self::Flood { retry } => {
                let retry = u64::try_from(retry.as_millis()).unwrap_or(u64::MAX);
                ("rate_limited", "more messages or bytes than may be sent", retry.max(1_000))
            }
            _ => return None,
        };
        let (code, message) = (code.into(), message.to_owned());
        let report = ErrorReport { code, message, retry_after_ms: Some(retry) };
        Some(control::text("error", &report))
    }
}

fn frame(code: u16, reason: &str) -> CloseFrame {
    let mut end = reason.len().min(REASON);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    CloseFrame { code: CloseCode::from(code), reason: reason[..end].to_owned().into() }
}

/// Closes and waits for the answer: dropping a socket with unread input resets it, and the close would be lost.
pub(in crate::server) async fn close<S>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    stream: &mut SplitStream<WebSocketStream<S>>,
    frame: CloseFrame,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if sink.send(Message::Close(Some(frame))).await.is_ok() {
        while let Some(Ok(_)) = stream.next().await {}
    }
}
