//! The gateway over real loopback sockets, in plain mode.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

mod access;
mod connections;
mod messages;

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use gateway::{Access, Gateway, Limits, Source, Stats};
use proving::patience::PATIENCE;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn relay() -> Gateway {
    relay_with(Limits::default()).await
}

async fn relay_with(limits: Limits) -> Gateway {
    Gateway::bind_with(loopback(), Access::open(), Source::Relay, limits).await.unwrap()
}

fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

async fn connect(url: &str, headers: &[(&'static str, &str)]) -> Result<Client, Error> {
    let mut request = url.into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    timeout(PATIENCE, connect_async(request)).await.expect("an answer").map(|(client, _)| client)
}

/// A client the gateway already knows of.
async fn join(gateway: &Gateway) -> Client {
    let before = gateway.stats().clients;
    let client = connect(&gateway.url(), &[]).await.unwrap();
    until(|| gateway.stats(), |stats| stats.clients > before).await;
    client
}

async fn until(read: impl Fn() -> Stats, reached: impl Fn(&Stats) -> bool) {
    let wait = async {
        while !reached(&read()) {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("never reached: {:?}", read()));
}

async fn next(client: &mut Client) -> Message {
    let next = timeout(PATIENCE, client.next()).await.expect("a message in time");
    next.expect("not the end").expect("no error")
}

async fn next_json(client: &mut Client) -> Value {
    loop {
        if let Message::Text(text) = next(client).await {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

async fn send(client: &mut Client, message: &Value) {
    client.send(Message::text(message.to_string())).await.unwrap();
}

fn status(result: Result<Client, Error>) -> u16 {
    match result {
        Err(Error::Http(response)) => response.status().as_u16(),
        other => panic!("not an HTTP refusal: {other:?}"),
    }
}

async fn close_code(client: &mut Client) -> u16 {
    loop {
        if let Message::Close(frame) = next(client).await {
            return frame.expect("a reason").code.into();
        }
    }
}

async fn http(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("an answer").unwrap();
    answer
}
