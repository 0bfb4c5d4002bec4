mod value;

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tracing::warn;

use self::value::Value;
use super::{Part, Shown};

/// The last value of every state key, for whoever joins late or cannot keep up.
///
/// Parts are only collected as they come and merged when somebody asks: a publisher that sends its complete state now
/// and then costs no parsing at all.
#[derive(Debug)]
pub(crate) struct LastValues {
    keys: HashMap<SmolStr, KeyId>,
    values: Vec<Value>,
    bytes: usize,
    /// Beyond these limits messages are still handed on, as if they were events.
    key_limit: usize,
    byte_limit: usize,
    message_limit: usize,
}

/// How much a table of last values holds; beyond it messages are handed on as if they were events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ValueLimits {
    pub(crate) keys: usize,
    /// Of all values together.
    pub(crate) bytes: usize,
    /// Of one merged value.
    pub(crate) message: usize,
}

/// A value as a log keeps it beside its messages, so that it outlives those it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) key: SmolStr,
    full: bool,
    sealed: bool,
    overgrown: bool,
    parts: Vec<(u64, String)>,
}

impl Kept {
    /// Of the newest message in it.
    pub(crate) fn offset(&self) -> u64 {
        self.parts.last().map_or(0, |(offset, _)| *offset)
    }
}

/// A key's place in the table. Keys are never removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KeyId(u32);

/// So many parts are merged at the latest.
const PARTS_LIMIT: usize = 64;
/// So many encrypted parts are kept: a publisher that encrypts sends its full state that often.
const SEALED_LIMIT: usize = 100;
impl LastValues {
    pub(crate) fn new(limits: ValueLimits) -> Self {
        Self {
            keys: HashMap::new(),
            values: Vec::new(),
            bytes: 0,
            key_limit: limits.keys,
            byte_limit: limits.bytes,
            message_limit: limits.message,
        }
    }

    /// Remembers a message, unless the value has it already. None when the table is full, or this value is.
    pub(crate) fn apply(
        &mut self,
        key: &SmolStr,
        part: Part,
        offset: u64,
        text: &Utf8Bytes,
    ) -> Option<KeyId> {
        if let Some(id) = self.keys.get(key)
            && self.offset(*id) >= offset
        {
            return Some(*id);
        }
        if self.bytes + text.len() > self.byte_limit {
            self.compact();
            if self.bytes + text.len() > self.byte_limit {
                return None;
            }
        }
        let id = self.id(key)?;
        if part == Part::Fields && !self.has_room(id, text.len()) {
            return None;
        }
        let value = &mut self.values[id.0 as usize];
        value.shown.clear();
        let sealed = matches!(part, Part::Sealed | Part::SealedFull);
        let full = matches!(part, Part::Full | Part::SealedFull);
        if full || sealed != value.sealed {
            self.bytes -= value.bytes;
            value.parts.clear();
            value.bytes = 0;
            (value.full, value.sealed, value.overgrown) = (full, sealed, false);
        }
        if sealed && value.parts.len() >= SEALED_LIMIT {
            let (_, oldest) = value.parts.remove(0);
            self.bytes -= oldest.len();
            value.bytes -= oldest.len();
        }
        value.parts.push((offset, text.clone()));
        self.bytes += text.len();
        value.bytes += text.len();
        if !value.sealed && value.parts.len() >= PARTS_LIMIT {
            self.merge(id);
        }
        Some(id)
    }

    /// The value of a key in a form that lasts. None when the table has none.
    pub(crate) fn keep(&mut self, key: &str) -> Option<Kept> {
        let id = *self.keys.get(key)?;
        self.render(id);
        let value = &self.values[id.0 as usize];
        let parts = value.parts.iter().map(|(offset, text)| (*offset, text.to_string())).collect();
        let (full, sealed, overgrown) = (value.full, value.sealed, value.overgrown);
        Some(Kept { key: value.key.clone(), full, sealed, overgrown, parts })
    }

    /// Takes back what was kept, in place of what is there. What does not fit is left out.
    pub(crate) fn restore(&mut self, kept: Kept) {
        let bytes: usize = kept.parts.iter().map(|(_, text)| text.len()).sum();
        if self.bytes + bytes > self.byte_limit {
            return;
        }
        let Some(id) = self.id(&kept.key) else { return };
        let value = &mut self.values[id.0 as usize];
        value.shown.clear();
        self.bytes = self.bytes + bytes - value.bytes;
        value.bytes = bytes;
        (value.full, value.sealed, value.overgrown) = (kept.full, kept.sealed, kept.overgrown);
        value.parts = kept.parts.into_iter().map(|(offset, text)| (offset, text.into())).collect();
    }

    /// The value, each message with its offset: one, complete (`"full":true`) if a complete one was ever seen; or,
    /// encrypted, its parts.
    pub(crate) fn render(&mut self, id: KeyId) -> &[Arc<Shown>] {
        let value = &self.values[id.0 as usize];
        if !value.sealed && value.parts.len() > 1 {
            self.merge(id);
        }
        let Value { parts, shown, .. } = &mut self.values[id.0 as usize];
        let show = |(offset, text): &(u64, Utf8Bytes)| Arc::new(Shown::new(*offset, text.clone()));
        if shown.is_empty() {
            shown.extend(parts.iter().map(show));
        }
        shown
    }

    /// Whether the value can be given to somebody who knows nothing of it yet.
    pub(crate) fn is_whole(&self, id: KeyId) -> bool {
        !self.values[id.0 as usize].overgrown
    }

    pub(crate) fn key(&self, id: KeyId) -> &SmolStr {
        &self.values[id.0 as usize].key
    }

    /// Of its newest message.
    pub(crate) fn offset(&self, id: KeyId) -> u64 {
        self.values[id.0 as usize].parts.last().map_or(0, |(offset, _)| *offset)
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = KeyId> + use<> {
        let count = u32::try_from(self.values.len()).expect("the limit is far lower");
        (0..count).map(KeyId)
    }

    fn id(&mut self, key: &SmolStr) -> Option<KeyId> {
        if let Some(id) = self.keys.get(key) {
            return Some(*id);
        }
        if self.values.len() >= self.key_limit {
            return None;
        }
        let id = KeyId(u32::try_from(self.values.len()).ok()?);
        self.keys.insert(key.clone(), id);
        self.values.push(Value::new(key.clone()));
        Some(id)
    }

    /// Whether one more part fits: merged with what is there it must still be a message somebody may be sent. So much
    /// has to be left after merging that the next merge is worth its price.
    fn has_room(&mut self, id: KeyId, more: usize) -> bool {
        let limit = self.message_limit;
        let value = &self.values[id.0 as usize];
        if value.sealed || !value.overgrown && value.bytes + more <= limit {
            return true;
        }
        if !value.overgrown {
            self.merge(id);
            let value = &mut self.values[id.0 as usize];
            value.overgrown = value.bytes + more.max(limit / 8) > limit;
            if value.overgrown {
                let key = value.key.as_str();
                warn!(
                    key,
                    "the state is longer than a message may be; no snapshot of it until it comes complete"
                );
            }
        }
        !self.values[id.0 as usize].overgrown
    }

    fn merge(&mut self, id: KeyId) {
        let value = &mut self.values[id.0 as usize];
        self.bytes -= value.bytes;
        value.merge();
        self.bytes += value.bytes;
    }

    fn compact(&mut self) {
        for id in self.ids() {
            let value = &self.values[id.0 as usize];
            if !value.sealed && value.parts.len() > 1 {
                self.merge(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use wire::Frame;

    use super::*;

    const LIMITS: ValueLimits =
        ValueLimits { keys: 100_000, bytes: 64 << 20, message: (1 << 20) - 512 };

    fn table(limits: ValueLimits, messages: &[&str]) -> (LastValues, Vec<Option<KeyId>>) {
        let mut values = LastValues::new(limits);
        let apply = |(offset, json): (u64, &&str)| {
            let text = Utf8Bytes::from(*json);
            let Ok(Frame::Single(message)) = Frame::parse_text(text.clone()) else {
                panic!("{json}");
            };
            let full = json.contains("\"full\":true");
            let part = if full { Part::Full } else { Part::Fields };
            values.apply(&message.ty().into(), part, offset, &text)
        };
        let ids = (1..).zip(messages).map(apply).collect();
        (values, ids)
    }

    fn texts_of(values: &mut LastValues) -> Vec<(u64, String)> {
        let shown = values.render(KeyId(0)).iter();
        shown.map(|shown| (shown.offset, shown.text.to_string())).collect()
    }

    /// Whoever has heard both knows that the first figure is outdated. Whoever comes later must not take it for current.
    #[test]
    fn a_figure_goes_when_what_it_was_derived_from_changes_without_it() {
        let of = |data: &str| format!(r#"{{"type":"k","data":{data},"timestamp":1}}"#);
        for (first, then, left) in [
            (
                r#"{"ltv":70,"name":"a"}"#,
                r#"{"debt":{"amount":"2"}}"#,
                r#"{"debt":{"amount":"2"},"full":false,"name":"a"}"#,
            ),
            (r#"{"healthFactor":1.2,"ltv":70}"#, r#"{"ltv":75}"#, r#"{"full":false,"ltv":75}"#),
            (
                r#"{"ltv":70,"debt":null}"#,
                r#"{"debt":{"amount":"2"},"ltv":75}"#,
                r#"{"debt":{"amount":"2"},"full":false,"ltv":75}"#,
            ),
        ] {
            let (mut values, _) = table(LIMITS, &[&of(first), &of(then)]);
            assert_eq!(texts_of(&mut values), [(2, of(left))]);
        }
    }

    #[test]
    fn a_value_is_shown_as_the_same_thing_until_it_changes() {
        let part = r#"{"type":"k","data":{"ltv":1},"timestamp":1}"#;
        let (mut values, _) = table(LIMITS, &[part, part]);
        let shown = |values: &mut LastValues| Arc::clone(&values.render(KeyId(0))[0]);
        let before = shown(&mut values);
        assert!(Arc::ptr_eq(&before, &shown(&mut values)));
        let text = r#"{"type":"k","data":{"ltv":2},"timestamp":2}"#.into();
        values.apply(&"k".into(), Part::Fields, 3, &text).unwrap();
        let after = shown(&mut values);
        assert!(after.offset == 3 && after.text.contains("\"ltv\":2"), "{after:?}");
    }

    #[test]
    fn parts_are_merged_with_every_digit_and_null_kept() {
        let (mut values, ids) = table(
            LIMITS,
            &[
                r#"{"type":"k","data":{"full":true,"ltv":1.10,"debt":{"token":"DAI","amount":"5"},"x":1},"timestamp":1}"#,
                r#"{"type":"k","data":{"ltv":70.123456789012345678,"debt":{"amount":"6"}},"timestamp":2}"#,
                r#"{"type":"k","data":{"x":null},"timestamp":3}"#,
            ],
        );
        let expected = r#"{"type":"k","data":{"debt":{"amount":"6","token":"DAI"},"full":true,"ltv":70.123456789012345678,"x":null},"timestamp":3}"#;
        assert_eq!(values.render(ids[0].unwrap())[0].text.as_str(), expected);
    }

    #[test]
    fn what_was_never_complete_does_not_claim_to_be() {
        let part = r#"{"type":"k","data":{"ltv":1},"timestamp":1}"#;
        let (mut values, ids) = table(LIMITS, &[part, part]);
        assert!(values.render(ids[0].unwrap())[0].text.as_str().contains(r#""full":false"#));
    }

    #[test]
    fn parts_do_not_pile_up() {
        let part = r#"{"type":"k","data":{"ltv":1},"timestamp":1}"#;
        let (values, _) = table(LIMITS, &[part; 1_000]);
        assert!(values.bytes < PARTS_LIMIT * 60, "{}", values.bytes);
    }

    #[test]
    fn a_full_table_takes_no_new_keys_and_no_more_bytes() {
        let a = r#"{"type":"a","data":{},"timestamp":1}"#;
        let b = r#"{"type":"b","data":{},"timestamp":1}"#;
        let (_, ids) = table(ValueLimits { keys: 1, ..LIMITS }, &[a, b, a]);
        assert_eq!(ids.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true]);
        let (_, ids) = table(ValueLimits { bytes: 50, ..LIMITS }, &[a, b]);
        assert_eq!(ids.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn a_value_longer_than_a_message_is_given_to_nobody_until_it_comes_complete() {
        let limits = ValueLimits { message: 2_000, ..LIMITS };
        let part = |field: &str, size: usize| {
            let value = "x".repeat(size);
            format!(r#"{{"type":"k","data":{{"{field}":"{value}"}},"timestamp":1}}"#)
        };
        let parts: Vec<_> = ["a", "b", "c", "a"].map(|field| part(field, 700)).into();
        let texts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let (mut values, ids) = table(limits, &texts[..2]);
        assert!(values.is_whole(ids[1].unwrap()));
        // What is only replaced does not grow.
        let (_, ids) = table(limits, &[texts[0]; 5]);
        assert!(ids.iter().all(Option::is_some));
        let (mut overgrown, ids) = table(limits, &texts);
        assert_eq!(ids.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false, false]);
        assert!(!overgrown.is_whole(KeyId(0)));
        assert_eq!(texts_of(&mut overgrown), texts_of(&mut values), "as it was before");
        let full: Utf8Bytes = r#"{"type":"k","data":{"full":true},"timestamp":1}"#.into();
        overgrown.apply(&"k".into(), Part::Full, 9, &full).unwrap();
        assert!(overgrown.is_whole(KeyId(0)));
        assert_eq!(overgrown.bytes, full.len());
    }

    #[test]
    fn encrypted_parts_are_kept_as_they_are_and_not_for_ever() {
        let mut values = LastValues::new(LIMITS);
        let key = SmolStr::new("k");
        let mut apply = |part, offset| {
            values.apply(&key, part, offset, &"{}".into()).unwrap();
            values.render(KeyId(0)).iter().map(|shown| shown.offset).collect::<Vec<_>>()
        };
        apply(Part::Full, 1);
        assert_eq!(apply(Part::Sealed, 2), [2], "never above what anybody can read");
        assert_eq!(apply(Part::Sealed, 3), [2, 3]);
        assert_eq!(apply(Part::SealedFull, 4), [4]);
        for offset in 5..500 {
            apply(Part::Sealed, offset);
        }
        assert_eq!(apply(Part::Sealed, 500), (401..=500).collect::<Vec<_>>());
    }

    #[test]
    fn what_was_kept_goes_on_where_it_was() {
        let part =
            |n: u64| format!(r#"{{"type":"k","data":{{"f{n}":{n}}},"timestamp":{n}}}"#).into();
        let key = SmolStr::new("k");
        let (mut whole, mut again) = (LastValues::new(LIMITS), LastValues::new(LIMITS));
        for offset in 1..=4 {
            whole.apply(&key, Part::Fields, offset, &part(offset)).unwrap();
        }
        let kept = whole.keep("k").unwrap();
        assert_eq!(kept.offset(), 4);
        let json = serde_json::to_string(&kept).unwrap();
        again.restore(serde_json::from_str(&json).unwrap());
        // What the value has already is not applied once more: a newer part would be undone by an older one.
        for offset in 3..=6 {
            again.apply(&key, Part::Fields, offset, &part(offset)).unwrap();
        }
        for offset in 5..=6 {
            whole.apply(&key, Part::Fields, offset, &part(offset)).unwrap();
        }
        assert_eq!(texts_of(&mut again), texts_of(&mut whole));
        assert_eq!(again.bytes, whole.bytes);
        assert_eq!(whole.keep("another"), None);
    }

    #[test]
    fn deep_nesting_is_replaced_instead_of_followed() {
        let deep = format!("{}1{}", "{\"a\":".repeat(100), "}".repeat(100));
        let json = format!(r#"{{"type":"k","data":{deep},"timestamp":1}}"#);
        let (mut values, ids) = table(LIMITS, &[&json, &json]);
        assert!(values.render(ids[0].unwrap())[0].text.len() > 500);
    }
}
