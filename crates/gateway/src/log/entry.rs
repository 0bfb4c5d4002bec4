use std::sync::OnceLock;

use bytes::Bytes;
use smol_str::SmolStr;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use wire::control::Codec;
use wire::{Compressed, Place};

use super::Change;

/// A message to be put into a log.
#[derive(Clone, Debug)]
pub(crate) struct EntryKind {
    /// The envelope's `type`.
    pub(crate) ty: SmolStr,
    /// What it does to which value, if it is a state message.
    pub(crate) change: Option<Change>,
    /// The envelope, without a place.
    pub(crate) text: Utf8Bytes,
}

impl EntryKind {
    /// The key of a state message. Of a `vault_update` with the vault in its data it is not the type.
    pub(crate) fn key(&self) -> Option<&SmolStr> {
        self.change.as_ref().map(|change| &change.key)
    }
}

/// A plain client of this process, which does not hear its own messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientId(pub(crate) u64);

/// A message in a log, encoded and compressed once for all its readers.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) offset: u64,
    pub(crate) kind: EntryKind,
    pub(crate) from: Option<ClientId>,
    /// With the place most readers need: directly behind the offset before.
    next: OnceLock<Utf8Bytes>,
    deflated: OnceLock<Option<Packed>>,
    zstd: OnceLock<Option<Packed>>,
}

/// The same, compressed.
#[derive(Debug)]
struct Packed {
    compressed: Compressed,
    /// As above: the frame holds the place, and would be copied for each reader otherwise.
    next: OnceLock<Bytes>,
}

impl Entry {
    pub(crate) fn new(offset: u64, kind: EntryKind, from: Option<ClientId>) -> Self {
        let (next, deflated, zstd) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self { offset, kind, from, next, deflated, zstd }
    }

    pub(crate) fn is_event(&self) -> bool {
        self.kind.change.is_none()
    }

    /// The frame for a reader whose position is `prev`.
    pub(crate) fn frame(&self, prev: u64, codec: Option<Codec>) -> Message {
        let offset = self.offset;
        if let Some(packed) = self.packed(codec) {
            return Message::Binary(packed.frame(offset, prev));
        }
        if prev + 1 == offset {
            let text = self.next.get_or_init(|| placed(&self.kind.text, offset, prev));
            return Message::Text(text.clone());
        }
        Message::Text(placed(&self.kind.text, offset, prev))
    }

    fn packed(&self, codec: Option<Codec>) -> Option<&Packed> {
        let codec = codec?;
        let once = match codec {
            Codec::Deflate => &self.deflated,
            Codec::Zstd => &self.zstd,
        };
        let pack = || {
            let compressed = Compressed::new(codec, &self.kind.text)?;
            Some(Packed { compressed, next: OnceLock::new() })
        };
        once.get_or_init(pack).as_ref()
    }
}

impl Packed {
    fn frame(&self, offset: u64, prev: u64) -> Bytes {
        let frame = || self.compressed.frame(Some(Place::Log { offset, prev }));
        if prev + 1 == offset { self.next.get_or_init(frame).clone() } else { frame() }
    }
}

/// The envelope with a place in front. `text` begins with a brace and has fields, none of them a place.
pub(crate) fn placed(text: &str, offset: u64, prev: u64) -> Utf8Bytes {
    format!("{{\"offset\":{offset},\"prev\":{prev},{}", &text[1..]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_who_keep_up_share_one_frame() {
        let text = format!("{{\"type\":\"a\",\"data\":\"{}\",\"timestamp\":1}}", "x".repeat(2_000));
        let kind = EntryKind { ty: "a".into(), change: None, text: text.into() };
        let entry = Entry::new(9, kind, None);
        for codec in [None, Some(Codec::Deflate), Some(Codec::Zstd)] {
            let bytes = |prev| entry.frame(prev, codec).into_data();
            assert_eq!(bytes(8).as_ptr(), bytes(8).as_ptr(), "{codec:?}");
            assert_ne!(bytes(7), bytes(8), "{codec:?}");
        }
    }
}
