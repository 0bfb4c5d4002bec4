//! What differs from one way of talking to the next: how a connection begins, what a frame means, how one asks for
//! topics, acknowledges, renews a token and recovers from a gap. The machine knows the rest.

mod custom;
mod plain;
mod v1;

use std::fmt::Debug;
use std::time::Duration;

use bytes::Bytes;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use wire::control::{Ack, Auth, Nack, Resume, Topics};
use wire::{Message, UnixMillis};

use super::intake::Intake;
use super::progress::Progress;
use super::subscriptions::Subscriptions;
use super::{Now, Output, Outputs};
use crate::metrics::Counters;
use crate::{Event, Mode, ProtocolFault, Topic, ValidOptions};

pub(super) use self::custom::Custom;
pub(super) use self::plain::Plain;
pub(super) use self::v1::V1;

/// One connection's protocol. Made anew for each socket; what outlives the socket is in the [`Context`].
pub(super) trait Protocol: Debug + Send {
    /// How the connection begins.
    fn open(&mut self, resume: Option<Resume>, topics: &Subscriptions, now: Now) -> Opening;

    fn text(&mut self, frame: Utf8Bytes, cx: &mut Context<'_>);

    fn binary(&mut self, frame: &Bytes, cx: &mut Context<'_>);

    fn change_topics(&mut self, change: &TopicChange, now: UnixMillis) -> Asking;

    /// Whether publishes are acknowledged.
    fn acknowledges(&self) -> bool;

    /// What to write to renew the token in place; `None` where only a new connection can.
    fn renew(&self, auth: &Auth, now: UnixMillis) -> Option<String>;

    /// What to ask a silent server, besides a ping.
    fn keep_alive(&mut self) -> KeepAlive {
        KeepAlive::Heartbeat
    }

    /// The answer that was waited for did not come.
    fn overdue(&self) -> ProtocolFault;
}

/// The protocol a server chose.
pub(super) fn of(mode: Mode, options: &ValidOptions) -> Box<dyn Protocol> {
    match mode {
        Mode::Plain => Box::new(Plain::new(options.plain_topics())),
        Mode::V1 => Box::new(V1::new(options.values())),
    }
}

/// How a connection begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// Say this, and messages flow at once.
    Ready(Vec<String>),
    /// Say this and wait for [`Signal::Established`] or [`Signal::Ready`].
    Greet(Vec<String>),
    /// It cannot even begin.
    Failed(ProtocolFault),
}

/// How a change of topics is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    /// It is no affair of the server's.
    No,
    /// With this, which is not answered.
    Told(Vec<String>),
    /// With this, to be answered by [`Signal::Subscribed`].
    Answered(String),
}

/// What keeps a connection alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeepAlive {
    /// A `heartbeat` message.
    Heartbeat,
    Text(String),
    /// Nothing but the ping.
    Ping,
}

/// A change of what is subscribed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicChange {
    /// These as well.
    Subscribe(Vec<Topic>),
    /// These no more.
    Unsubscribe(Vec<Topic>),
}

/// What a frame means for the connection itself, besides what it delivers.
#[derive(Debug)]
pub(super) enum Signal {
    Established(Established),
    /// The same, with nothing agreed.
    Ready,
    Heartbeat(Message),
    Write(String),
    /// A `resume` was sent.
    ResyncBegan,
    ResyncEnded,
    Ack(Ack),
    Nack(Nack),
    /// The oldest change of topics is in force, as of this offset.
    Subscribed {
        offset: u64,
    },
    Authorised {
        expires: Option<UnixMillis>,
    },
    /// How long the server wants to be left alone if the connection ends now.
    Hint(Duration),
    /// The connection is of no use any more.
    Fault(ProtocolFault),
}

/// What was agreed when the connection began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Established {
    pub(super) resumed: bool,
    pub(super) heartbeat: Duration,
    pub(super) grace: Duration,
    /// For how long the server recognises an id.
    pub(super) dedup: Duration,
    pub(super) token_expires: Option<UnixMillis>,
}

/// What a protocol may use while it reads a frame.
pub(super) struct Context<'a> {
    pub(super) intake: &'a mut Intake,
    pub(super) counters: &'a mut Counters,
    pub(super) progress: &'a mut Progress,
    pub(super) topics: &'a Subscriptions,
    pub(super) now: Now,
    pub(super) out: &'a mut Outputs,
    pub(super) signals: &'a mut Vec<Signal>,
    /// At least one valid message came in.
    pub(super) valid: bool,
}

impl Context<'_> {
    fn signal(&mut self, signal: Signal) {
        self.signals.push(signal);
    }

    fn report(&mut self, event: Event) {
        self.out.push(Output::Report(event));
    }

    /// Tells of a fault that does not end the session.
    fn tell(&mut self, fault: ProtocolFault) {
        self.counters.protocol_faults += 1;
        self.report(Event::ProtocolFault { at: self.now.wall, fault });
    }

    /// Ends the session.
    fn end(&mut self, fault: ProtocolFault) {
        self.counters.protocol_faults += 1;
        self.report(Event::ProtocolFault { at: self.now.wall, fault: fault.clone() });
        self.signal(Signal::Fault(fault));
    }
}

/// The envelope of a control message.
pub(super) fn control(ty: &str, data: &impl serde::Serialize, now: UnixMillis) -> String {
    Message::new(ty, data, now, None).expect("control messages are valid envelopes").to_json()
}

/// Topics as they go over the wire.
pub(super) fn names(topics: &[Topic]) -> Topics {
    Topics { topics: topics.iter().cloned().map(Into::into).collect() }
}
