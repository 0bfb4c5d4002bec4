//! A scripted server: the plain mode of the protocol on a real socket, saying exactly what the test says.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use anyhow::{Result, ensure};
use futures_util::{SinkExt, StreamExt};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
};
use tokio_tungstenite::tungstenite::{
    Message as Frame,
    handshake::server::{ErrorResponse, Request, Response},
    http::StatusCode,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use crate::{fixtures::Vault, record::Record};

/// What came from clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    Connected,
    /// Without the token, or with another.
    Refused,
    Text(String),
    Gone,
}

#[derive(Debug)]
pub struct Feed {
    address: SocketAddr,
    /// Everything clients did, in order.
    pub heard: Record<Heard>,
    shared: Arc<Mutex<Shared>>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Told to every client when it connects.
    greeting: Vec<String>,
    /// What a client has to show; `None`: nothing.
    token: Option<String>,
    clients: Vec<mpsc::UnboundedSender<Order>>,
}

#[derive(Clone, Debug)]
enum Order {
    Text(String),
    Close(u16),
    /// Ends the connection without a word, as a crash does.
    Drop,
}

impl Feed {
    /// Listens on a free loopback port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mut feed =
            Self { address, heard: Record::default(), shared: Arc::default(), accepting: None };
        feed.accept(listener);
        Ok(feed)
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Says this to every client that connects from now on, before anything else.
    pub fn greet_with(&self, texts: &[String]) {
        self.lock().greeting = texts.to_vec();
    }

    /// Takes nobody from now on who does not show this token.
    pub fn require(&self, token: &str) {
        self.lock().token = Some(token.to_owned());
    }

    /// Sends a vault to all clients.
    ///
    /// # Errors
    /// When nobody is connected.
    pub fn send_vault(&self, vault: &Vault) -> Result<()> {
        self.send_raw(&vault.envelope())
    }

    /// Sends a text frame to all clients, be it a message or not.
    ///
    /// # Errors
    /// When nobody is connected.
    pub fn send_raw(&self, text: &str) -> Result<()> {
        self.order(&Order::Text(text.to_owned()))
    }

    /// Closes all connections in good order.
    ///
    /// # Errors
    /// When nobody is connected.
    pub fn close(&self, code: u16) -> Result<()> {
        self.order(&Order::Close(code))
    }

    /// Cuts all connections.
    ///
    /// # Errors
    /// When nobody is connected.
    pub fn cut(&self) -> Result<()> {
        self.order(&Order::Drop)
    }

    /// Stops listening and cuts all connections.
    pub async fn stop(&mut self) {
        if let Some(accepting) = self.accepting.take() {
            accepting.abort();
            // The port is free only when the listener is gone.
            accepting.await.ok();
        }
        self.cut().ok();
    }

    /// Listens again on the same port.
    ///
    /// # Errors
    /// When somebody else has taken it.
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await;
        let listener = TcpListener::bind(self.address).await?;
        self.accept(listener);
        Ok(())
    }

    /// How many connections there were so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        count(&self.heard.all())
    }

    /// Waits until there were at least that many connections, and the last of them listens.
    ///
    /// # Errors
    /// When there are fewer after [`crate::patience::PATIENCE`].
    pub async fn wait_for_connections(&self, wanted: usize) -> Result<()> {
        let what = format!("connection {wanted} to the feed");
        self.heard.wait_until(&what, |heard| count(heard) >= wanted).await.map(drop)
    }

    fn order(&self, order: &Order) -> Result<()> {
        let mut shared = self.lock();
        shared.clients.retain(|client| client.send(order.clone()).is_ok());
        ensure!(!shared.clients.is_empty(), "nobody is connected to the feed");
        Ok(())
    }

    fn accept(&mut self, listener: TcpListener) {
        let (heard, shared) = (self.heard.clone(), Arc::clone(&self.shared));
        self.accepting = Some(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, heard.clone(), Arc::clone(&shared)));
            }
        }));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Shared> {
        self.shared.lock().expect("no one panics while holding it")
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        if let Some(accepting) = self.accepting.take() {
            accepting.abort();
        }
    }
}

fn count(heard: &[Heard]) -> usize {
    heard.iter().filter(|entry| **entry == Heard::Connected).count()
}

async fn serve(stream: TcpStream, heard: Record<Heard>, shared: Arc<Mutex<Shared>>) {
    let wanted = shared.lock().expect("no one panics while holding it").token.clone();
    let wanted = wanted.map(|token| format!("Bearer {token}"));
    #[expect(clippy::result_large_err, reason = "the shape of the callback is given")]
    let check = |request: &Request, response: Response| {
        let shown = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        if wanted.is_none() || shown == wanted.as_deref() {
            return Ok(response);
        }
        heard.push(Heard::Refused);
        let mut refusal = ErrorResponse::new(None);
        *refusal.status_mut() = StatusCode::UNAUTHORIZED;
        Err(refusal)
    };
    let accepted = tokio_tungstenite::accept_hdr_async(stream, check).await;
    let Ok(mut socket) = accepted else { return };
    let (orders, mut inbox) = mpsc::unbounded_channel();
    let greeting = {
        let mut shared = shared.lock().expect("no one panics while holding it");
        shared.clients.push(orders);
        shared.greeting.clone()
    };
    for text in greeting {
        if socket.send(Frame::text(text)).await.is_err() {
            return;
        }
    }
    heard.push(Heard::Connected);
    loop {
        tokio::select! {
            order = inbox.recv() => match order {
                Some(Order::Text(text)) => {
                    if socket.send(Frame::text(text)).await.is_err() {
                        break;
                    }
                }
                Some(Order::Close(code)) => {
                    let frame = CloseFrame { code: CloseCode::from(code), reason: "".into() };
                    // Reading on until the client has answered completes the handshake.
                    socket.close(Some(frame)).await.ok();
                }
                Some(Order::Drop) | None => break,
            },
            frame = socket.next() => match frame {
                Some(Ok(Frame::Text(text))) => heard.push(Heard::Text(text.to_string())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break,
            },
        }
    }
    heard.push(Heard::Gone);
}
