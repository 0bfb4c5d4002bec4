//! What goes to the operating system's screen, and what became of it there.

use domain::view::{DeliveryView, NotificationId, Target};
use domain::{Level, UnixMillis};
use smol_str::SmolStr;

use super::mirror::Next;
use super::open::Open;
use super::{Attention, Context};
use crate::effect::{Change, Effect, Showing};
use crate::{Policy, Subject, words};

impl Attention {
    /// Somebody is to be told, and told again until they answer.
    pub(super) fn tell(&mut self, id: NotificationId, cx: Context<'_>) {
        if let Some(open) = self.open.get_mut(&id) {
            open.begin_series(&cx.of(open), cx.now);
            self.wish(id, true, cx);
        }
    }

    /// Has it shown by the operating system, unless something keeps it back.
    pub(super) fn wish(&mut self, id: NotificationId, loud: bool, cx: Context<'_>) {
        let inhibited = self.is_inhibited(id);
        let Some(open) = self.open.get_mut(&id) else { return };
        let policy = cx.of(open);
        let held = inhibited || self.common.hushes(open, &policy, cx.now);
        open.held = held && (loud || open.held) && open.wants_os(&policy);
        if held {
            if loud {
                open.keep_back();
            }
            return;
        }
        if !open.wants_os(&policy) {
            return;
        }
        self.common_changed = true;
        if cx.policy.demo && !open.is_test() {
            if self.common.demo_shown {
                if loud {
                    open.keep_back();
                }
                return;
            }
            self.common.demo_shown = true;
        }
        if let (Some(away), false) = (&mut self.common.away, open.is_test()) {
            away.waiting.insert(id);
            return;
        }
        open.view.delivery = DeliveryView::Wanted;
        self.common.mirror.wish(id, loud);
    }

    /// A critical alert of the same vault says more.
    pub(super) fn is_inhibited(&self, id: NotificationId) -> bool {
        let Some(open) = self.open.get(&id) else { return false };
        let Some(vault) = open.condition.vault.as_ref().filter(|_| !open.is_critical()) else {
            return false;
        };
        // Of whatever it is, and answered or not: somebody who knows of that need not hear of less.
        let of_vault = self.by_vault.get(vault).into_iter().flatten();
        of_vault.filter_map(|id| self.open.get(id)).any(Open::is_critical)
    }

    pub(super) fn withdraw(&mut self, id: NotificationId, out: &mut Vec<Effect>) {
        self.common_changed = true;
        out.extend(self.common.mirror.drop(id).map(Effect::Withdraw));
    }

    /// Shows what may be shown now. To be called after everything else.
    pub(crate) fn flush(&mut self, cx: Context<'_>, out: &mut Vec<Effect>) {
        loop {
            let open = &self.open;
            let rank = |id: NotificationId| {
                let open = open.get(&id)?;
                let liquidation = open.condition.subject == Subject::Liquidation;
                Some((open.view.severity, open.is_incident(), liquidation))
            };
            let Some(next) = self.common.mirror.next(cx.policy, cx.now, rank) else { return };
            self.common_changed = true;
            match next {
                Next::One(id, loud) => self.show(id, loud, cx, out),
                Next::Summary(ids) => self.show_summary(&ids, cx, out),
            }
        }
    }

    fn show(&mut self, id: NotificationId, loud: bool, cx: Context<'_>, out: &mut Vec<Effect>) {
        if self.open.get(&id).is_some_and(|open| open.grown) {
            self.reword(id, cx);
            self.emit(id, Change::Updated, cx, out);
        }
        let Some(open) = self.open.get(&id) else {
            out.extend(self.common.mirror.drop(id).map(Effect::Withdraw));
            return;
        };
        let showing = showing(open, loud, cx);
        if open.is_incident() {
            for member in self.members(id) {
                self.withdraw(member, out);
            }
        }
        out.extend(self.common.mirror.leave_summary(id).map(Effect::Withdraw));
        out.push(Effect::Show(showing));
    }

    fn show_summary(&mut self, ids: &[NotificationId], cx: Context<'_>, out: &mut Vec<Effect>) {
        for covered in self.common.mirror.close_covered() {
            out.push(Effect::Withdraw(covered));
        }
        let worst = ids.first().and_then(|id| self.open.get(id));
        out.push(Effect::Show(Showing { sound: true, ..self.summary(worst, cx) }));
    }

    /// What stands for all that the summary covers, quietly.
    fn summary(&self, worst: Option<&Open>, cx: Context<'_>) -> Showing {
        let language = cx.policy.language;
        let all = self.common.mirror.summarised();
        let open: Vec<_> = all.iter().filter_map(|id| self.open.get(id)).collect();
        let critical = open.iter().filter(|open| open.is_critical()).count();
        let worst = worst.map(|open| open.view.title.as_str()).unwrap_or_default();
        let (title, body) = words::summary(language, open.len(), critical, worst);
        let severity = open.iter().map(|open| open.view.severity).max().unwrap_or(Level::High);
        Showing {
            id: NotificationId::SUMMARY,
            severity,
            title,
            body,
            veiled: words::veiled_summary(language, severity),
            target: Target::Alerts,
            sound: false,
        }
    }

    /// What is to be on the screen, for whoever begins anew and does not know: quietly, and with the time it is of.
    pub(crate) fn on_screen(&self, cx: Context<'_>) -> Vec<Showing> {
        let of = |id: NotificationId| {
            if id == NotificationId::SUMMARY {
                let covered = self.common.mirror.summarised().into_iter();
                let covered = covered.filter_map(|id| self.open.get(&id));
                return Some(self.summary(covered.max_by_key(|open| open.view.severity), cx));
            }
            // The settings may be others since.
            let open = self.open.get(&id).filter(|open| open.wants_os(&cx.of(open)))?;
            let mut showing = showing(open, false, cx);
            let (language, zone) = (cx.policy.language, &cx.policy.zone);
            showing.body.push_str(&words::as_of(language, open.view.updated, zone));
            Some(showing)
        };
        self.common.mirror.on_screen().filter_map(of).collect()
    }

    /// The operating system took it.
    pub(crate) fn delivered(&mut self, id: NotificationId, cx: Context<'_>, out: &mut Vec<Effect>) {
        for id in self.common.mirror.confirm(id) {
            self.common_changed = true;
            if let Some(open) = self.open.get_mut(&id) {
                open.view.delivery = DeliveryView::Shown(cx.now);
                open.view.late |= open.overdue(cx.now).is_some();
                open.unseen = None;
                self.emit(id, Change::Delivered, cx, out);
            }
        }
    }

    pub(crate) fn undelivered(
        &mut self,
        id: NotificationId,
        cause: &str,
        cx: Context<'_>,
        out: &mut Vec<Effect>,
    ) {
        for id in self.common.mirror.failed(id, cx.now) {
            self.common_changed = true;
            if let Some(open) = self.open.get_mut(&id) {
                open.unseen.get_or_insert(cx.now);
                let failed = DeliveryView::Failed(cause.to_owned());
                // It is tried again and again: the first failure is the news.
                if std::mem::replace(&mut open.view.delivery, failed.clone()) != failed {
                    let cause = SmolStr::new(cause);
                    self.emit(id, Change::Undelivered { cause }, cx, out);
                }
            }
        }
    }

    /// When something may have to be shown.
    pub(crate) fn due(&self, policy: &Policy) -> Option<UnixMillis> {
        let away = self.common.away.as_ref().map(|away| away.ends(policy));
        [away, self.common.mirror.due(policy)].into_iter().flatten().min()
    }
}

fn showing(open: &Open, loud: bool, cx: Context<'_>) -> Showing {
    let (language, zone) = (cx.policy.language, &cx.policy.zone);
    let demo = if cx.policy.demo && !open.is_test() { "DEMO " } else { "" };
    let mut body = open.view.message.clone();
    if let Some(since) = open.overdue(cx.now) {
        body.push_str(&words::not_shown_since(language, since, zone));
    }
    let mut veiled =
        words::veiled(language, &open.condition, open.view.severity, &open.facts.label);
    veiled.title.insert_str(0, demo);
    Showing {
        id: open.view.id,
        severity: open.view.severity,
        title: format!("{demo}{}", open.view.title),
        body,
        veiled,
        target: open.target(),
        sound: loud,
    }
}
