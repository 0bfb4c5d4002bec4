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

/// An open WebSocket that is read in turns and written without waiting.
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

/// How much may be read in one turn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TurnLimit {
    pub(crate) frames: usize,
    pub(crate) bytes: usize,
}

/// How a turn of reading went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Size of the messages, inflated.
    pub(crate) bytes: usize,
    pub(crate) left: Left,
}

/// What there was to read when a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    Nothing,
    /// More than one turn may take.
    Something,
}

impl Socket {
    /// Of a stream whose opening handshake is done.
    pub(super) fn new(stream: Rewound<Metered>, config: WebSocketConfig) -> Self {
        let stream = Unblocked::new(stream);
        let socket = WebSocket::from_raw_socket(stream, Role::Client, Some(config));
        Self { socket, unflushed: false }
    }

    /// Waits until something has come in, or what was written has left, and tells it together with all else that is
    /// there. A message is told as soon as it was read, while its text is still next to the processor, and nothing is
    /// told by a call that does not return. So it is cancel safe. `tell` answers how much larger than itself the message
    /// has become by being inflated: a turn may take no more of that either.
    pub(crate) async fn next(
        &mut self,
        reading: Reading,
        limit: TurnLimit,
        mut tell: impl FnMut(TransportEvent) -> usize,
    ) -> Turn {
        poll_fn(|cx| self.poll_turn(cx, reading, limit, &mut tell)).await
    }

    fn poll_turn(
        &mut self,
        cx: &mut Context<'_>,
        reading: Reading,
        limit: TurnLimit,
        tell: &mut impl FnMut(TransportEvent) -> usize,
    ) -> Poll<Turn> {
        self.socket.get_mut().wakes(cx.waker());
        let mut told = 0;
        if self.unflushed {
            match self.socket.flush() {
                // Closed: there is nothing left to be written.
                Ok(()) | Err(WsError::ConnectionClosed) => {
                    self.unflushed = false;
                    told += 1;
                    tell(TransportEvent::Flushed);
                }
                Err(error) if would_block(&error) => {}
                // A write that fails tells less than what the peer sent before it left: read that first.
                Err(_) if reading == Reading::Yes => self.unflushed = false,
                Err(error) => {
                    self.unflushed = false;
                    told += 1;
                    tell(ended(error));
                }
            }
        }
        let (mut bytes, mut left) = (0, Left::Something);
        // What one read brought, and what it took to find that there is no more. Going on for as long as there is more
        // would have the first message wait for the last of a steady stream.
        let fills = self.fills() + 1;
        while reading == Reading::Yes
            && told < limit.frames
            && bytes < limit.bytes
            && self.fills() <= fills
        {
            let event = match self.socket.read() {
                Ok(Message::Text(text)) => {
                    bytes += text.len();
                    told += 1;
                    // Nearly all there is. Below, it would first be put down and then looked at again.
                    bytes += tell(TransportEvent::Text(text));
                    continue;
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
                Err(error) if would_block(&error) => {
                    left = Left::Nothing;
                    break;
                }
                Err(error) => ended(error),
            };
            let last = matches!(
                event,
                TransportEvent::Closed { .. }
                    | TransportEvent::Lost { .. }
                    | TransportEvent::Refused(_)
            );
            told += 1;
            bytes += tell(event);
            if last {
                left = Left::Nothing;
                break;
            }
        }
        if told == 0 { Poll::Pending } else { Poll::Ready(Turn { bytes, left }) }
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

    use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf, empty};

    use super::super::ByteStream;
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

    const LIMIT: TurnLimit = TurnLimit { frames: 256, bytes: 1 << 20 };

    fn count(told: &mut usize) -> impl FnMut(TransportEvent) -> usize {
        |_| {
            *told += 1;
            0
        }
    }

    fn socket(stream: impl ByteStream + 'static) -> Socket {
        let metered = Metered::new(Box::new(stream), Arc::new(Meter::default()));
        Socket::new(Rewound::new(Bytes::new(), metered), WebSocketConfig::default())
    }

    #[tokio::test]
    async fn no_message_waits_for_those_that_come_after_it() {
        let mut told = 0;
        let turn = socket(Steady).next(Reading::Yes, LIMIT, count(&mut told)).await;
        assert_eq!((told, turn), (2, Turn { bytes: 4, left: Left::Something }));
    }

    #[tokio::test]
    async fn all_that_is_there_is_told_in_order_and_that_it_was_all() {
        let (near, mut far) = tokio::io::duplex(1_024);
        far.write_all(b"\x81\x011\x82\x012\x8a\x00\x81\x013").await.unwrap();
        let mut told = Vec::new();
        let keep = |event| {
            told.push(event);
            0
        };
        let turn = socket(near).next(Reading::Yes, LIMIT, keep).await;
        assert_eq!(turn, Turn { bytes: 3, left: Left::Nothing });
        let told: Vec<_> = told.iter().map(|event| format!("{event:?}")).collect();
        assert!(told[0].starts_with("Text") && told[1].starts_with("Binary"), "{told:?}");
        assert!(told[2] == "Pong" && told[3].starts_with("Text"), "{told:?}");
        assert_eq!(told.len(), 4);
    }

    #[tokio::test]
    async fn a_turn_takes_no_more_than_it_may_and_the_next_one_the_rest() {
        let (near, mut far) = tokio::io::duplex(1_024);
        far.write_all(b"\x81\x011\x81\x012\x81\x013").await.unwrap();
        let mut socket = socket(near);
        let mut told = 0;
        let two = TurnLimit { frames: 2, ..LIMIT };
        let turn = socket.next(Reading::Yes, two, count(&mut told)).await;
        assert_eq!((told, turn.left), (2, Left::Something));
        let turn = socket.next(Reading::Yes, two, count(&mut told)).await;
        assert_eq!((told, turn.left), (3, Left::Nothing));
    }

    #[tokio::test]
    async fn what_a_message_has_become_counts_as_what_it_was() {
        let (near, mut far) = tokio::io::duplex(1_024);
        far.write_all(b"\x82\x011\x82\x012\x82\x013").await.unwrap();
        let mut told = 0;
        let inflating = |_| {
            told += 1;
            LIMIT.bytes / 2
        };
        let turn = socket(near).next(Reading::Yes, LIMIT, inflating).await;
        assert_eq!((told, turn), (2, Turn { bytes: LIMIT.bytes + 2, left: Left::Something }));
    }
}
