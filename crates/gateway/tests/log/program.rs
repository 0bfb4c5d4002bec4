//! The gateway as its own process, so that it can be killed.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::{PATIENCE, until};

/// A running `vaultwatch-gateway`. Killed when dropped.
pub(crate) struct Program {
    pub(crate) port: u16,
    child: Child,
    said: Arc<Mutex<String>>,
}

/// Whichever port is free.
pub(crate) const ANY: u16 = 0;

/// Where it listens, if this line says so.
fn port_in(line: &str) -> Option<u16> {
    let (_, url) = line.split_once("listening on ")?;
    url.strip_suffix("/ws")?.rsplit(':').next()?.parse().ok()
}

/// Status and body of an answer, or None when there was none.
pub(crate) type Answer = Option<(u16, String)>;

impl Program {
    pub(crate) fn start(broker: &str) -> Self {
        Self::start_on(ANY, &["--broker", broker])
    }

    pub(crate) fn start_on(port: u16, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vaultwatch-gateway"));
        command.args(["--listen", &format!("127.0.0.1:{port}")]).args(arguments);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let (id, lines) = (child.id(), BufReader::new(child.stderr.take().unwrap()).lines());
        let (heard, listening) = std::sync::mpsc::channel();
        let said: Arc<Mutex<String>> = Arc::default();
        let all = Arc::clone(&said);
        // What it says goes on to be read, or it would hang with a full pipe.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                eprintln!("gateway {id}: {line}");
                *all.lock().unwrap() += &line;
                if let Some(port) = port_in(&line) {
                    let _ = heard.send(port);
                }
            }
        });
        let port = listening.recv_timeout(PATIENCE).expect("it listens");
        Self { port, child, said }
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/ws", self.port)
    }

    /// All it wrote to its log.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let mut kill = Command::new("kill");
        assert!(kill.args(["-s", name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// As a crash would.
    pub(crate) fn kill(mut self) -> u16 {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.port
    }

    pub(crate) async fn ready(&self) {
        until("the gateway is ready", async || {
            matches!(request(self.port, "GET", "/healthz", "").await, Some((200, _)))
        })
        .await;
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) async fn request(port: u16, method: &str, path: &str, body: &str) -> Answer {
    request_of(port, method, path, "", body).await
}

/// With more in its head.
pub(crate) async fn request_of(
    port: u16,
    method: &str,
    path: &str,
    more: &str,
    body: &str,
) -> Answer {
    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\n{more}Content-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.ok()?;
        stream.write_all(body.as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status: u16 = head.split(' ').nth(1)?.parse().ok()?;
        if status == 503 {
            assert!(head.to_lowercase().contains("\r\nretry-after: "), "{head}");
        }
        Some((status, body.to_owned()))
    };
    timeout(PATIENCE, ask).await.expect("an answer in time")
}

/// A WebSocket client, plain unless it says otherwise.
pub(crate) struct Plain(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Plain {
    pub(crate) async fn open(url: &str) -> Self {
        Self(connect_async(url).await.unwrap().0)
    }

    /// A `vaultwatch.v1` session that goes on from here, and its welcome.
    pub(crate) async fn session(url: &str, epoch: &str, offset: u64) -> (Self, Value) {
        Self::session_of(url, &[], epoch, offset).await
    }

    /// The same for these topics alone.
    pub(crate) async fn session_of(
        url: &str,
        topics: &[&str],
        epoch: &str,
        offset: u64,
    ) -> (Self, Value) {
        let mut client = Self::greeting(url, topics, epoch, offset).await;
        let welcome = client.next().await;
        assert_eq!(welcome["type"], "welcome", "{welcome}");
        (client, welcome["data"].clone())
    }

    /// One that has said hello, and was not answered yet.
    pub(crate) async fn greeting(url: &str, topics: &[&str], epoch: &str, offset: u64) -> Self {
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "vaultwatch.v1".parse().unwrap());
        let mut client = Self(connect_async(request).await.unwrap().0);
        let resume = json!({"epoch": epoch, "offset": offset});
        let hello = json!({"client": "test/1", "topics": topics, "compress": [], "resume": resume});
        client.say(&json!({"type": "hello", "data": hello, "timestamp": 1})).await;
        client
    }

    /// What it was given first.
    pub(crate) async fn snapshot(&mut self) -> Vec<Value> {
        // Its answer comes after the snapshot.
        self.say(&json!({"type": "heartbeat", "data": {"timestamp": 1}, "timestamp": 1})).await;
        let mut values = Vec::new();
        loop {
            let message = self.next().await;
            if message["type"] == "heartbeat" {
                return values;
            }
            values.push(message);
        }
    }

    pub(crate) async fn say(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The code it is closed with, after whatever else comes.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            let frame = timeout(PATIENCE, self.0.next()).await.expect("a close in time");
            if let Message::Close(reason) = frame.expect("not the end").unwrap() {
                return reason.expect("a reason").code.into();
            }
        }
    }

    pub(crate) async fn next(&mut self) -> Value {
        loop {
            let frame = timeout(PATIENCE, self.0.next()).await.expect("a message in time");
            if let Message::Text(text) = frame.unwrap().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }
}

impl Program {
    /// A `vaultwatch.v1` session that goes on from here, and its welcome.
    pub(crate) async fn resume(&self, epoch: &str, offset: u64) -> (Plain, Value) {
        Plain::session(&self.url(), epoch, offset).await
    }

    /// A client in plain mode, past what it was given first. That it was answered says that it has its seat: from now on
    /// it hears everything.
    pub(crate) async fn plain(&self) -> Plain {
        let mut client = Plain::open(&self.url()).await;
        client.snapshot().await;
        client
    }

    /// What a client that comes now is given first: the value of every key.
    pub(crate) async fn plain_snapshot(&self) -> Vec<Value> {
        Plain::open(&self.url()).await.snapshot().await
    }
}
