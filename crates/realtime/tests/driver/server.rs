//! A server that does what a test tells it to, on a real socket on loopback.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use realtime::{Event, Events, Inbound, Messages, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// Generous, for machines that are busy: a test waits for what it expects and never for time to pass.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("what was expected did not happen")
}

pub(crate) struct Server {
    listener: TcpListener,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub(crate) fn options(&self) -> Options {
        let address = self.listener.local_addr().unwrap();
        // The shortest delays allowed: what they are by default is the machine's affair and tested there.
        let reconnect_interval = Duration::from_millis(10);
        Options { reconnect_interval, ..Options::new(format!("ws://{address}/ws")) }
    }

    pub(crate) async fn tcp(&self) -> TcpStream {
        soon(self.listener.accept()).await.unwrap().0
    }

    pub(crate) async fn accept(&self) -> Peer {
        self.accept_request().await.0
    }

    /// The next client, and the `Authorization` it came with.
    #[expect(clippy::result_large_err, reason = "the shape of the callback is given")]
    pub(crate) async fn accept_request(&self) -> (Peer, Option<String>) {
        let mut authorization = None;
        let callback = |request: &Request, response: Response| {
            let header = request.headers().get("authorization");
            authorization = header.map(|value| value.to_str().unwrap().to_owned());
            Ok(response)
        };
        let tcp = self.tcp().await;
        let socket = soon(tokio_tungstenite::accept_hdr_async(tcp, callback)).await.unwrap();
        (Peer { socket }, authorization)
    }

    /// Refuses the next client.
    pub(crate) async fn refuse(&self, status_and_headers: &str) {
        let mut tcp = self.tcp().await;
        assert!(soon(tcp.read(&mut [0; 4096])).await.unwrap() > 0);
        let answer = format!("HTTP/1.1 {status_and_headers}\r\nContent-Length: 0\r\n\r\n");
        tcp.write_all(answer.as_bytes()).await.unwrap();
        tcp.shutdown().await.unwrap();
    }
}

/// One client, seen from the server.
pub(crate) struct Peer {
    pub(crate) socket: WebSocketStream<TcpStream>,
}

impl Peer {
    pub(crate) async fn send(&mut self, text: impl Into<String>) {
        soon(self.socket.send(Message::text(text.into()))).await.unwrap();
    }

    /// A message whose data is a number.
    pub(crate) async fn number(&mut self, n: u64) {
        self.send(format!(r#"{{"type":"number","data":{n},"timestamp":{n}}}"#)).await;
    }

    pub(crate) async fn close(&mut self, code: u16) {
        let frame = CloseFrame { code: code.into(), reason: "bye".into() };
        soon(self.socket.close(Some(frame))).await.unwrap();
    }

    /// The next text message from the client.
    pub(crate) async fn text(&mut self) -> String {
        loop {
            match soon(self.socket.next()).await {
                Some(Ok(Message::Text(text))) => return text.as_str().to_owned(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("{other:?} instead of a message"),
            }
        }
    }

    /// The code the client closes with.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            match soon(self.socket.next()).await {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(_)) => {}
                other => panic!("{other:?} instead of a close frame"),
            }
        }
    }
}

/// Reads a connection's messages one by one.
pub(crate) struct Reader {
    messages: Messages,
    waiting: std::vec::IntoIter<Inbound>,
}

impl Reader {
    pub(crate) fn new(messages: Messages) -> Self {
        Self { messages, waiting: Vec::new().into_iter() }
    }

    pub(crate) async fn next(&mut self) -> Inbound {
        loop {
            if let Some(inbound) = self.waiting.next() {
                return inbound;
            }
            let delivery = soon(self.messages.recv()).await.expect("the connection is there");
            assert!((1..=256).contains(&delivery.messages.len()));
            self.waiting = delivery.messages.into_iter();
        }
    }

    pub(crate) async fn number(&mut self) -> u64 {
        match self.next().await {
            Inbound::Message(message) => message.decode().unwrap(),
            Inbound::Invalid(invalid) => panic!("{invalid}"),
            Inbound::SnapshotEnd(end) => panic!("{end:?}"),
        }
    }
}

/// The next change of state.
pub(crate) async fn change(events: &mut Events) -> realtime::StateChange {
    loop {
        match soon(events.recv()).await.expect("the connection is there") {
            Event::State(change) => return change,
            _ => continue,
        }
    }
}
