use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use smol_str::SmolStr;
use tokio::sync::mpsc;
use wire::{Invalid, Message, Position, UnixMillis};

use crate::Topic;

/// One thing that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inbound {
    /// A valid message that is no duplicate.
    Message(Message),
    /// Something that was no message. It is counted and, once per kind and minute, an
    /// [`Event::Invalid`](crate::Event::Invalid); it is here as well, every time, for whoever wants to look.
    Invalid(Invalid),
    /// `vaultwatch.v1`: the snapshot before this is complete.
    SnapshotEnd(SnapshotEnd),
}

/// The end of a snapshot: what the server has. A type that one of `topics` matches and that is not among `keys` has no
/// state there any more, and what is known of it is stale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotEnd {
    /// The position in the server's log up to which the snapshot tells.
    pub offset: u64,
    /// What the snapshot was about; never empty.
    pub topics: Vec<Topic>,
    /// The types it held, and those that came live meanwhile.
    pub keys: Vec<SmolStr>,
    /// Events that are lost for good; `None` when the server cannot tell.
    pub lost_events: Option<u64>,
}

/// What came in together, in order. Never empty, at most [`Delivery::LIMIT`].
///
/// Messages share the memory of the buffer they were read into: decode and let go of them. Whoever keeps one for
/// long keeps up to 16 KiB with it, or a larger message it came with.
#[derive(Debug)]
pub struct Delivery {
    /// When it was read from the socket.
    pub received: UnixMillis,
    /// In the order in which they came.
    pub messages: Vec<Inbound>,
    /// For a reader that [notes it itself](crate::Builder::resume_at): where to go on once these messages are dealt
    /// with. `None` when that is where it was before.
    pub position: Option<Position>,
}

impl Delivery {
    /// Most messages in one delivery.
    pub const LIMIT: usize = 256;
    /// Most deliveries that wait for the reader. When as many do, messages are gathered, up to `inboundMessages`; then
    /// state is conflated, and when that does not help the socket is not read any more, and the server feels it.
    pub const WAITING: usize = 4;
    /// A delivery being gathered is full at this size, too, so that large messages do not add up.
    pub(crate) const BYTES: usize = 1 << 20;
}

/// The inbound side of a connection: every message once, duplicates and heartbeats left out. It outlives the
/// sockets behind it.
#[derive(Debug)]
pub struct Messages {
    receiver: mpsc::Receiver<Delivery>,
    /// Messages given out with deliveries before the present one, which the reader is done with.
    taken: Arc<AtomicU64>,
    present: u64,
}

impl Messages {
    /// The next delivery; `None` when the connection is gone, which it is when no handle is left. Cancel safe.
    pub async fn recv(&mut self) -> Option<Delivery> {
        self.done();
        let delivery = self.receiver.recv().await?;
        self.present = delivery.messages.len() as u64;
        Some(delivery)
    }

    /// Whoever asks for the next one is done with the last.
    fn done(&mut self) {
        self.taken.fetch_add(std::mem::take(&mut self.present), Ordering::Release);
    }

    /// The next delivery, if one is waiting.
    pub fn try_recv(&mut self) -> Option<Delivery> {
        self.done();
        let delivery = self.receiver.try_recv().ok()?;
        self.present = delivery.messages.len() as u64;
        Some(delivery)
    }
}

/// The driver's end.
#[derive(Debug)]
pub(crate) struct Outlet {
    sender: mpsc::Sender<Delivery>,
    taken: Arc<AtomicU64>,
    handed: u64,
}

pub(crate) fn channel() -> (Outlet, Messages) {
    let (sender, receiver) = mpsc::channel(Delivery::WAITING);
    let taken = Arc::new(AtomicU64::new(0));
    let outlet = Outlet { sender, taken: Arc::clone(&taken), handed: 0 };
    (outlet, Messages { receiver, taken, present: 0 })
}

impl Outlet {
    /// Hands over as much of what was gathered as there is room for. Without a reader all of it is let go.
    /// `position` tells how far the stream was read with so many messages handed over.
    pub(crate) fn offer(
        &mut self,
        gathered: &mut Vec<Inbound>,
        received: UnixMillis,
        mut position: impl FnMut(u64) -> Option<Position>,
    ) {
        while !gathered.is_empty() {
            match self.sender.try_reserve() {
                Ok(permit) => {
                    let messages = take(gathered);
                    self.handed += messages.len() as u64;
                    let position = position(self.handed);
                    permit.send(Delivery { received, messages, position });
                }
                Err(mpsc::error::TrySendError::Full(())) => return,
                Err(mpsc::error::TrySendError::Closed(())) => gathered.clear(),
            }
        }
    }

    /// How many messages were handed over so far.
    pub(crate) fn handed(&self) -> u64 {
        self.handed
    }

    /// How many of them the reader is done with.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Acquire)
    }

    /// Waits until there is room, or no reader any more.
    pub(crate) async fn room(&self) {
        // The permit is given back at once: this task is the only sender, so the room stays.
        let _permit = self.sender.reserve().await;
    }
}

/// The first of what was gathered, as much as one delivery holds.
fn take(gathered: &mut Vec<Inbound>) -> Vec<Inbound> {
    if gathered.len() > Delivery::LIMIT {
        return gathered.drain(..Delivery::LIMIT).collect();
    }
    // As much room as this time was needed, and somewhat more: two turns of a busy feed differ by a message or two, and
    // growing by one would move all of them. A quiet feed wastes none.
    let next = Vec::with_capacity(gathered.len().next_power_of_two());
    std::mem::replace(gathered, next)
}
