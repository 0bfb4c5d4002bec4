//! Many alerts at once, of one cause, are one incident: it is what people are told of; the center keeps each alert.

use std::collections::{BTreeMap, BTreeSet};

use domain::view::{DeliveryView, NotificationId};
use domain::{Level, Usd};
use rust_decimal::Decimal;

use super::open::Open;
use super::{Attention, Context};
use crate::effect::{Change, Effect};
use crate::words::Sum;
use crate::{Alert, Cause, Condition, Facts, Subject, words};

/// Where an alert belongs.
pub(super) enum Placed {
    Alone,
    /// To an incident that is open.
    Joined(NotificationId),
    /// To one that it completes, with these.
    Formed(NotificationId, Vec<NotificationId>),
}

impl Attention {
    /// Finds the incident of an alert that is new, or newly worse.
    pub(super) fn place(&mut self, id: NotificationId, cx: Context<'_>) -> Placed {
        let Some(open) = self.open.get(&id) else { return Placed::Alone };
        if open.facts.causes.is_empty() || open.condition.is_notice() {
            return Placed::Alone;
        }
        let causes = open.facts.causes.clone();
        for cause in &causes {
            let condition = Condition::incident(cause.clone());
            if let Some(head) = self.by_condition.get(&condition).copied() {
                self.join(head, id);
                return Placed::Joined(head);
            }
        }
        self.common_changed = true;
        let (window, now) = (cx.policy.incident_window, cx.now);
        let recent = &mut self.common.recent;
        // Of the future: the clock was set back.
        recent.retain(|(at, other)| now.since(*at) <= window && *at <= now && *other != id);
        recent.push_back((now, id));
        let mut groups: BTreeMap<&Cause, Vec<NotificationId>> = BTreeMap::new();
        for (_, other) in recent.iter() {
            let alone = self.open.get(other).filter(|open| open.view.incident.is_none());
            for cause in alone.into_iter().flat_map(|open| &open.facts.causes) {
                if causes.contains(cause) {
                    groups.entry(cause).or_default().push(*other);
                }
            }
        }
        // The larger one; of two that are as large, the token: it says more than a chain.
        let largest = groups.into_iter().rev().max_by_key(|(_, members)| members.len());
        let Some((cause, members)) = largest.filter(|(_, m)| m.len() > cx.policy.incident_size)
        else {
            return Placed::Alone;
        };
        let (cause, mut members) = (cause.clone(), members);
        self.common.recent.retain(|(_, other)| !members.contains(other));
        let head = self.new_id();
        let condition = Condition::incident(cause);
        let level = members.iter().filter_map(|id| self.open.get(id)).map(|o| o.view.severity);
        let level = level.max().unwrap_or(Level::High);
        let depth = members.iter().filter_map(|id| self.open.get(id)).map(|open| open.depth);
        let depth = depth.max().unwrap_or_default();
        let said = (String::new(), String::new());
        let alert = Alert { depth, ..Alert::new(condition.clone(), level, said, now) };
        let mut incident = Open::new(cx.policy.language, head, alert, now);
        let mut all = members.iter().filter_map(|id| self.open.get(id));
        incident.liquidated = all.any(Open::is_liquidation);
        self.open.insert(head, incident);
        self.by_condition.insert(condition, head);
        for member in &members {
            self.join(head, *member);
        }
        self.reword(head, cx);
        members.retain(|member| *member != id);
        Placed::Formed(head, members)
    }

    fn join(&mut self, head: NotificationId, member: NotificationId) {
        let Some(open) = self.open.get_mut(&member) else { return };
        open.view.incident = Some(head);
        open.series.due = None;
        let series = open.series.clone();
        open.end_escalation();
        let known = self.has_vault_of(head, member);
        if let Some(head) = self.open.get_mut(&head) {
            head.go_on_from(&series);
            head.members += 1;
            head.total += u32::from(!known);
            head.grown = true;
        }
        self.dirty.extend([head, member]);
    }

    /// Whether another alert of the same vault is in it.
    fn has_vault_of(&self, head: NotificationId, member: NotificationId) -> bool {
        let vault = self.open.get(&member).and_then(|open| open.condition.vault.as_ref());
        let others = vault.and_then(|vault| self.by_vault.get(vault)).into_iter().flatten();
        let mut others = others.filter(|id| **id != member).filter_map(|id| self.open.get(id));
        others.any(|other| other.view.incident == Some(head))
    }

    /// An incident was made of alerts, some of which were told of on their own.
    pub(super) fn announce(
        &mut self,
        head: NotificationId,
        others: Vec<NotificationId>,
        cx: Context<'_>,
        out: &mut Vec<Effect>,
    ) {
        for id in others {
            // What is shown of it stays until the incident is.
            self.common.mirror.forget_wish(id);
            if let Some(open) = self.open.get_mut(&id)
                && open.view.delivery == DeliveryView::Wanted
                && !self.common.mirror.is_shown(id)
            {
                open.view.delivery = DeliveryView::NotWanted;
            }
            self.emit(id, Change::Updated, cx, out);
        }
        self.tell(head, cx);
        self.emit(head, Change::Raised, cx, out);
    }

    /// One of its alerts is new or worse.
    pub(super) fn member_news(
        &mut self,
        head: NotificationId,
        member: NotificationId,
        cx: Context<'_>,
        out: &mut Vec<Effect>,
    ) {
        let Some(open) = self.open.get(&member) else { return };
        let (severity, depth) = (open.view.severity, open.depth);
        let (critical, liquidation) = (open.is_critical(), open.is_liquidation());
        let Some(incident) = self.open.get_mut(&head) else { return };
        // What was feared has begun: the first liquidation is heard, those after it are seen with the others.
        let begun = liquidation && !std::mem::replace(&mut incident.liquidated, true);
        let deeper = critical && depth > incident.depth;
        let worse = severity > incident.view.severity || deeper || begun;
        let unheard = critical && !incident.is_firing();
        incident.depth = incident.depth.max(depth);
        incident.view.severity = incident.view.severity.max(severity);
        incident.grown = true;
        self.dirty.insert(head);
        if worse || unheard {
            incident.rouse();
            incident.view.occurrences = incident.view.occurrences.saturating_add(1);
            self.reword(head, cx);
            self.tell(head, cx);
            self.emit(head, Change::Worsened, cx, out);
        } else if critical {
            // In the notification that is there already, within a second.
            self.wish(head, false, cx);
        }
    }

    pub(super) fn member_gone(
        &mut self,
        head: NotificationId,
        cx: Context<'_>,
        out: &mut Vec<Effect>,
    ) {
        let Some(incident) = self.open.get_mut(&head) else { return };
        incident.members = incident.members.saturating_sub(1);
        incident.grown = true;
        self.dirty.insert(head);
        if incident.members > 0 {
            return;
        }
        if let Subject::Incident(cause) = &incident.condition.subject {
            let lasted = cx.now.since(incident.view.timestamp);
            let (total, level) = (incident.total as usize, incident.view.severity);
            (incident.view.title, incident.view.message) =
                words::incident_over(cx.policy.language, total, level, cause, lasted);
        }
        incident.resolve();
        self.close(head, cx, out);
    }

    /// The open alerts of an incident.
    pub(super) fn members(&self, head: NotificationId) -> Vec<NotificationId> {
        let member = |open: &&Open| open.view.incident == Some(head);
        self.open.values().filter(member).map(|open| open.view.id).collect()
    }

    /// Adds up what its alerts say by now.
    pub(super) fn reword(&mut self, head: NotificationId, cx: Context<'_>) {
        let mut sum = Sum::default();
        let mut worst: Option<(Level, &Facts)> = None;
        let mut vaults = BTreeSet::new();
        let add = |to: &mut Option<Usd>, value: Option<Usd>| {
            let Some(value) = value else { return };
            let before = to.map_or(Decimal::ZERO, |usd| usd.0);
            *to = Some(Usd(before.checked_add(value.0).unwrap_or(before)));
        };
        for open in self.open.values().filter(|open| open.view.incident == Some(head)) {
            sum.level = sum.level.max(open.view.severity);
            sum.liquidated += usize::from(open.is_liquidation());
            // Of a vault there may be several alerts: it owes its debt once.
            if open.condition.vault.as_ref().is_none_or(|vault| vaults.insert(vault)) {
                sum.count += 1;
                add(&mut sum.debt, open.facts.debt);
                add(&mut sum.cure, open.facts.cure);
            }
            let room = |facts: &Facts| facts.room.map_or(Decimal::MAX, |room| room.0);
            let is_worse = worst.is_none_or(|(level, facts)| {
                (open.view.severity, std::cmp::Reverse(room(&open.facts)))
                    > (level, std::cmp::Reverse(room(facts)))
            });
            if is_worse {
                worst = Some((open.view.severity, &open.facts));
            }
        }
        sum.worst = worst.map(|(_, facts)| (facts.label.to_string(), facts.room));
        let Some(incident) = self.open.get_mut(&head) else { return };
        let Subject::Incident(cause) = &incident.condition.subject else { return };
        let fall = match cause {
            Cause::Token(token) => cx.prices.fall_of(token, cx.now),
            Cause::Chain(_) => None,
        };
        let (title, message) = words::incident(cx.policy.language, &sum, cause, fall.as_ref());
        let mut alert = Alert::new(incident.condition.clone(), sum.level, (title, message), cx.now);
        alert.depth = incident.depth;
        incident.change(cx.policy.language, alert, cx.now);
        incident.grown = false;
        incident.refreshed = cx.now;
        self.dirty.insert(head);
    }
}
