use tokio::sync::mpsc;
use wire::{Invalid, Message, UnixMillis};

/// One thing that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inbound {
    Message(Message),
    /// Something that was no message. It is counted and, once per kind and minute, an
    /// [`Event::Invalid`](crate::Event::Invalid); it is here as well, every time, for whoever wants to look.
    Invalid(Invalid),
}

/// What came in together, in order. Never empty, at most [`Delivery::LIMIT`].
///
/// Messages share the memory of the buffer they were read into: decode and let go of them. Whoever keeps one for
/// long keeps up to 128 KiB with it.
#[derive(Debug)]
pub struct Delivery {
    /// When it was read from the socket.
    pub received: UnixMillis,
    pub messages: Vec<Inbound>,
}

impl Delivery {
    /// Most messages in one delivery.
    pub const LIMIT: usize = 256;
    /// Most deliveries that wait for the reader: with the one being gathered, about 2,300 messages. When as many
    /// wait, the socket is not read any more, and the server feels it; nothing is dropped.
    pub const WAITING: usize = 8;
    /// A delivery being gathered is full at this size, too, so that large messages do not add up.
    pub(crate) const BYTES: usize = 1 << 20;
}

/// The inbound side of a connection: every message once, duplicates and heartbeats left out. It outlives the
/// sockets behind it.
#[derive(Debug)]
pub struct Messages {
    receiver: mpsc::Receiver<Delivery>,
}

impl Messages {
    /// The next delivery; `None` when the connection is gone, which it is when no handle is left. Cancel safe.
    pub async fn recv(&mut self) -> Option<Delivery> {
        self.receiver.recv().await
    }

    /// The next delivery, if one is waiting.
    pub fn try_recv(&mut self) -> Option<Delivery> {
        self.receiver.try_recv().ok()
    }
}

/// The driver's end.
#[derive(Debug)]
pub(crate) struct Outlet {
    sender: mpsc::Sender<Delivery>,
}

pub(crate) fn channel() -> (Outlet, Messages) {
    let (sender, receiver) = mpsc::channel(Delivery::WAITING);
    (Outlet { sender }, Messages { receiver })
}

impl Outlet {
    /// Hands over as much of what was gathered as there is room for. Without a reader all of it is let go.
    pub(crate) fn offer(&self, gathered: &mut Vec<Inbound>, received: UnixMillis) {
        while !gathered.is_empty() {
            match self.sender.try_reserve() {
                Ok(permit) => {
                    let messages = take(gathered);
                    permit.send(Delivery { received, messages });
                }
                Err(mpsc::error::TrySendError::Full(())) => return,
                Err(mpsc::error::TrySendError::Closed(())) => gathered.clear(),
            }
        }
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
    // As much room as this time was needed: a busy feed does not grow it again and again, a quiet one wastes none.
    let next = Vec::with_capacity(gathered.len());
    std::mem::replace(gathered, next)
}
