//! What the notification center lists: which notifications, and which of them belong together.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use domain::view::{NotificationId, NotificationState, NotificationView};
use domain::{Level, VaultId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::words::live as say;

/// What is to be listed; everything at first. The conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AlertFilter {
    /// Empty: every severity.
    pub(crate) severities: BTreeSet<Level>,
    pub(crate) state: StateFilter,
    pub(crate) vault: Option<VaultId>,
    /// Every word occurs in the title, the message, the vault's name or the rule's.
    pub(crate) text: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum StateFilter {
    #[default]
    All,
    Unread,
    /// The condition holds, acknowledged or not.
    Open,
    Acknowledged,
    Snoozed,
    Resolved,
}

impl StateFilter {
    pub(crate) const ALL: [Self; 6] =
        [Self::All, Self::Unread, Self::Open, Self::Acknowledged, Self::Snoozed, Self::Resolved];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::All => say::all(),
            Self::Unread => say::unread(),
            Self::Open => say::open(),
            Self::Acknowledged => say::acknowledged(),
            Self::Snoozed => say::snoozed(),
            Self::Resolved => say::resolved(),
        }
    }

    pub(crate) fn admits(self, one: &NotificationView) -> bool {
        match self {
            Self::All => true,
            Self::Unread => !one.read,
            Self::Open => one.state != NotificationState::Resolved,
            Self::Acknowledged => one.state == NotificationState::Acknowledged,
            Self::Snoozed => one.state == NotificationState::Snoozed,
            Self::Resolved => one.state == NotificationState::Resolved,
        }
    }
}

impl AlertFilter {
    pub(crate) fn admits(&self, one: &NotificationView) -> bool {
        let severity = self.severities.is_empty() || self.severities.contains(&one.severity);
        let vault = self.vault.is_none() || self.vault == one.vault;
        severity && vault && self.state.admits(one) && finds(&self.text, one)
    }

    pub(crate) fn toggle(&mut self, severity: Level) {
        if !self.severities.remove(&severity) {
            self.severities.insert(severity);
        }
    }
}

fn finds(text: &str, one: &NotificationView) -> bool {
    if text.trim().is_empty() {
        return true;
    }
    let vault = one.vault.as_ref().map_or("", |vault| vault.as_str());
    let rule = one.evidence.as_ref().map_or("", |evidence| evidence.rule.as_str());
    let haystack = format!("{} {} {vault} {rule}", one.title, one.message).to_lowercase();
    text.to_lowercase().split_whitespace().all(|word| haystack.contains(word))
}

/// A notification on its own, or an incident with what belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) head: Rc<NotificationView>,
    /// Worst first. Empty for a notification on its own.
    pub(crate) members: Vec<Rc<NotificationView>>,
}

impl Group {
    /// The head's id and those of the members.
    pub(crate) fn ids(&self) -> impl Iterator<Item = NotificationId> {
        std::iter::once(self.head.id).chain(self.members.iter().map(|one| one.id))
    }
}

/// The notifications that the filter admits, in their order, with the members of an incident under its head. A member
/// that is admitted brings its head along; one whose head is gone stands on its own.
///
/// `room` tells how far a vault is from liquidation now, as far as that is known.
pub(crate) fn grouped(
    all: &[Rc<NotificationView>],
    filter: &AlertFilter,
    room: impl Fn(&VaultId) -> Option<Decimal>,
) -> Vec<Group> {
    let present: BTreeSet<NotificationId> = all.iter().map(|one| one.id).collect();
    let head_of = |one: &NotificationView| one.incident.filter(|head| present.contains(head));
    let mut members: BTreeMap<NotificationId, Vec<Rc<NotificationView>>> = BTreeMap::new();
    for one in all.iter().filter(|one| filter.admits(one)) {
        if let Some(head) = head_of(one) {
            members.entry(head).or_default().push(Rc::clone(one));
        }
    }
    let heads = all.iter().filter(|one| {
        head_of(one).is_none() && (members.contains_key(&one.id) || filter.admits(one))
    });
    let heads: Vec<_> = heads.cloned().collect();
    heads
        .into_iter()
        .map(|head| {
            let mut members = members.remove(&head.id).unwrap_or_default();
            members.sort_by_cached_key(|one| {
                let over = one.state == NotificationState::Resolved;
                let room = one.vault.as_ref().and_then(&room).unwrap_or(Decimal::MAX);
                (over, std::cmp::Reverse(one.severity), room, one.id)
            });
            Group { head, members }
        })
        .collect()
}

/// The group that an alert heads, or the alert on its own where it is a member of one.
pub(crate) fn group_of(groups: Vec<Group>, id: NotificationId) -> Option<Group> {
    groups.into_iter().find_map(|group| {
        if group.head.id == id {
            return Some(group);
        }
        let member = group.members.into_iter().find(|one| one.id == id)?;
        Some(Group { head: member, members: Vec::new() })
    })
}

/// The vaults that notifications are about, in the order of their names.
pub(crate) fn vaults(all: &[Rc<NotificationView>]) -> Vec<VaultId> {
    let vaults: BTreeSet<_> = all.iter().filter_map(|one| one.vault.clone()).collect();
    vaults.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use domain::view::{EvidenceView, NotificationState};

    use super::*;
    use crate::live::fixture::notification;

    fn shared(all: Vec<NotificationView>) -> Vec<Rc<NotificationView>> {
        all.into_iter().map(Rc::new).collect()
    }

    fn of(vault: &str, id: i64, severity: Level) -> NotificationView {
        NotificationView {
            vault: Some(VaultId::new(vault).unwrap()),
            title: format!("{vault}: 7.9 % to liquidation"),
            ..notification(id, severity)
        }
    }

    fn in_incident(vault: &str, id: i64, head: i64) -> NotificationView {
        NotificationView { incident: Some(NotificationId(head)), ..of(vault, id, Level::Critical) }
    }

    fn shown(groups: &[Group]) -> Vec<Vec<i64>> {
        groups.iter().map(|group| group.ids().map(|id| id.0).collect()).collect()
    }

    #[test]
    fn every_condition_of_a_filter_holds() {
        let one = NotificationView {
            message: "WETH $1,936".to_owned(),
            read: true,
            state: NotificationState::Acknowledged,
            evidence: Some(Box::new(EvidenceView {
                rule: "room to liquidation".to_owned(),
                ..EvidenceView::default()
            })),
            ..of("0xAB", 1, Level::Critical)
        };
        let admitted: Vec<_> =
            StateFilter::ALL.into_iter().filter(|state| state.admits(&one)).collect();
        assert_eq!(admitted, [StateFilter::All, StateFilter::Open, StateFilter::Acknowledged]);
        for (text, found) in
            [("", true), ("weth 7.9", true), ("0xab", true), ("ROOM to", true), ("wbtc", false)]
        {
            let filter = AlertFilter { text: text.to_owned(), ..AlertFilter::default() };
            assert_eq!(filter.admits(&one), found, "{text:?}");
        }
        let mut filter = AlertFilter::default();
        filter.toggle(Level::High);
        assert!(!filter.admits(&one));
        filter.toggle(Level::Critical);
        assert!(filter.admits(&one));
        filter.vault = Some(VaultId::new("other").unwrap());
        assert!(!filter.admits(&one));
    }

    #[test]
    fn an_incident_holds_its_vaults_worst_first() {
        let all = shared(vec![
            NotificationView { vault: None, ..notification(9, Level::Critical) },
            in_incident("A", 1, 9),
            in_incident("B", 2, 9),
            NotificationView { severity: Level::High, ..in_incident("C", 3, 9) },
            of("D", 4, Level::High),
            in_incident("E", 5, 77),
        ]);
        let room = |vault: &VaultId| match vault.as_str() {
            "A" => Some(Decimal::from(3)),
            "B" => Some(Decimal::ONE),
            _ => None,
        };
        let groups = grouped(&all, &AlertFilter::default(), room);
        // What belongs to an incident that is gone stands on its own.
        assert_eq!(shown(&groups), [vec![9, 2, 1, 3], vec![4], vec![5]]);
        for (id, found) in
            [(9, vec![vec![9, 2, 1, 3]]), (2, vec![vec![2]]), (5, vec![vec![5]]), (6, vec![])]
        {
            let one: Vec<_> = group_of(groups.clone(), NotificationId(id)).into_iter().collect();
            assert_eq!(shown(&one), found);
        }
    }

    #[test]
    fn a_member_that_is_found_brings_its_incident_along() {
        let all = shared(vec![
            NotificationView { vault: None, ..notification(9, Level::Critical) },
            in_incident("A", 1, 9),
            in_incident("B", 2, 9),
            of("D", 4, Level::High),
        ]);
        let filter =
            AlertFilter { vault: Some(VaultId::new("B").unwrap()), ..AlertFilter::default() };
        assert_eq!(shown(&grouped(&all, &filter, |_| None)), [vec![9, 2]]);
        assert_eq!(vaults(&all).len(), 3);
    }
}
