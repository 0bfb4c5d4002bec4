use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Sink, SinkExt, Stream};
use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error as WsError, Message, error::ProtocolError};

use super::metered::Metered;
use super::rewound::Rewound;
use crate::FrameFault;
use crate::machine::TransportEvent;

/// An open WebSocket that is read in batches and written without waiting.
pub(crate) struct Socket {
    stream: WebSocketStream<Rewound<Metered>>,
    /// Something was written that may not have left yet.
    unflushed: bool,
}

/// Whether to read. Not when the application is slow: then the server has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Yes,
    Paused,
}

/// How much one batch may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchLimit {
    pub(crate) frames: usize,
    pub(crate) bytes: usize,
}

impl Socket {
    pub(super) fn new(stream: WebSocketStream<Rewound<Metered>>) -> Self {
        Self { stream, unflushed: false }
    }

    /// Waits until something has come in, or what was written has left, and appends it to the batch together with
    /// all else that is there. Returns the size of the messages. Cancel safe.
    pub(crate) async fn next(
        &mut self,
        reading: Reading,
        limit: BatchLimit,
        batch: &mut Vec<TransportEvent>,
    ) -> usize {
        poll_fn(|cx| self.poll_batch(cx, reading, limit, batch)).await
    }

    fn poll_batch(
        &mut self,
        cx: &mut Context<'_>,
        reading: Reading,
        limit: BatchLimit,
        batch: &mut Vec<TransportEvent>,
    ) -> Poll<usize> {
        if self.unflushed {
            match Pin::new(&mut self.stream).poll_flush(cx) {
                Poll::Ready(Ok(())) => {
                    self.unflushed = false;
                    batch.push(TransportEvent::Flushed);
                }
                // A write that fails tells less than what the peer sent before it left: read that first.
                Poll::Ready(Err(_)) if reading == Reading::Yes => self.unflushed = false,
                Poll::Ready(Err(error)) => {
                    self.unflushed = false;
                    batch.push(ended(error));
                }
                Poll::Pending => {}
            }
        }
        let mut bytes = 0;
        while reading == Reading::Yes && batch.len() < limit.frames && bytes < limit.bytes {
            let event = match Pin::new(&mut self.stream).poll_next(cx) {
                Poll::Pending => break,
                Poll::Ready(Some(Ok(Message::Text(text)))) => {
                    bytes += text.len();
                    TransportEvent::Text(text.into())
                }
                Poll::Ready(Some(Ok(Message::Binary(data)))) => {
                    bytes += data.len();
                    TransportEvent::Binary(data)
                }
                Poll::Ready(Some(Ok(Message::Ping(_)))) => {
                    // The answer is queued already and leaves with the flush.
                    self.unflushed = true;
                    TransportEvent::Activity
                }
                Poll::Ready(Some(Ok(Message::Pong(_)))) => TransportEvent::Pong,
                Poll::Ready(Some(Ok(Message::Close(frame)))) => {
                    // The server waits for our answer before it hangs up; one try has to do.
                    let _ = Pin::new(&mut self.stream).poll_flush(cx);
                    closed(frame)
                }
                Poll::Ready(Some(Ok(Message::Frame(_)))) => continue,
                Poll::Ready(Some(Err(error))) => ended(error),
                Poll::Ready(None) => TransportEvent::Lost { reason: "end of stream".into() },
            };
            let last = matches!(
                event,
                TransportEvent::Closed { .. }
                    | TransportEvent::Lost { .. }
                    | TransportEvent::Refused(_)
            );
            batch.push(event);
            if last {
                break;
            }
        }
        if batch.is_empty() { Poll::Pending } else { Poll::Ready(bytes) }
    }

    /// Puts a text message into the write buffer; [`next`](Self::next) sees to it that it leaves.
    pub(crate) fn write(&mut self, text: String) -> Result<(), TransportEvent> {
        self.start_send(Message::text(text))
    }

    pub(crate) fn ping(&mut self) -> Result<(), TransportEvent> {
        self.start_send(Message::Ping(Bytes::new()))
    }

    /// Begins a clean close. Reading goes on until the server's answer.
    pub(crate) fn close(&mut self, code: u16) -> Result<(), TransportEvent> {
        self.start_send(Message::Close(Some(close_frame(code))))
    }

    fn start_send(&mut self, message: Message) -> Result<(), TransportEvent> {
        self.unflushed = true;
        Pin::new(&mut self.stream).start_send(message).map_err(ended)
    }

    /// Tells the server why we leave, and stays until it has hung up, for at most this long. What it still sends is
    /// read and let go: closing with unread bytes would reset the connection and take the reason with it.
    pub(crate) async fn farewell(mut self, code: u16, limit: Duration) {
        let leave = async {
            if self.stream.send(Message::Close(Some(close_frame(code)))).await.is_ok() {
                let mut stream = self.stream.into_inner();
                let mut bin = vec![0; 64 * 1024];
                while matches!(stream.read(&mut bin).await, Ok(1..)) {}
            }
        };
        let _ = timeout(limit, leave).await;
    }
}

fn close_frame(code: u16) -> CloseFrame {
    CloseFrame { code: CloseCode::from(code), reason: "".into() }
}

fn closed(frame: Option<CloseFrame>) -> TransportEvent {
    match frame {
        Some(frame) => TransportEvent::Closed {
            code: Some(frame.code.into()),
            reason: frame.reason.as_str().to_owned(),
        },
        None => TransportEvent::Closed { code: None, reason: String::new() },
    }
}

fn ended(error: WsError) -> TransportEvent {
    match error {
        WsError::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
            TransportEvent::Refused(FrameFault::TooLarge { size, limit: max_size })
        }
        WsError::Utf8(_) => TransportEvent::Refused(FrameFault::NotUtf8),
        WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            TransportEvent::Lost { reason: "the server hung up without a word".into() }
        }
        WsError::Protocol(error) => {
            TransportEvent::Refused(FrameFault::Protocol { reason: error.to_string() })
        }
        error => TransportEvent::Lost { reason: error.to_string() },
    }
}
