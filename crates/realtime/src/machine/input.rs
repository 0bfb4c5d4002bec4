use bytes::Bytes;
use smol_str::SmolStr;

use super::{Generation, Reservation, Timer};
use crate::{ConnectError, FrameFault};

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
        generation: Generation,
    },
    /// The operating system's word on the network.
    Network(Network),
}

/// What a handle asks for.
#[derive(Debug)]
pub enum Command {
    Connect,
    Disconnect,
    Send(Outgoing),
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
    Opened,
    /// The attempt failed.
    Failed(ConnectError),
    /// A text message.
    Text(Bytes),
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
