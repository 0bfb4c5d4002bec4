//! `vaultwatch.v1`: the greeting, and what the control messages mean. The order of messages is [`Sequence`]'s affair.

mod sequence;

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use wire::control::{Auth, Codec, Hello, Resume, ServerControl, Welcome, is_reserved};
use wire::{Compressed, Frame, Invalid, InvalidKind, Message, UnixMillis};

use self::sequence::{Sequence, Start};
use super::super::Now;
use super::super::subscriptions::Subscriptions;
use super::{Asking, Context, Established, Opening, Protocol, Signal, TopicChange, control, names};
use crate::{Event, Options, ProtocolFault};

/// The longest time to find a dead peer in.
const LONGEST_SILENCE: Duration = Duration::from_secs(25);
/// Less than this would be a flood.
const SHORTEST: Duration = Duration::from_secs(1);
/// Server-given limits below this are taken for a mistake.
const LEAST_MESSAGE: u64 = 1_024;

#[derive(Debug)]
pub(in super::super) struct V1 {
    hello: Hello,
    max_message_in: usize,
    resyncs_per_minute: u32,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// `hello` was sent.
    Greeting,
    Session(Box<Session>),
    /// A fault ended it. What else the socket says does not count.
    Over,
}

#[derive(Debug)]
struct Session {
    sequence: Sequence,
    compress: Option<Codec>,
    inflate_limit: usize,
    /// Changes of topics that were asked for and are not in force yet.
    changes: VecDeque<TopicChange>,
}

impl V1 {
    pub(super) fn new(options: &Options) -> Self {
        let compress = if options.compress { vec![Codec::Zstd, Codec::Deflate] } else { vec![] };
        let tenant = options.tenant.as_deref().map(Into::into);
        let client = options.client.as_str().into();
        Self {
            hello: Hello { client, tenant, topics: Vec::new(), compress, resume: None },
            max_message_in: options.max_message_in,
            resyncs_per_minute: options.resyncs_per_minute,
            phase: Phase::Greeting,
        }
    }

    fn message(&mut self, message: Message, cx: &mut Context<'_>) {
        if let (Some(place), Phase::Session(session)) = (message.place, &mut self.phase) {
            cx.valid = true;
            return session.sequence.placed(message, place, cx);
        }
        match ServerControl::of(&message) {
            Ok(Some(control)) => {
                cx.valid = true;
                self.control(&message, control, cx);
            }
            // A client's words, from a server.
            Ok(None) if is_reserved(message.ty()) => {
                cx.tell(ProtocolFault::Unexpected { ty: message.ty().into() });
            }
            Ok(None) => match &mut self.phase {
                Phase::Session(session) => session.sequence.unplaced(message, cx),
                Phase::Greeting => cx.tell(ProtocolFault::Early { ty: message.ty().into() }),
                Phase::Over => {}
            },
            Err(invalid) => {
                let is_welcome = message.ty() == "welcome" && matches!(self.phase, Phase::Greeting);
                let reason = invalid.to_string();
                cx.intake.invalid(invalid, cx.counters, cx.now, cx.out);
                if is_welcome {
                    self.end(ProtocolFault::BadWelcome { reason }, cx);
                }
            }
        }
    }

    fn control(&mut self, message: &Message, control: ServerControl, cx: &mut Context<'_>) {
        let at = cx.now.wall;
        match (control, &mut self.phase) {
            (_, Phase::Over) => {}
            // These need no session.
            (ServerControl::Heartbeat(_), _) => {
                cx.counters.heartbeats += 1;
                cx.signal(Signal::Heartbeat(message.clone()));
            }
            (ServerControl::Status(status), _) => {
                cx.counters.degraded = status.state == wire::control::ServerState::Degraded;
                cx.report(Event::ServerStatus { at, status });
            }
            (ServerControl::Error(error), _) => {
                if let Some(ms) = error.retry_after_ms {
                    cx.signal(Signal::Hint(Duration::from_millis(ms)));
                }
                cx.report(Event::ServerError { at, error });
            }
            (ServerControl::Goodbye(goodbye), _) => {
                if let Some(ms) = goodbye.retry_after_ms {
                    cx.signal(Signal::Hint(Duration::from_millis(ms)));
                }
                cx.report(Event::Goodbye { at, goodbye });
            }
            (ServerControl::Welcome(welcome), Phase::Greeting) => self.welcome(welcome, cx),
            (ServerControl::Welcome(_), Phase::Session(_)) => {
                self.end(ProtocolFault::WelcomeTwice, cx);
            }
            (ServerControl::Resumed(resumed), Phase::Session(session)) => {
                session.sequence.resumed(resumed, cx);
            }
            (ServerControl::SnapshotEnd(end), Phase::Session(session)) => {
                session.sequence.snapshot_end(end, cx);
            }
            (ServerControl::Subscribed(subscribed), Phase::Session(session)) => {
                match session.changes.pop_front() {
                    Some(change) => {
                        let new = match change {
                            TopicChange::Subscribe(topics) => topics,
                            TopicChange::Unsubscribe(_) => Vec::new(),
                        };
                        session.sequence.subscribed(subscribed.offset, new, cx);
                        cx.signal(Signal::Subscribed { offset: subscribed.offset });
                    }
                    None => cx.tell(ProtocolFault::Unexpected { ty: message.ty().into() }),
                }
            }
            (ServerControl::Ack(ack), Phase::Session(_)) => cx.signal(Signal::Ack(ack)),
            (ServerControl::Nack(nack), Phase::Session(_)) => cx.signal(Signal::Nack(nack)),
            (ServerControl::Authorised(authorised), Phase::Session(_)) => {
                cx.signal(Signal::Authorised { expires: authorised.token_expires_at });
            }
            (
                ServerControl::Resumed(_)
                | ServerControl::SnapshotEnd(_)
                | ServerControl::Subscribed(_)
                | ServerControl::Ack(_)
                | ServerControl::Nack(_)
                | ServerControl::Authorised(_),
                Phase::Greeting,
            ) => cx.tell(ProtocolFault::Early { ty: message.ty().into() }),
        }
    }

    fn welcome(&mut self, welcome: Welcome, cx: &mut Context<'_>) {
        if welcome.compress.is_some_and(|codec| !self.hello.compress.contains(&codec)) {
            return self.end(ProtocolFault::Compression, cx);
        }
        let asked = self.hello.resume.take();
        let fits = |asked: &Resume| asked.epoch == welcome.epoch && asked.offset <= welcome.offset;
        let wants_snapshot = asked.as_ref().is_some_and(|asked| asked.snapshot);
        // With a snapshot wanted, not to have replayed is no failure.
        let goes_on = asked.as_ref().is_some_and(fits) && (welcome.resumed || wants_snapshot);
        let start = if welcome.resumed {
            match &asked {
                Some(asked) if fits(asked) => {
                    Start::Replay { after: asked.offset, announced: welcome.replay }
                }
                _ => {
                    // Whatever the server has, it is not what we had.
                    cx.progress.forget();
                    let asked = asked.map(|asked| asked.offset);
                    let (epoch, head) = (welcome.epoch, welcome.offset);
                    return self.end(ProtocolFault::FalseResume { asked, epoch, head }, cx);
                }
            }
        } else {
            cx.progress.snapshot_begins();
            Start::Snapshot { after: asked.as_ref().filter(|a| fits(a)).map_or(0, |a| a.offset) }
        };
        if asked.is_some() {
            let counter =
                if goes_on { &mut cx.counters.resumes_ok } else { &mut cx.counters.resumes_failed };
            *counter += 1;
        }
        let (heartbeat, grace) = keep_alive(&welcome, cx);
        let limit = usize::try_from(welcome.max_message_bytes.max(LEAST_MESSAGE));
        self.phase = Phase::Session(Box::new(Session {
            compress: welcome.compress,
            inflate_limit: limit.unwrap_or(usize::MAX).min(self.max_message_in),
            changes: VecDeque::new(),
            sequence: Sequence::new(
                welcome.epoch,
                welcome.offset,
                start,
                cx.topics.topics(),
                self.resyncs_per_minute,
            ),
        }));
        cx.signal(Signal::Established(Established {
            resumed: welcome.resumed,
            heartbeat,
            grace,
            dedup: Duration::from_millis(welcome.dedup_ms),
            token_expires: welcome.token_expires_at,
        }));
        if welcome.resumed
            && wants_snapshot
            && let Phase::Session(session) = &mut self.phase
        {
            session.sequence.ask_for_snapshot(cx);
        }
    }

    fn end(&mut self, fault: ProtocolFault, cx: &mut Context<'_>) {
        self.phase = Phase::Over;
        cx.end(fault);
    }
}

/// The heartbeat and grace to keep, whatever the server thinks of.
fn keep_alive(welcome: &Welcome, cx: &mut Context<'_>) -> (Duration, Duration) {
    let (heartbeat_ms, grace_ms) = (welcome.heartbeat_ms, welcome.grace_ms);
    let asked = Duration::from_millis(heartbeat_ms);
    let heartbeat = asked.clamp(SHORTEST, LONGEST_SILENCE - SHORTEST);
    let grace = Duration::from_millis(grace_ms).clamp(SHORTEST, LONGEST_SILENCE - heartbeat);
    if heartbeat != asked || grace != Duration::from_millis(grace_ms) {
        cx.tell(ProtocolFault::Heartbeat { heartbeat_ms, grace_ms });
    }
    (heartbeat, grace)
}

impl Protocol for V1 {
    fn open(&mut self, resume: Option<Resume>, topics: &Subscriptions, now: Now) -> Opening {
        self.hello.resume = resume;
        self.hello.topics = topics.names();
        Opening::Greet(vec![control("hello", &self.hello, now.wall)])
    }

    fn text(&mut self, frame: Utf8Bytes, cx: &mut Context<'_>) {
        match Frame::parse_text(frame) {
            Ok(Frame::Single(message)) => self.message(message, cx),
            Ok(Frame::Batch(messages)) => {
                for message in messages {
                    match message {
                        Ok(message) => self.message(message, cx),
                        Err(invalid) => cx.intake.invalid(invalid, cx.counters, cx.now, cx.out),
                    }
                }
            }
            Err(invalid) => cx.intake.invalid(invalid, cx.counters, cx.now, cx.out),
        }
        self.check_over(cx);
    }

    fn binary(&mut self, frame: &Bytes, cx: &mut Context<'_>) {
        let opened = match &self.phase {
            Phase::Session(session) if session.compress.is_some() => {
                Compressed::open(frame, session.inflate_limit)
            }
            Phase::Session(_) | Phase::Greeting => {
                let reason = "a binary frame, and no compression was agreed";
                Err(Invalid::new(InvalidKind::Compressed, reason, frame))
            }
            Phase::Over => return,
        };
        match opened {
            Ok(message) => {
                let inflated = message.data().len() as u64;
                cx.counters.bytes_inflated += inflated.saturating_sub(frame.len() as u64);
                self.message(message, cx);
            }
            Err(invalid) => cx.intake.invalid(invalid, cx.counters, cx.now, cx.out),
        }
        self.check_over(cx);
    }

    fn change_topics(&mut self, change: &TopicChange, now: UnixMillis) -> Asking {
        // Before the welcome the topics were in `hello`, or it is too late for this socket.
        let Phase::Session(session) = &mut self.phase else { return Asking::No };
        session.changes.push_back(change.clone());
        Asking::Answered(match change {
            TopicChange::Subscribe(topics) => control("subscribe", &names(topics), now),
            TopicChange::Unsubscribe(topics) => control("unsubscribe", &names(topics), now),
        })
    }

    fn acknowledges(&self) -> bool {
        true
    }

    fn renew(&self, auth: &Auth, now: UnixMillis) -> Option<String> {
        matches!(self.phase, Phase::Session(_)).then(|| control("auth", auth, now))
    }

    fn overdue(&self) -> ProtocolFault {
        match self.phase {
            Phase::Greeting => ProtocolFault::WelcomeOverdue,
            Phase::Session(_) | Phase::Over => ProtocolFault::ResumeOverdue,
        }
    }
}

impl V1 {
    /// The sequence ends a session by its signal alone.
    fn check_over(&mut self, cx: &Context<'_>) {
        if cx.signals.iter().any(|signal| matches!(signal, Signal::Fault(_))) {
            self.phase = Phase::Over;
        }
    }
}
