use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use foldhash::{HashMap, HashMapExt};
use serde_json::value::RawValue;
use smol_str::SmolStr;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use wire::Frame;

use super::limits::Limits;

/// The last value of every state key, for whoever joins late or cannot keep up.
///
/// Parts are only collected as they come and merged when somebody asks: a publisher that sends its complete state now
/// and then costs no parsing at all.
#[derive(Debug)]
pub(super) struct LastValues {
    keys: HashMap<SmolStr, KeyId>,
    values: Vec<Value>,
    bytes: usize,
    /// Beyond these limits messages are still handed on, as if they were events.
    key_limit: usize,
    byte_limit: usize,
}

/// A key's place in the table. Keys are never removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct KeyId(u32);

#[derive(Debug)]
struct Value {
    key: SmolStr,
    /// Whether a complete state lies below the parts.
    full: bool,
    /// Oldest first.
    parts: Vec<Utf8Bytes>,
}

/// So many parts are merged at the latest.
const PARTS_LIMIT: usize = 64;
/// Objects deeper than this are replaced as a whole: nothing in the protocol nests further.
const MERGE_DEPTH: usize = 4;

impl LastValues {
    pub(super) fn new(limits: &Limits) -> Self {
        let (key_limit, byte_limit) = (limits.state_keys, limits.state_bytes);
        Self { keys: HashMap::new(), values: Vec::new(), bytes: 0, key_limit, byte_limit }
    }

    /// Remembers a message. None when the table is full.
    pub(super) fn apply(&mut self, key: &SmolStr, full: bool, text: &Utf8Bytes) -> Option<KeyId> {
        if self.bytes + text.len() > self.byte_limit {
            self.compact();
            if self.bytes + text.len() > self.byte_limit {
                return None;
            }
        }
        let id = self.id(key)?;
        let value = &mut self.values[id.0 as usize];
        if full {
            self.bytes -= value.bytes();
            value.parts.clear();
            value.full = true;
        }
        value.parts.push(text.clone());
        self.bytes += text.len();
        if value.parts.len() >= PARTS_LIMIT {
            self.merge(id);
        }
        Some(id)
    }

    /// The value as one message: complete (`"full":true`) if a complete one was ever seen.
    pub(super) fn render(&mut self, id: KeyId) -> Utf8Bytes {
        if self.values[id.0 as usize].parts.len() > 1 {
            self.merge(id);
        }
        self.values[id.0 as usize].parts[0].clone()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = KeyId> + use<> {
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
        self.values.push(Value { key: key.clone(), full: false, parts: Vec::new() });
        Some(id)
    }

    fn merge(&mut self, id: KeyId) {
        let value = &mut self.values[id.0 as usize];
        self.bytes -= value.bytes();
        value.merge();
        self.bytes += value.bytes();
    }

    fn compact(&mut self) {
        for id in self.ids() {
            if self.values[id.0 as usize].parts.len() > 1 {
                self.merge(id);
            }
        }
    }
}

impl Value {
    fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.len()).sum()
    }

    fn merge(&mut self) {
        let parse = |part: &Utf8Bytes| match Frame::parse(&Bytes::from(part.clone())) {
            Ok(Frame::Single(message)) => Some(message),
            _ => None,
        };
        let messages: Vec<_> = self.parts.iter().filter_map(parse).collect();
        let timestamp = messages.last().expect("only valid messages are remembered").timestamp;
        let mut data: Box<RawValue> = RawValue::from_string("{}".into()).expect("an object");
        for message in &messages {
            let part: Box<RawValue> = message.decode().expect("data was JSON when it came in");
            data = merge(&data, &part, MERGE_DEPTH);
        }
        let full = if self.full { "true" } else { "false" };
        let mark = RawValue::from_string(format!("{{\"full\":{full}}}")).expect("an object");
        data = merge(&data, &mark, MERGE_DEPTH);
        let ty = serde_json::to_string(self.key.as_str()).expect("a string");
        let text = format!("{{\"type\":{ty},\"data\":{data},\"timestamp\":{timestamp}}}");
        self.parts.clear();
        self.parts.push(text.into());
    }
}

/// `part` over `base`: objects field by field, anything else replaces. A `null` stays, because it says "cleared",
/// which is not the same as never heard of. Numbers keep their digits, being copied as text.
fn merge(base: &RawValue, part: &RawValue, depth: usize) -> Box<RawValue> {
    type Object<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;
    let object = |value: &'_ RawValue| value.get().starts_with('{');
    if depth == 0 || !object(base) || !object(part) {
        return part.to_owned();
    }
    let parse = |value| serde_json::from_str::<Object<'_>>(value);
    let (Ok(base), Ok(part)) = (parse(base.get()), parse(part.get())) else {
        return part.to_owned();
    };
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

#[cfg(test)]
mod tests {
    use super::*;

    fn table(limits: Limits, messages: &[&str]) -> (LastValues, Vec<Option<KeyId>>) {
        let mut values = LastValues::new(&limits);
        let apply = |json: &&str| {
            let text = Utf8Bytes::from(*json);
            let Ok(Frame::Single(message)) = Frame::parse(&Bytes::from(text.clone())) else {
                panic!("{json}");
            };
            values.apply(&message.ty, json.contains("\"full\":true"), &text)
        };
        let ids = messages.iter().map(apply).collect();
        (values, ids)
    }

    #[test]
    fn parts_are_merged_with_every_digit_and_null_kept() {
        let (mut values, ids) = table(
            Limits::default(),
            &[
                r#"{"type":"k","data":{"full":true,"ltv":1.10,"debt":{"token":"DAI","amount":"5"},"x":1},"timestamp":1}"#,
                r#"{"type":"k","data":{"ltv":70.123456789012345678,"debt":{"amount":"6"}},"timestamp":2}"#,
                r#"{"type":"k","data":{"x":null},"timestamp":3}"#,
            ],
        );
        let expected = r#"{"type":"k","data":{"debt":{"amount":"6","token":"DAI"},"full":true,"ltv":70.123456789012345678,"x":null},"timestamp":3}"#;
        assert_eq!(values.render(ids[0].unwrap()).as_str(), expected);
    }

    #[test]
    fn what_was_never_complete_does_not_claim_to_be() {
        let part = r#"{"type":"k","data":{"ltv":1},"timestamp":1}"#;
        let (mut values, ids) = table(Limits::default(), &[part, part]);
        assert!(values.render(ids[0].unwrap()).as_str().contains(r#""full":false"#));
    }

    #[test]
    fn parts_do_not_pile_up() {
        let part = r#"{"type":"k","data":{"ltv":1},"timestamp":1}"#;
        let (values, _) = table(Limits::default(), &[part; 1_000]);
        assert!(values.bytes < PARTS_LIMIT * 60, "{}", values.bytes);
    }

    #[test]
    fn a_full_table_takes_no_new_keys_and_no_more_bytes() {
        let a = r#"{"type":"a","data":{},"timestamp":1}"#;
        let b = r#"{"type":"b","data":{},"timestamp":1}"#;
        let (_, ids) = table(Limits { state_keys: 1, ..Limits::default() }, &[a, b, a]);
        assert_eq!(ids.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true]);
        let (_, ids) = table(Limits { state_bytes: 50, ..Limits::default() }, &[a, b]);
        assert_eq!(ids.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn deep_nesting_is_replaced_instead_of_followed() {
        let deep = format!("{}1{}", "{\"a\":".repeat(100), "}".repeat(100));
        let json = format!(r#"{{"type":"k","data":{deep},"timestamp":1}}"#);
        let (mut values, ids) = table(Limits::default(), &[&json, &json]);
        assert!(values.render(ids[0].unwrap()).len() > 500);
    }
}
