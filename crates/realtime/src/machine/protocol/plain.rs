use bytes::Bytes;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use wire::control::{Auth, Resume};
use wire::{Invalid, InvalidKind, UnixMillis};

use super::super::Now;
use super::super::subscriptions::Subscriptions;
use super::{Asking, Context, Opening, Protocol, Signal, TopicChange};
use crate::options::PlainTopics;
use crate::{Inbound, ProtocolFault};

/// Envelopes and nothing else. Topics are chosen on our side, and that a message was written is all there is to know.
#[derive(Debug, Default)]
pub(in super::super) struct Plain {
    topics: PlainTopics,
}

impl Plain {
    pub(super) fn new(topics: PlainTopics) -> Self {
        Self { topics }
    }
}

impl Protocol for Plain {
    fn open(&mut self, _: Option<Resume>, _: &Subscriptions, _: Now) -> Opening {
        Opening::Ready(Vec::new())
    }

    fn text(&mut self, frame: Utf8Bytes, cx: &mut Context<'_>) {
        let before = cx.out.inbound.len();
        let found = cx.intake.text(frame, cx.counters, cx.now, cx.out);
        cx.valid |= found.valid;
        if let Some(heartbeat) = found.heartbeat {
            cx.signal(Signal::Heartbeat(*heartbeat));
        }
        if self.topics == PlainTopics::AtTheSocket && !cx.topics.is_everything() {
            let mut at = 0;
            cx.out.inbound.retain(|inbound| {
                at += 1;
                match inbound {
                    Inbound::Message(message) => at <= before || cx.topics.wants(message.ty()),
                    Inbound::Invalid(_) | Inbound::SnapshotEnd(_) => true,
                }
            });
        }
    }

    fn binary(&mut self, frame: &Bytes, cx: &mut Context<'_>) {
        let reason = "a binary frame, which plain mode does not have";
        let invalid = Invalid::new(InvalidKind::NotText, reason, frame);
        cx.intake.invalid(invalid, cx.counters, cx.now, cx.out);
    }

    fn change_topics(&mut self, _: &TopicChange, _: UnixMillis) -> Asking {
        Asking::No
    }

    fn acknowledges(&self) -> bool {
        false
    }

    fn renew(&self, _: &Auth, _: UnixMillis) -> Option<String> {
        None
    }

    fn overdue(&self) -> ProtocolFault {
        ProtocolFault::WelcomeOverdue
    }
}
