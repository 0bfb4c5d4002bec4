use futures_util::{SinkExt, StreamExt};
use gateway::Gateway;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::{PATIENCE, now};

/// A client of `vaultwatch.v1`.
pub(crate) struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    pub(crate) async fn join(gateway: &Gateway, tenant: &str) -> Self {
        Self::at(&gateway.url(), tenant).await
    }

    pub(crate) async fn at(url: &str, tenant: &str) -> Self {
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "vaultwatch.v1".parse().unwrap());
        let (socket, _) = timeout(PATIENCE, connect_async(request)).await.unwrap().unwrap();
        let mut client = Self(socket);
        let data = json!({"client": "test/1", "tenant": tenant, "topics": ["*"], "compress": [], "resume": null});
        client.say(json!({"type": "hello", "data": data, "timestamp": 1})).await;
        client.until(|m| m["type"] == "snapshot_end").await;
        client
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    pub(crate) async fn publish(&mut self, ty: &str, data: Value) {
        let id = format!("{:x}", fastrand::u64(..));
        self.say(json!({"type": ty, "data": data, "timestamp": now(), "id": id})).await;
        self.until(|m| m["type"] == "ack" && m["data"]["id"] == id.as_str()).await;
    }

    pub(crate) async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let next = timeout(PATIENCE, self.0.next()).await.expect("a message in time");
            if let Message::Text(text) = next.unwrap().unwrap() {
                let message: Value = serde_json::from_str(&text).unwrap();
                if fits(&message) {
                    return message;
                }
            }
        }
    }
}
