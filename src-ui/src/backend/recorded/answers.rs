//! What the window asks all the time, answered from memory.

use std::rc::Rc;

use domain::rules::RulesEdit;
use domain::view::{
    AcknowledgedView, Attached, AutostartView, AwayView, ChannelView, DryRunAnswer, DryRunQuery,
    ExplanationView, FaultView, FirstFrame, HistoryQuery, HistoryView, NotificationId,
    NotificationState, NotificationView, Origin, Preferences, RulesAnswer, RulesView, Target,
    Theme, VaultDetail, VaultRow, WindowEvent,
};
use domain::{ChainId, UnixMillis, VaultId};

use super::history::{history, nothing_kept};
use super::play::{play, test_critical};
use super::recording::{read, recording};
use super::scene::{Scene, theme};
use super::{Recorded, done, language, profiles, rules, speak, tell};
use crate::backend::{Answer, Backend, BackendError, ExportFormat, Plot, PlotFormat, Sinks};
use crate::{clock, words};

/// The alert that was raised by a message of which only a part is kept.
const LONG: NotificationId = NotificationId(8);

impl Backend for Recorded {
    fn first_frame(&self) -> FirstFrame {
        FirstFrame::default()
    }

    fn keep_view(&self, _view: String) -> Answer<()> {
        done()
    }

    fn attach(&self, profile: Option<String>, sinks: Sinks) -> Answer<Attached> {
        let (state, profiles) = (Rc::clone(&self.state), Rc::clone(&self.profiles));
        Box::pin(async move {
            let scene = Scene::of_page();
            let mut attached: Attached = read(recording().attached)?;
            attached.feed.state = scene.feed_state();
            if scene == Scene::Blocked {
                attached.notifications_blocked = Some("Do Not Disturb is on".to_owned());
            }
            if scene == Scene::Away {
                let hours = |hours: u64| clock::now().0 - 3_600_000 * hours.cast_signed();
                attached.away = Some(AwayView {
                    from: UnixMillis(hours(4)),
                    to: UnixMillis(hours(1)),
                    liquidated: 1,
                    critical: 2,
                    recovered: 1,
                    unanswered: 0,
                });
            }
            attached.theme = theme().unwrap_or(attached.theme);
            attached.preferences.welcomed = scene != Scene::First;
            let part = profiles::show(&profiles, scene, profile.as_deref(), &mut attached);
            {
                let mut state = state.borrow_mut();
                state.notifications.clone_from(&attached.notifications);
                state.spoken = words::language();
            }
            language::notifications(&mut attached.notifications);
            language::profiles(&mut attached.profiles);
            play((scene, part), &state, sinks, attached.feed.clone());
            Ok(attached)
        })
    }

    fn acknowledge_batch(&self, _seq: u64) -> Answer<()> {
        done()
    }

    fn look_at(&self, _ids: Vec<VaultId>) -> Answer<()> {
        done()
    }

    fn vault_detail(&self, id: VaultId) -> Answer<Option<VaultDetail>> {
        let row = self.state.borrow().rows.get(id.as_str()).cloned();
        Box::pin(async move {
            let Some(row) = row else { return Ok(None) };
            let recording = recording();
            let Some(recorded) = recording.details.get(id.as_str()) else {
                return Ok(Some(sparse(row)));
            };
            let mut detail: VaultDetail = read(recorded)?;
            language::put(&mut detail.verdict);
            detail.row = row;
            Ok(Some(detail))
        })
    }

    fn explain(&self, _id: VaultId) -> Answer<Option<ExplanationView>> {
        Box::pin(async {
            let mut view: ExplanationView = read(recording().explanation)?;
            view.rules.iter_mut().for_each(|rule| language::put(&mut rule.why));
            Ok(Some(view))
        })
    }

    fn vault_history(&self, query: HistoryQuery) -> Answer<HistoryView> {
        let row = self.state.borrow().rows.get(query.vault.as_str()).cloned();
        Box::pin(async move { Ok(row.map_or_else(nothing_kept, |row| history(&query, &row))) })
    }

    fn notifications(&self) -> Answer<Vec<NotificationView>> {
        let mut all = self.state.borrow().notifications.clone();
        language::notifications(&mut all);
        Box::pin(async move { Ok(all) })
    }

    fn mark_read(&self, ids: Vec<NotificationId>) -> Answer<()> {
        self.change(&ids, |one| one.read = true)
    }

    fn mark_all_read(&self) -> Answer<()> {
        self.state.borrow_mut().notifications.iter_mut().for_each(|one| one.read = true);
        done()
    }

    fn dismiss(&self, ids: Vec<NotificationId>) -> Answer<()> {
        let mut state = self.state.borrow_mut();
        let (gone, kept) = std::mem::take(&mut state.notifications)
            .into_iter()
            .partition::<Vec<_>, _>(|one| ids.contains(&one.id));
        state.notifications = kept;
        state.removed.extend(gone);
        done()
    }

    fn put_back(&self, ids: Vec<NotificationId>) -> Answer<()> {
        let mut state = self.state.borrow_mut();
        let (back, kept) = std::mem::take(&mut state.removed)
            .into_iter()
            .partition::<Vec<_>, _>(|one| ids.contains(&one.id));
        state.removed = kept;
        state.notifications.extend(back);
        done()
    }

    fn acknowledge(&self, ids: Vec<NotificationId>) -> Answer<()> {
        self.change(&ids, |one| {
            one.read = true;
            one.state = NotificationState::Acknowledged;
            one.snoozed_until = None;
            one.acknowledged = Some(AcknowledgedView { by: "you".to_owned(), at: clock::now() });
        })
    }

    fn unacknowledge(&self, ids: Vec<NotificationId>) -> Answer<()> {
        self.change(&ids, |one| {
            one.state = NotificationState::Firing;
            one.acknowledged = None;
        })
    }

    fn snooze(&self, ids: Vec<NotificationId>, until: UnixMillis) -> Answer<()> {
        self.change(&ids, |one| {
            one.state = NotificationState::Snoozed;
            one.snoozed_until = Some(until);
        })
    }

    fn unsnooze(&self, ids: Vec<NotificationId>) -> Answer<()> {
        self.change(&ids, |one| {
            one.state = NotificationState::Firing;
            one.snoozed_until = None;
        })
    }

    fn snooze_all(&self, until: UnixMillis) -> Answer<()> {
        let state = self.state.borrow();
        let open =
            state.notifications.iter().filter(|one| one.state != NotificationState::Resolved);
        let open = open.map(|one| one.id).collect();
        drop(state);
        self.snooze(open, until)
    }

    fn false_alarm(&self, id: NotificationId) -> Answer<()> {
        self.acknowledge(vec![id])
    }

    fn test_critical(&self) -> Answer<()> {
        let state = Rc::clone(&self.state);
        clock::soon(300, move || {
            let test = test_critical(&state.borrow().notifications);
            if let Ok(test) = test {
                tell(&state, WindowEvent::Notification(test));
            }
        });
        done()
    }

    fn alert_origin(&self, id: NotificationId) -> Answer<Option<Origin>> {
        let state = self.state.borrow();
        let vault =
            state.notifications.iter().find(|one| one.id == id).and_then(|one| one.vault.clone());
        let origin = vault.map(|vault| {
            let moment = clock::now();
            let figures = r#""ltv":75.9700,"maxLTV":80,"liquidationThreshold":82.5"#;
            let rest = "x".repeat(if id == LONG { Origin::LIMIT } else { 0 });
            Origin::new(format!(
                r#"{{"type":"vault_update_{vault}","data":{{{figures},"note":"{rest}"}},"timestamp":{moment}}}"#
            ))
        });
        Box::pin(async move { Ok(origin) })
    }

    fn export_notifications(
        &self,
        format: ExportFormat,
        _ids: Vec<NotificationId>,
    ) -> Answer<String> {
        let ending = if format == ExportFormat::Csv { "csv" } else { "json" };
        Box::pin(async move { Ok(format!("/home/you/Downloads/vaultwatch-alerts.{ending}")) })
    }

    fn autostart(&self) -> Answer<AutostartView> {
        let on = self.state.borrow().autostart;
        let by = on.then(|| "systemd".to_owned());
        Box::pin(async move { Ok(AutostartView { on, by, remarks: Vec::new() }) })
    }

    fn set_autostart(&self, on: bool) -> Answer<AutostartView> {
        self.state.borrow_mut().autostart = on;
        self.autostart()
    }

    fn channels(&self) -> Answer<Vec<ChannelView>> {
        let channel = |name: &str, target: &str, failure: Option<&str>| ChannelView {
            name: name.to_owned(),
            target: target.to_owned(),
            called: failure.map(|_| clock::now()),
            failure: failure.map(str::to_owned),
        };
        let all = vec![
            channel("webhook", "hooks.acme.example", None),
            channel("ntfy", "ntfy.acme.example", Some("the server answered 403")),
        ];
        Box::pin(async move { Ok(all) })
    }

    fn test_channel(&self, name: String) -> Answer<()> {
        Box::pin(async move {
            if name == "webhook" {
                return Ok(());
            }
            let reason = "the server answered 403".to_owned();
            Err(BackendError::Refused { command: "test_channel", reason })
        })
    }

    fn test_sound(&self) -> Answer<()> {
        done()
    }

    fn rules(&self) -> Answer<RulesView> {
        rules::view(&self.rules)
    }

    fn check_rules(&self, edit: RulesEdit) -> Answer<Vec<FaultView>> {
        rules::check(&self.rules, &edit)
    }

    fn change_rules(&self, revision: String, edit: RulesEdit) -> Answer<RulesAnswer> {
        rules::change(&self.rules, &revision, &edit)
    }

    fn undo_rules(&self) -> Answer<RulesView> {
        rules::undo(&self.rules)
    }

    fn dry_run_rule(&self, query: DryRunQuery) -> Answer<DryRunAnswer> {
        rules::dry_run(&self.rules, &self.state.borrow().rows, query)
    }

    fn set_preferences(&self, _preferences: Preferences) -> Answer<()> {
        let (state, profiles) = (Rc::clone(&self.state), Rc::clone(&self.profiles));
        // A language is spoken once the window is drawn in it, which is under way.
        clock::soon(0, move || speak(&state, &profiles));
        done()
    }

    fn open_explorer(&self, _id: VaultId, _chain: ChainId) -> Answer<()> {
        done()
    }

    fn export_plot(&self, plot: Plot) -> Answer<String> {
        let ending = if plot.format == PlotFormat::Png { "png" } else { "svg" };
        let size = plot.content.len();
        Box::pin(
            async move { Ok(format!("/home/you/Downloads/{} ({size} bytes).{ending}", plot.name)) },
        )
    }

    fn set_theme(&self, _theme: Theme) -> Answer<()> {
        done()
    }

    fn take_target(&self) -> Answer<Option<Target>> {
        Box::pin(async { Ok(None) })
    }

    fn export_diagnostics(&self) -> Answer<String> {
        Box::pin(async { Ok("/home/you/Downloads/vaultwatch-diagnostics.json".to_owned()) })
    }
}

impl Recorded {
    fn change(&self, ids: &[NotificationId], change: impl Fn(&mut NotificationView)) -> Answer<()> {
        let mut state = self.state.borrow_mut();
        state.notifications.iter_mut().filter(|one| ids.contains(&one.id)).for_each(change);
        done()
    }
}

/// A vault of which only the row was recorded.
fn sparse(row: VaultRow) -> VaultDetail {
    VaultDetail {
        verdict: language::text(recording().sparse),
        agent_id: None,
        collateral: Vec::new(),
        debt: Vec::new(),
        measure: None,
        price: None,
        recomputed_ltv: None,
        reported_health_factor: None,
        cure: None,
        liquidation_protection: None,
        created_at: None,
        updated_at: None,
        last_risk_check: None,
        row,
    }
}
