use std::time::Duration;

use domain::view::{
    AcknowledgedView, Action, DeliveryView, NotificationId, NotificationState, NotificationView,
    NotifyScope, Target, Tone,
};
use domain::{Language, Level, Percent, UnixMillis};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::effect::{CallOut, CallOutKind};
use crate::say::common;
use crate::{Alert, Condition, Facts, Policy, Subject, words};

/// Toasts of good news and information go by themselves after this many milliseconds, warnings after twice as many;
/// critical ones stay until they are dismissed.
const AUTO_DISMISS: u32 = 5_000;

/// What is shown later than this after it was to be says so: some retries are nobody's concern.
const OVERDUE: Duration = Duration::from_secs(60);

/// An alert that has not ended, and what has been done about it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Open {
    pub(super) view: NotificationView,
    pub(super) condition: Condition,
    pub(super) facts: Facts,
    pub(super) depth: u8,
    /// Crossings and repetitions the watch has counted.
    pub(super) repeated: u32,
    /// Tellings that somebody's wish or the hour kept back.
    pub(super) kept_back: u32,
    /// Something keeps it back that may end: then it is told.
    #[serde(default)]
    pub(super) held: bool,
    /// Since when the operating system does not show it, though it is to.
    #[serde(default)]
    pub(super) unseen: Option<UnixMillis>,
    pub(super) series: Series,
    pub(super) source: Option<SmolStr>,
    pub(super) happened: Option<UnixMillis>,
    pub(super) last_known: bool,
    /// Of an incident: how many of its alerts are open, and how many vaults there were.
    pub(super) members: u32,
    pub(super) total: u32,
    /// One of its vaults was liquidated.
    #[serde(default)]
    pub(super) liquidated: bool,
    /// The room when it was raised, or became worse: a late alert tells then and now.
    pub(super) first_room: Option<Percent>,
    /// What is different since the center was last told.
    pub(super) grown: bool,
    pub(super) refreshed: UnixMillis,
}

/// Telling somebody until they answer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Series {
    /// When it was first told, or told anew because it was worse.
    pub(super) began: UnixMillis,
    pub(super) repeats: u32,
    /// `None`: it is not told again.
    pub(super) due: Option<UnixMillis>,
    /// Since when it is critical and nobody answers. That it gets worse leaves nobody more time: only an answer, or
    /// that it is critical no more, ends this.
    #[serde(default)]
    pub(super) unanswered: Option<UnixMillis>,
    /// The program's own sound has begun.
    pub(super) heard: bool,
    /// The other channels were told, and not yet that they need do nothing.
    pub(super) called: bool,
}

impl Open {
    pub(super) fn new(
        language: Language,
        id: NotificationId,
        alert: Alert,
        now: UnixMillis,
    ) -> Self {
        let (tone, auto_dismiss) = manner(alert.severity);
        let action = action(language, &alert.condition);
        let Alert { condition, severity, depth, title, message, raised, suppressed, .. } = alert;
        Self {
            view: NotificationView {
                id,
                tone,
                title,
                message,
                timestamp: raised,
                updated: now,
                read: false,
                action: Some(action),
                auto_dismiss,
                severity,
                vault: condition.vault.clone(),
                state: NotificationState::Firing,
                occurrences: 1,
                suppressed,
                incident: None,
                acknowledged: None,
                snoozed_until: None,
                evidence: alert.evidence,
                late: false,
                delivery: DeliveryView::NotWanted,
            },
            condition,
            first_room: alert.facts.room,
            facts: alert.facts,
            depth,
            repeated: suppressed,
            kept_back: 0,
            held: false,
            unseen: None,
            series: Series::default(),
            source: alert.source,
            happened: alert.happened,
            last_known: false,
            members: 0,
            total: 0,
            liquidated: false,
            grown: false,
            refreshed: now,
        }
    }

    /// Takes over what the watch says of it now.
    pub(super) fn change(&mut self, language: Language, alert: Alert, now: UnixMillis) {
        let view = &mut self.view;
        view.title = alert.title;
        view.message = alert.message;
        view.severity = alert.severity;
        (view.tone, view.auto_dismiss) = manner(alert.severity);
        view.updated = now;
        view.evidence = alert.evidence.or(view.evidence.take());
        if let Some(action) = &mut view.action {
            action.label = label(language, &action.target).to_owned();
        }
        self.repeated = self.repeated.max(alert.suppressed);
        view.suppressed = self.repeated.saturating_add(self.kept_back);
        self.depth = alert.depth;
        if !alert.facts.causes.is_empty() || alert.facts.room.is_some() {
            self.facts = alert.facts;
        }
        self.source = alert.source.or(self.source.take());
        let last_known = std::mem::take(&mut self.last_known);
        self.mark_last_known(language, last_known);
    }

    /// Takes over that it is worse, and when it became so.
    pub(super) fn worsen(&mut self, language: Language, alert: Alert, now: UnixMillis) {
        self.happened = alert.happened;
        self.first_room = alert.facts.room.or(self.first_room);
        self.change(language, alert, now);
    }

    /// Whether its figures are those of before the feed went down; returns whether that is news.
    pub(super) fn mark_last_known(&mut self, language: Language, last_known: bool) -> bool {
        if std::mem::replace(&mut self.last_known, last_known) == last_known {
            return false;
        }
        let message = &mut self.view.message;
        words::without_last_known(message);
        if last_known {
            message.push_str(&words::last_known(language));
        }
        if let Some(evidence) = &mut self.view.evidence {
            evidence.last_known = last_known;
        }
        true
    }

    pub(super) fn keep_back(&mut self) {
        self.kept_back = self.kept_back.saturating_add(1);
        self.view.suppressed = self.repeated.saturating_add(self.kept_back);
    }

    pub(super) fn is_incident(&self) -> bool {
        matches!(self.condition.subject, Subject::Incident(_))
    }

    pub(super) fn is_liquidation(&self) -> bool {
        self.condition.subject == Subject::Liquidation
    }

    pub(super) fn is_critical(&self) -> bool {
        self.view.severity == Level::Critical
    }

    pub(super) fn is_firing(&self) -> bool {
        self.view.state == NotificationState::Firing
    }

    /// Whether it is for the operating system, too.
    pub(super) fn wants_os(&self, policy: &Policy) -> bool {
        if self.is_test() || self.condition.subject == Subject::Settings {
            return true;
        }
        match policy.scope {
            NotifyScope::All => {
                self.view.severity >= policy.notify_from
                    || self.is_critical()
                    || self.condition.subject == Subject::Feed
            }
            NotifyScope::Critical => self.is_critical(),
            NotifyScope::None => false,
        }
    }

    /// A vault that is merely worth an eye is told in the center, without an unread mark.
    pub(super) fn is_quiet(&self) -> bool {
        self.view.severity <= Level::Medium
            && matches!(self.condition.subject, Subject::Solvency | Subject::Stale)
    }

    pub(super) fn begin_series(&mut self, policy: &Policy, now: UnixMillis) {
        let due = policy.repeat(self.view.severity, 0).map(|offset| now.plus(offset));
        // Of a file somebody has just written it is enough to be told once.
        let once = self.condition.is_notice() || self.condition.subject == Subject::Settings;
        let due = due.filter(|_| !once && !self.is_test());
        let Series { unanswered, heard, called, .. } = self.series;
        let unanswered = self.is_critical().then(|| unanswered.unwrap_or(now));
        let heard = heard && self.is_critical();
        self.series = Series { began: now, repeats: 0, due, unanswered, heard, called };
    }

    /// Somebody answered, or it is critical no more: the next time it gets louder step by step again.
    pub(super) fn end_escalation(&mut self) {
        (self.series.unanswered, self.series.heard) = (None, false);
    }

    /// An alert that nobody has answered so far is told as a part of this one from now on.
    pub(super) fn go_on_from(&mut self, member: &Series) {
        let Some(since) = member.unanswered else { return };
        let series = &mut self.series;
        series.unanswered = Some(series.unanswered.map_or(since, |own| own.min(since)));
        series.heard |= member.heard;
    }

    /// The next repeat that lies ahead: those a sleeping machine missed are told as one.
    pub(super) fn next_repeat(&mut self, policy: &Policy, now: UnixMillis) {
        loop {
            self.series.repeats += 1;
            let offset = policy.repeat(self.view.severity, self.series.repeats);
            self.series.due = offset.map(|offset| self.series.began.plus(offset));
            if self.series.due.is_none_or(|due| due > now) {
                break;
            }
        }
    }

    /// Since when it could not be shown, if that is long enough to be told.
    pub(super) fn overdue(&self, now: UnixMillis) -> Option<UnixMillis> {
        self.unseen.filter(|since| now.since(*since) >= OVERDUE)
    }

    pub(super) fn is_test(&self) -> bool {
        self.condition.subject == Subject::Test
    }

    pub(super) fn rouse(&mut self) {
        self.view.state = NotificationState::Firing;
        (self.view.acknowledged, self.view.snoozed_until) = (None, None);
    }

    pub(super) fn acknowledge(&mut self, by: &str, now: UnixMillis) {
        self.view.state = NotificationState::Acknowledged;
        self.view.acknowledged = Some(AcknowledgedView { by: by.to_owned(), at: now });
        self.view.snoozed_until = None;
        self.series.due = None;
        self.end_escalation();
        self.held = false;
    }

    pub(super) fn snooze(&mut self, until: UnixMillis) {
        self.view.state = NotificationState::Snoozed;
        self.view.acknowledged = None;
        self.view.snoozed_until = Some(until);
        self.series.due = None;
        self.end_escalation();
        self.held = false;
    }

    pub(super) fn resolve(&mut self) {
        let view = &mut self.view;
        view.state = NotificationState::Resolved;
        view.tone = Tone::Success;
        view.auto_dismiss = Some(AUTO_DISMISS);
        view.snoozed_until = None;
        if view.delivery == DeliveryView::Wanted {
            view.delivery = DeliveryView::NotWanted;
        }
    }

    pub(super) fn call(&self, kind: CallOutKind) -> CallOut {
        CallOut::of(&self.view, kind)
    }

    /// What the other channels are to know of it; `None`: nothing, so far.
    pub(super) fn standing(&self) -> Option<CallOut> {
        if self.series.called {
            return Some(self.call(CallOutKind::Firing));
        }
        match self.view.state {
            NotificationState::Acknowledged | NotificationState::Snoozed => {
                Some(self.call(CallOutKind::Acknowledged))
            }
            // Less than what anybody is called for.
            NotificationState::Firing if !self.is_critical() => {
                Some(self.call(CallOutKind::Resolved))
            }
            NotificationState::Firing | NotificationState::Resolved => None,
        }
    }

    pub(super) fn target(&self) -> Target {
        self.view.action.as_ref().map_or(Target::Alerts, |action| action.target.clone())
    }
}

fn action(language: Language, condition: &Condition) -> Action {
    let target = match (&condition.vault, &condition.subject) {
        (Some(vault), _) => Target::Vault(vault.clone()),
        (None, Subject::Feed) => Target::System,
        (None, Subject::Test | Subject::Settings) => Target::Settings,
        (None, _) => Target::Alerts,
    };
    Action { label: label(language, &target).to_owned(), target }
}

/// What leads there is called.
pub(super) fn label(language: Language, target: &Target) -> &'static str {
    match target {
        Target::Vault(_) => common::view_vault(language),
        Target::System => common::view_connection(language),
        Target::Settings => common::view_settings(language),
        _ => common::view_alerts(language),
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
