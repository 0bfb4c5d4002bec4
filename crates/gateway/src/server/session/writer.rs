use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use smol_str::SmolStr;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{broadcast, mpsc};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use wire::control::{
    Codec, ErrorReport, Hello, Resume, Resumed, ServerState, ServerStatus, SnapshotEnd, Subscribed,
    Welcome,
};

use super::super::access::Token;
use super::super::board::Item;
use super::super::refusals::Reason;
use super::super::stats::Counters;
use super::super::tenant::Tenant;
use super::super::topics::Topics;
use super::past::{PAGE, Past, Replay};
use super::reader::Command;
use super::{End, Surroundings, control};
use crate::log::{Health, Shown};

/// Within the client's clamp of 25 s together.
const HEARTBEAT_MS: u64 = 15_000;
const GRACE_MS: u64 = 10_000;

/// The half that talks to the client.
#[derive(Debug)]
pub(super) struct Writer<'a, S> {
    sink: &'a mut SplitSink<WebSocketStream<S>, Message>,
    tenant: &'a Arc<Tenant>,
    around: Surroundings<'a>,
    hello: &'a Hello,
    /// What the client asked for.
    asked: Topics,
    /// What of it may be read.
    topics: Topics,
    read: Topics,
    codec: Option<Codec>,
    /// Everything up to here was sent or is not wanted.
    position: &'a AtomicU64,
    /// The position last told, which the next message names as its `prev`.
    told: u64,
    interjections: broadcast::Receiver<&'static str>,
    /// Messages and bytes since the last flush: every session adds to the same figures.
    delivered: u64,
    bytes: u64,
}

/// Topics named in a complaint; there may be a thousand.
const NAMED: usize = 10;

impl<'a, S> Writer<'a, S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    pub(super) fn new(
        sink: &'a mut SplitSink<WebSocketStream<S>, Message>,
        tenant: &'a Arc<Tenant>,
        around: Surroundings<'a>,
        hello: &'a Hello,
        asked: &Topics,
        position: &'a AtomicU64,
    ) -> Self {
        let read = around.grant.borrow().read.clone();
        let (topics, _) = asked.within(&read);
        Self {
            sink,
            tenant,
            around,
            hello,
            asked: asked.clone(),
            topics,
            read,
            codec: hello.compress.first().copied(),
            position,
            told: 0,
            interjections: tenant.board.interjections(),
            delivered: 0,
            bytes: 0,
        }
    }

    pub(super) async fn run(&mut self, mut commands: mpsc::Receiver<Box<Command>>) -> End {
        match self.talk(&mut commands).await {
            Ok(()) => End::ShuttingDown,
            Err(end) => end,
        }
    }

    async fn talk(&mut self, commands: &mut mpsc::Receiver<Box<Command>>) -> Result<(), End> {
        let mut head = self.tenant.board.follow();
        let mut health = self.tenant.board.health();
        // This and what follows is on the heap while it lasts: an idle connection should not have room for it.
        Box::pin(self.welcome()).await?;
        // Who comes while everything is well is not told so.
        if *health.borrow_and_update() != Health::Ok {
            health.mark_changed();
        }
        loop {
            head.mark_unchanged();
            Box::pin(self.catch_up(commands)).await?;
            tokio::select! {
                biased;
                () = self.around.shutdown.cancelled() => {
                    return Box::pin(self.catch_up(commands)).await;
                }
                command = commands.recv() => match command {
                    Some(command) => Box::pin(self.obey(*command)).await?,
                    None => return Err(End::Left),
                },
                said = self.interjections.recv() => {
                    if let Ok(text) = said {
                        self.feed(Message::text(text)).await?;
                    }
                }
                changed = health.changed() => {
                    changed.map_err(|_| End::ShuttingDown)?;
                    let status = status(&health.borrow_and_update());
                    self.feed(Message::text(control::text("status", &status))).await?;
                }
                changed = head.changed() => changed.map_err(|_| End::ShuttingDown)?,
            }
        }
    }

    /// Writes until the client has everything there is. Answers need not wait for the end of that.
    async fn catch_up(&mut self, commands: &mut mpsc::Receiver<Box<Command>>) -> Result<(), End> {
        loop {
            while let Ok(command) = commands.try_recv() {
                Box::pin(self.obey(*command)).await?;
            }
            while let Ok(text) = self.interjections.try_recv() {
                self.feed(Message::text(text)).await?;
            }
            let position = self.position.load(Ordering::Acquire);
            let next = self.tenant.board.next(position, &self.topics).map_err(|_| End::Slow)?;
            for item in &next.items {
                self.log(item).await?;
            }
            self.position.store(next.upto, Ordering::Release);
            if next.upto == position {
                return self.flush().await;
            }
        }
    }

    async fn obey(&mut self, command: Command) -> Result<(), End> {
        match command {
            Command::Send(message) => self.feed(message).await?,
            Command::Resume(resume) => self.resume(&resume).await?,
            Command::Subscribe(topics) => self.subscribe(&topics).await?,
            Command::Unsubscribe(topics) => {
                let asked = self.asked.without(&topics);
                self.turn_over(asked).await?;
            }
        }
        self.flush().await
    }

    async fn welcome(&mut self) -> Result<(), End> {
        let hello = self.hello;
        if let Some(resume) = &hello.resume {
            self.past().reach(resume).await?;
        }
        let upto = self.tenant.board.head();
        let replay = match &hello.resume {
            Some(resume) => Some(self.past().since(resume, upto).await?),
            None => None,
        };
        let (resumed, count) = match &replay {
            Some(Replay::All(entries)) => (true, entries.len() as u64),
            _ => (false, 0),
        };
        let limits = self.around.limits;
        let session = Token::random().map_err(|_| End::Unavailable)?;
        let welcome = Welcome {
            session: SmolStr::new(&session.as_str()[..32]),
            tenant: self.tenant.name.clone(),
            epoch: self.tenant.log.epoch(),
            offset: upto,
            heartbeat_ms: HEARTBEAT_MS,
            grace_ms: GRACE_MS,
            compress: self.codec,
            max_message_bytes: limits.message_bytes as u64,
            dedup_ms: u64::try_from(limits.dedup.as_millis()).unwrap_or(u64::MAX),
            resumed,
            replay: count,
            token_expires_at: self.around.grant.borrow().expires,
        };
        self.feed(Message::text(control::text("welcome", &welcome))).await?;
        if !hello.topics.is_empty() {
            let (_, unreadable) = self.asked.within(&self.read);
            self.complain(&unreadable).await?;
        }
        match (replay, &hello.resume) {
            (Some(replay), Some(resume)) => self.go_on(replay, resume.offset, upto).await,
            _ => self.snapshot(Some(0)).await,
        }
    }

    fn past(&self) -> Past<'_> {
        Past { tenant: self.tenant, limits: self.around.limits, topics: &self.topics }
    }

    async fn resume(&mut self, resume: &Resume) -> Result<(), End> {
        self.past().reach(resume).await?;
        let upto = self.tenant.board.head();
        let replay = self.past().since(resume, upto).await?;
        let resumed = match &replay {
            Replay::All(entries) => {
                Resumed { ok: true, replay: entries.len() as u64, offset: resume.offset }
            }
            Replay::Snapshot { from, .. } => Resumed { ok: false, replay: 0, offset: *from },
        };
        self.feed(Message::text(control::text("resumed", &resumed))).await?;
        self.go_on(replay, resume.offset, upto).await
    }

    async fn go_on(&mut self, replay: Replay, from: u64, upto: u64) -> Result<(), End> {
        match replay {
            Replay::All(entries) => {
                Counters::add(&self.around.hub.counters.resumed, 1);
                self.told = from;
                // What is replayed is held already; live messages follow from here.
                self.position.store(upto, Ordering::Release);
                for entry in entries {
                    self.log(&Item::Logged(entry)).await?;
                }
                Ok(())
            }
            Replay::Snapshot { from, lost } => {
                self.told = from;
                self.position.store(upto, Ordering::Release);
                let mut at = from;
                loop {
                    let page = self.tenant.log.events(at, upto, PAGE).await;
                    let page = page.map_err(|_| End::Unavailable)?;
                    let Some(last) = page.last() else { break };
                    at = last.offset;
                    for entry in page {
                        if self.topics.select(&entry.kind) {
                            self.log(&Item::Logged(entry)).await?;
                        }
                    }
                }
                // What came meanwhile belongs before the snapshot, or its events would be lost.
                let present = self.tenant.board.present(upto, &self.topics);
                let (rest, values) = present.map_err(|_| End::Slow)?;
                for event in &rest.items {
                    self.log(event).await?;
                }
                self.position.store(rest.upto, Ordering::Release);
                for value in &values {
                    self.value(value).await?;
                }
                self.snapshot_end(rest.upto, lost).await
            }
        }
    }

    async fn subscribe(&mut self, more: &[SmolStr]) -> Result<(), End> {
        let asked = self.asked.with(more).map_err(End::bad)?;
        let added = Topics::default().with(more).map_err(End::bad)?;
        let (_, unreadable) = added.within(&self.read);
        self.complain(&unreadable).await?;
        let (snapshot, upto) = self.turn_over(asked).await?;
        for item in snapshot {
            self.value(&item).await?;
        }
        self.snapshot_end(upto, Some(0)).await
    }

    /// Names the topics of which the client may read nothing. Of the others it gets what it may.
    async fn complain(&mut self, unreadable: &[SmolStr]) -> Result<(), End> {
        if unreadable.is_empty() {
            return Ok(());
        }
        self.around.refuse(Reason::Forbidden);
        let mut message = format!(
            "the token may not read: {}",
            unreadable[..unreadable.len().min(NAMED)].join(", ")
        );
        if unreadable.len() > NAMED {
            message.push_str(", …");
        }
        let report = ErrorReport { code: "forbidden".into(), message, retry_after_ms: None };
        self.feed(Message::text(control::text("error", &report))).await
    }

    /// Changes the topics at one point of the log: what came before was selected by the old ones.
    async fn turn_over(&mut self, asked: Topics) -> Result<(Vec<Arc<Shown>>, u64), End> {
        let (topics, _) = asked.within(&self.read);
        let position = self.position.load(Ordering::Acquire);
        let changed = self.tenant.board.turn_over(position, &self.topics, &topics);
        let (rest, snapshot) = changed.map_err(|_| End::Slow)?;
        for item in &rest.items {
            self.log(item).await?;
        }
        (self.asked, self.topics) = (asked, topics);
        self.position.store(rest.upto, Ordering::Release);
        self.told = rest.upto;
        let subscribed = Subscribed { topics: self.topics.names(), offset: rest.upto };
        self.feed(Message::text(control::text("subscribed", &subscribed))).await?;
        Ok((snapshot, rest.upto))
    }

    /// The state of now, from which live messages follow.
    async fn snapshot(&mut self, lost: Option<u64>) -> Result<(), End> {
        let (offset, values) = self.tenant.board.snapshot(&self.topics);
        self.position.store(offset, Ordering::Release);
        for value in &values {
            self.value(value).await?;
        }
        self.snapshot_end(offset, lost).await
    }

    async fn snapshot_end(&mut self, offset: u64, lost_events: Option<u64>) -> Result<(), End> {
        self.told = offset;
        let end = SnapshotEnd { offset, lost_events };
        self.feed(Message::text(control::text("snapshot_end", &end))).await
    }

    async fn log(&mut self, item: &Item) -> Result<(), End> {
        let prev = self.told;
        let message = match item {
            Item::Logged(entry) => entry.frame(prev, self.codec),
            Item::Value(shown) => shown.late(prev, self.codec),
        };
        self.told = item.offset();
        self.delivered += 1;
        self.feed(message).await
    }

    async fn value(&mut self, value: &Shown) -> Result<(), End> {
        let message = value.snapshot(self.codec);
        self.delivered += 1;
        self.feed(message).await
    }

    async fn feed(&mut self, message: Message) -> Result<(), End> {
        self.bytes += message.len() as u64;
        self.sink.feed(message).await.map_err(|_| End::Left)
    }

    async fn flush(&mut self) -> Result<(), End> {
        let flushed = self.sink.flush().await.map_err(|_| End::Left);
        let counters = &self.around.hub.counters;
        Counters::add(&counters.delivered, std::mem::take(&mut self.delivered));
        Counters::add(&counters.sent_bytes, std::mem::take(&mut self.bytes));
        flushed
    }
}

fn status(health: &Health) -> ServerStatus {
    match health {
        Health::Ok => ServerStatus { state: ServerState::Ok, reason: None },
        Health::Degraded(reason) => {
            ServerStatus { state: ServerState::Degraded, reason: Some(reason.clone()) }
        }
    }
}
