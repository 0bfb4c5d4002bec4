use std::time::Duration;

use bytes::Bytes;
use smol_str::SmolStr;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{Generation, Publish, RequestId, Reservation, Timer, TopicChange};
use crate::{ConnectError, FrameFault, Mode, Secret};

/// Everything the machine can be told.
#[derive(Debug)]
pub enum Input {
    Command(Command),
    /// From the socket, or the attempt to get one, that was asked for under this generation.
    Transport {
        generation: Generation,
        event: TransportEvent,
    },
    /// A timer that was set under this generation has come due.
    Timer {
        timer: Timer,
    /// Its word that the machine has woken up.
    Woke,
        generation: Generation,
    },
    /// The operating system's word on the network.
    Network(Network),
    /// What the disk has to say.
    Persisted(Persisted),
    /// The answer to [`Output::RenewToken`](super::Output::RenewToken).
    Token(TokenNews),
}

/// What the disk has to say.
#[derive(Debug)]
pub enum Persisted {
    /// These are noted as about to be sent, or cannot be.
    Sending { ids: Vec<SmolStr>, failed: Option<String> },
    /// What was asked for besides could not be done.
    Failed { doing: &'static str, reason: String },
    /// What an earlier run of the program, or another process, left to be sent.
    Unsettled {
        items: Vec<Publish>,
        /// Id and type of those that the dialect of this connection has no words for.
        unsayable: Vec<(SmolStr, SmolStr)>,
    },
}

/// What came of asking for a token.
#[derive(Debug)]
pub enum TokenNews {
    Renewed { token: Secret, renew_in: Option<Duration> },
    Failed { reason: String },
}

/// What a handle asks for.
#[derive(Debug)]
pub enum Command {
    Connect,
    Disconnect,
    Send(Outgoing),
    Publish(Publish),
    Cancel(RequestId),
    /// Changes what is subscribed to. Settled when the change is in force.
    Topics {
        request: RequestId,
        change: TopicChange,
    },
}

/// Whether the operating system has a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// It is there, or it has changed.
    Up,
    Down,
}

/// What a transport has to tell.
#[derive(Debug)]
pub enum TransportEvent {
    /// The upgrade is done, in the mode the server chose.
    Opened {
        mode: Mode,
        /// Until the token that was used should be renewed.
        renew_in: Option<Duration>,
    },
    /// The attempt failed.
    Failed(ConnectError),
    /// A text message.
    Text(Utf8Bytes),
    /// A binary message.
    Binary(Bytes),
    Pong,
    /// Bytes came in that are no complete message yet, or a ping that was answered already.
    Activity,
    /// All that was written has left.
    Flushed,
    /// Nothing is read any more because the application is slow: silence proves nothing now.
    ReadPaused,
    ReadResumed,
    /// A frame came in that there is no way past.
    Refused(FrameFault),
    /// A close frame came in.
    Closed {
        code: Option<u16>,
        reason: String,
    },
    /// The end without a close frame.
    Lost {
        reason: String,
    },
}

/// A message to send, as the text of its envelope.
#[derive(Debug)]
pub struct Outgoing {
    pub(super) ty: SmolStr,
    pub(super) text: String,
    /// Its place in the queue, given back when the message leaves or is dropped.
    #[expect(dead_code, reason = "held until the message leaves, for what its drop gives back")]
    reservation: Reservation,
}

impl Outgoing {
    #[must_use]
    pub fn new(ty: SmolStr, text: String, reservation: Reservation) -> Self {
        Self { ty, text, reservation }
    }
}
