use std::collections::hash_map::Entry;

use foldhash::{HashMap, HashMapExt};
use wire::{Message, Place, UnixMillis};

use crate::fields::Fields;
use crate::{Inbound, Topic};

/// Makes room for a slow reader: of each state type only the last message stays, at the last one's place, with the
/// fields of those before it that it leaves out. Everything else stays where it is, and so does what would not say the
/// same any more in one message. Returns how many went.
///
/// What has no newer one is not read, and of what has, each message once, however many follow each other.
pub(super) fn conflate(gathered: &mut Vec<Inbound>, state_types: &[Topic]) -> u64 {
    let mut changes = Changes::default();
    let mut runs: HashMap<&str, Run<'_>> = HashMap::new();
    for (at, inbound) in gathered.iter().enumerate() {
        let Inbound::Message(message) = inbound else {
            // What a snapshot held must not slip behind its end.
            runs.values_mut().for_each(|run| run.goes_on = GoesOn::No);
            continue;
        };
        let ty = message.ty();
        if !state_types.iter().any(|topic| topic.matches(ty)) {
            continue;
        }
        match runs.entry(ty) {
            Entry::Vacant(entry) => _ = entry.insert(Run::new(at, message)),
            Entry::Occupied(mut entry) => {
                if let Err(next) = entry.get_mut().go_on(at, message) {
                    entry.insert(next).end(&mut changes);
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
    /// Of all of them; `None` until somebody asks.
    fields: Option<Fields<'a>>,
    said_by: SaidBy,
    goes_on: GoesOn,
    /// The last moment that any message of the type was from.
    latest: UnixMillis,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SaidBy {
    /// The newest as it is.
    Newest,
    /// All of them together.
    All,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum GoesOn {
    Yes,
    No,
}

/// What becomes of the messages: where there is another one, and where there is none any more.
#[derive(Default)]
struct Changes {
    merged: Vec<(usize, Message)>,
    gone: Vec<usize>,
}

impl<'a> Run<'a> {
    fn new(at: usize, newest: &'a Message) -> Self {
        Self {
            at,
            newest,
            older: Vec::new(),
            fields: None,
            said_by: SaidBy::Newest,
            goes_on: GoesOn::Yes,
            latest: newest.timestamp,
        }
    }

    /// Adds a newer one: a field it leaves out is unchanged. Where that cannot be known, because it is no object, or
    /// encrypted, or does not fit, it is the first of the next run.
    fn go_on(&mut self, at: usize, newer: &'a Message) -> Result<(), Self> {
        let latest = self.latest.max(newer.timestamp);
        let next = |fields| Self { fields, latest, ..Self::new(at, newer) };
        // Whoever gets what is late drops it. In one with what is not, it would count.
        let is_late = newer.timestamp < self.latest || self.newest.timestamp < self.latest;
        let is_border = is_snapshot(self.newest) != is_snapshot(newer);
        if is_late || is_border || self.goes_on == GoesOn::No {
            return Err(next(None));
        }
        if self.fields.is_none() {
            self.fields = Fields::of(self.newest);
        }
        let (Some(known), Some(changed)) = (&mut self.fields, Fields::of(newer)) else {
            return Err(next(None));
        };
        if changed.are_full() && known.agree(&changed) {
            *known = changed;
            self.said_by = SaidBy::Newest;
        } else {
            known.add(changed).map_err(|changed| next(Some(changed)))?;
            self.said_by = SaidBy::All;
        }
        self.older.push(std::mem::replace(&mut self.at, at));
        self.newest = newer;
        self.latest = latest;
        Ok(())
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

    use super::*;

    fn message(ty: &str, data: serde_json::Value) -> Inbound {
        sent(1, ty, data)
    }

    fn sent(at: i64, ty: &str, data: serde_json::Value) -> Inbound {
        Inbound::Message(Message::new(ty, &data, UnixMillis(at), None).unwrap())
    }

    fn check(gathered: Vec<Inbound>, expected: &[(&str, &str)]) {
        let mut gathered = gathered;
        let before = gathered.len();
        let states = ["vault_update*", "market_data*"].map(|topic| Topic::parse(topic).unwrap());
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

    #[test]
    fn a_part_of_a_part_leaves_the_rest_of_it_as_it_was() {
        let prices = |prices| message("market_data_1", json!({ "priceFeeds": prices }));
        check(
            vec![
                prices(json!({"ETH": 1, "BTC": 2})),
                message("market_data_1", json!({"gasPrice": 9})),
                prices(json!({"ETH": 3})),
                prices(json!({"SOL": 4})),
            ],
            &[("market_data_1", r#"{"gasPrice":9,"priceFeeds":{"BTC":2,"ETH":3,"SOL":4}}"#)],
        );
        let a = |data| message("vault_update_A", data);
        check(
            vec![
                a(json!({"collateral": {"token": "ETH", "amount": 10}})),
                a(json!({"collateral": {"valueUSD": 100}})),
            ],
            &[("vault_update_A", r#"{"collateral":{"amount":10,"token":"ETH","valueUSD":100}}"#)],
        );
    }

    #[test]
    fn what_takes_knowledge_of_the_type_to_merge_stays_apart() {
        let check_apart = |field: &str, older: serde_json::Value, newer: serde_json::Value| {
            let of = |value| json!({ field: value });
            let (older, newer) = (of(older), of(newer));
            let texts = [older.to_string(), newer.to_string()];
            check(
                vec![message("vault_update_A", older), message("vault_update_A", newer)],
                &[("vault_update_A", texts[0].as_str()), ("vault_update_A", texts[1].as_str())],
            );
        };
        check_apart("debt", json!([{"token": "A"}, {"token": "B"}]), json!({"amount": 1}));
        check_apart("debt", json!({"token": "A", "amount": 1}), json!({"token": "B"}));
        check_apart("debt", json!({"amount": 1}), json!({"token": "B"}));
        check_apart("priceFeeds", json!(null), json!({"ETH": 1}));
        let deep = |leaf| json!({"b": {"c": {"d": {"e": {"f": leaf}}}}});
        check_apart("a", deep(1), deep(2));
    }

    #[test]
    fn a_figure_that_became_outdated_is_not_up_to_date_again() {
        let a = |data| message("vault_update_A", data);
        check(
            vec![
                a(json!({"ltv": 70, "healthFactor": 1.2})),
                a(json!({"name": "a"})),
                a(json!({"collateral": {"valueUSD": 1}})),
                a(json!({"debt": {"valueUSD": 1}})),
                a(json!({"ltv": 90})),
            ],
            &[
                ("vault_update_A", r#"{"healthFactor":1.2,"ltv":70,"name":"a"}"#),
                (
                    "vault_update_A",
                    r#"{"collateral":{"valueUSD":1},"debt":{"valueUSD":1},"ltv":90}"#,
                ),
            ],
        );
    }

    #[test]
    fn vaults_that_are_named_in_the_data_alone_are_not_mixed() {
        let update = |data| message("vault_update", data);
        check(
            vec![
                update(json!({"vaultId": "A", "ltv": 90})),
                update(json!({"vaultId": "B", "name": "b"})),
                update(json!({"vaultId": "B", "ltv": 10})),
                update(json!({"vaultId": "A", "ltv": 91, "full": true})),
            ],
            &[
                ("vault_update", r#"{"ltv":90,"vaultId":"A"}"#),
                ("vault_update", r#"{"ltv":10,"name":"b","vaultId":"B"}"#),
                ("vault_update", r#"{"full":true,"ltv":91,"vaultId":"A"}"#),
            ],
        );
    }

    #[test]
    fn what_is_late_does_not_count_by_being_merged() {
        let a = |at, data| sent(at, "vault_update_A", data);
        check(
            vec![
                a(12, json!({"ltv": 80})),
                a(10, json!({"ltv": 70})),
                a(11, json!({"ltv": 75})),
                a(13, json!({"name": "a"})),
                a(13, json!({"status": "ACTIVE"})),
            ],
            &[
                ("vault_update_A", r#"{"ltv":80}"#),
                ("vault_update_A", r#"{"ltv":70}"#),
                ("vault_update_A", r#"{"ltv":75}"#),
                ("vault_update_A", r#"{"name":"a","status":"ACTIVE"}"#),
            ],
        );
    }

    #[test]
    fn all_of_it_and_then_a_part_is_all_of_it() {
        check(
            vec![
                message("vault_update_A", json!({"full": true, "ltv": 1})),
                message("vault_update_A", json!({"full": false, "name": "a"})),
            ],
            &[("vault_update_A", r#"{"full":true,"ltv":1,"name":"a"}"#)],
        );
    }
}
