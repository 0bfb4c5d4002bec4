use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use smol_str::SmolStr;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use wire::control::{
    Ack, Authorised, ClientControl, Hello, Nack, Resumed, SnapshotEnd, Subscribed, is_reserved,
};
use wire::{Frame, HEARTBEAT, Heartbeat, Invalid, Message, Position, UnixMillis};

use super::script::{control, welcome};
use super::{Peer, PeerError};
use crate::Mode;
use crate::Topic;
use crate::transport::ByteStream;

/// A server of `vaultwatch.v1` with a log in memory: it resumes, replays, acknowledges and knows a publish it has
/// seen. It keeps the last [`LogServer::KEEPS`] messages and has no snapshot: it is for tests that count what arrives.
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

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Counted from 1.
    pub offset: u64,
    pub message: Message,
}

#[derive(Debug)]
struct Log {
    epoch: SmolStr,
    entries: Mutex<Entries>,
    head: watch::Sender<u64>,
    /// Clients that were welcomed and are still there.
    followers: watch::Sender<usize>,
    /// Moved to end all connections.
    ended: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Entries {
    list: VecDeque<Stored>,
    /// How many have been given up: the offset before the first one kept.
    gone: u64,
    by_id: HashMap<SmolStr, u64>,
}

impl Entries {
    /// Those after an offset. What is gone is gone.
    fn after(&self, offset: u64) -> impl Iterator<Item = &Stored> {
        self.list.range(usize::try_from(offset.saturating_sub(self.gone)).unwrap_or(usize::MAX)..)
    }
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
        let log = Arc::new(Log {
            epoch: format!("{:016x}", fastrand::u64(..)).into(),
            entries: Mutex::default(),
            head: watch::Sender::new(0),
            followers: watch::Sender::new(0),
            ended: watch::Sender::new(0),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&log)));
        Ok(Self { address, log, task })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("ws://{}/", self.address)
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

/// How far one client was told, and of what.
struct Reader {
    position: u64,
    everything: bool,
    topics: Vec<SmolStr>,
    wanted: Vec<Topic>,
}

impl Reader {
    async fn welcome(peer: &mut Peer, log: &Log, hello: Hello) -> Result<Self, PeerError> {
        let head = *log.head.borrow();
        let mut welcome = welcome(head, None);
        welcome.epoch = log.epoch.clone();
        // Only here no topic means everything; whoever gives back the last one later has nothing.
        let everything = hello.topics.is_empty();
        let mut reader =
            Self { position: head, everything, topics: Vec::new(), wanted: Vec::new() };
        reader.select(hello.topics);
        if let Some(position) = &hello.resume
            && log.knows(position)
        {
            reader.position = position.offset;
            welcome.resumed = true;
            welcome.replay = reader.count(log, head);
        }
        peer.send_text(control("welcome", &welcome)).await?;
        if !welcome.resumed {
            peer.send_text(reader.snapshot_end(&hello.resume)).await?;
        }
        Ok(reader)
    }

    /// There is no snapshot; all events before the head are unknown to whoever asked for them.
    fn snapshot_end(&self, asked: &Option<Position>) -> String {
        let lost_events = if asked.is_some() { None } else { Some(0) };
        control("snapshot_end", &SnapshotEnd { offset: self.position, lost_events })
    }

    fn select(&mut self, topics: Vec<SmolStr>) {
        self.wanted = topics.iter().filter_map(|topic| Topic::parse(topic).ok()).collect();
        self.topics = topics;
    }

    fn wants(&self, message: &Message) -> bool {
        self.everything || self.wanted.iter().any(|topic| topic.matches(&message.ty))
    }

    /// How many messages follow up to the head.
    fn count(&self, log: &Log, head: u64) -> u64 {
        let entries = log.entries();
        let missed = entries.after(self.position).take_while(|stored| stored.offset <= head);
        missed.filter(|stored| self.wants(&stored.message)).count() as u64
    }

    async fn catch_up(&mut self, peer: &mut Peer, log: &Log) -> Result<(), PeerError> {
        loop {
            let next = {
                let entries = log.entries();
                entries.after(self.position).find(|stored| self.wants(&stored.message)).cloned()
            };
            let Some(Stored { offset, message }) = next else { return Ok(()) };
            let mut json = message.to_json();
            json.truncate(json.len() - 1);
            let prev = std::mem::replace(&mut self.position, offset);
            peer.send_text(format!(r#"{json},"offset":{offset},"prev":{prev}}}"#)).await?;
        }
    }

    /// What a frame of the client is answered with.
    fn hear(&mut self, text: &bytes::Bytes, log: &Log) -> Result<Vec<String>, Invalid> {
        let messages = match Frame::parse(text)? {
            Frame::Single(message) => vec![Ok(message)],
            Frame::Batch(messages) => messages,
        };
        let mut answers = Vec::new();
        for message in messages {
            let message = message?;
            answers.extend(match ClientControl::of(&message)? {
                Some(control) => self.control(control, log),
                None => Self::published(message, log),
            });
        }
        Ok(answers)
    }

    fn control(&mut self, said: ClientControl, log: &Log) -> Vec<String> {
        match said {
            ClientControl::Heartbeat(Heartbeat { timestamp, .. }) => {
                vec![control(HEARTBEAT, &Heartbeat { timestamp, server_time: None })]
            }
            ClientControl::Resume(position) => {
                let head = *log.head.borrow();
                let ok = log.knows(&position);
                self.position = if ok { position.offset } else { head };
                let replay = if ok { self.count(log, head) } else { 0 };
                let offset = self.position;
                let mut answers = vec![control("resumed", &Resumed { ok, replay, offset })];
                if !ok {
                    answers.push(self.snapshot_end(&Some(position)));
                }
                answers
            }
            ClientControl::Subscribe(more) => {
                let mut topics = self.topics.clone();
                topics.extend(more.topics.into_iter().filter(|topic| !self.topics.contains(topic)));
                self.subscribed(topics)
            }
            ClientControl::Unsubscribe(fewer) => {
                let mut topics = self.topics.clone();
                topics.retain(|topic| !fewer.topics.contains(topic));
                self.subscribed(topics)
            }
            ClientControl::Auth(_) => vec![control("authorised", &Authorised::default())],
            ClientControl::Hello(_) => Vec::new(),
        }
    }

    fn subscribed(&mut self, topics: Vec<SmolStr>) -> Vec<String> {
        self.select(topics);
        let offset = self.position;
        let subscribed = Subscribed { topics: self.topics.clone(), offset };
        vec![
            control("subscribed", &subscribed),
            control("snapshot_end", &SnapshotEnd { offset, lost_events: Some(0) }),
        ]
    }

    fn published(message: Message, log: &Log) -> Vec<String> {
        let Some(id) = message.id.clone() else {
            log.append(message);
            return Vec::new();
        };
        if is_reserved(&message.ty) {
            let message = format!("`{}` is the protocol's own", message.ty);
            let nack = Nack { id, code: "reserved_type".into(), message, retryable: false };
            return vec![control("nack", &nack)];
        }
        let offset = log.append(message);
        vec![control("ack", &Ack { id, offset })]
    }
}

impl Log {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        // Whoever panicked with the lock held left nothing half-done.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append(&self, message: Message) -> u64 {
        let mut entries = self.entries();
        if let Some(known) = message.id.as_ref().and_then(|id| entries.by_id.get(id)) {
            return *known;
        }
        let offset = entries.gone + entries.list.len() as u64 + 1;
        if let Some(id) = &message.id {
            entries.by_id.insert(id.clone(), offset);
        }
        // Kept for long: with memory of its own, not with the whole buffer it was read into.
        let mut message = crate::stream::detached(&message);
        message.place = None;
        entries.list.push_back(Stored { offset, message });
        if entries.list.len() > LogServer::KEEPS
            && let Some(oldest) = entries.list.pop_front()
        {
            entries.gone += 1;
            oldest.message.id.and_then(|id| entries.by_id.remove(&id));
        }
        drop(entries);
        self.head.send_modify(|head| *head = (*head).max(offset));
        offset
    }

    fn knows(&self, position: &Position) -> bool {
        let kept = self.entries().gone..=*self.head.borrow();
        position.epoch == self.epoch && kept.contains(&position.offset)
    }
}

/// Counts a client for as long as it is there.
struct Follower(Arc<Log>);

impl Follower {
    fn new(log: &Arc<Log>) -> Self {
        log.followers.send_modify(|followers| *followers += 1);
        Self(Arc::clone(log))
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.followers.send_modify(|followers| *followers -= 1);
    }
}
