//! Stages that look at messages on their way: between the socket and the reader, and between a sender and the queue.

mod rate_limit;
mod stages;

use std::fmt::Debug;

use tokio::time::Instant;
use wire::{Invalid, InvalidKind, Message};

pub use self::rate_limit::RateLimit;
pub(crate) use self::stages::Stages;
pub use self::stages::{StageMetrics, VerdictCounts};

/// One stage. Added with [`Builder::stage`](crate::Builder::stage); what comes in passes the stages in the order they
/// were added, what goes out in the reverse order, so that the first one is always next to the socket.
///
/// It runs on the connection's task (inbound) or on the sender's (outbound), for every message: it must not block. A
/// panic is contained and counted; what becomes of the message is for [`Middleware::on_panic`] to say.
///
/// ```
/// use realtime::wire::{Invalid, InvalidKind, Message};
/// use realtime::{Middleware, Verdict};
///
/// /// Refuses to send or take anything that carries no id.
/// #[derive(Debug)]
/// struct NeedsId;
///
/// impl Middleware for NeedsId {
///     fn name(&self) -> &str {
///         "needs-id"
///     }
///
///     fn inbound(&self, message: &Message) -> Verdict {
///         match message.id() {
///             Some(_) => Verdict::Pass,
///             None => Verdict::Reject(Invalid::new(InvalidKind::Envelope, "has no id", message.data())),
///         }
///     }
///
///     fn outbound(&self, message: &Message) -> Verdict {
///         self.inbound(message)
///     }
/// }
/// # let message = Message::new("a", &1, realtime::wire::UnixMillis(0), None).unwrap();
/// # assert!(matches!(NeedsId.outbound(&message), Verdict::Reject(_)));
/// ```
pub trait Middleware: Debug + Send + Sync {
    /// What it is called in metrics and logs.
    fn name(&self) -> &str;

    /// What becomes of a message over which this stage has panicked. A stage that stands between the reader and what it
    /// must not see, or between a secret and the wire, refuses it.
    fn on_panic(&self) -> OnPanic {
        OnPanic::Pass
    }

    /// Judges a message that came in. It is valid and no duplicate; heartbeats and the protocol's own messages are
    /// not shown.
    fn inbound(&self, _message: &Message) -> Verdict {
        Verdict::Pass
    }

    /// Judges a message somebody wants to send.
    fn outbound(&self, _message: &Message) -> Verdict {
        Verdict::Pass
    }

    /// For a stage that drops inbound messages now to hand on a later one in their place: when that is. It is asked
    /// once for each turn of the connection's task.
    fn due(&self) -> Option<Instant> {
        None
    }

    /// Appends the inbound messages whose time has come. They go on to the next stage; what turned out to be invalid
    /// ends here, as if [rejected](Verdict::Reject).
    fn release(&self, _released: &mut Vec<Result<Message, Invalid>>) {}

    /// For such a stage: whether anything waits here that would be missed if the program ended now. While it does, the
    /// position to go on from stays before it, and the next run gets it again, with what has come since. It is asked as
    /// often as [`due`](Self::due).
    fn holds_back(&self) -> bool {
        false
    }
}

/// What becomes of a message over which a stage has panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnPanic {
    /// It goes on unchanged.
    Pass,
    /// It ends here, as invalid input of this kind; the sender of an outbound one gets
    /// [`ErrorKind::Rejected`](crate::ErrorKind::Rejected).
    Refuse(InvalidKind),
}

/// What a stage makes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// On to the next stage as it is.
    Pass,
    /// On to the next stage as this. Inbound, it keeps the place in the log of the one it stands for.
    Replace(Message),
    /// It ends here, and nobody is told; the sender of an outbound one takes it for sent.
    Drop,
    /// It ends here. Inbound it becomes [`Inbound::Invalid`](crate::Inbound::Invalid), outbound the sender's
    /// [`ErrorKind::Rejected`](crate::ErrorKind::Rejected).
    Reject(Invalid),
}
