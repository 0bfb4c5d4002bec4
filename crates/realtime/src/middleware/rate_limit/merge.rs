use wire::{Message, Place};

use crate::fields::Fields;

/// What two messages of one state type are together.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Merged {
    /// The newer one says it all.
    Newer,
    Whole(Message),
    /// Both are needed, in their order.
    Apart,
}

/// In a state message a missing field means that it has not changed: the newest alone would lose what only the older
/// one tells.
pub(super) fn merge(older: &Message, newer: &Message) -> Merged {
    let is_snapshot = |message: &Message| matches!(message.place, Some(Place::Snapshot { .. }));
    // Whoever gets what is late drops it. In one with what is not, it would count.
    if newer.timestamp < older.timestamp || is_snapshot(older) != is_snapshot(newer) {
        return Merged::Apart;
    }
    if !is_object(older) && !is_object(newer) {
        // No object has no parts.
        return Merged::Newer;
    }
    let (Some(mut fields), Some(changed)) = (Fields::of(older), Fields::of(newer)) else {
        return Merged::Apart;
    };
    if changed.are_full() && fields.agree(&changed) {
        return Merged::Newer;
    }
    if fields.add(changed).is_err() {
        return Merged::Apart;
    }
    match Message::new(newer.ty(), &fields, newer.timestamp, newer.id()) {
        Ok(mut whole) => {
            whole.place = newer.place;
            Merged::Whole(whole)
        }
        Err(_) => Merged::Apart,
    }
}

fn is_object(message: &Message) -> bool {
    message.data().starts_with(b"{")
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;
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
    }

    #[test]
    fn what_cannot_be_merged_without_knowing_it_stays_apart() {
        let plain = message(r#"{"a":1}"#);
        let secret = message(r#"{"enc":"xchacha20poly1305","ct":"…"}"#);
        assert_eq!(merge(&plain, &secret), Merged::Apart);
        assert_eq!(merge(&secret, &secret), Merged::Apart);
        let list = message(r#"{"debt":[{"token":"A"},{"token":"B"}]}"#);
        assert_eq!(merge(&list, &message(r#"{"debt":{"token":"A"}}"#)), Merged::Apart);
        let of = |token| message(&format!(r#"{{"debt":{{"token":"{token}"}}}}"#));
        assert_eq!(merge(&of("A"), &of("B")), Merged::Apart);
        let mut snapshot = message(r#"{"b":1}"#);
        snapshot.place = Some(Place::Snapshot { offset: 1 });
        assert_eq!(merge(&plain, &snapshot), Merged::Apart);
    }

    #[test]
    fn what_is_outdated_or_late_does_not_come_to_count() {
        let (ltv, debt) = (message(r#"{"ltv":70}"#), message(r#"{"debt":{"amount":"2"}}"#));
        assert_eq!(merge(&ltv, &debt), Merged::Apart);
        let mut newer = ltv.clone();
        newer.timestamp = UnixMillis(2);
        assert_eq!(merge(&newer, &ltv), Merged::Apart);
    }
}
