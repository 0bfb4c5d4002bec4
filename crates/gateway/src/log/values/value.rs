use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;
use smol_str::SmolStr;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use wire::{DERIVED, Frame};

use super::super::Shown;

/// What is known of one key.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) key: SmolStr,
    /// Whether a complete state lies below the parts.
    pub(super) full: bool,
    /// Encrypted: kept part by part, because nobody here can merge them.
    pub(super) sealed: bool,
    /// Longer than a message may be: no snapshot until the next complete state, and no parts are collected. For
    /// readers who lag, what was collected before still counts.
    pub(super) overgrown: bool,
    /// Oldest first, each with its offset.
    pub(super) parts: Vec<(u64, Utf8Bytes)>,
    /// Of all parts.
    pub(super) bytes: usize,
    /// The parts as readers were shown them, until something changes.
    pub(super) shown: Vec<Arc<Shown>>,
}

/// Objects deeper than this are replaced as a whole: nothing in the protocol nests further.
const MERGE_DEPTH: usize = 4;

impl Value {
    pub(super) fn new(key: SmolStr) -> Self {
        let (full, sealed, overgrown) = (false, false, false);
        let (parts, shown) = (Vec::new(), Vec::new());
        Self { key, full, sealed, overgrown, parts, bytes: 0, shown }
    }

    /// All parts in one.
    pub(super) fn merge(&mut self) {
        let Some((offset, _)) = self.parts.last() else { return };
        let offset = *offset;
        let parse = |(_, part): &(u64, Utf8Bytes)| match Frame::parse_text(part.clone()) {
            Ok(Frame::Single(message)) => Some(message),
            _ => None,
        };
        let messages: Vec<_> = self.parts.iter().filter_map(parse).collect();
        // Others may write where values are kept. What cannot be read is left out; nothing readable stays as it is.
        let Some(timestamp) = messages.last().map(|message| message.timestamp) else { return };
        let mut data: Box<RawValue> = RawValue::from_string("{}".into()).expect("an object");
        for message in &messages {
            let part: Box<RawValue> = message.decode().expect("data was JSON when it came in");
            data = merge(&without_outdated(&data, &part), &part, MERGE_DEPTH);
        }
        let full = if self.full { "true" } else { "false" };
        let mark = RawValue::from_string(format!("{{\"full\":{full}}}")).expect("an object");
        data = merge(&data, &mark, MERGE_DEPTH);
        let ty = serde_json::to_string(self.key.as_str()).expect("a string");
        let text = format!("{{\"type\":{ty},\"data\":{data},\"timestamp\":{timestamp}}}");
        self.bytes = text.len();
        self.shown.clear();
        self.parts.clear();
        self.parts.push((offset, text.into()));
    }
}

type Object<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

fn object(value: &RawValue) -> Option<Object<'_>> {
    value.get().starts_with('{').then(|| serde_json::from_str(value.get()).ok())?
}

/// `base` without the figures that `part` makes outdated: in one value they would be taken for up to date.
fn without_outdated<'a>(base: &'a RawValue, part: &RawValue) -> Cow<'a, RawValue> {
    let (Some(mut known), Some(told)) = (object(base), object(part)) else {
        return Cow::Borrowed(base);
    };
    let before = known.len();
    known.retain(|name, _| {
        let derived = DERIVED.iter().find(|(figure, _)| *figure == name.as_ref());
        let mut from = derived.into_iter().flat_map(|(_, sources)| *sources);
        !from.any(|source| told.contains_key(*source))
    });
    if known.len() == before {
        return Cow::Borrowed(base);
    }
    Cow::Owned(serde_json::value::to_raw_value(&known).expect("string keys and JSON values"))
}

/// `part` over `base`: objects field by field, anything else replaces. A `null` stays, because it says "cleared",
/// which is not the same as never heard of. Numbers keep their digits, being copied as text.
fn merge(base: &RawValue, part: &RawValue, depth: usize) -> Box<RawValue> {
    if depth == 0 {
        return part.to_owned();
    }
    let (Some(base), Some(part)) = (object(base), object(part)) else { return part.to_owned() };
    let mut merged: BTreeMap<&str, Cow<'_, RawValue>> =
        base.iter().map(|(name, value)| (name.as_ref(), Cow::Borrowed(*value))).collect();
    for (name, value) in &part {
        let value = match base.get(name) {
            Some(old) => Cow::Owned(merge(old, value, depth - 1)),
            None => Cow::Borrowed(*value),
        };
        merged.insert(name, value);
    }
    serde_json::value::to_raw_value(&merged).expect("string keys and JSON values")
}
