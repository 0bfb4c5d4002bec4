use std::time::Duration;

use bytes::Bytes;
use smol_str::SmolStr;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{Generation, Publish, RequestId, Reservation, Timer, TopicChange};
use crate::{ConnectError, FrameFault, Mode, Secret};

/// Everything the machine can be told.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum Input {
    /// What a handle asks for.
    Command(Command),
    /// From the socket, or the attempt to get one, that was asked for under this generation.
    Transport { generation: Generation, event: TransportEvent },
    /// A timer that was set under this generation has come due.
    Timer { timer: Timer, generation: Generation },
    /// The operating system's word on the network.
    Network(Network),
    /// Its word that the machine has woken up.
    Woke,
    /// What the disk has to say.
    Persisted(Persisted),
    /// The answer to [`Output::RenewToken`](super::Output::RenewToken).
    Token(TokenNews),
}

/// What the disk has to say.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum Persisted {
    /// The items of these ids are noted as about to be sent, or cannot be, for the reason `failed`.
    Sending { ids: Vec<SmolStr>, failed: Option<String> },
    /// What was asked for besides could not be done: what that was, and the reason, both for people.
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
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum TokenNews {
    /// There is a new one, and until when the next should be asked for; `None` when it tells no end.
    Renewed { token: Secret, renew_in: Option<Duration> },
    /// There is none, for this reason; it holds no secret.
    Failed { reason: String },
}

/// What a handle asks for.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum Command {
    /// Have a connection, and make it anew for as long as it takes.
    Connect,
    /// Have none.
    Disconnect,
    /// Send a message, now or when there is a connection.
    Send(Outgoing),
    /// Send a message until it is acknowledged.
    Publish(Publish),
    /// Do not send this one any more, if that is still possible.
    Cancel(RequestId),
    /// Changes what is subscribed to. Settled when the change is in force.
    Topics { request: RequestId, change: TopicChange },
}

/// Whether the operating system has a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// It is there, or it has changed.
    Up,
    /// There is none.
    Down,
}

/// What a transport has to tell.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant says what its fields are")]
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
    /// The answer to a ping came in.
    Pong,
    /// Bytes came in that are no complete message yet, or a ping that was answered already.
    Activity,
    /// All that was written has left.
    Flushed,
    /// Nothing is read any more because the application is slow: silence proves nothing now.
    ReadPaused,
    /// The application keeps up again.
    ReadResumed,
    /// A frame came in that there is no way past.
    Refused(FrameFault),
    /// A close frame came in, with a code or without; the reason may be empty.
    Closed { code: Option<u16>, reason: String },
    /// The end without a close frame.
    Lost { reason: String },
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
    /// A message of this type, as text, which has its place in the queue.
    #[must_use]
    pub fn new(ty: SmolStr, text: String, reservation: Reservation) -> Self {
        Self { ty, text, reservation }
    }
}
