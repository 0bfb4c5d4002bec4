use smol_str::SmolStr;
use thiserror::Error;
use wire::{Message, UnixMillis};

use super::StreamKey;

/// A message to be kept until it is acknowledged. It has an id, made by the client, by which the server recognises it
/// when it is sent twice.
///
/// The message is what goes on the wire: where there is end-to-end encryption, encrypt first, so that the disk holds
/// no plaintext either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    stream: StreamKey,
    id: SmolStr,
    message: Message,
    queued: UnixMillis,
    expires: UnixMillis,
    sent: Option<UnixMillis>,
}

/// A message without an id cannot be recognised by the server, and so not be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a message that must be acknowledged needs an id")]
pub struct MissingId;

impl Entry {
    /// An item that waits, from the wall time `queued` until `expires`.
    ///
    /// # Errors
    /// [`MissingId`] when the message has none.
    pub fn new(
        stream: StreamKey,
        mut message: Message,
        queued: UnixMillis,
        expires: UnixMillis,
    ) -> Result<Self, MissingId> {
        let id = message.id().map(SmolStr::new).ok_or(MissingId)?;
        // Where a server once put it says nothing of where it will go.
        message.place = None;
        Ok(Self { stream, id, message, queued, expires, sent: None })
    }

    /// The same, to be written to a socket as soon as it is kept: one commit instead of two.
    #[must_use]
    pub fn sent_at_once(mut self) -> Self {
        self.sent = Some(self.queued);
        self
    }

    /// Which connection it is for.
    #[must_use]
    pub fn stream(&self) -> &StreamKey {
        &self.stream
    }

    /// By which the server recognises it.
    #[must_use]
    pub fn id(&self) -> &SmolStr {
        &self.id
    }

    /// As it goes on the wire, without a place.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// Since when it waits.
    #[must_use]
    pub fn queued(&self) -> UnixMillis {
        self.queued
    }

    /// When it is no longer worth sending.
    #[must_use]
    pub fn expires(&self) -> UnixMillis {
        self.expires
    }

    /// How it begins its life.
    #[must_use]
    pub fn state(&self) -> EntryState {
        self.sent.map_or(EntryState::Queued, |first| EntryState::Sent { first })
    }

    /// What it weighs against [`Bounds::bytes`]: the envelope's text.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        weight(&self.message)
    }
}

/// An item's place in the order of all streams. It rises with each item, and none is given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(pub i64);

/// An item that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its place in the order.
    pub sequence: Sequence,
    /// Which connection it is for.
    pub stream: StreamKey,
    /// The client-made id: the idempotency key.
    pub id: SmolStr,
    /// As it goes on the wire.
    pub message: Message,
    /// Since when it waits.
    pub queued: UnixMillis,
    /// When it is no longer worth sending.
    pub expires: UnixMillis,
    /// How far it has got.
    pub state: EntryState,
}

impl Item {
    /// What it weighs against [`Bounds::bytes`].
    #[must_use]
    pub fn bytes(&self) -> u64 {
        weight(&self.message)
    }
}

fn weight(message: &Message) -> u64 {
    let id = message.id().map_or(0, |id| id.len());
    u64::try_from(message.ty().len() + message.data().len() + id).unwrap_or(u64::MAX)
}

/// How far an item has got.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum EntryState {
    /// Never written to a socket.
    Queued,
    /// Written, or about to be, for the first time at `first`; not acknowledged.
    Sent { first: UnixMillis },
    /// Not to be sent again until a person says so.
    Parked(Parked),
}

/// Why an item was put aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// For programs: a server's `nack` code, `outcome_unknown` or `unsayable`.
    pub code: SmolStr,
    /// For people.
    pub message: String,
    /// When it was.
    pub at: UnixMillis,
}

/// How the waiting of an item ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The server has it: removed.
    Acked,
    /// It waited too long: removed.
    Expired,
    /// Its sender does not want it sent any more: removed.
    Cancelled,
    /// Refused for good, or nobody knows: kept, with the reason, until a person decides.
    Parked(Parked),
}

/// How much may be kept, parked items included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Items.
    pub messages: u64,
    /// Of the envelopes' text; the file is somewhat larger.
    pub bytes: u64,
}

impl Default for Bounds {
    /// 10,000 messages and 64 MiB: more than three minutes at the drain rate of 50/s.
    fn default() -> Self {
        Self { messages: 10_000, bytes: 64 << 20 }
    }
}

/// How much is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Parked ones included.
    pub messages: u64,
    /// Parked ones included.
    pub bytes: u64,
    /// Those put aside until a person decides.
    pub parked: u64,
    /// When the oldest item that is not parked was queued.
    pub oldest: Option<UnixMillis>,
}
