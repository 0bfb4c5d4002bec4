//! A client in plain mode that knows nothing but WebSocket and JSON.

use std::time::Duration;

use futures_util::StreamExt;
pub(crate) use proving::patience::PATIENCE;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

#[derive(Debug)]
pub(crate) struct Plain(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Plain {
    pub(crate) async fn connect(url: &str) -> Self {
        Self::try_connect(url).await.unwrap()
    }

    pub(crate) async fn try_connect(url: &str) -> Result<Self, Error> {
        let connected = timeout(PATIENCE, connect_async(url)).await.expect("an answer");
        connected.map(|(client, _)| Self(client))
    }

    /// The next message, unless there is none for so long or the connection is over.
    pub(crate) async fn within(&mut self, time: Duration) -> Option<Message> {
        timeout(time, self.0.next()).await.ok()??.ok()
    }

    pub(crate) async fn next(&mut self) -> Message {
        let next = timeout(PATIENCE, self.0.next()).await.expect("a message in time");
        next.expect("not the end").expect("no error")
    }

    /// The next envelope that fits.
    pub(crate) async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            if let Message::Text(text) = self.next().await
                && let Ok(message) = serde_json::from_str::<Value>(&text)
                && fits(&message)
            {
                return message;
            }
        }
    }
}
