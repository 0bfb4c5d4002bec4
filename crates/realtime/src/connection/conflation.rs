use std::collections::BTreeMap;
use std::collections::hash_map::Entry;

use foldhash::{HashMap, HashMapExt};
use serde_json::value::RawValue;
use wire::{Message, Place};

use crate::{Inbound, Topic};

/// Makes room for a slow reader: of each state type only the last message stays, at the last one's place, with the
/// fields of those before it that it leaves out. Everything else stays where it is. Returns how many went.
///
/// What has no newer one is not read, and of what has, each message once, however many follow each other.
pub(super) fn conflate(gathered: &mut Vec<Inbound>, state_types: &[Topic]) -> u64 {
    let mut changes = Changes::default();
    let mut runs: HashMap<&str, Run<'_>> = HashMap::new();
    for (at, inbound) in gathered.iter().enumerate() {
        let Inbound::Message(message) = inbound else {
            // What a snapshot held must not slip behind its end.
            runs.drain().for_each(|(_, run)| run.end(&mut changes));
            continue;
        };
        let ty = message.ty();
        if !state_types.iter().any(|topic| topic.matches(ty)) {
            continue;
        }
        match runs.entry(ty) {
            Entry::Vacant(entry) => _ = entry.insert(Run::new(at, message)),
            Entry::Occupied(mut entry) => {
                if !entry.get_mut().go_on(at, message) {
                    entry.insert(Run::new(at, message)).end(&mut changes);
                }
            }
        }
    }
    runs.into_values().for_each(|run| run.end(&mut changes));
    changes.apply(gathered)
}

/// Messages of one type, of which the newest says it all.
struct Run<'a> {
    at: usize,
    newest: &'a Message,
    older: Vec<usize>,
    /// Of all of them; `None` as long as there is one only.
    fields: Option<Fields<'a>>,
    said_by: SaidBy,
}

type Fields<'a> = BTreeMap<&'a str, &'a RawValue>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum SaidBy {
    /// The newest as it is.
    Newest,
    /// All of them together.
    All,
}

/// What becomes of the messages: where there is another one, and where there is none any more.
#[derive(Default)]
struct Changes {
    merged: Vec<(usize, Message)>,
    gone: Vec<usize>,
}

impl<'a> Run<'a> {
    fn new(at: usize, newest: &'a Message) -> Self {
        Self { at, newest, older: Vec::new(), fields: None, said_by: SaidBy::Newest }
    }

    /// Adds a newer one: a field it leaves out is unchanged. `false` where that cannot be known: what is no object, or
    /// encrypted.
    fn go_on(&mut self, at: usize, newer: &'a Message) -> bool {
        if is_snapshot(self.newest) != is_snapshot(newer) {
            return false;
        }
        if self.fields.is_none() {
            self.fields = fields(self.newest);
        }
        let (Some(known), Some(changed)) = (&mut self.fields, fields(newer)) else { return false };
        if changed.get("full").is_some_and(|full| full.get() == "true") {
            *known = changed;
            self.said_by = SaidBy::Newest;
        } else {
            known.extend(changed);
            self.said_by = SaidBy::All;
        }
        self.older.push(std::mem::replace(&mut self.at, at));
        self.newest = newer;
        true
    }

    fn end(self, changes: &mut Changes) {
        if let (SaidBy::All, Some(fields)) = (self.said_by, &self.fields) {
            let Message { timestamp, place, .. } = self.newest;
            let (ty, id) = (self.newest.ty(), self.newest.id());
            let Ok(mut merged) = Message::new(ty, fields, *timestamp, id) else { return };
            merged.place = *place;
            changes.merged.push((self.at, merged));
        }
        changes.gone.extend(self.older);
    }
}

fn is_snapshot(message: &Message) -> bool {
    matches!(message.place, Some(Place::Snapshot { .. }))
}

fn fields(message: &Message) -> Option<Fields<'_>> {
    let fields: Fields<'_> = serde_json::from_slice(message.data()).ok()?;
    (!fields.contains_key("enc")).then_some(fields)
}

impl Changes {
    fn apply(self, gathered: &mut Vec<Inbound>) -> u64 {
        for (at, merged) in self.merged {
            gathered[at] = Inbound::Message(merged);
        }
        let mut stays = vec![true; gathered.len()];
        for at in &self.gone {
            stays[*at] = false;
        }
        let mut stays = stays.into_iter();
        gathered.retain(|_| stays.next().unwrap_or(true));
        self.gone.len() as u64
    }
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

    #[test]
    fn many_of_one_type_become_the_one_they_amount_to() {
        let a = |data| message("vault_update_A", data);
        check(
            vec![
                a(json!({"name": "a", "ltv": 1})),
                a(json!({"ltv": 2, "maxLTV": 80})),
                a(json!({"full": true, "ltv": 3})),
                a(json!({"ltv": 4})),
                a(json!({"status": "ACTIVE"})),
            ],
            &[("vault_update_A", r#"{"full":true,"ltv":4,"status":"ACTIVE"}"#)],
        );
    }

    #[test]
    fn what_cannot_be_merged_parts_those_before_it_from_those_after() {
        let a = |data| message("vault_update_A", data);
        check(
            vec![
                a(json!({"ltv": 1})),
                a(json!({"name": "a"})),
                a(json!({"enc": "x"})),
                a(json!({"ltv": 3})),
                a(json!({"name": "b"})),
                a(json!([])),
            ],
            &[
                ("vault_update_A", r#"{"ltv":1,"name":"a"}"#),
                ("vault_update_A", r#"{"enc":"x"}"#),
                ("vault_update_A", r#"{"ltv":3,"name":"b"}"#),
                ("vault_update_A", "[]"),
            ],
        );
    }

    #[test]
    fn nothing_slips_from_before_the_end_of_a_snapshot_to_behind_it() {
        let end = crate::SnapshotEnd { offset: 1, topics: vec![], keys: vec![], lost_events: None };
        check(
            vec![
                message("vault_update_A", json!({"ltv": 1})),
                message("vault_update_A", json!({"name": "a"})),
                Inbound::SnapshotEnd(end),
                message("vault_update_A", json!({"ltv": 2})),
            ],
            &[
                ("vault_update_A", r#"{"ltv":1,"name":"a"}"#),
                ("end", ""),
                ("vault_update_A", r#"{"ltv":2}"#),
            ],
        );
    }
}
