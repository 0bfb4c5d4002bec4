use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use gateway::{Access, Gateway, Keys, Limits, NewToken, Source, TokenFile, Transport};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::PATIENCE;

/// A file of tokens, and its folder.
pub(crate) struct Tokens {
    pub(crate) folder: TempDir,
    pub(crate) file: TokenFile,
}

impl Tokens {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = TokenFile::new(folder.path().join("tokens.toml"));
        Self { folder, file }
    }

    /// A token that may do everything in its tenant.
    pub(crate) fn add(&self, name: &str, tenant: &str) -> String {
        self.add_with(name, tenant, &["*"], &["*"])
    }

    pub(crate) fn add_with(
        &self,
        name: &str,
        tenant: &str,
        read: &[&str],
        publish: &[&str],
    ) -> String {
        self.add_new(&NewToken {
            name: name.into(),
            tenant: tenant.into(),
            read: read.iter().map(ToString::to_string).collect(),
            publish: publish.iter().map(ToString::to_string).collect(),
            expires: None,
            metrics: false,
        })
    }

    pub(crate) fn add_new(&self, new: &NewToken) -> String {
        self.file.add(new).unwrap().as_str().to_owned()
    }

    pub(crate) async fn gateway(&self, limits: Limits) -> Gateway {
        let keys = Keys::load(Some(self.file.clone()), None).unwrap();
        keyed(keys, limits).await
    }
}

pub(crate) async fn keyed(keys: Keys, limits: Limits) -> Gateway {
    let transport = Transport::PlainOnLoopback;
    let access = Access::Keyed { keys, allow_origins: Vec::new(), transport };
    let listen = "127.0.0.1:0".parse().unwrap();
    Gateway::bind_with(listen, access, Source::Relay, limits).await.unwrap()
}

/// How somebody comes to a gateway.
#[derive(Clone, Debug)]
pub(crate) struct Guest {
    to: SocketAddr,
    from: [u8; 4],
    token: Option<String>,
    protocol: Option<&'static str>,
}

impl Guest {
    /// One that speaks v1.
    pub(crate) fn of(gateway: &Gateway) -> Self {
        let to = gateway.local_addr();
        Self { to, from: [127, 0, 0, 1], token: None, protocol: Some("vaultwatch.v1") }
    }

    pub(crate) fn at(to: SocketAddr) -> Self {
        Self { to, from: [127, 0, 0, 1], token: None, protocol: Some("vaultwatch.v1") }
    }

    pub(crate) fn token(self, token: &str) -> Self {
        Self { token: Some(token.into()), ..self }
    }

    pub(crate) fn plain(self) -> Self {
        Self { protocol: None, ..self }
    }

    /// From another address of loopback.
    pub(crate) fn from(self, last: u8) -> Self {
        Self { from: [127, 0, 0, last], ..self }
    }

    pub(crate) async fn dial(&self) -> TcpStream {
        self.try_dial().await.unwrap()
    }

    pub(crate) async fn try_dial(&self) -> std::io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((self.from, 0)))?;
        timeout(PATIENCE, socket.connect(self.to)).await.expect("to connect")
    }

    pub(crate) async fn try_open(&self) -> Result<Client<TcpStream>, Error> {
        self.upgrade(self.dial().await).await
    }

    pub(crate) async fn upgrade<S>(&self, stream: S) -> Result<Client<S>, Error>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut request = format!("ws://{}/ws", self.to).into_client_request().unwrap();
        let headers = request.headers_mut();
        if let Some(token) = &self.token {
            headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        if let Some(protocol) = self.protocol {
            headers.insert("sec-websocket-protocol", protocol.parse().unwrap());
        }
        let opened = timeout(PATIENCE, client_async(request, stream)).await.expect("an answer");
        opened.map(|(socket, _)| Client(socket))
    }

    pub(crate) async fn open(&self) -> Client<TcpStream> {
        self.try_open().await.unwrap()
    }

    /// The status and `Retry-After` of an upgrade that is refused.
    pub(crate) async fn refused(&self) -> (u16, Option<u64>) {
        match self.try_open().await {
            Err(Error::Http(response)) => {
                let retry = response.headers().get("retry-after");
                let retry = retry.map(|value| value.to_str().unwrap().parse().unwrap());
                (response.status().as_u16(), retry)
            }
            other => panic!("not refused: {other:?}"),
        }
    }

    /// A session that has said hello, and its welcome.
    pub(crate) async fn hello(&self, data: Value) -> (Client<TcpStream>, Value) {
        let mut client = self.open().await;
        client.hello(data).await;
        let welcome = client.until("welcome").await.pop().unwrap();
        (client, welcome["data"].clone())
    }

    /// One past its snapshot.
    pub(crate) async fn live(&self, data: Value) -> (Client<TcpStream>, Value) {
        let (mut client, welcome) = self.hello(data).await;
        client.until("snapshot_end").await;
        (client, welcome)
    }

    /// What comes back for an HTTP request: status, head and body.
    pub(crate) async fn request(&self, line: &str, more: &str, body: &str) -> Answer {
        let mut stream = self.dial().await;
        let token = self.token.as_ref().map(|token| format!("Authorization: Bearer {token}\r\n"));
        let request = format!(
            "{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n{}{more}\r\n{body}",
            body.len(),
            token.unwrap_or_default(),
        );
        // A refusal may come before the whole of a large body has gone.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut answer = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("an answer").unwrap();
        Answer::of(&answer)
    }

    pub(crate) async fn publish(&self, body: &Value) -> Answer {
        self.request("POST /v1/publish", "", &body.to_string()).await
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: String,
}

impl Answer {
    fn of(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let retry = head.lines().find_map(|line| line.strip_prefix("retry-after: "));
        let retry_after = retry.map(|seconds| seconds.parse().unwrap());
        Self { status, retry_after, body: body.into() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

#[derive(Debug)]
pub(crate) struct Client<S>(pub(crate) WebSocketStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) async fn hello(&mut self, data: Value) {
        let mut all = json!({"client": "test/1", "topics": [], "compress": [], "resume": null});
        all.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
        self.send("hello", all).await;
    }

    pub(crate) async fn send(&mut self, ty: &str, data: Value) {
        self.say(json!({"type": ty, "data": data, "timestamp": 1})).await;
    }

    pub(crate) async fn say(&mut self, message: Value) {
        let sent = self.0.send(Message::text(message.to_string()));
        timeout(PATIENCE, sent).await.expect("to be read").unwrap();
    }

    /// The answer to a publish.
    pub(crate) async fn publish(&mut self, id: &str, ty: &str, data: Value) -> Value {
        self.say(json!({"type": ty, "data": data, "timestamp": 1, "id": id})).await;
        loop {
            let answer = self.next().await;
            if (answer["type"] == "ack" || answer["type"] == "nack") && answer["data"]["id"] == id {
                return answer;
            }
        }
    }

    pub(crate) async fn frame(&mut self) -> Message {
        loop {
            let next = timeout(PATIENCE, self.0.next()).await.expect("a message in time");
            match next.expect("not the end").expect("no error") {
                Message::Ping(_) | Message::Pong(_) => {}
                other => return other,
            }
        }
    }

    pub(crate) async fn next(&mut self) -> Value {
        match self.frame().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("not text: {other:?}"),
        }
    }

    /// Everything up to a message of this type, which comes last.
    pub(crate) async fn until(&mut self, ty: &str) -> Vec<Value> {
        let mut messages = Vec::new();
        loop {
            messages.push(self.next().await);
            if messages.last().unwrap()["type"] == ty {
                return messages;
            }
        }
    }

    /// Code and reason of the close, and the last message before it.
    pub(crate) async fn closed(&mut self) -> (u16, String, Value) {
        let mut last = Value::Null;
        loop {
            match self.frame().await {
                Message::Close(frame) => {
                    let frame = frame.expect("a reason");
                    return (frame.code.into(), frame.reason.to_string(), last);
                }
                Message::Text(text) => last = serde_json::from_str(&text).unwrap(),
                other => panic!("{other:?}"),
            }
        }
    }
}
