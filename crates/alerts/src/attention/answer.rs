//! What somebody does about alerts: acknowledges them, puts them off, takes that back. Here or on another machine.

use std::collections::BTreeSet;

use domain::UnixMillis;
use domain::alert_state::{AlertAction, AlertState};
use domain::platform_alert::Category;
use domain::view::{DeliveryView, NotificationId, NotificationState};
use smol_str::SmolStr;

use super::open::Open;
use super::{Attention, Context};
use crate::effect::{CallOutKind, Change, Effect};
use crate::{Condition, Subject};

/// Who answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The person at this machine; other clients are told.
    Us,
    Others(SmolStr),
}

impl By {
    fn name(&self) -> &str {
        match self {
            Self::Us => "you",
            Self::Others(name) => name,
        }
    }
}

impl Attention {
    pub(crate) fn acknowledge(
        &mut self,
        ids: &[NotificationId],
        by: &By,
        cx: Context<'_>,
        out: &mut Vec<Effect>,
    ) {
        let ids = self.expand(ids);
        for id in &ids {
            let Some(open) = self.open.get_mut(id) else { continue };
            if open.view.state == NotificationState::Acknowledged {
                continue;
            }
            if open.is_test() {
                self.end_test(*id, cx, out);
                continue;
            }
            open.acknowledge(by.name(), cx.now);
            let change = Change::Acknowledged { by: by.name().into() };
            self.answered(*id, change, cx, out);
            self.share(*id, AlertAction::Ack, None, by, out);
        }
        self.answer_incidents(
            &ids,
            cx,
            out,
            |open, now| open.acknowledge(by.name(), now),
            || Change::Acknowledged { by: by.name().into() },
        );
        self.forget_notices(&ids);
        self.sound_alarm(cx, out);
    }

    /// Somebody says that it should not have been raised.
    pub(crate) fn false_alarm(
        &mut self,
        id: NotificationId,
        cx: Context<'_>,
        out: &mut Vec<Effect>,
    ) {
        self.acknowledge(&[id], &By::Us, cx, out);
        self.emit(id, Change::FalseAlarm, cx, out);
    }

    pub(crate) fn snooze(
        &mut self,
        ids: &[NotificationId],
        until: UnixMillis,
        by: &By,
        cx: Context<'_>,
        out: &mut Vec<Effect>,
    ) {
        if until <= cx.now {
            return;
        }
        let ids = self.expand(ids);
        let longest = cx.now.plus(cx.policy.snooze_critical);
        for id in &ids {
            let Some(open) = self.open.get_mut(id) else { continue };
            if open.condition.is_notice() {
                continue;
            }
            // Any answer ends a test: what it was to show was seen.
            if open.is_test() {
                self.end_test(*id, cx, out);
                continue;
            }
            let until = if open.is_critical() { until.min(longest) } else { until };
            open.snooze(until);
            self.answered(*id, Change::Snoozed { until }, cx, out);
            self.share(*id, AlertAction::Snooze, Some(until), by, out);
        }
        let until = until.min(longest);
        self.answer_incidents(
            &ids,
            cx,
            out,
            |open, _| open.snooze(until),
            || Change::Snoozed { until },
        );
        self.sound_alarm(cx, out);
    }

    /// All that is open, and what is not critical and comes before then.
    pub(crate) fn snooze_all(&mut self, until: UnixMillis, cx: Context<'_>, out: &mut Vec<Effect>) {
        let firing = self.open.values().filter(|open| open.is_firing());
        let ids: Vec<_> = firing.map(|open| open.view.id).collect();
        self.snooze(&ids, until, &By::Us, cx, out);
        self.common.hushed_until = Some(until).filter(|until| *until > cx.now);
        self.common_changed = true;
    }

    /// Takes an acknowledgement or a snooze back.
    pub(crate) fn take_back(
        &mut self,
        ids: &[NotificationId],
        was: NotificationState,
        cx: Context<'_>,
        out: &mut Vec<Effect>,
    ) {
        if was == NotificationState::Snoozed && self.common.hushed_until.take().is_some() {
            self.common_changed = true;
        }
        for id in self.expand(ids) {
            let Some(open) = self.open.get_mut(&id).filter(|open| open.view.state == was) else {
                continue;
            };
            open.rouse();
            let change = match was {
                NotificationState::Snoozed => Change::Unsnoozed,
                _ => Change::Unacknowledged { by: "you".into() },
            };
            if open.view.incident.is_none() {
                open.begin_series(&cx.of(open), cx.now);
                // As it was: nobody needs to be told of what they just did.
                self.wish(id, false, cx);
            }
            self.emit(id, change, cx, out);
        }
        self.sound_alarm(cx, out);
    }

    /// What somebody did on another machine. Returns the conditions they say are over.
    pub(crate) fn others_did(
        &mut self,
        state: &AlertState,
        cx: Context<'_>,
        out: &mut Vec<Effect>,
    ) -> Vec<Condition> {
        let about = self.open.values().filter(|open| is_about(state, open));
        let ids: Vec<_> = about.map(|open| open.view.id).collect();
        let name = state.by.clone().filter(|name| !name.trim().is_empty());
        let name = name.map(|name| crate::words::shortened(&name, 60).into());
        let by = By::Others(name.unwrap_or_else(|| "somebody".into()));
        match state.action {
            AlertAction::Ack => self.acknowledge(&ids, &by, cx, out),
            AlertAction::Snooze => {
                // Without an end it is an hour's.
                let until = state.until.unwrap_or_else(|| cx.now.plus(cx.policy.snooze_critical));
                self.snooze(&ids, until, &by, cx, out);
            }
            AlertAction::Resolve => {
                let over = ids.iter().filter_map(|id| self.open.get(id));
                return over.map(|open| open.condition.clone()).collect();
            }
            AlertAction::Unknown => {}
        }
        Vec::new()
    }

    /// What a click on an incident, or on the summary, is about.
    fn expand(&self, ids: &[NotificationId]) -> Vec<NotificationId> {
        let mut all = Vec::new();
        for id in ids {
            let listed = if *id == NotificationId::SUMMARY {
                self.common.mirror.summarised()
            } else {
                vec![*id]
            };
            for id in listed {
                all.push(id);
                if self.open.get(&id).is_some_and(Open::is_incident) {
                    all.extend(self.members(id));
                }
            }
        }
        let mut seen = BTreeSet::new();
        all.retain(|id| seen.insert(*id));
        all
    }

    fn answered(
        &mut self,
        id: NotificationId,
        change: Change,
        cx: Context<'_>,
        out: &mut Vec<Effect>,
    ) {
        if let Some(away) = &mut self.common.away {
            away.waiting.remove(&id);
        }
        if let Some(open) = self.open.get_mut(&id) {
            if matches!(open.view.delivery, DeliveryView::Wanted | DeliveryView::Failed(_)) {
                open.view.delivery = DeliveryView::NotWanted;
            }
            if std::mem::take(&mut open.series.called) {
                out.push(Effect::CallOut(open.call(CallOutKind::Acknowledged)));
            }
        }
        self.withdraw(id, out);
        self.emit(id, change, cx, out);
    }

    /// An incident of which every alert was dealt with one by one is dealt with.
    fn answer_incidents(
        &mut self,
        ids: &[NotificationId],
        cx: Context<'_>,
        out: &mut Vec<Effect>,
        answer: impl Fn(&mut Open, UnixMillis),
        change: impl Fn() -> Change,
    ) {
        let heads = ids.iter().filter_map(|id| self.open.get(id)?.view.incident);
        let mut heads: Vec<_> = heads.filter(|head| !ids.contains(head)).collect();
        heads.sort_unstable();
        heads.dedup();
        for head in heads {
            let members = self.members(head);
            let mut states = members.iter().filter_map(|id| self.open.get(id));
            let all = states.all(|open| Self::is_dealt_with(open.view.state));
            if let Some(open) = self.open.get_mut(&head).filter(|open| all && open.is_firing()) {
                answer(open, cx.now);
                self.answered(head, change(), cx, out);
            }
        }
    }

    fn forget_notices(&mut self, ids: &[NotificationId]) {
        for id in ids {
            if self.open.get(id).is_some_and(|open| open.condition.is_notice()) {
                self.open.remove(id);
                self.dirty.insert(*id);
            }
        }
    }

    /// Tells the other clients, where they know the condition, too.
    fn share(
        &self,
        id: NotificationId,
        action: AlertAction,
        until: Option<UnixMillis>,
        by: &By,
        out: &mut Vec<Effect>,
    ) {
        let Some(open) = self.open.get(&id).filter(|_| *by == By::Us) else { return };
        let categories: &[Option<Category>] = match &open.condition.subject {
            Subject::Solvency => &[Some(Category::Ltv), Some(Category::HealthFactor)],
            Subject::Liquidation => &[Some(Category::Liquidation)],
            Subject::Category(category) => &[Some(*category)],
            Subject::Type(_) if open.source.is_some() => &[None],
            _ => return,
        };
        if open.view.vault.is_none() && open.source.is_none() {
            return;
        }
        for category in categories {
            out.push(Effect::Share(AlertState {
                vault_id: open.view.vault.clone(),
                category: *category,
                alert_id: open.source.clone(),
                action,
                until,
                by: None,
                note: None,
            }));
        }
    }
}

/// Whether what somebody did is about this alert: by the platform's id, or by the vault and, if told, the category.
fn is_about(state: &AlertState, open: &Open) -> bool {
    if open.condition.is_notice() {
        return false;
    }
    if state.alert_id.is_some() && state.alert_id == open.source {
        return true;
    }
    let of_vault = state.vault_id.is_some() && state.vault_id == open.view.vault;
    of_vault
        && state.category.is_none_or(|category| {
            Subject::of(Some(category), true, None) == open.condition.subject
        })
}
