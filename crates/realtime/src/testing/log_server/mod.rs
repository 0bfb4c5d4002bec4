mod log;
mod reader;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use serde::Serialize;
use smol_str::SmolStr;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use wire::control::ClientControl;
use wire::{Message, UnixMillis};

use self::log::{Follower, Log};
use self::reader::Reader;
use super::{Peer, PeerError};
use crate::Mode;
use crate::transport::ByteStream;

pub use self::log::Stored;

/// A server of `vaultwatch.v1` with a log in memory: it resumes, replays, acknowledges and knows a publish it has
/// seen. It keeps the last [`LogServer::KEEPS`] messages, and as a snapshot the last message of each state type
/// (`vault_update…`, `market_data…`, `system_status`), which it takes for the whole state.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use realtime::testing::LogServer;
///
/// let server = LogServer::start().await?;
/// let options = realtime::Options::new(server.url()).validate()?;
/// let (handle, mut messages) = realtime::open(options);
/// handle.connect()?;
/// handle.connected().await?;
/// server.is_followed_by(1).await;
/// server.publish("risk_alert", &"LTV is high", Some("a-1"));
/// assert_eq!(messages.recv().await.unwrap().messages.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct LogServer {
    address: SocketAddr,
    log: Arc<Log>,
    task: tokio::task::JoinHandle<()>,
}

impl LogServer {
    /// Messages that can be replayed, and ids that are known.
    pub const KEEPS: usize = 10_000;

    /// Starts one on a port of its own on loopback.
    ///
    /// # Errors
    /// No port was to be had.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let log = Arc::new(Log::default());
        let task = tokio::spawn(accept(listener, Arc::clone(&log)));
        Ok(Self { address, log, task })
    }

    /// Where it listens, on loopback.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client takes as its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ws://{}/", self.address)
    }

    /// Another one for each server.
    #[must_use]
    pub fn epoch(&self) -> SmolStr {
        self.log.epoch.clone()
    }

    /// Appends a message and returns its offset: the earlier one when the id is known.
    ///
    /// # Panics
    /// When it is no message: type or id out of its limits, data that is no JSON.
    pub fn publish(&self, ty: &str, data: &impl Serialize, id: Option<&str>) -> u64 {
        let message = Message::new(ty, data, UnixMillis(0), id);
        self.log.append(message.expect("a test publishes messages"))
    }

    /// What is kept of everything after an offset, in order.
    #[must_use]
    pub fn log_after(&self, offset: u64) -> Vec<Stored> {
        self.log.entries().after(offset).cloned().collect()
    }

    /// Waits until the log is at least this long.
    pub async fn has(&self, length: u64) {
        let mut head = self.log.head.subscribe();
        let _ = head.wait_for(|head| *head >= length).await;
    }

    /// Waits until this many clients are connected and welcomed.
    pub async fn is_followed_by(&self, clients: usize) {
        let mut followers = self.log.followers.subscribe();
        let _ = followers.wait_for(|followers| *followers == clients).await;
    }

    /// Breaks every connection without a word. New ones are accepted.
    pub fn hang_up(&self) {
        self.log.ended.send_modify(|ended| *ended += 1);
    }
}

impl Drop for LogServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, log: Arc<Log>) {
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            client = listener.accept() => {
                let Ok((tcp, _)) = client else { continue };
                let _ = tcp.set_nodelay(true);
                clients.spawn(serve(tcp, Arc::clone(&log)));
            }
            Some(_) = clients.join_next() => {}
        }
    }
}

async fn serve(stream: impl ByteStream + 'static, log: Arc<Log>) {
    let mut ended = log.ended.subscribe();
    tokio::select! {
        // However it ends, the client comes back or the test is over.
        _ = converse(stream, &log) => {}
        _ = ended.changed() => {}
    }
}

async fn converse(stream: impl ByteStream + 'static, log: &Arc<Log>) -> Result<(), PeerError> {
    let mut peer = Peer::accept(stream, Mode::V1).await?;
    let hello = peer.next().await?;
    let Ok(Some(ClientControl::Hello(hello))) = ClientControl::of(&hello) else {
        peer.close(4400, "hello first").await;
        return Ok(());
    };
    let mut reader = Reader::welcome(&mut peer, log, hello).await?;
    let _follower = Follower::new(log);
    let mut head = log.head.subscribe();
    loop {
        reader.catch_up(&mut peer, log).await?;
        tokio::select! {
            text = peer.next_text() => {
                for answer in reader.hear(&text?, log)? {
                    peer.send_text(answer).await?;
                }
            }
            // The sender lives as long as the log.
            _ = head.changed() => {}
        }
    }
}
