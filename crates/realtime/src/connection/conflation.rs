use std::collections::{BTreeMap, HashMap};

use serde_json::value::RawValue;
use smol_str::SmolStr;
use wire::{Message, Place};

use crate::{Inbound, Topic};

/// Makes room for a slow reader: of each state type only the last message stays, at the last one's place, with the
/// fields of those before it that it leaves out. Everything else stays where it is. Returns how many went.
pub(super) fn conflate(gathered: &mut Vec<Inbound>, state_types: &[Topic]) -> u64 {
    let before = gathered.len();
    let mut last: HashMap<SmolStr, usize> = HashMap::new();
    let mut gone = vec![false; before];
    for at in 0..before {
        let Inbound::Message(message) = &gathered[at] else {
            // What a snapshot held must not slip behind its end.
            last.clear();
            continue;
        };
        if !state_types.iter().any(|topic| topic.matches(message.ty())) {
            continue;
        }
        let ty = message.ty().into();
        let Some(earlier) = last.insert(ty, at) else { continue };
        let Inbound::Message(older) = &gathered[earlier] else { continue };
        if let Some(merged) = merge(older, message) {
            gathered[at] = Inbound::Message(merged);
            gone[earlier] = true;
        }
    }
    let mut gone = gone.into_iter();
    gathered.retain(|_| !gone.next().unwrap_or_default());
    (before - gathered.len()) as u64
}

/// Both in one: a field the newer one leaves out is unchanged. `None` where that cannot be known: what is no object, or
/// encrypted.
fn merge(older: &Message, newer: &Message) -> Option<Message> {
    type Fields<'a> = BTreeMap<&'a str, &'a RawValue>;
    let snapshot = |message: &Message| matches!(message.place, Some(Place::Snapshot { .. }));
    if snapshot(older) != snapshot(newer) {
        return None;
    }
    let mut fields: Fields<'_> = serde_json::from_slice(older.data()).ok()?;
    let changed: Fields<'_> = serde_json::from_slice(newer.data()).ok()?;
    if fields.contains_key("enc") || changed.contains_key("enc") {
        return None;
    }
    if changed.get("full").is_some_and(|full| full.get() == "true") {
        return Some(newer.clone());
    }
    fields.extend(changed);
    let id = newer.id();
    let mut merged = Message::new(newer.ty(), &fields, newer.timestamp, id).ok()?;
    merged.place = newer.place;
    Some(merged)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wire::UnixMillis;

    use super::*;

    fn message(ty: &str, data: serde_json::Value) -> Inbound {
        Inbound::Message(Message::new(ty, &data, UnixMillis(1), None).unwrap())
    }

    fn check(gathered: Vec<Inbound>, expected: &[(&str, &str)]) {
        let mut gathered = gathered;
        let before = gathered.len();
        let states = [Topic::parse("vault_update_*").unwrap()];
        let gone = conflate(&mut gathered, &states);
        assert_eq!(gone as usize, before - expected.len());
        let left: Vec<_> = gathered
            .iter()
            .map(|inbound| match inbound {
                Inbound::Message(m) => (m.ty(), str::from_utf8(m.data()).unwrap()),
                Inbound::Invalid(_) => ("invalid", ""),
                Inbound::SnapshotEnd(_) => ("end", ""),
            })
            .collect();
        assert_eq!(left, expected);
    }

    #[test]
    fn state_keeps_the_newest_of_each_field_and_events_all_count() {
        check(
            vec![
                message("vault_update_A", json!({"ltv": 1, "name": "a"})),
                message("risk_alert", json!({"message": "1"})),
                message("vault_update_B", json!({"ltv": 5})),
                message("vault_update_A", json!({"ltv": 2})),
                message("risk_alert", json!({"message": "2"})),
                message("vault_update_A", json!({"ltv": null})),
            ],
            &[
                ("risk_alert", r#"{"message":"1"}"#),
                ("vault_update_B", r#"{"ltv":5}"#),
                ("risk_alert", r#"{"message":"2"}"#),
                ("vault_update_A", r#"{"ltv":null,"name":"a"}"#),
            ],
        );
    }

    #[test]
    fn a_full_state_replaces_and_an_encrypted_one_is_left_alone() {
        check(
            vec![
                message("vault_update_A", json!({"name": "a"})),
                message("vault_update_A", json!({"full": true, "ltv": 1})),
                message("vault_update_B", json!({"enc": "x", "ct": "1"})),
                message("vault_update_B", json!({"enc": "x", "ct": "2"})),
                message("vault_update_C", json!(1)),
                message("vault_update_C", json!(2)),
            ],
            &[
                ("vault_update_A", r#"{"full":true,"ltv":1}"#),
                ("vault_update_B", r#"{"ct":"1","enc":"x"}"#),
                ("vault_update_B", r#"{"ct":"2","enc":"x"}"#),
                ("vault_update_C", "1"),
                ("vault_update_C", "2"),
            ],
        );
    }
}
