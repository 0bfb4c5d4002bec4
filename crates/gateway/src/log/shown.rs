use std::sync::OnceLock;

use bytes::Bytes;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use wire::control::Codec;
use wire::{Compressed, Place};

use super::placed;

/// The value of a key as of an offset, compressed once for all readers who are shown it.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) offset: u64,
    pub(crate) text: Utf8Bytes,
    snapshot: ByCodec<Bytes>,
    late: ByCodec<Compressed>,
}

/// What was made for each codec. Nothing, where it would not have been smaller.
#[derive(Debug)]
struct ByCodec<T>([OnceLock<Option<T>>; 2]);

impl<T> ByCodec<T> {
    fn new() -> Self {
        Self([OnceLock::new(), OnceLock::new()])
    }

    fn get(&self, codec: Option<Codec>, make: impl FnOnce(Codec) -> Option<T>) -> Option<&T> {
        let codec = codec?;
        let at = match codec {
            Codec::Deflate => 0,
            Codec::Zstd => 1,
        };
        self.0[at].get_or_init(|| make(codec)).as_ref()
    }
}

impl Shown {
    pub(crate) fn new(offset: u64, text: Utf8Bytes) -> Self {
        Self { offset, text, snapshot: ByCodec::new(), late: ByCodec::new() }
    }

    /// The frame for whoever begins with it.
    pub(crate) fn snapshot(&self, codec: Option<Codec>) -> Message {
        let rest = &self.text[1..];
        let pack = |codec| {
            let marked = format!("{{\"snapshot\":true,{rest}");
            let place = Place::Snapshot { offset: self.offset };
            Some(Compressed::new(codec, &marked)?.frame(Some(place)))
        };
        match self.snapshot.get(codec, pack) {
            Some(frame) => Message::Binary(frame.clone()),
            None => Message::text(format!("{{\"offset\":{},\"snapshot\":true,{rest}", self.offset)),
        }
    }

    /// The frame for a reader whose position is `prev`, in the place of all it has not got of this key.
    pub(crate) fn late(&self, prev: u64, codec: Option<Codec>) -> Message {
        let offset = self.offset;
        match self.late.get(codec, |codec| Compressed::new(codec, &self.text)) {
            Some(packed) => Message::Binary(packed.frame(Some(Place::Log { offset, prev }))),
            None => Message::Text(placed(&self.text, offset, prev)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_compressed_once_for_all_who_begin_with_it() {
        let text = format!("{{\"type\":\"a\",\"data\":\"{}\",\"timestamp\":1}}", "x".repeat(2_000));
        let shown = Shown::new(9, text.into());
        for codec in [Codec::Deflate, Codec::Zstd] {
            let frame = || shown.snapshot(Some(codec)).into_data();
            assert_eq!(frame().as_ptr(), frame().as_ptr(), "{codec:?}");
            assert_ne!(shown.late(7, Some(codec)), shown.late(8, Some(codec)));
        }
        let plain = shown.snapshot(None);
        assert!(plain.to_text().unwrap().starts_with("{\"offset\":9,\"snapshot\":true,\"type\""));
    }
}
