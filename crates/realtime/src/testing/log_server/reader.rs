use smol_str::SmolStr;
use wire::control::{
    Ack, Authorised, ClientControl, Hello, Nack, Resume, Resumed, SnapshotEnd, Subscribed,
    is_reserved,
};
use wire::{Frame, HEARTBEAT, Heartbeat, Invalid, Message};

use super::super::script::{control, welcome};
use super::super::{Peer, PeerError};
use super::log::{Log, Stored};
use crate::Topic;

/// How far one client was told, and of what.
pub(super) struct Reader {
    position: u64,
    everything: bool,
    topics: Vec<SmolStr>,
    wanted: Vec<Topic>,
}

impl Reader {
    pub(super) async fn welcome(
        peer: &mut Peer,
        log: &Log,
        hello: Hello,
    ) -> Result<Self, PeerError> {
        let head = *log.head.borrow();
        let mut welcome = welcome(head, None);
        welcome.epoch = log.epoch.clone();
        // Only here no topic means everything; whoever gives back the last one later has nothing.
        let everything = hello.topics.is_empty();
        let mut reader =
            Self { position: head, everything, topics: Vec::new(), wanted: Vec::new() };
        reader.select(hello.topics);
        let mut follows = Vec::new();
        match &hello.resume {
            Some(asked) if log.knows(asked) && !asked.snapshot => {
                reader.position = asked.offset;
                welcome.resumed = true;
                welcome.replay = reader.count(log, head);
            }
            asked => {
                reader.go_back(asked.as_ref(), log);
                follows = reader.snapshot(asked.as_ref(), log);
            }
        }
        peer.send_text(control("welcome", &welcome)).await?;
        for text in follows {
            peer.send_text(text).await?;
        }
        Ok(reader)
    }

    fn select(&mut self, topics: Vec<SmolStr>) {
        self.wanted = topics.iter().filter_map(|topic| Topic::parse(topic).ok()).collect();
        self.topics = topics;
    }

    fn wants(&self, ty: &str) -> bool {
        self.everything || self.wanted.iter().any(|topic| topic.matches(ty))
    }

    /// How many messages follow up to the head.
    fn count(&self, log: &Log, head: u64) -> u64 {
        let entries = log.entries();
        let missed = entries.after(self.position).take_while(|stored| stored.offset <= head);
        missed.filter(|stored| self.wants(stored.message.ty())).count() as u64
    }

    /// To where the client is, if that is in this log; otherwise it gets all there is.
    fn go_back(&mut self, asked: Option<&Resume>, log: &Log) {
        let head = log.entries().head();
        self.position = match asked {
            None => head,
            Some(asked) if asked.epoch == log.epoch && asked.offset <= head => asked.offset,
            Some(_) => 0,
        };
    }

    /// The events after where the client is, the last of each state, and the end of it.
    fn snapshot(&mut self, asked: Option<&Resume>, log: &Log) -> Vec<String> {
        let entries = log.entries();
        let lost_events = match asked {
            Some(asked) if asked.epoch != log.epoch || asked.offset > entries.head() => None,
            _ => entries.lost_after(self.position, |ty| self.wants(ty)),
        };
        let mut texts = Vec::new();
        for stored in entries.after(self.position) {
            if stored.is_event() && self.wants(stored.message.ty()) {
                texts.push(self.placed(stored));
            }
        }
        let state = entries.state().filter(|stored| self.wants(stored.message.ty()));
        texts.extend(state.map(last_value));
        self.position = entries.head();
        let end = SnapshotEnd { offset: self.position, lost_events };
        texts.push(control("snapshot_end", &end));
        texts
    }

    fn placed(&mut self, Stored { offset, message }: &Stored) -> String {
        let prev = std::mem::replace(&mut self.position, *offset);
        with(message, &format!(r#""offset":{offset},"prev":{prev}"#))
    }

    pub(super) async fn catch_up(&mut self, peer: &mut Peer, log: &Log) -> Result<(), PeerError> {
        loop {
            let next = {
                let entries = log.entries();
                let wanted = |stored: &&Stored| self.wants(stored.message.ty());
                entries.after(self.position).find(wanted).cloned()
            };
            let Some(stored) = next else { return Ok(()) };
            let text = self.placed(&stored);
            peer.send_text(text).await?;
        }
    }

    /// What a frame of the client is answered with.
    pub(super) fn hear(&mut self, text: &bytes::Bytes, log: &Log) -> Result<Vec<String>, Invalid> {
        let messages = match Frame::parse(text.clone())? {
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
            ClientControl::Resume(asked) => self.resume(&asked, log),
            ClientControl::Subscribe(more) => {
                let new: Vec<_> =
                    more.topics.into_iter().filter(|topic| !self.topics.contains(topic)).collect();
                let old = |ty: &str| self.wants(ty);
                let entries = log.entries();
                let added: Vec<_> =
                    new.iter().filter_map(|topic| Topic::parse(topic).ok()).collect();
                let is_new = |stored: &&Stored| {
                    let ty = stored.message.ty();
                    !old(ty) && added.iter().any(|topic| topic.matches(ty))
                };
                let state: Vec<_> = entries.state().filter(is_new).map(last_value).collect();
                let topics = self.topics.iter().cloned().chain(new).collect();
                let mut answers = vec![self.subscribed(topics)];
                answers.extend(state);
                let end = SnapshotEnd { offset: self.position, lost_events: Some(0) };
                answers.push(control("snapshot_end", &end));
                answers
            }
            ClientControl::Unsubscribe(fewer) => {
                let mut topics = self.topics.clone();
                topics.retain(|topic| !fewer.topics.contains(topic));
                vec![self.subscribed(topics)]
            }
            ClientControl::Auth(_) => vec![control("authorised", &Authorised::default())],
            ClientControl::Hello(_) => Vec::new(),
        }
    }

    fn resume(&mut self, asked: &Resume, log: &Log) -> Vec<String> {
        let head = *log.head.borrow();
        let ok = log.knows(asked) && !asked.snapshot;
        self.go_back(Some(asked), log);
        let replay = if ok { self.count(log, head) } else { 0 };
        let resumed = Resumed { ok, replay, offset: self.position };
        let mut answers = vec![control("resumed", &resumed)];
        if !ok {
            answers.extend(self.snapshot(Some(asked), log));
        }
        answers
    }

    fn subscribed(&mut self, topics: Vec<SmolStr>) -> String {
        self.select(topics);
        let subscribed = Subscribed { topics: self.topics.clone(), offset: self.position };
        control("subscribed", &subscribed)
    }

    fn published(message: Message, log: &Log) -> Vec<String> {
        let Some(id) = message.id().map(SmolStr::new) else {
            log.append(message);
            return Vec::new();
        };
        if is_reserved(message.ty()) {
            let message = format!("`{}` is the protocol's own", message.ty());
            let nack = Nack { id, code: "reserved_type".into(), message, retryable: false };
            return vec![control("nack", &nack)];
        }
        let offset = log.append(message);
        vec![control("ack", &Ack { id, offset })]
    }
}

fn last_value(Stored { offset, message }: &Stored) -> String {
    with(message, &format!(r#""offset":{offset},"snapshot":true"#))
}

/// The envelope with more fields.
fn with(message: &Message, fields: &str) -> String {
    let mut json = message.to_json();
    json.truncate(json.len() - 1);
    format!("{json},{fields}}}")
}
