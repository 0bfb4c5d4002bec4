//! What a finding does to the alert of its condition: raises it, makes it worse, changes it, ends it.

use domain::view::{DeliveryView, NotificationId, Target};

use super::open::Open;
use super::{Attention, Context, incident, open};
use crate::effect::{CallOutKind, Change, Effect};
use crate::{Alert, Finding};

/// Most notices that can still be answered; the oldest of more is left as it is.
const NOTICES: usize = 1_000;

impl Attention {
    pub(crate) fn find(&mut self, finding: Finding, cx: Context<'_>, out: &mut Vec<Effect>) {
        let known = self.by_condition.get(&finding.alert().condition).copied();
        match (finding, known) {
            (Finding::Raise(alert) | Finding::Worsen(alert), None) => self.raise(alert, cx, out),
            (Finding::Raise(alert) | Finding::Worsen(alert), Some(id)) => {
                self.worsen(id, alert, cx, out);
            }
            (Finding::Update(alert), Some(id)) => self.update(id, alert, cx, out),
            (Finding::Resolve(alert), Some(id)) => self.resolve(id, alert, cx, out),
            (Finding::Update(_) | Finding::Resolve(_), None) => {}
        }
    }

    pub(super) fn raise(&mut self, alert: Alert, cx: Context<'_>, out: &mut Vec<Effect>) {
        let id = self.new_id();
        let open = Open::new(cx.policy.language, id, alert, cx.now);
        self.index(&open);
        self.open.insert(id, open);
        self.note_absence(id, cx);
        match self.place(id, cx) {
            incident::Placed::Alone => {
                self.tell(id, cx);
                self.emit(id, Change::Raised, cx, out);
            }
            incident::Placed::Joined(head) => {
                self.emit(id, Change::Raised, cx, out);
                self.member_news(head, id, cx, out);
            }
            incident::Placed::Formed(head, others) => {
                self.emit(id, Change::Raised, cx, out);
                self.announce(head, others, cx, out);
            }
        }
    }

    fn worsen(&mut self, id: NotificationId, alert: Alert, cx: Context<'_>, out: &mut Vec<Effect>) {
        let Some(open) = self.open.get_mut(&id) else { return };
        open.worsen(cx.policy.language, alert, cx.now);
        open.view.occurrences = open.view.occurrences.saturating_add(1);
        open.rouse();
        let incident = open.view.incident;
        self.note_absence(id, cx);
        let placed = match incident {
            Some(head) => incident::Placed::Joined(head),
            None => self.place(id, cx),
        };
        match placed {
            incident::Placed::Alone => {
                self.tell(id, cx);
                self.emit(id, Change::Worsened, cx, out);
            }
            incident::Placed::Joined(head) => {
                self.emit(id, Change::Worsened, cx, out);
                self.member_news(head, id, cx, out);
            }
            incident::Placed::Formed(head, others) => {
                self.emit(id, Change::Worsened, cx, out);
                self.announce(head, others, cx, out);
            }
        }
    }

    fn update(&mut self, id: NotificationId, alert: Alert, cx: Context<'_>, out: &mut Vec<Effect>) {
        let Some(open) = self.open.get_mut(&id) else { return };
        let before = open.view.severity;
        open.change(cx.policy.language, alert, cx.now);
        if open.view.severity < before && open.is_firing() && open.view.incident.is_none() {
            open.begin_series(&cx.of(open), cx.now);
        }
        let head = open.view.incident;
        // Open still, but not for what somebody was woken for.
        if open.view.severity < before && !open.wants_os(&cx.of(open)) {
            open.view.delivery = DeliveryView::NotWanted;
            self.withdraw(id, out);
        }
        self.emit(id, Change::Updated, cx, out);
        if let Some(head) = head.and_then(|head| self.open.get_mut(&head)) {
            head.grown = true;
            self.dirty.insert(head.view.id);
        }
    }

    fn resolve(
        &mut self,
        id: NotificationId,
        alert: Alert,
        cx: Context<'_>,
        out: &mut Vec<Effect>,
    ) {
        let Some(open) = self.open.get_mut(&id) else { return };
        open.change(cx.policy.language, alert, cx.now);
        open.resolve();
        let head = open.view.incident;
        if let Some(away) = &mut self.common.away {
            away.view.recovered += u32::from(open.is_critical());
            away.waiting.remove(&id);
        }
        self.close(id, cx, out);
        if let Some(head) = head {
            self.member_gone(head, cx, out);
        }
    }

    /// It is over: nothing of it is shown, heard or remembered here.
    pub(super) fn close(&mut self, id: NotificationId, cx: Context<'_>, out: &mut Vec<Effect>) {
        self.withdraw(id, out);
        self.emit(id, Change::Resolved, cx, out);
        if let Some(open) = self.open.remove(&id) {
            self.by_condition.remove(&open.condition);
            self.forget_vault_of(&open);
            if open.series.called {
                out.push(Effect::CallOut(open.call(CallOutKind::Resolved)));
            }
        }
    }

    /// Something that is told once. Returns its id.
    pub(crate) fn notice(
        &mut self,
        alert: Alert,
        target: Target,
        cx: Context<'_>,
        out: &mut Vec<Effect>,
    ) -> NotificationId {
        let notices = self.open.values().filter(|open| open.condition.is_notice());
        if notices.clone().count() >= NOTICES
            && let Some(oldest) = notices.map(|open| open.view.id).next()
        {
            self.open.remove(&oldest);
            self.dirty.insert(oldest);
        }
        let id = self.new_id();
        let language = cx.policy.language;
        let mut open = Open::new(language, id, alert, cx.now);
        if let Some(action) = &mut open.view.action {
            let named = if target == Target::System { &target } else { &Target::Alerts };
            action.label = open::label(language, named).to_owned();
            action.target = target;
        }
        self.open.insert(id, open);
        self.tell(id, cx);
        self.emit(id, Change::Raised, cx, out);
        id
    }
}
