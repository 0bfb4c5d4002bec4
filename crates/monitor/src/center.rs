//! The notification center: what alerts become when they are shown, read and kept.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use alerts::{Change, Changed, Condition, Stage, Subject};
use domain::view::{
    AcknowledgedView, DeliveryView, NotificationId, NotificationState, NotificationView, Origin,
};
use domain::{Level, UnixMillis};
use store::{AlertChange, AlertRecord, Delivery, Stored};

use crate::AlertState;

/// Most notifications kept in memory and on disk; beyond it the oldest that are over go.
const LIMIT: usize = 5_000;
/// How long what was removed by hand can be had back; the window offers it for less.
const REMOVED_FOR: Duration = Duration::from_secs(60);
/// How the operating system's notifications are called in the alert log.
const DESKTOP: &str = "desktop";

/// All notifications. What they say and in which state they are is the engine's affair; whether they were read is the
/// center's.
#[derive(Debug, Default)]
pub(crate) struct Center {
    items: BTreeMap<NotificationId, Item>,
    /// Changed in place and not yet written.
    unsaved: BTreeSet<NotificationId>,
    /// What happened to alerts and is not yet written, in order.
    records: Vec<AlertRecord>,
    /// What was removed by hand a moment ago, as it was before.
    removed: Vec<(Item, UnixMillis)>,
}

#[derive(Clone, Debug)]
struct Item {
    view: NotificationView,
    condition: Condition,
}

/// What a change did to the center.
pub(crate) struct Told {
    pub(crate) id: NotificationId,
    pub(crate) state: AlertState,
    /// To be written before it is shown; a mere change of figures can wait.
    pub(crate) urgent: bool,
    /// An alert, not something told once.
    pub(crate) is_alert: bool,
}

impl Center {
    /// Takes up what was kept; yields what had not ended, for the engine.
    pub(crate) fn restore(&mut self, all: Vec<Stored>) -> Vec<(NotificationView, Condition)> {
        let mut open = Vec::new();
        for Stored { mut view, condition, delivery } in all {
            let Ok(condition) = condition.parse::<Condition>() else {
                tracing::warn!(condition, "a stored notification is about nothing known; left out");
                continue;
            };
            if delivery == Delivery::Wanted && view.delivery == DeliveryView::NotWanted {
                view.delivery = DeliveryView::Wanted;
            }
            let wanted = view.delivery == DeliveryView::Wanted;
            let holds = view.state != NotificationState::Resolved && !condition.is_notice();
            if holds || (wanted && condition.subject == Subject::Notice) {
                open.push((view.clone(), condition.clone()));
            }
            self.items.insert(view.id, Item { view, condition });
        }
        open
    }

    /// Takes over what the engine says of a notification, and the message that led to it. `None`: it was removed by hand,
    /// and this is no news of it.
    pub(crate) fn apply(
        &mut self,
        changed: &Changed,
        origin: Option<Origin>,
        now: UnixMillis,
    ) -> Option<Told> {
        let Changed { view, condition, change, quiet } = changed;
        self.record(changed, origin, now);
        let id = view.id;
        let known = self.items.get(&id).map(|item| item.view.read);
        let anew = matches!(
            change,
            Change::Raised
                | Change::Worsened
                | Change::Repeated
                | Change::Unacknowledged { .. }
                | Change::Unsnoozed
        );
        if known.is_none() && !anew {
            return None;
        }
        let read = match change {
            _ if anew => *quiet && known.unwrap_or(true),
            Change::Acknowledged { .. } | Change::Snoozed { .. } | Change::FalseAlarm => true,
            _ => known.unwrap_or(false),
        };
        let view = NotificationView { read, ..view.clone() };
        self.items.insert(id, Item { view, condition: condition.clone() });
        let urgent = !matches!(change, Change::Updated);
        if !urgent {
            self.unsaved.insert(id);
        }
        let state = match change {
            Change::Raised => AlertState::Firing,
            Change::Worsened => AlertState::Worse,
            Change::Resolved => AlertState::Resolved,
            _ => AlertState::Updated,
        };
        let is_alert = !condition.is_notice() && condition.subject != Subject::Test;
        Some(Told { id, state, urgent, is_alert })
    }

    fn record(&mut self, changed: &Changed, origin: Option<Origin>, at: UnixMillis) {
        let change = match &changed.change {
            Change::Raised => AlertChange::Raised,
            Change::Worsened => AlertChange::Worsened,
            Change::Repeated => AlertChange::Repeated,
            Change::Updated => AlertChange::Updated,
            Change::Acknowledged { by } => AlertChange::Acknowledged { by: by.clone() },
            Change::Unacknowledged { by } => AlertChange::Unacknowledged { by: by.clone() },
            Change::Snoozed { until } => AlertChange::Snoozed { until: *until },
            Change::Unsnoozed => AlertChange::Unsnoozed,
            Change::FalseAlarm => AlertChange::Acknowledged { by: "you: false alarm".into() },
            Change::Escalated(stage) => AlertChange::Escalated {
                channel: match stage {
                    Stage::Notified => DESKTOP,
                    Stage::Sound => "sound",
                    Stage::OtherChannels => "other channels",
                }
                .into(),
            },
            Change::Delivered => AlertChange::Delivered { channel: DESKTOP.into() },
            Change::Undelivered { cause } => {
                let cause = cause.to_string();
                AlertChange::Undelivered { channel: DESKTOP.into(), cause }
            }
            Change::Resolved => AlertChange::Resolved,
        };
        let record = record(&changed.view, &changed.condition, change, at);
        self.records.push(AlertRecord { origin, ..record });
    }

    /// Notes something that happened outside of the engine.
    pub(crate) fn note(&mut self, id: NotificationId, change: AlertChange, at: UnixMillis) {
        if let Some(item) = self.items.get(&id) {
            self.records.push(record(&item.view, &item.condition, change, at));
        }
    }

    pub(crate) fn view(&self, id: NotificationId) -> Option<&NotificationView> {
        self.items.get(&id).map(|item| &item.view)
    }

    /// What holds and is high at least, in no order; of what is told once, the critical that nobody has looked at.
    pub(crate) fn pressing(&self) -> impl Iterator<Item = &NotificationView> {
        let pressing = |item: &&Item| {
            let view = &item.view;
            if item.condition.is_notice() {
                view.state == NotificationState::Firing
                    && view.severity == Level::Critical
                    && !view.read
            } else {
                view.state != NotificationState::Resolved && view.severity >= Level::High
            }
        };
        self.items.values().filter(pressing).map(|item| &item.view)
    }

    /// Alerts that have ended.
    pub(crate) fn over(&self) -> impl Iterator<Item = &NotificationView> {
        let over = |item: &&Item| {
            item.view.state == NotificationState::Resolved && !item.condition.is_notice()
        };
        self.items.values().filter(over).map(|item| &item.view)
    }

    /// Newest first.
    pub(crate) fn views(&self) -> Vec<NotificationView> {
        self.items.values().rev().map(|item| item.view.clone()).collect()
    }

    pub(crate) fn stored(&self, id: NotificationId) -> Option<Stored> {
        self.items.get(&id).map(|item| Stored {
            view: item.view.clone(),
            condition: item.condition.to_string(),
            delivery: match item.view.delivery {
                DeliveryView::NotWanted => Delivery::NotWanted,
                DeliveryView::Wanted | DeliveryView::Failed(_) => Delivery::Wanted,
                DeliveryView::Shown(_) => Delivery::Done,
            },
        })
    }

    /// What changed in place since the last call.
    pub(crate) fn take_unsaved(&mut self) -> Vec<Stored> {
        let ids = std::mem::take(&mut self.unsaved);
        ids.into_iter().filter_map(|id| self.stored(id)).collect()
    }

    /// They could not be written: with the next ones, then.
    pub(crate) fn keep_unsaved(&mut self, ids: Vec<NotificationId>) {
        self.unsaved.extend(ids.into_iter().filter(|id| self.items.contains_key(id)));
    }

    /// What happened since the last call.
    pub(crate) fn take_records(&mut self) -> Vec<AlertRecord> {
        std::mem::take(&mut self.records)
    }

    /// They could not be written.
    pub(crate) fn keep_records(&mut self, mut records: Vec<AlertRecord>) {
        records.append(&mut self.records);
        self.records = records;
        // A disk that refuses for hours must not take the memory, too.
        let surplus = self.records.len().saturating_sub(LIMIT);
        self.records.drain(..surplus);
    }

    pub(crate) fn mark_read(&mut self, id: NotificationId) -> bool {
        self.items.get_mut(&id).is_some_and(|item| !std::mem::replace(&mut item.view.read, true))
    }

    pub(crate) fn unread(&self) -> impl Iterator<Item = NotificationId> {
        self.items.values().filter(|item| !item.view.read).map(|item| item.view.id)
    }

    /// Somebody has seen what was told once and long ago: the engine has forgotten it. Returns whether that was news.
    pub(crate) fn acknowledge(&mut self, id: NotificationId, now: UnixMillis) -> bool {
        let Some(item) = self.items.get_mut(&id) else { return false };
        if item.view.state != NotificationState::Firing {
            return false;
        }
        item.view.state = NotificationState::Acknowledged;
        item.view.acknowledged = Some(AcknowledgedView { by: "you".to_owned(), at: now });
        item.view.read = true;
        true
    }

    pub(crate) fn dismiss(&mut self, id: NotificationId) -> bool {
        self.unsaved.remove(&id);
        self.items.remove(&id).is_some()
    }

    /// Notes how these are, who are about to be removed by hand.
    pub(crate) fn remember_removed(&mut self, ids: &[NotificationId], now: UnixMillis) {
        self.forget_removed(now);
        let items = ids.iter().filter_map(|id| self.items.get(id)).cloned();
        self.removed.extend(items.map(|item| (item, now)));
        let surplus = self.removed.len().saturating_sub(LIMIT);
        self.removed.drain(..surplus);
    }

    /// What cannot be had back any more.
    pub(crate) fn forget_removed(&mut self, now: UnixMillis) {
        self.removed.retain(|(_, at)| now.since(*at) < REMOVED_FOR && *at <= now);
    }

    /// Puts back what was removed by hand a moment ago, as it was; yields what is there again.
    pub(crate) fn put_back(
        &mut self,
        ids: &[NotificationId],
        now: UnixMillis,
    ) -> Vec<NotificationView> {
        self.forget_removed(now);
        let (back, kept) = std::mem::take(&mut self.removed)
            .into_iter()
            .partition::<Vec<_>, _>(|(item, _)| ids.contains(&item.view.id));
        self.removed = kept;
        let mut put = Vec::new();
        for (item, _) in back {
            let id = item.view.id;
            // It may have come back by itself, worse than it was.
            if let std::collections::btree_map::Entry::Vacant(free) = self.items.entry(id) {
                put.push(item.view.clone());
                free.insert(item);
            }
        }
        put
    }

    /// The oldest that are over, as far as there are too many.
    pub(crate) fn surplus(&self) -> Vec<NotificationId> {
        let surplus = self.items.len().saturating_sub(LIMIT);
        let over = |item: &&Item| {
            item.view.state == NotificationState::Resolved || item.condition.is_notice()
        };
        self.items.values().filter(over).take(surplus).map(|item| item.view.id).collect()
    }
}

fn record(
    view: &NotificationView,
    condition: &Condition,
    change: AlertChange,
    at: UnixMillis,
) -> AlertRecord {
    AlertRecord {
        at,
        notification: view.id,
        incident: view.incident,
        vault: view.vault.clone(),
        condition: condition.to_string(),
        severity: view.severity,
        title: view.title.clone(),
        message: view.message.clone(),
        change,
        evidence: view.evidence.as_ref().and_then(|e| serde_json::to_value(e).ok()),
        origin: None,
    }
}
