//! What the passing of time does: repeats, lapses, the end of snoozes, louder stages, what happened while nobody
//! watched.

use std::time::Duration;

use domain::solvency::Solvency;
use domain::view::{NotificationId, NotificationState};
use domain::{Level, UnixMillis, VaultId};

use super::away::Away;
use super::open::Open;
use super::{Attention, Context};
use crate::effect::{CallOutKind, Change, Effect, Stage};
use crate::{Alert, Condition, Subject, quiet, words};

/// A notice can be answered for a day.
const NOTICE_AGE: Duration = Duration::from_secs(24 * 3600);
/// A test is over by itself after this.
const TEST: Duration = Duration::from_secs(60);

impl Attention {
    /// `holding`: since when a condition's value has been critical without a break. `recovers`: whether it is known to be
    /// getting better. `present`: how a vault stands at this moment.
    pub(crate) fn time_passed(
        &mut self,
        feed_up: bool,
        (holding, recovers): (
            impl Fn(&Condition) -> Option<UnixMillis>,
            impl Fn(&Condition) -> bool,
        ),
        present: impl Fn(&VaultId) -> Option<Solvency>,
        cx: Context<'_>,
        out: &mut Vec<Effect>,
    ) {
        self.note_time(feed_up, cx);
        self.end_absence(present, cx, out);
        self.end_snoozes(cx, out);
        self.lapse(holding, cx, out);
        self.repeat(cx, out);
        self.escalate(recovers, cx, out);
        self.digest(cx, out);
        self.refresh_incidents(cx, out);
        self.end_old(cx, out);
        self.sound_alarm(cx, out);
    }

    /// The feed is down, or back: open alerts of vaults say that their figures are the last known ones.
    pub(crate) fn feed_is(&mut self, down: bool, cx: Context<'_>, out: &mut Vec<Effect>) {
        if let (false, Some(away)) = (down, &mut self.common.away) {
            away.back.get_or_insert(cx.now);
            self.common_changed = true;
        }
        let mut changed = Vec::new();
        for open in self.open.values_mut().filter(|open| open.view.vault.is_some()) {
            if open.condition.subject != Subject::Liquidation
                && open.mark_last_known(cx.policy.language, down)
            {
                changed.push(open.view.id);
            }
        }
        for id in changed {
            self.emit(id, Change::Updated, cx, out);
        }
    }

    fn note_time(&mut self, feed_up: bool, cx: Context<'_>) {
        let alive = self.common.alive.replace(cx.now);
        let minute = |at: UnixMillis| at.0.div_euclid(60_000);
        self.common_changed |= alive.is_none_or(|alive| minute(alive) != minute(cx.now));
        let Some(alive) = alive else { return };
        if cx.now < alive {
            self.clock_set_back(alive.since(cx.now), cx.now);
        } else if cx.now.since(alive) >= cx.policy.away_after && self.common.away.is_none() {
            let mut away = Away::new(alive, cx.now);
            away.back = feed_up.then_some(cx.now);
            self.common.away = Some(away);
        }
    }

    /// What was to happen in a while still happens in that while.
    fn clock_set_back(&mut self, by: Duration, now: UnixMillis) {
        for open in self.open.values_mut() {
            let series = &mut open.series;
            series.began = series.began.minus(by);
            series.due = series.due.map(|due| due.minus(by));
            series.unanswered = series.unanswered.map(|since| since.minus(by));
            open.refreshed = open.refreshed.min(now);
            if let Some(acknowledged) = &mut open.view.acknowledged {
                acknowledged.at = acknowledged.at.min(now);
            }
            if open.is_critical() {
                open.view.snoozed_until = open.view.snoozed_until.map(|until| until.minus(by));
            }
            self.dirty.insert(open.view.id);
        }
    }

    /// Counts what began or got worse in a gap, and marks what is told long after that.
    pub(super) fn note_absence(&mut self, id: NotificationId, cx: Context<'_>) {
        let (Some(away), Some(open)) = (&mut self.common.away, self.open.get_mut(&id)) else {
            return;
        };
        self.common_changed = true;
        match open.condition.subject {
            Subject::Liquidation => {
                away.view.liquidated += 1;
                away.counted.insert(id);
            }
            // Each vault once, by however many steps it fell.
            Subject::Solvency if open.is_critical() && away.counted.insert(id) => {
                away.view.critical += 1;
            }
            _ => {}
        }
        if open.happened.is_some_and(|at| cx.now.since(at) >= cx.policy.away_after) {
            open.view.late = true;
            away.late.insert(id);
        }
    }

    fn end_absence(
        &mut self,
        present: impl Fn(&VaultId) -> Option<Solvency>,
        cx: Context<'_>,
        out: &mut Vec<Effect>,
    ) {
        let ended = |away: &mut Away| cx.now >= away.ends(cx.policy);
        let Some(mut away) = self.common.away.take_if(ended) else { return };
        self.common_changed = true;
        let (from, to) = (away.view.from, away.view.to);
        for id in away.late.iter().copied() {
            if let Some(open) = self.open.get_mut(&id) {
                let now = open.view.vault.as_ref().and_then(&present);
                word_late(open, now.as_ref(), (from, to), cx);
                self.emit(id, Change::Updated, cx, out);
            }
        }
        let waiting: Vec<_> = away.waiting.iter().copied().filter(|id| self.knows(*id)).collect();
        // By what was counted and not by when it was raised: after a restart the gap begins up to a minute too early.
        let uncounted = waiting.iter().filter(|id| !away.counted.contains(id)).count();
        away.view.unanswered = u32::try_from(uncounted).unwrap_or(u32::MAX);
        let urgent = away.view.liquidated + away.view.critical > 0 || waiting.len() > 1;
        let level = if urgent { Level::Critical } else { Level::Low };
        let condition = Condition { vault: None, subject: Subject::Away };
        let said = words::away(cx.policy.language, &away.view, &cx.policy.zone);
        let alert = Alert::new(condition, level, said, cx.now);
        self.common.last_away = Some(away.view);
        let one = match waiting.as_slice() {
            // It says more than a summary of one.
            [one] => Some(*one),
            _ => None,
        };
        let alert = Alert { severity: if one.is_some() { Level::Low } else { level }, ..alert };
        self.notice(alert, domain::view::Target::Alerts, cx, out);
        if let Some(one) = one {
            self.wish(one, true, cx);
            self.emit(one, Change::Updated, cx, out);
        }
    }

    fn end_snoozes(&mut self, cx: Context<'_>, out: &mut Vec<Effect>) {
        if self.common.hushed_until.is_some_and(|until| until <= cx.now) {
            self.common.hushed_until = None;
            self.common_changed = true;
        }
        let over = |open: &&Open| {
            let until =
                open.view.snoozed_until.filter(|_| open.view.state == NotificationState::Snoozed);
            until.is_some_and(|until| until <= cx.now)
        };
        let over: Vec<_> = self.open.values().filter(over).map(|open| open.view.id).collect();
        for id in over {
            self.wake(id, Change::Unsnoozed, cx, out);
        }
    }

    /// An acknowledgement of what has been critical ever since is not for ever.
    fn lapse(
        &mut self,
        holding: impl Fn(&Condition) -> Option<UnixMillis>,
        cx: Context<'_>,
        out: &mut Vec<Effect>,
    ) {
        let lapsed = |open: &&Open| {
            let Some(acknowledged) = &open.view.acknowledged else { return false };
            // A liquidation happened: it does not go on.
            let goes_on = !matches!(open.condition.subject, Subject::Liquidation)
                && !open.condition.is_notice()
                && !open.is_incident();
            if !open.is_critical() || !goes_on {
                return false;
            }
            let since = match open.condition.subject {
                Subject::Solvency => holding(&open.condition),
                _ => Some(open.view.timestamp),
            };
            since.is_some_and(|since| {
                cx.now.since(since.max(acknowledged.at)) >= cx.of(open).ack_lapse
            })
        };
        let lapsed: Vec<_> = self.open.values().filter(lapsed).map(|open| open.view.id).collect();
        for id in lapsed {
            self.wake(id, Change::Unacknowledged { by: "time".into() }, cx, out);
        }
    }

    /// What was dealt with holds still, and is told anew.
    fn wake(&mut self, id: NotificationId, change: Change, cx: Context<'_>, out: &mut Vec<Effect>) {
        let Some(open) = self.open.get_mut(&id) else { return };
        open.rouse();
        open.view.occurrences = open.view.occurrences.saturating_add(1);
        match open.view.incident {
            Some(head) => {
                self.emit(id, change, cx, out);
                self.member_news(head, id, cx, out);
            }
            None => {
                if open.is_incident() {
                    self.reword(id, cx);
                }
                self.tell(id, cx);
                self.emit(id, change, cx, out);
            }
        }
    }

    /// What was kept back by a critical alert of its vault, by the hour or by somebody's wish, and holds still, is told
    /// when that ends.
    pub(crate) fn release(&mut self, cx: Context<'_>, out: &mut Vec<Effect>) {
        let held = |open: &&Open| open.held && open.is_firing() && open.view.incident.is_none();
        let free = |open: &&Open| {
            !self.common.hushes(open, &cx.of(open), cx.now) && !self.is_inhibited(open.view.id)
        };
        let free = self.open.values().filter(held).filter(free);
        let free: Vec<_> = free.map(|open| open.view.id).collect();
        for id in free {
            if self.open.get(&id).is_some_and(|open| open.is_incident() && open.grown) {
                self.reword(id, cx);
            }
            let Some(open) = self.open.get_mut(&id) else { continue };
            open.view.occurrences = open.view.occurrences.saturating_add(1);
            self.tell(id, cx);
            self.emit(id, Change::Repeated, cx, out);
        }
    }

    fn repeat(&mut self, cx: Context<'_>, out: &mut Vec<Effect>) {
        let due =
            |open: &&Open| open.is_firing() && open.series.due.is_some_and(|due| due <= cx.now);
        let due: Vec<_> = self.open.values().filter(due).map(|open| open.view.id).collect();
        for id in due {
            if self.open.get(&id).is_some_and(|open| open.is_incident() && open.grown) {
                self.reword(id, cx);
            }
            let Some(open) = self.open.get_mut(&id) else { continue };
            open.next_repeat(&cx.of(open), cx.now);
            open.view.occurrences = open.view.occurrences.saturating_add(1);
            self.wish(id, true, cx);
            self.emit(id, Change::Repeated, cx, out);
        }
    }

    /// A critical alert that nobody answers is heard, then told elsewhere. Not while it is getting better: it would be over
    /// before anybody has looked. If it gets worse again, it is heard at once.
    fn escalate(
        &mut self,
        recovers: impl Fn(&Condition) -> bool,
        cx: Context<'_>,
        out: &mut Vec<Effect>,
    ) {
        if cx.policy.demo {
            return;
        }
        let mut stages = Vec::new();
        for open in self.open.values_mut().filter(|open| !open.is_critical()) {
            open.end_escalation();
            if std::mem::take(&mut open.series.called) {
                self.dirty.insert(open.view.id);
                out.push(Effect::CallOut(open.call(CallOutKind::Resolved)));
            }
        }
        for open in self.open.values_mut() {
            let head = open.view.incident.is_none() && !open.condition.is_notice();
            let unanswered = head && open.is_firing() && open.is_critical() && !open.is_test();
            if !unanswered || recovers(&open.condition) {
                continue;
            }
            let waited = cx.now.since(open.series.unanswered.unwrap_or(open.series.began));
            let policy = cx.of(open);
            if !open.series.heard && waited >= policy.sound_after {
                open.series.heard = true;
                stages.push((open.view.id, Stage::Sound));
            }
            if !open.series.called && waited >= policy.call_out_after {
                open.series.called = true;
                stages.push((open.view.id, Stage::OtherChannels));
            }
        }
        for (id, stage) in stages {
            self.emit(id, Change::Escalated(stage), cx, out);
            if stage == Stage::OtherChannels
                && let Some(open) = self.open.get(&id)
            {
                out.push(Effect::CallOut(open.call(CallOutKind::Firing)));
            }
        }
    }

    /// Once a day, what is worth an eye and was not dealt with.
    fn digest(&mut self, cx: Context<'_>, out: &mut Vec<Effect>) {
        let next = || quiet::next_at(cx.policy.digest_hour, cx.now, &cx.policy.zone);
        let Some(due) = self.common.digest else {
            self.common.digest = next();
            self.common_changed = true;
            return;
        };
        let tomorrow = cx.now.plus(Duration::from_secs(26 * 3600));
        if cx.now < due && due <= tomorrow {
            return;
        }
        self.common.digest = next();
        self.common_changed = true;
        let medium = |open: &&Open| {
            open.view.severity == Level::Medium && open.is_firing() && open.view.vault.is_some()
        };
        let mut medium: Vec<_> = self.open.values().filter(medium).collect();
        if medium.is_empty() {
            return;
        }
        medium.sort_by_key(|open| (open.facts.room.map(|room| room.0), open.view.id));
        let titles: Vec<_> = medium.iter().map(|open| open.view.title.clone()).collect();
        let said = words::digest(cx.policy.language, &titles);
        let alert = Alert::new(Condition::notice(), Level::Medium, said, cx.now);
        self.notice(alert, domain::view::Target::Alerts, cx, out);
    }

    fn refresh_incidents(&mut self, cx: Context<'_>, out: &mut Vec<Effect>) {
        let stale = |open: &&Open| {
            open.grown && open.is_incident() && cx.now.since(open.refreshed) >= cx.policy.refresh
        };
        let stale: Vec<_> = self.open.values().filter(stale).map(|open| open.view.id).collect();
        for id in stale {
            let before = self.open.get(&id).map(|open| open.view.severity);
            self.reword(id, cx);
            if let Some(open) = self.open.get_mut(&id)
                && before > Some(open.view.severity)
            {
                if open.is_firing() {
                    open.begin_series(&cx.of(open), cx.now);
                }
                if !open.wants_os(&cx.of(open)) {
                    open.view.delivery = domain::view::DeliveryView::NotWanted;
                    self.withdraw(id, out);
                }
            }
            self.emit(id, Change::Updated, cx, out);
        }
    }

    fn end_old(&mut self, cx: Context<'_>, out: &mut Vec<Effect>) {
        let old = |open: &&Open| {
            let age = cx.now.since(open.view.timestamp);
            (open.is_test() && age >= TEST) || (open.condition.is_notice() && age >= NOTICE_AGE)
        };
        let old: Vec<_> = self.open.values().filter(old).map(|open| open.view.id).collect();
        for id in old {
            if self.open.get(&id).is_some_and(Open::is_test) {
                self.end_test(id, cx, out);
            } else {
                self.withdraw(id, out);
                self.open.remove(&id);
                self.dirty.insert(id);
            }
        }
    }
}

/// What was found long after it happened says when that was, and how it stands now: what came after it may have been more
/// than its own figures follow.
fn word_late(
    open: &mut Open,
    present: Option<&Solvency>,
    down: (UnixMillis, UnixMillis),
    cx: Context<'_>,
) {
    let what = match open.condition.subject {
        Subject::Liquidation => words::Happened::Liquidated,
        _ => words::Happened::Reached(open.view.severity),
    };
    let happened = open.happened.unwrap_or(down.1);
    let name = if open.facts.label.is_empty() {
        open.view.vault.as_ref().map(ToString::to_string).unwrap_or_default()
    } else {
        open.facts.label.to_string()
    };
    let (language, zone) = (cx.policy.language, &cx.policy.zone);
    open.view.title = words::late_title(language, &name, what, happened, cx.now, zone);
    if open.condition.subject == Subject::Solvency {
        let room = present.and_then(|present| present.room).or(open.facts.room);
        let known = open.view.evidence.as_ref().and_then(|evidence| evidence.cure.clone());
        let cure = present.map_or(known, |present| Some(words::remedy(language, present)));
        let cure = cure.as_deref();
        open.view.message = words::late_body(language, open.first_room, room, down, cure, zone);
    }
}
