use std::fmt::Debug;

use bytes::Bytes;
use wire::{Invalid, Message};

use crate::Topic;
use crate::close::Verdict;

/// Another way of talking than plain mode and `vaultwatch.v1`, for a server that knows neither: how a connection begins,
/// what a frame means, how one asks for topics, what keeps it alive and what its close codes say. Reconnecting, liveness,
/// limits, stages, queues and metrics are the connection's as ever. Given to [`Builder::dialect`](crate::Builder::dialect).
///
/// ```
/// use realtime::wire::{Message, UnixMillis};
/// use realtime::{Dialect, RawFrame, Said, Talk, Topic};
///
/// /// A ticker that sends `BTC 97000.5` for what was asked for with `+BTC`.
/// #[derive(Debug)]
/// struct Ticker;
///
/// impl Dialect for Ticker {
///     fn talk(&self) -> Box<dyn Talk> {
///         Box::new(Ticker)
///     }
/// }
///
/// impl Talk for Ticker {
///     fn open(&mut self, topics: &[Topic], said: &mut Said) {
///         self.subscribe(topics, said);
///         said.ready();
///     }
///
///     fn frame(&mut self, frame: RawFrame<'_>, said: &mut Said) {
///         let RawFrame::Text(text) = frame else { return };
///         let Some((symbol, price)) = std::str::from_utf8(text).ok().and_then(|t| t.split_once(' ')) else {
///             return said.fail("a line without a price");
///         };
///         if let Ok(message) = Message::new(symbol, &price, UnixMillis(0), None) {
///             said.deliver(message);
///         }
///     }
///
///     fn subscribe(&mut self, topics: &[Topic], said: &mut Said) {
///         topics.iter().for_each(|topic| said.write(format!("+{topic}")));
///     }
/// }
/// # let _ = Ticker.talk();
/// ```
pub trait Dialect: Debug + Send + Sync {
    /// A new connection's talk. What has to outlive a connection, such as how far a stream was read, is for the dialect to
    /// keep.
    fn talk(&self) -> Box<dyn Talk>;

    /// What to offer as `Sec-WebSocket-Protocol`. A server that selects another one is not talked to.
    fn subprotocol(&self) -> Option<&str> {
        None
    }

    /// How a message that somebody sends goes over the wire; `None` for one that cannot be said, whose sender gets
    /// [`ErrorKind::Rejected`](crate::ErrorKind::Rejected). One found in the outbox is parked as `unsayable`. By default
    /// its envelope.
    fn encode(&self, message: &Message) -> Option<String> {
        Some(message.to_json())
    }

    /// The verdict on a close code of the server; `None` for the usual one.
    fn verdict(&self, _code: u16) -> Option<Verdict> {
        None
    }
}

/// A message as it goes over the wire; the envelope where nothing else is spoken.
pub(crate) fn encode(dialect: Option<&dyn Dialect>, message: &Message) -> Option<String> {
    match dialect {
        Some(dialect) => dialect.encode(message),
        None => Some(message.to_json()),
    }
}

/// One connection's talk. It does no I/O and does not block: it is called on the connection's task with what came in, and
/// says in [`Said`] what follows. A panic ends the connection, with back-off.
pub trait Talk: Debug + Send {
    /// The upgrade is done. These topics are wanted; none stands for everything. [`Said::ready`] may be said at once, or
    /// when the server has answered, within `welcomeTimeout`.
    fn open(&mut self, topics: &[Topic], said: &mut Said);

    /// A frame came in.
    fn frame(&mut self, frame: RawFrame<'_>, said: &mut Said);

    /// More topics are wanted. What none of the wanted ones matches is not delivered anyway.
    fn subscribe(&mut self, _topics: &[Topic], _said: &mut Said) {}

    /// These are wanted no more.
    fn unsubscribe(&mut self, _topics: &[Topic], _said: &mut Said) {}

    /// What to ask a server that has been silent for a while, besides a WebSocket ping, which is sent in any case.
    fn keep_alive(&mut self) -> Option<String> {
        None
    }
}

/// What came in.
#[derive(Clone, Copy, Debug)]
pub enum RawFrame<'a> {
    /// Valid UTF-8.
    Text(&'a Bytes),
    /// Any bytes.
    Binary(&'a Bytes),
}

/// What a [`Talk`] says to a frame, in order.
#[derive(Debug, Default)]
pub struct Said {
    pub(crate) words: Vec<Word>,
}

#[derive(Debug)]
pub(crate) enum Word {
    Deliver(Message),
    Invalid(Invalid),
    Write(String),
    Ready,
    Fail(String),
}

impl Said {
    /// A message came in. One with an id that was seen already is dropped as a duplicate.
    pub fn deliver(&mut self, message: Message) {
        self.words.push(Word::Deliver(message));
    }

    /// Something came in that makes no sense. It is counted and told of; the connection goes on.
    pub fn invalid(&mut self, invalid: Invalid) {
        self.words.push(Word::Invalid(invalid));
    }

    /// A text frame is to be written.
    pub fn write(&mut self, text: impl Into<String>) {
        self.words.push(Word::Write(text.into()));
    }

    /// The two ends have greeted each other: what waits may be sent now. Once for a connection.
    pub fn ready(&mut self) {
        self.words.push(Word::Ready);
    }

    /// The connection is of no use: it ends, and is made anew with back-off.
    pub fn fail(&mut self, reason: impl Into<String>) {
        self.words.push(Word::Fail(reason.into()));
    }
}
