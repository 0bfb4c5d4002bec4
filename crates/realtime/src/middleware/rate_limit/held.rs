use std::collections::HashMap;

use smol_str::SmolStr;
use wire::Message;

use super::merge::{Merged, merge};

/// Messages that may be held back at once; one more lets all of them go.
const LIMIT: usize = 16_384;
/// And those of one type.
const LIMIT_EACH: usize = 64;

/// State messages that wait for their turn: of each type the newest, or the few newest parts that make no whole.
#[derive(Debug, Default)]
pub(super) struct Held {
    parts: HashMap<SmolStr, Vec<Message>>,
    count: usize,
}

impl Held {
    pub(super) fn holds(&self, ty: &str) -> bool {
        self.parts.contains_key(ty)
    }

    pub(super) fn is_full(&self) -> bool {
        self.count >= LIMIT
    }

    /// Holds a message back, as one with what of its type is held already where that loses nothing. Returns whether
    /// there is room for more of this type.
    pub(super) fn hold(&mut self, message: &Message) -> bool {
        let parts = self.parts.entry(message.ty().into()).or_default();
        let before = parts.len();
        match parts.last().map_or(Merged::Apart, |last| merge(last, message)) {
            Merged::Newer => {
                parts.clear();
                parts.push(message.clone());
            }
            Merged::Whole(whole) => *parts.last_mut().expect("it was merged with it") = whole,
            Merged::Apart => parts.push(message.clone()),
        }
        self.count = self.count + parts.len() - before;
        parts.len() < LIMIT_EACH
    }

    pub(super) fn take(&mut self, ty: &str) -> Vec<Message> {
        let parts = self.parts.remove(ty).unwrap_or_default();
        self.count -= parts.len();
        parts
    }
}
