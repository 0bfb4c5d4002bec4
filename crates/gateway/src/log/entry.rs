use std::sync::OnceLock;

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
    deflated: OnceLock<Option<Compressed>>,
    zstd: OnceLock<Option<Compressed>>,
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
        if let Some(compressed) = self.compressed(codec) {
            return Message::Binary(compressed.frame(Some(Place::Log { offset, prev })));
        }
        if prev + 1 == offset {
            let text = self.next.get_or_init(|| placed(&self.kind.text, offset, prev));
            return Message::Text(text.clone());
        }
        Message::Text(placed(&self.kind.text, offset, prev))
    }

    fn compressed(&self, codec: Option<Codec>) -> Option<&Compressed> {
        let codec = codec?;
        let once = match codec {
            Codec::Deflate => &self.deflated,
            Codec::Zstd => &self.zstd,
        };
        once.get_or_init(|| Compressed::new(codec, &self.kind.text)).as_ref()
    }
}

/// The envelope with a place in front. `text` begins with a brace and has fields, none of them a place.
pub(crate) fn placed(text: &str, offset: u64, prev: u64) -> Utf8Bytes {
    format!("{{\"offset\":{offset},\"prev\":{prev},{}", &text[1..]).into()
}
