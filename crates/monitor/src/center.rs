//! The notification center: what alerts become when they are shown, read and kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use alerts::{Alert, Condition, Effect, Subject};
use domain::view::{
    AcknowledgedView, Action, DeliveryView, Mode, NotificationId, NotificationState,
    NotificationView, Target, Tone,
};
use domain::{Level, UnixMillis};
use store::{Delivery, Stored};

use crate::{AlertState, Notice, OsNotification};

/// An OS notification that was not confirmed is tried again after this long.
const RETRY: Duration = Duration::from_secs(10);
/// Toasts of good news and information go by themselves after this many milliseconds, warnings after twice as many;
/// critical ones stay until they are dismissed.
const AUTO_DISMISS: u32 = 5_000;
/// Most notifications kept in memory and on disk; beyond it the oldest that are over go.
const LIMIT: usize = 5_000;

/// All notifications, and which alert each belongs to.
#[derive(Debug)]
pub(crate) struct Center {
    items: BTreeMap<NotificationId, Item>,
    open: HashMap<Condition, NotificationId>,
    last_id: NotificationId,
    demo: Demo,
    /// Changed in place and not yet written.
    unsaved: BTreeSet<NotificationId>,
}

#[derive(Debug)]
struct Item {
    view: NotificationView,
    condition: Condition,
    delivery: Delivery,
    tried: Option<UnixMillis>,
}

/// Demo data wake nobody after the first notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Demo {
    No,
    NothingShown,
    Shown,
}

/// What an effect did to the center.
pub(crate) struct Change {
    pub(crate) id: NotificationId,
    pub(crate) state: AlertState,
    /// To be written before it is shown; a mere change of figures can wait.
    pub(crate) urgent: bool,
    pub(crate) withdraw: bool,
}

impl Center {
    pub(crate) fn new(mode: &Mode, last_id: NotificationId) -> Self {
        let demo = if *mode == Mode::Demo { Demo::NothingShown } else { Demo::No };
        Self {
            items: BTreeMap::new(),
            open: HashMap::new(),
            last_id,
            demo,
            unsaved: BTreeSet::new(),
        }
    }

    /// Takes up what was kept; yields the alerts that were open, for the engine.
    pub(crate) fn restore(&mut self, all: Vec<Stored>) -> Vec<(Condition, Level, UnixMillis)> {
        let mut open = Vec::new();
        for Stored { view, condition, delivery } in all {
            let Ok(condition) = condition.parse::<Condition>() else {
                tracing::warn!(condition, "a stored notification is about nothing known; left out");
                continue;
            };
            let id = view.id;
            self.last_id = self.last_id.max(id);
            let told_once = condition.subject == Subject::Notice;
            if view.state != NotificationState::Resolved && !told_once {
                open.push((condition.clone(), view.severity, view.timestamp));
                self.open.insert(condition.clone(), id);
            }
            self.items.insert(id, Item { view, condition, delivery, tried: None });
        }
        open
    }

    pub(crate) fn apply(&mut self, effect: &Effect, now: UnixMillis) -> Option<Change> {
        let alert = effect.alert();
        let known = self.open.get(&alert.condition).copied();
        match (effect, known) {
            (Effect::Raise(_) | Effect::Worsen(_), None) => Some(self.raise(alert, now)),
            (Effect::Raise(_) | Effect::Worsen(_), Some(id)) => {
                let delivery =
                    if wants_os(alert) { self.want_delivery() } else { Delivery::NotWanted };
                let item = self.items.get_mut(&id)?;
                item.change(alert, now);
                item.view.occurrences += 1;
                item.view.read = false;
                item.view.state = NotificationState::Firing;
                item.tried = None;
                // What is shown stays shown, also where it may not be shown anew.
                if delivery == Delivery::Wanted {
                    item.delivery = delivery;
                }
                Some(Change { id, state: AlertState::Worse, urgent: true, withdraw: false })
            }
            (Effect::Update(_), Some(id)) => {
                let item = self.items.get_mut(&id)?;
                item.change(alert, now);
                self.unsaved.insert(id);
                // Open still, but not for what somebody was woken for.
                let withdraw = !wants_os(alert) && item.retract();
                Some(Change { id, state: AlertState::Updated, urgent: withdraw, withdraw })
            }
            (Effect::Resolve(_), Some(id)) => {
                self.open.remove(&alert.condition);
                let item = self.items.get_mut(&id)?;
                item.change(alert, now);
                item.view.state = NotificationState::Resolved;
                item.view.tone = Tone::Success;
                item.view.auto_dismiss = Some(AUTO_DISMISS);
                let withdraw = item.retract();
                Some(Change { id, state: AlertState::Resolved, urgent: true, withdraw })
            }
            // Dismissed by hand: the condition's further course is not news.
            (Effect::Update(_) | Effect::Resolve(_), None) => None,
        }
    }

    fn raise(&mut self, alert: &Alert, now: UnixMillis) -> Change {
        self.last_id.0 += 1;
        let id = self.last_id;
        let delivery = if wants_os(alert) { self.want_delivery() } else { Delivery::NotWanted };
        // A vault that is merely worth an eye is told in the center, without an unread mark.
        let quiet = alert.severity <= Level::Medium && alert.condition.subject == Subject::Solvency;
        let target = match &alert.condition.vault {
            Some(vault) => {
                Action { label: "View vault".to_owned(), target: Target::Vault(vault.clone()) }
            }
            None if alert.condition.subject == Subject::Feed => {
                Action { label: "View connection".to_owned(), target: Target::System }
            }
            None => Action { label: "View alerts".to_owned(), target: Target::Alerts },
        };
        let mut item = Item {
            view: NotificationView {
                id,
                tone: Tone::Info,
                title: String::new(),
                message: String::new(),
                timestamp: alert.raised,
                updated: now,
                read: quiet,
                action: Some(target),
                auto_dismiss: None,
                severity: alert.severity,
                vault: alert.condition.vault.clone(),
                state: NotificationState::Firing,
                occurrences: 1,
                suppressed: 0,
                incident: None,
                acknowledged: None,
                snoozed_until: None,
                evidence: None,
                late: false,
                delivery: DeliveryView::NotWanted,
            },
            condition: alert.condition.clone(),
            delivery,
            tried: None,
        };
        item.change(alert, now);
        self.items.insert(id, item);
        self.open.insert(alert.condition.clone(), id);
        Change { id, state: AlertState::Firing, urgent: true, withdraw: false }
    }

    /// Takes up something that is told once.
    pub(crate) fn notice(&mut self, notice: Notice, now: UnixMillis) -> Change {
        self.last_id.0 += 1;
        let id = self.last_id;
        let critical = notice.severity == Level::Critical;
        let delivery = if critical { self.want_delivery() } else { Delivery::NotWanted };
        let label = match notice.target {
            Target::System => "View connection",
            _ => "View alerts",
        };
        let (tone, auto_dismiss) = manner(notice.severity);
        let view = NotificationView {
            id,
            tone,
            title: notice.title,
            message: notice.message,
            timestamp: now,
            updated: now,
            read: false,
            action: Some(Action { label: label.to_owned(), target: notice.target }),
            auto_dismiss,
            severity: notice.severity,
            vault: None,
            state: NotificationState::Firing,
            occurrences: 1,
            suppressed: 0,
            incident: None,
            acknowledged: None,
            snoozed_until: None,
            evidence: None,
            late: false,
            delivery: DeliveryView::NotWanted,
        };
        self.items.insert(id, Item { view, condition: Condition::notice(), delivery, tried: None });
        Change { id, state: AlertState::Firing, urgent: true, withdraw: false }
    }

    fn want_delivery(&mut self) -> Delivery {
        match self.demo {
            Demo::No => Delivery::Wanted,
            Demo::NothingShown => {
                self.demo = Demo::Shown;
                Delivery::Wanted
            }
            Demo::Shown => Delivery::NotWanted,
        }
    }

    pub(crate) fn view(&self, id: NotificationId) -> Option<&NotificationView> {
        self.items.get(&id).map(|item| &item.view)
    }

    /// How many conditions hold.
    pub(crate) fn open(&self) -> usize {
        self.open.len()
    }

    /// Newest first.
    pub(crate) fn views(&self) -> Vec<NotificationView> {
        self.items.values().rev().map(|item| item.view.clone()).collect()
    }

    pub(crate) fn stored(&self, id: NotificationId) -> Option<Stored> {
        self.items.get(&id).map(|item| Stored {
            view: item.view.clone(),
            condition: item.condition.to_string(),
            delivery: item.delivery,
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

    /// The OS notifications that are due: new ones, and those nobody confirmed.
    pub(crate) fn due(&mut self, now: UnixMillis) -> Vec<OsNotification> {
        let demo = self.demo != Demo::No;
        let waits = |item: &&mut Item| {
            item.delivery == Delivery::Wanted
                && item.tried.is_none_or(|tried| now.since(tried) >= RETRY || now < tried)
        };
        let show = |item: &mut Item| {
            item.tried = Some(now);
            let view = &item.view;
            OsNotification {
                id: view.id,
                urgency: view.severity.into(),
                title: if demo { format!("DEMO {}", view.title) } else { view.title.clone() },
                body: view.message.clone(),
                target: view.action.as_ref().map_or(Target::Alerts, |a| a.target.clone()),
            }
        };
        self.items.values_mut().filter(waits).map(show).collect()
    }

    /// Returns whether that was news.
    pub(crate) fn delivered(&mut self, id: NotificationId, now: UnixMillis) -> bool {
        match self.items.get_mut(&id) {
            Some(item) if item.delivery == Delivery::Wanted => {
                item.delivery = Delivery::Done;
                item.view.delivery = DeliveryView::Shown(now);
                true
            }
            _ => false,
        }
    }

    pub(crate) fn mark_read(&mut self, id: NotificationId) -> bool {
        self.items.get_mut(&id).is_some_and(|item| !std::mem::replace(&mut item.view.read, true))
    }

    pub(crate) fn unread(&self) -> Vec<NotificationId> {
        self.items.values().filter(|item| !item.view.read).map(|item| item.view.id).collect()
    }

    /// Somebody has seen it. Returns whether that was news.
    pub(crate) fn acknowledge(&mut self, id: NotificationId, now: UnixMillis) -> bool {
        let acknowledged = AcknowledgedView { by: "you".to_owned(), at: now };
        self.quieten(id, NotificationState::Acknowledged, |view| {
            view.acknowledged = Some(acknowledged);
        })
    }

    /// Puts it off. Returns whether that was news.
    pub(crate) fn snooze(&mut self, id: NotificationId, until: UnixMillis) -> bool {
        self.quieten(id, NotificationState::Snoozed, |view| view.snoozed_until = Some(until))
    }

    fn quieten(
        &mut self,
        id: NotificationId,
        state: NotificationState,
        note: impl FnOnce(&mut NotificationView),
    ) -> bool {
        let Some(item) = self.items.get_mut(&id) else { return false };
        if item.view.state != NotificationState::Firing {
            return false;
        }
        item.view.state = state;
        item.view.read = true;
        note(&mut item.view);
        item.delivery = Delivery::NotWanted;
        true
    }

    /// Takes back that somebody has dealt with it. Returns whether that was news.
    pub(crate) fn rouse(&mut self, id: NotificationId) -> bool {
        use NotificationState::{Acknowledged, Firing, Snoozed};
        let Some(item) = self.items.get_mut(&id) else { return false };
        if !matches!(item.view.state, Acknowledged | Snoozed) {
            return false;
        }
        item.view.state = Firing;
        (item.view.acknowledged, item.view.snoozed_until) = (None, None);
        true
    }

    /// What holds and nobody has dealt with.
    pub(crate) fn firing(&self) -> Vec<NotificationId> {
        let firing = |item: &&Item| item.view.state == NotificationState::Firing;
        self.items.values().filter(firing).map(|item| item.view.id).collect()
    }

    pub(crate) fn dismiss(&mut self, id: NotificationId) -> bool {
        let Some(item) = self.items.remove(&id) else { return false };
        self.unsaved.remove(&id);
        if self.open.get(&item.condition) == Some(&id) {
            self.open.remove(&item.condition);
        }
        true
    }

    /// The oldest that are over, as far as there are too many.
    pub(crate) fn surplus(&self) -> Vec<NotificationId> {
        let surplus = self.items.len().saturating_sub(LIMIT);
        let over = |item: &&Item| {
            item.view.state == NotificationState::Resolved
                || item.condition.subject == Subject::Notice
        };
        self.items.values().filter(over).take(surplus).map(|item| item.view.id).collect()
    }
}

/// Critical alerts always, and that nothing is watched any more.
fn wants_os(alert: &Alert) -> bool {
    alert.severity == Level::Critical || alert.condition.subject == Subject::Feed
}

impl Item {
    fn change(&mut self, alert: &Alert, now: UnixMillis) {
        let view = &mut self.view;
        view.title.clone_from(&alert.title);
        view.message.clone_from(&alert.message);
        view.severity = alert.severity;
        view.suppressed = alert.suppressed;
        view.updated = now;
        (view.tone, view.auto_dismiss) = manner(alert.severity);
    }

    /// Nothing of it is for the operating system any more; returns whether something was.
    fn retract(&mut self) -> bool {
        std::mem::replace(&mut self.delivery, Delivery::NotWanted) != Delivery::NotWanted
    }
}

/// How a severity looks, and how long its toast stays.
fn manner(severity: Level) -> (Tone, Option<u32>) {
    match severity {
        Level::Critical => (Tone::Error, None),
        Level::High => (Tone::Warning, Some(2 * AUTO_DISMISS)),
        Level::Medium | Level::Low => (Tone::Info, Some(AUTO_DISMISS)),
    }
}
