use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use wire::UnixMillis;
use wire::control::{Auth, Resume};

use super::super::Now;
use super::super::subscriptions::Subscriptions;
use super::{Asking, Context, KeepAlive, Opening, Protocol, Signal, TopicChange};
use crate::ProtocolFault;
use crate::dialect::{RawFrame, Said, Talk, Word};

/// A way of talking that a user of this library has brought along.
#[derive(Debug)]
pub(in super::super) struct Custom {
    talk: Box<dyn Talk>,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Greeting,
    Session,
    /// It has failed. What else the socket says does not count.
    Over,
}

impl Custom {
    pub(in super::super) fn new(talk: Box<dyn Talk>) -> Self {
        Self { talk, phase: Phase::Greeting }
    }

    /// What it says. A panic is its last word.
    fn ask(&mut self, question: impl FnOnce(&mut dyn Talk, &mut Said)) -> Vec<Word> {
        let mut said = Said::default();
        // Unwind safe: what it had said before is complete, and it is not asked again.
        let asking = AssertUnwindSafe(|| question(&mut *self.talk, &mut said));
        if catch_unwind(asking).is_err() {
            said.fail("it panicked");
        }
        said.words
    }

    fn hear(&mut self, frame: RawFrame<'_>, cx: &mut Context<'_>) {
        if self.phase == Phase::Over {
            return;
        }
        for word in self.ask(|talk, said| talk.frame(frame, said)) {
            match word {
                Word::Deliver(message) => {
                    cx.valid = true;
                    if cx.topics.wants(message.ty()) {
                        cx.intake.deliver(message, cx.counters, cx.now, cx.out);
                    }
                }
                Word::Invalid(invalid) => {
                    cx.intake.invalid(invalid, cx.counters, cx.now, cx.out);
                }
                Word::Write(text) => cx.signal(Signal::Write(text)),
                Word::Ready if self.phase == Phase::Greeting => {
                    cx.valid = true;
                    self.phase = Phase::Session;
                    cx.signal(Signal::Ready);
                }
                Word::Ready => {}
                Word::Fail(reason) => {
                    self.phase = Phase::Over;
                    return cx.end(ProtocolFault::Dialect { reason });
                }
            }
        }
    }
}

impl Protocol for Custom {
    fn open(&mut self, _: Option<Resume>, topics: &Subscriptions, _: Now) -> Opening {
        let topics = if topics.is_everything() { Vec::new() } else { topics.topics() };
        let mut texts = Vec::new();
        for word in self.ask(|talk, said| talk.open(&topics, said)) {
            match word {
                Word::Write(text) => texts.push(text),
                Word::Ready => self.phase = Phase::Session,
                Word::Fail(reason) => {
                    self.phase = Phase::Over;
                    return Opening::Failed(ProtocolFault::Dialect { reason });
                }
                // Nothing came in yet.
                Word::Deliver(_) | Word::Invalid(_) => {}
            }
        }
        match self.phase {
            Phase::Session => Opening::Ready(texts),
            Phase::Greeting | Phase::Over => Opening::Greet(texts),
        }
    }

    fn text(&mut self, frame: Utf8Bytes, cx: &mut Context<'_>) {
        self.hear(RawFrame::Text(frame.as_ref()), cx);
    }

    fn binary(&mut self, frame: &Bytes, cx: &mut Context<'_>) {
        self.hear(RawFrame::Binary(frame), cx);
    }

    fn change_topics(&mut self, change: &TopicChange, _: UnixMillis) -> Asking {
        let ask = |talk: &mut dyn Talk, said: &mut Said| match change {
            TopicChange::Subscribe(topics) => talk.subscribe(topics, said),
            TopicChange::Unsubscribe(topics) => talk.unsubscribe(topics, said),
        };
        let text = |word| match word {
            Word::Write(text) => Some(text),
            Word::Deliver(_) | Word::Invalid(_) | Word::Ready | Word::Fail(_) => None,
        };
        Asking::Told(self.ask(ask).into_iter().filter_map(text).collect())
    }

    fn acknowledges(&self) -> bool {
        false
    }

    fn renew(&self, _: &Auth, _: UnixMillis) -> Option<String> {
        None
    }

    fn keep_alive(&mut self) -> KeepAlive {
        let mut text = None;
        // What it writes here is what it returns.
        self.ask(|talk, _| text = talk.keep_alive());
        text.map_or(KeepAlive::Ping, KeepAlive::Text)
    }

    fn overdue(&self) -> ProtocolFault {
        ProtocolFault::Dialect {
            reason: "the server did not answer the greeting in time".to_owned(),
        }
    }
}
