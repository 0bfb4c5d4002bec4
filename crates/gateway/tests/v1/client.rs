//! A client that knows nothing but WebSocket and JSON.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use wire::Compressed;

use super::PATIENCE;

pub(crate) type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) async fn open(url: &str, protocol: Option<&'static str>, token: Option<&str>) -> Client {
    let mut request = url.into_client_request().unwrap();
    if let Some(protocol) = protocol {
        request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
    }
    if let Some(token) = token {
        let bearer = format!("Bearer {token}");
        request.headers_mut().insert("authorization", bearer.parse().unwrap());
    }
    let connected = timeout(PATIENCE, connect_async(request)).await.expect("an answer");
    let (client, response) = connected.unwrap();
    let selected = response.headers().get("sec-websocket-protocol");
    assert_eq!(selected.map(|value| value.to_str().unwrap()), protocol);
    client
}

/// A session that has said hello, and its welcome.
pub(crate) async fn hello(url: &str, data: Value) -> (Client, Value) {
    let mut client = open(url, Some("vaultwatch.v1"), None).await;
    let mut all = json!({"client": "test/1", "topics": [], "compress": [], "resume": null});
    all.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
    send(&mut client, "hello", all).await;
    let welcome = next(&mut client).await;
    assert_eq!(welcome["type"], "welcome");
    (client, welcome["data"].clone())
}

/// A session past its snapshot.
pub(crate) async fn live(url: &str, data: Value) -> (Client, Value) {
    let (mut client, welcome) = hello(url, data).await;
    until(&mut client, "snapshot_end").await;
    (client, welcome)
}

pub(crate) async fn send(client: &mut Client, ty: &str, data: Value) {
    say(client, json!({"type": ty, "data": data, "timestamp": 1})).await;
}

pub(crate) async fn say(client: &mut Client, message: Value) {
    client.send(Message::text(message.to_string())).await.unwrap();
}

pub(crate) async fn publish(client: &mut Client, id: &str, ty: &str, data: Value) -> Value {
    say(client, json!({"type": ty, "data": data, "timestamp": 1, "id": id})).await;
    loop {
        let answer = next(client).await;
        if answer["type"] == "ack" || answer["type"] == "nack" {
            assert_eq!(answer["data"]["id"], id);
            return answer;
        }
    }
}

pub(crate) async fn frame(client: &mut Client) -> Message {
    loop {
        let next = timeout(PATIENCE, client.next()).await.expect("a message in time");
        match next.expect("not the end").expect("no error") {
            Message::Ping(_) | Message::Pong(_) => {}
            other => return other,
        }
    }
}

pub(crate) async fn next(client: &mut Client) -> Value {
    match frame(client).await {
        Message::Text(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("not text: {other:?}"),
    }
}

/// Everything up to a message of this type, which comes last.
pub(crate) async fn until(client: &mut Client, ty: &str) -> Vec<Value> {
    let mut messages = Vec::new();
    loop {
        messages.push(next(client).await);
        if messages.last().unwrap()["type"] == ty {
            return messages;
        }
    }
}

pub(crate) async fn close_code(client: &mut Client) -> u16 {
    loop {
        if let Message::Close(reason) = frame(client).await {
            return reason.expect("a reason").code.into();
        }
    }
}

pub(crate) fn offsets(messages: &[Value]) -> Vec<(u64, u64)> {
    let offset = |m: &Value, name| m[name].as_u64();
    messages.iter().filter_map(|m| Some((offset(m, "prev")?, offset(m, "offset")?))).collect()
}

/// Frames up to a message of this type, each with what it comes to as text.
pub(crate) async fn frames_until(client: &mut Client, ty: &str) -> Vec<(usize, Value)> {
    let mut frames: Vec<(usize, Value)> = Vec::new();
    loop {
        let text = match frame(client).await {
            Message::Text(text) => text.to_string(),
            Message::Binary(bytes) => Compressed::open(&bytes, 4_096).unwrap().to_json(),
            other => panic!("{other:?}"),
        };
        frames.push((text.len(), serde_json::from_str(&text).unwrap()));
        if frames.last().unwrap().1["type"] == ty {
            return frames;
        }
    }
}
