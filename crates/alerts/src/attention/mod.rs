//! Whom what is found wakes, how often and how loud: one alert per condition, one notification per incident, repeats
//! until somebody answers.

mod answer;
mod away;
mod incident;
mod mirror;
mod open;
mod time;

pub(crate) use self::answer::By;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use domain::view::{AwayView, DeliveryView, NotificationId, NotificationState};
use domain::{Level, UnixMillis, VaultId};
use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use self::away::Away;
use self::mirror::{Mirror, Next};
use self::open::Open;
use crate::effect::{Alarm, CallOut, CallOutKind, Change, Changed, Effect, Showing};
use crate::prices::Prices;
use crate::rule::Policies;
use crate::{Alert, Condition, Finding, Policy, Subject, words};

/// Most notices that can still be answered; the oldest of more is left as it is.
const NOTICES: usize = 1_000;

/// All alerts that have not ended.
#[derive(Debug, Default)]
pub(crate) struct Attention {
    open: BTreeMap<NotificationId, Open>,
    by_condition: HashMap<Condition, NotificationId, FixedState>,
    by_vault: HashMap<VaultId, BTreeSet<NotificationId>, FixedState>,
    common: Common,
    dirty: BTreeSet<NotificationId>,
    common_changed: bool,
}

/// What is not about one alert.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Common {
    last_id: i64,
    /// The alerts of the last seconds that are in no incident.
    recent: VecDeque<(UnixMillis, NotificationId)>,
    mirror: Mirror,
    alarm: Alarm,
    /// Until then, only what is critical is told.
    hushed_until: Option<UnixMillis>,
    /// When time was last seen passing.
    alive: Option<UnixMillis>,
    away: Option<Away>,
    /// The last gap that was told of.
    last_away: Option<AwayView>,
    digest: Option<UnixMillis>,
    demo_shown: bool,
}

impl Common {
    /// Whether somebody's wish or the hour keeps it back.
    fn hushes(&self, open: &Open, policy: &Policy, now: UnixMillis) -> bool {
        let hushed = self.hushed_until.is_some_and(|until| now < until)
            || policy.quiet_hours.as_ref().is_some_and(|quiet| quiet.cover(now));
        hushed && !open.is_critical()
    }
}

/// What is known while it is decided.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    /// Of what is about no vault.
    pub(crate) policy: &'a Policy,
    pub(crate) policies: &'a Policies,
    pub(crate) prices: &'a Prices,
    pub(crate) now: UnixMillis,
}

impl<'a> Context<'a> {
    /// The policy that is nearest to an alert.
    fn of(&self, open: &Open) -> Cow<'a, Policy> {
        let incident;
        let causes = match (&open.condition.subject, &open.condition.vault) {
            (Subject::Incident(cause), _) => {
                incident = [cause.clone()];
                incident.as_slice()
            }
            (_, Some(_)) => open.facts.causes.as_slice(),
            (_, None) => &[],
        };
        self.policies.of_alert(self.policy, open.condition.vault.as_ref(), causes)
    }
}

impl Attention {
    /// Ids begin after this one.
    pub(crate) fn begin_after(&mut self, id: NotificationId) {
        self.common.last_id = self.common.last_id.max(id.0);
    }

    /// The conditions that hold and their alerts.
    pub(crate) fn open(&self) -> impl Iterator<Item = &domain::view::NotificationView> {
        self.open.values().map(|open| &open.view)
    }

    /// What the other channels are to know of each of them.
    pub(crate) fn calls(&self) -> impl Iterator<Item = CallOut> {
        let alerts = self.open.values().filter(|open| !open.condition.is_notice());
        alerts.filter_map(Open::standing)
    }

    pub(crate) fn of(&self, condition: &Condition) -> Option<NotificationId> {
        self.by_condition.get(condition).copied()
    }

    /// Something critical may be new: that it is answered can wait for the next second.
    pub(crate) fn begin_alarm(&mut self, cx: Context<'_>, out: &mut Vec<Effect>) {
        if !self.common.alarm.attention {
            self.sound_alarm(cx, out);
        }
    }

    pub(crate) fn knows(&self, id: NotificationId) -> bool {
        self.open.contains_key(&id)
    }

    pub(crate) fn last_away(&self) -> Option<&AwayView> {
        self.common.last_away.as_ref()
    }

    /// An alert of which only the center's entry was kept.
    pub(crate) fn adopt(&mut self, view: domain::view::NotificationView, condition: Condition) {
        if self.open.contains_key(&view.id) || self.by_condition.contains_key(&condition) {
            return;
        }
        let alert = Alert::new(
            condition,
            view.severity,
            (view.title.clone(), view.message.clone()),
            view.timestamp,
        );
        let (id, updated) = (view.id, view.updated);
        let mut open = Open::new(id, alert, updated);
        let wanted = view.delivery == DeliveryView::Wanted;
        open.view = view;
        if open.is_firing() {
            open.series.began = updated;
            open.series.due = Some(updated);
            open.series.unanswered = open.is_critical().then_some(updated);
        }
        if wanted {
            self.common.mirror.wish(id, true);
            self.common_changed = true;
        }
        self.begin_after(id);
        self.index(&open);
        self.open.insert(id, open);
        self.dirty.insert(id);
    }

    /// Makes it known by what it is about.
    fn index(&mut self, open: &Open) {
        let (id, condition) = (open.view.id, &open.condition);
        if condition.is_notice() {
            return;
        }
        self.by_condition.insert(condition.clone(), id);
        if let Some(vault) = &condition.vault {
            self.by_vault.entry(vault.clone()).or_default().insert(id);
        }
    }

    fn forget_vault_of(&mut self, open: &Open) {
        let Some(vault) = &open.condition.vault else { return };
        if let Some(of_vault) = self.by_vault.get_mut(vault) {
            of_vault.remove(&open.view.id);
            if of_vault.is_empty() {
                self.by_vault.remove(vault);
            }
        }
    }

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

    fn raise(&mut self, alert: Alert, cx: Context<'_>, out: &mut Vec<Effect>) {
        let id = self.new_id();
        let open = Open::new(id, alert, cx.now);
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
        open.worsen(alert, cx.now);
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
        open.change(alert, cx.now);
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
        open.change(alert, cx.now);
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
    fn close(&mut self, id: NotificationId, cx: Context<'_>, out: &mut Vec<Effect>) {
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
        target: domain::view::Target,
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
        let mut open = Open::new(id, alert, cx.now);
        if let Some(action) = &mut open.view.action {
            action.label = match target {
                domain::view::Target::System => "View connection".to_owned(),
                _ => "View alerts".to_owned(),
            };
            action.target = target;
        }
        self.open.insert(id, open);
        self.tell(id, cx);
        self.emit(id, Change::Raised, cx, out);
        id
    }

    /// Somebody is to be told, and told again until they answer.
    fn tell(&mut self, id: NotificationId, cx: Context<'_>) {
        if let Some(open) = self.open.get_mut(&id) {
            open.begin_series(&cx.of(open), cx.now);
            self.wish(id, true, cx);
        }
    }

    /// Has it shown by the operating system, unless something keeps it back.
    fn wish(&mut self, id: NotificationId, loud: bool, cx: Context<'_>) {
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
    fn is_inhibited(&self, id: NotificationId) -> bool {
        let Some(open) = self.open.get(&id) else { return false };
        let Some(vault) = open.condition.vault.as_ref().filter(|_| !open.is_critical()) else {
            return false;
        };
        // Of whatever it is, and answered or not: somebody who knows of that need not hear of less.
        let of_vault = self.by_vault.get(vault).into_iter().flatten();
        of_vault.filter_map(|id| self.open.get(id)).any(Open::is_critical)
    }

    fn withdraw(&mut self, id: NotificationId, out: &mut Vec<Effect>) {
        self.common_changed = true;
        out.extend(self.common.mirror.drop(id).map(Effect::Withdraw));
    }

    fn emit(&mut self, id: NotificationId, change: Change, cx: Context<'_>, out: &mut Vec<Effect>) {
        let inhibited =
            matches!(change, Change::Raised | Change::Worsened) && self.is_inhibited(id);
        let Some(open) = self.open.get_mut(&id) else { return };
        open.view.updated = cx.now;
        let quiet = open.is_quiet() || inhibited;
        let (view, condition) = (open.view.clone(), open.condition.clone());
        out.push(Effect::Changed(Box::new(Changed { view, condition, change, quiet })));
        self.dirty.insert(id);
    }

    fn new_id(&mut self) -> NotificationId {
        self.common.last_id += 1;
        self.common_changed = true;
        NotificationId(self.common.last_id)
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
                Next::Summary(ids) => self.show_summary(&ids, out),
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
        let demo = if cx.policy.demo && !open.is_test() { "DEMO " } else { "" };
        let mut body = open.view.message.clone();
        if let Some(since) = open.overdue(cx.now) {
            body.push_str(&words::not_shown_since(since, &cx.policy.zone));
        }
        let mut veiled = words::veiled(&open.condition, open.view.severity, &open.facts.label);
        veiled.title.insert_str(0, demo);
        let showing = Showing {
            id,
            severity: open.view.severity,
            title: format!("{demo}{}", open.view.title),
            body,
            veiled,
            target: open.target(),
            sound: loud,
        };
        if open.is_incident() {
            for member in self.members(id) {
                self.withdraw(member, out);
            }
        }
        out.extend(self.common.mirror.leave_summary(id).map(Effect::Withdraw));
        out.push(Effect::Show(showing));
    }

    fn show_summary(&mut self, ids: &[NotificationId], out: &mut Vec<Effect>) {
        for covered in self.common.mirror.close_covered() {
            out.push(Effect::Withdraw(covered));
        }
        let all = self.common.mirror.summarised();
        let open: Vec<_> = all.iter().filter_map(|id| self.open.get(id)).collect();
        let critical = open.iter().filter(|open| open.is_critical()).count();
        let worst = ids.first().and_then(|id| self.open.get(id));
        let worst = worst.map(|open| open.view.title.as_str()).unwrap_or_default();
        let (title, body) = words::summary(open.len(), critical, worst);
        let severity = open.iter().map(|open| open.view.severity).max().unwrap_or(Level::High);
        out.push(Effect::Show(Showing {
            id: NotificationId::SUMMARY,
            severity,
            title,
            body,
            veiled: words::veiled_summary(severity),
            target: domain::view::Target::Alerts,
            sound: true,
        }));
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
        for id in self.common.mirror.failed(id) {
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

    /// The state of the sound and the tray.
    fn sound_alarm(&mut self, cx: Context<'_>, out: &mut Vec<Effect>) {
        let mut alarm = Alarm::default();
        for open in self.open.values() {
            let head = open.view.incident.is_none() && !open.condition.is_notice();
            if !(head && open.is_firing() && open.is_critical()) {
                continue;
            }
            let test = open.is_test();
            if cx.policy.demo && !test {
                continue;
            }
            alarm.attention = true;
            alarm.sound |= open.series.heard || test;
        }
        if alarm != self.common.alarm {
            self.common.alarm = alarm;
            self.common_changed = true;
            out.push(Effect::Alarm(alarm));
        }
    }

    /// A critical alert that is none.
    pub(crate) fn test_critical(&mut self, cx: Context<'_>, out: &mut Vec<Effect>) {
        let condition = Condition { vault: None, subject: Subject::Test };
        if self.by_condition.contains_key(&condition) {
            return;
        }
        let alert = Alert::new(condition, Level::Critical, words::test_critical(), cx.now);
        self.raise(alert, cx, out);
        self.sound_alarm(cx, out);
    }

    fn end_test(&mut self, id: NotificationId, cx: Context<'_>, out: &mut Vec<Effect>) {
        if let Some(open) = self.open.get_mut(&id) {
            (open.view.title, open.view.message) = words::test_over();
            open.resolve();
            self.close(id, cx, out);
        }
    }

    pub(crate) fn take_memory(&mut self, put: &mut impl FnMut(&str, Option<String>)) {
        for id in std::mem::take(&mut self.dirty) {
            put(&format!("a:{id}"), self.open.get(&id).map(crate::memory::json));
        }
        if std::mem::take(&mut self.common_changed) {
            put("g", Some(crate::memory::json(&self.common)));
        }
    }

    pub(crate) fn recall(&mut self, key: &str, value: &str) -> Option<()> {
        if key == "g" {
            let last_id = self.common.last_id;
            self.common = serde_json::from_str(value).ok()?;
            self.common.last_id = self.common.last_id.max(last_id);
            return Some(());
        }
        let open: Open = serde_json::from_str(value).ok()?;
        let id = open.view.id;
        self.begin_after(id);
        self.index(&open);
        self.open.insert(id, open);
        Some(())
    }

    fn is_dealt_with(state: NotificationState) -> bool {
        matches!(state, NotificationState::Acknowledged | NotificationState::Snoozed)
    }
}
