use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocket, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as WsError, Message, error::ProtocolError};

use super::metered::Metered;
use super::rewound::Rewound;
use super::unblocked::Unblocked;
use crate::FrameFault;
use crate::machine::TransportEvent;

/// An open WebSocket that is read in batches and written without waiting.
pub(crate) struct Socket {
    socket: WebSocket<Unblocked<Rewound<Metered>>>,
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
    /// Of a stream whose opening handshake is done.
    pub(super) fn new(stream: Rewound<Metered>, config: WebSocketConfig) -> Self {
        let stream = Unblocked::new(stream);
        let socket = WebSocket::from_raw_socket(stream, Role::Client, Some(config));
        Self { socket, unflushed: false }
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
        self.socket.get_mut().wakes(cx.waker());
        if self.unflushed {
            match self.socket.flush() {
                // Closed: there is nothing left to be written.
                Ok(()) | Err(WsError::ConnectionClosed) => {
                    self.unflushed = false;
                    batch.push(TransportEvent::Flushed);
                }
                Err(error) if would_block(&error) => {}
                // A write that fails tells less than what the peer sent before it left: read that first.
                Err(_) if reading == Reading::Yes => self.unflushed = false,
                Err(error) => {
                    self.unflushed = false;
                    batch.push(ended(error));
                }
            }
        }
        let mut bytes = 0;
        // What one read brought, and what it took to find that there is no more. Going on for as long as there is more
        // would have the first message wait for the last of a steady stream.
        let fills = self.fills() + 1;
        while reading == Reading::Yes
            && batch.len() < limit.frames
            && bytes < limit.bytes
            && self.fills() <= fills
        {
            let event = match self.socket.read() {
                Ok(Message::Text(text)) => {
                    bytes += text.len();
                    TransportEvent::Text(text)
                }
                Ok(Message::Binary(data)) => {
                    bytes += data.len();
                    TransportEvent::Binary(data)
                }
                Ok(Message::Ping(_)) => {
                    // The answer is queued already and leaves with the flush.
                    self.unflushed = true;
                    TransportEvent::Activity
                }
                Ok(Message::Pong(_)) => TransportEvent::Pong,
                Ok(Message::Close(frame)) => {
                    // The server waits for our answer before it hangs up; one try has to do.
                    let _ = self.socket.flush();
                    closed(frame)
                }
                Ok(Message::Frame(_)) => continue,
                Err(WsError::ConnectionClosed | WsError::AlreadyClosed) => {
                    TransportEvent::Lost { reason: "end of stream".into() }
                }
                Err(error) if would_block(&error) => break,
                Err(error) => ended(error),
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

    fn fills(&self) -> u64 {
        self.socket.get_ref().inner().inner().fills()
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
        match self.socket.write(message) {
            // It is in the buffer, and leaves later.
            Err(error) if would_block(&error) => Ok(()),
            written => written.map_err(ended),
        }
    }

    /// Tells the server why we leave, and stays until it has hung up, for at most this long. What it still sends is
    /// read and let go: closing with unread bytes would reset the connection and take the reason with it.
    pub(crate) async fn farewell(mut self, code: u16, limit: Duration) {
        let leave = async {
            if self.close(code).is_ok() && self.flushed().await.is_ok() {
                let mut stream = self.socket.into_inner().into_inner();
                let mut bin = vec![0; 64 * 1024];
                while matches!(stream.read(&mut bin).await, Ok(1..)) {}
            }
        };
        let _ = timeout(limit, leave).await;
    }

    async fn flushed(&mut self) -> Result<(), WsError> {
        poll_fn(|cx| {
            self.socket.get_mut().wakes(cx.waker());
            match self.socket.flush() {
                Err(error) if would_block(&error) => Poll::Pending,
                flushed => Poll::Ready(flushed),
            }
        })
        .await
    }
}

fn would_block(error: &WsError) -> bool {
    matches!(error, WsError::Io(error) if error.kind() == io::ErrorKind::WouldBlock)
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

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::sync::Arc;

    use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, empty};

    use super::super::metered::Meter;
    use super::*;

    /// Every read brings one message, and there is always another one.
    struct Steady;

    impl AsyncRead for Steady {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            buf.put_slice(b"\x81\x02{}");
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Steady {
        fn poll_write(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            Pin::new(&mut empty()).poll_write(cx, buf)
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn no_message_waits_for_those_that_come_after_it() {
        let metered = Metered::new(Box::new(Steady), Arc::new(Meter::default()));
        let stream = Rewound::new(Bytes::new(), metered);
        let mut batch = Vec::new();
        let limit = BatchLimit { frames: 256, bytes: 1 << 20 };
        Socket::new(stream, WebSocketConfig::default()).next(Reading::Yes, limit, &mut batch).await;
        assert_eq!(batch.len(), 2);
    }
}
