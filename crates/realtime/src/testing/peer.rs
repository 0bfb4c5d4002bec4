use std::fmt;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use thiserror::Error;
use tokio_tungstenite::tungstenite::Message as WsMessage;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};
use wire::{Frame, HEARTBEAT, Heartbeat, Invalid, Message};

use crate::Mode;
use crate::transport::ByteStream;

/// A client, seen from the server.
pub struct Peer {
    socket: WebSocketStream<Box<dyn ByteStream>>,
    request: UpgradeRequest,
}

/// What a client said when it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpgradeRequest {
    /// Path and query.
    pub target: String,
    /// The whole header, `Bearer …`; `None` when there was none.
    pub authorization: Option<String>,
    /// The sub-protocols it offered.
    pub protocols: Vec<String>,
}

/// Why a client did not do what it should.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum PeerError {
    /// It asked for something else than an upgrade, or left.
    #[error("no upgrade came: {0}")]
    Upgrade(String),
    /// The client has closed the connection, with this code if it gave one.
    #[error("the client has closed the connection (code {code:?})")]
    Closed { code: Option<u16> },
    /// The stream ended or broke without a close frame.
    #[error("the connection is gone: {0}")]
    Lost(String),
    /// It sent text that is no envelope.
    #[error("the client sent what is no message: {0}")]
    NoMessage(#[from] Invalid),
    /// It sent a binary frame, which clients do not.
    #[error("the client sent a binary frame of {bytes} bytes")]
    Binary { bytes: usize },
}

impl Peer {
    /// Answers the upgrade request on a stream. In v1 mode the sub-protocol is selected if the client offers it.
    ///
    /// # Errors
    /// [`PeerError::Upgrade`] when none comes.
    #[expect(clippy::result_large_err, reason = "the shape of the callback is given")]
    pub async fn accept(stream: impl ByteStream + 'static, mode: Mode) -> Result<Self, PeerError> {
        let mut found = UpgradeRequest::default();
        let callback = |request: &Request, mut response: Response| {
            let header = |name| request.headers().get(name).and_then(|v| v.to_str().ok());
            found.target = request.uri().to_string();
            found.authorization = header(AUTHORIZATION).map(str::to_owned);
            let offered = header(SEC_WEBSOCKET_PROTOCOL).unwrap_or_default().split(',');
            found.protocols = offered.map(|p| p.trim().to_owned()).collect();
            found.protocols.retain(|protocol| !protocol.is_empty());
            if mode == Mode::V1 && found.protocols.iter().any(|p| p == wire::control::V1) {
                let name = HeaderValue::from_static(wire::control::V1);
                response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, name);
            }
            Ok(response)
        };
        let stream: Box<dyn ByteStream> = Box::new(stream);
        let socket = accept_hdr_async(stream, callback).await;
        let socket = socket.map_err(|error| PeerError::Upgrade(error.to_string()))?;
        Ok(Self { socket, request: found })
    }

    /// What it said when it came.
    #[must_use]
    pub fn request(&self) -> &UpgradeRequest {
        &self.request
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`PeerError::Lost`].
    pub async fn send(&mut self, message: &Message) -> Result<(), PeerError> {
        self.send_text(message.to_json()).await
    }

    /// Sends a text frame, whatever it holds.
    ///
    /// # Errors
    /// [`PeerError::Lost`].
    pub async fn send_text(&mut self, text: impl Into<String>) -> Result<(), PeerError> {
        self.socket.send(WsMessage::text(text.into())).await.map_err(lost)
    }

    /// Sends a binary frame.
    ///
    /// # Errors
    /// [`PeerError::Lost`].
    pub async fn send_binary(&mut self, bytes: impl Into<Bytes>) -> Result<(), PeerError> {
        self.socket.send(WsMessage::Binary(bytes.into())).await.map_err(lost)
    }

    /// The next message of the client, heartbeats answered and left out. Cancel safe but for such an answer.
    ///
    /// # Errors
    /// Every kind but [`PeerError::Upgrade`].
    pub async fn next(&mut self) -> Result<Message, PeerError> {
        loop {
            let text = self.next_text().await?;
            match Frame::parse(text.clone())? {
                Frame::Single(message) if message.ty() == HEARTBEAT => {
                    if let Ok(Heartbeat { timestamp, .. }) = message.decode() {
                        let answer = Heartbeat { timestamp, server_time: None };
                        self.send(&Message::new(HEARTBEAT, &answer, timestamp, None)?).await?;
                    }
                }
                Frame::Single(message) => return Ok(message),
                Frame::Batch(_) => {
                    // Looked at as the one frame it is; whoever wants its parts reads the text.
                    let reason = "a batch where one message was expected";
                    return Err(Invalid::new(wire::InvalidKind::Batch, reason, &text).into());
                }
            }
        }
    }

    /// The next text frame of the client. Pings are answered on the way. Cancel safe.
    ///
    /// # Errors
    /// [`PeerError::Closed`], [`PeerError::Lost`], [`PeerError::Binary`].
    pub async fn next_text(&mut self) -> Result<Bytes, PeerError> {
        loop {
            match self.socket.next().await {
                Some(Ok(WsMessage::Text(text))) => return Ok(text.into()),
                Some(Ok(WsMessage::Binary(data))) => {
                    return Err(PeerError::Binary { bytes: data.len() });
                }
                Some(Ok(WsMessage::Close(frame))) => {
                    // The answer is queued; one more look sends it.
                    let _ = self.socket.next().await;
                    let code = frame.map(|frame| frame.code.into());
                    return Err(PeerError::Closed { code });
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(lost(error)),
                None => return Err(PeerError::Lost("end of stream".into())),
            }
        }
    }

    /// Closes with a code, and waits until the client has agreed or is gone.
    pub async fn close(mut self, code: u16, reason: &str) {
        let frame = CloseFrame { code: code.into(), reason: reason.into() };
        if self.socket.close(Some(frame)).await.is_ok() {
            while let Some(Ok(_)) = self.socket.next().await {}
        }
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer").field("request", &self.request).finish_non_exhaustive()
    }
}

fn lost(error: tokio_tungstenite::tungstenite::Error) -> PeerError {
    PeerError::Lost(error.to_string())
}
