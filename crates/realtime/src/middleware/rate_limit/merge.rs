use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use wire::{Message, Place};

/// Objects deeper than this are replaced as a whole: nothing in the protocol nests further.
const DEPTH: usize = 4;

/// What two messages of one state type are together.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Merged {
    /// The newer one says it all.
    Newer,
    Whole(Message),
    /// Both are needed, in their order.
    Apart,
}

type Object<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// In a state message a missing field means that it has not changed: the newest alone would lose what only the older
/// one tells.
pub(super) fn merge(older: &Message, newer: &Message) -> Merged {
    if matches!(newer.place, Some(Place::Snapshot { .. })) {
        return Merged::Newer;
    }
    let (Ok(base), Ok(part)) = (older.decode::<Box<RawValue>>(), newer.decode::<Box<RawValue>>())
    else {
        return Merged::Apart;
    };
    let (Some(before), Some(fields)) = (object(&base), object(&part)) else {
        // No object has no parts.
        return Merged::Newer;
    };
    // Nobody on the way can look into what is encrypted.
    if before.contains_key("enc") || fields.contains_key("enc") {
        return Merged::Apart;
    }
    if fields.get("full").is_some_and(|full| full.get() == "true") {
        return Merged::Newer;
    }
    let Some(data) = merge_values(&base, &part, DEPTH) else { return Merged::Apart };
    match Message::new(newer.ty(), &data, newer.timestamp, newer.id()) {
        Ok(mut whole) => {
            whole.place = newer.place;
            Merged::Whole(whole)
        }
        Err(_) => Merged::Apart,
    }
}

fn object(value: &RawValue) -> Option<Object<'_>> {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Fields<'a>(#[serde(borrow)] BTreeMap<Name<'a>, &'a RawValue>);
    #[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
    #[serde(transparent)]
    struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
    let fields: Fields<'_> = serde_json::from_str(value.get()).ok()?;
    Some(fields.0.into_iter().map(|(name, value)| (name.0, value)).collect())
}

/// `None` where it takes knowledge of the type: one element told of a list.
fn merge_values<'a>(
    base: &'a RawValue,
    part: &'a RawValue,
    depth: usize,
) -> Option<Cow<'a, RawValue>> {
    let is_list = |value: &RawValue| value.get().starts_with('[');
    let Some(fields) = object(part) else { return Some(Cow::Borrowed(part)) };
    if is_list(base) {
        return None;
    }
    let Some(before) = object(base).filter(|_| depth > 0) else {
        return Some(Cow::Borrowed(part));
    };
    let mut whole: BTreeMap<Cow<'a, str>, Cow<'a, RawValue>> =
        before.into_iter().map(|(name, value)| (name, Cow::Borrowed(value))).collect();
    for (name, value) in fields {
        let value = match whole.get(&name) {
            Some(Cow::Borrowed(old)) => merge_values(old, value, depth - 1)?,
            _ => Cow::Borrowed(value),
        };
        whole.insert(name, value);
    }
    let whole = serde_json::value::to_raw_value(&whole).expect("string keys and JSON values");
    Some(Cow::Owned(whole))
}

#[cfg(test)]
mod tests {
    use wire::UnixMillis;

    use super::*;

    fn message(json: &str) -> Message {
        let data = RawValue::from_string(json.to_owned()).unwrap();
        Message::new("vault_update_1", &data, UnixMillis(0), None).unwrap()
    }

    #[track_caller]
    fn check(older: &str, newer: &str, whole: &str) {
        match merge(&message(older), &message(newer)) {
            Merged::Whole(merged) => assert_eq!(merged.data(), whole.as_bytes()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_part_keeps_what_it_does_not_name() {
        check(r#"{"ltv":70.10,"name":"a"}"#, r#"{"ltv":71.000}"#, r#"{"ltv":71.000,"name":"a"}"#);
        check(r#"{"full":true,"a":1}"#, r#"{"b":2}"#, r#"{"a":1,"b":2,"full":true}"#);
        check(r#"{"a":1}"#, r#"{"a":null}"#, r#"{"a":null}"#);
        check(
            r#"{"priceFeeds":{"ETH":1,"BTC":2}}"#,
            r#"{"priceFeeds":{"ETH":3}}"#,
            r#"{"priceFeeds":{"BTC":2,"ETH":3}}"#,
        );
        check(r#"{"debt":{"a":1}}"#, r#"{"debt":[{"a":2}]}"#, r#"{"debt":[{"a":2}]}"#);
    }

    #[test]
    fn what_says_it_all_replaces() {
        let (part, full) = (message(r#"{"a":1}"#), message(r#"{"b":1,"full":true}"#));
        assert_eq!(merge(&part, &full), Merged::Newer);
        assert_eq!(merge(&message("1"), &message("2")), Merged::Newer);
        let mut snapshot = message(r#"{"b":1}"#);
        snapshot.place = Some(Place::Snapshot { offset: 1 });
        assert_eq!(merge(&part, &snapshot), Merged::Newer);
    }

    #[test]
    fn what_cannot_be_merged_without_knowing_it_stays_apart() {
        let plain = message(r#"{"a":1}"#);
        let secret = message(r#"{"enc":"xchacha20poly1305","ct":"…"}"#);
        assert_eq!(merge(&plain, &secret), Merged::Apart);
        assert_eq!(merge(&secret, &secret), Merged::Apart);
        let list = message(r#"{"debt":[{"token":"A"},{"token":"B"}]}"#);
        assert_eq!(merge(&list, &message(r#"{"debt":{"token":"A"}}"#)), Merged::Apart);
    }
}
