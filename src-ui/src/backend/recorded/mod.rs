//! A stretch of a feed, played from memory, so that the window can be looked at and tested in a plain browser.
//!
//! Moments in the recording are written `"@-5000"`: milliseconds from the moment it is played. The page's query
//! chooses what is played: `?scene=waiting|connecting|unreachable|refused|lost|storm|blocked|away|panic|profiles|first` and
//! `?theme=dark|light`.

mod profiles;
mod questions;
mod rules;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use domain::rules::RulesEdit;
use domain::view::{
    AcknowledgedView, Attached, AutostartView, AwayView, ChannelView, DeliveryView, DryRunAnswer,
    DryRunQuery, ExplanationView, FaultView, FeedState, FeedView, FirstFrame, Freshness,
    HistoryQuery, HistoryView, NotificationId, NotificationState, NotificationView, Origin,
    PointView, Preferences, RulesAnswer, RulesView, SeriesView, SettingView, Target, Theme,
    TickBatch, TickKind, Tone, VaultDetail, VaultRow, VerdictView, WindowEvent,
};
use domain::{ChainId, Figure, HealthFactor, Level, Percent, UnixMillis, VaultId};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{Answer, Backend, BackendError, ExportFormat, Plot, PlotFormat, Sinks};
use crate::clock;

use profiles::Part;

const RECORDING: &str = include_str!("recorded.json");
/// The alert that was raised by a message of which only a part is kept.
const LONG: NotificationId = NotificationId(8);
/// Milliseconds from one batch to the next.
const PACE: i32 = 900;

#[derive(Default)]
pub(super) struct Recorded {
    state: Rc<RefCell<State>>,
    rules: Rc<RefCell<rules::Rules>>,
    config: RefCell<questions::Config>,
    profiles: profiles::All,
}

#[derive(Default)]
struct State {
    notifications: Vec<NotificationView>,
    removed: Vec<NotificationView>,
    rows: BTreeMap<String, VaultRow>,
    events: Option<Rc<dyn Fn(WindowEvent)>>,
    autostart: bool,
    /// What is played for an earlier `attach` is over.
    playing: u32,
}

#[derive(Deserialize)]
struct Recording<'a> {
    #[serde(borrow)]
    attached: &'a RawValue,
    first: &'a RawValue,
    batches: Vec<&'a RawValue>,
    details: BTreeMap<String, &'a RawValue>,
    /// Told after two seconds.
    news: Vec<&'a RawValue>,
}

/// What becomes of the connection in this playing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scene {
    Live,
    /// Connected, but no vault comes.
    Waiting,
    Connecting,
    /// Never connected.
    Unreachable,
    Refused,
    /// Lost after the first values.
    Lost,
    /// After two seconds everything becomes critical.
    Storm,
    /// The system shows no notifications.
    Blocked,
    /// Nothing was watched for three hours.
    Away,
    /// The window's own code fails after a second.
    Panic,
    /// Several profiles.
    Profiles,
    /// Nobody was here yet.
    First,
}

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
            let scene = scene();
            let mut attached: Attached = read(recording().attached)?;
            attached.feed.state = feed_state(scene);
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
                });
            }
            attached.theme = theme().unwrap_or(attached.theme);
            attached.preferences.welcomed = scene != Scene::First;
            let part = profiles::show(&profiles, scene, profile.as_deref(), &mut attached);
            state.borrow_mut().notifications.clone_from(&attached.notifications);
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
            detail.row = row;
            Ok(Some(detail))
        })
    }

    fn explain(&self, _id: VaultId) -> Answer<Option<ExplanationView>> {
        let rule = |rule: &str, applies: bool, why: &str| VerdictView {
            rule: rule.to_owned(),
            applies,
            why: why.to_owned(),
        };
        let setting = |name: &str, value: &str, from: &str| SettingView {
            name: name.to_owned(),
            value: value.to_owned(),
            from: from.to_owned(),
        };
        let view = ExplanationView {
            settings: vec![
                setting("hold.medium", "60 s", "built in"),
                setting("hold.high", "5 s", "token WETH"),
                setting("hold.critical", "0 s", "built in"),
                setting("recovery", "2 min", "token WETH"),
                setting("repeat.critical", "2 min, 5 min, 10 min", "built in"),
                setting("repeat.critical_after", "15 min", "built in"),
                setting("repeat.high", "1 h", "built in"),
                setting("quiet_hours", "22:00 to 07:00, Europe/Berlin", "everything"),
                setting("notify_from", "critical", "built in"),
                setting("sound_after", "2 min", "built in"),
                setting("call_out_after", "4 min", "built in"),
                setting("ack_lapse", "30 min", "built in"),
            ],
            rules: vec![
                rule("treasury-room", true, "applies: for label treasury"),
                rule("ltv-ladder", false, "off: not enabled for everything"),
                rule("weth-drop", false, "is about markets or the platform"),
            ],
        };
        Box::pin(async move { Ok(Some(view)) })
    }

    fn vault_history(&self, query: HistoryQuery) -> Answer<HistoryView> {
        let row = self.state.borrow().rows.get(query.vault.as_str()).cloned();
        Box::pin(async move { Ok(row.map_or_else(nothing_kept, |row| history(&query, &row))) })
    }

    fn notifications(&self) -> Answer<Vec<NotificationView>> {
        let all = self.state.borrow().notifications.clone();
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
            let test = test_critical(clock::now(), &state.borrow().notifications);
            tell(&state, WindowEvent::Notification(test));
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

/// To the window, and into the center it asks for later.
fn tell(state: &Rc<RefCell<State>>, event: WindowEvent) {
    let mut now = state.borrow_mut();
    if let WindowEvent::Notification(one) = &event {
        now.notifications.retain(|known| known.id != one.id);
        now.notifications.push(one.clone());
    }
    let events = now.events.clone();
    drop(now);
    if let Some(events) = events {
        events(event);
    }
}

fn test_critical(now: UnixMillis, known: &[NotificationView]) -> NotificationView {
    let id = known.iter().map(|one| one.id.0).max().unwrap_or(0) + 1;
    NotificationView {
        id: NotificationId(id),
        tone: Tone::Error,
        title: "Test: this is what a critical alert is like".to_owned(),
        message: "No vault is in danger. You asked for it in the settings.".to_owned(),
        timestamp: now,
        updated: now,
        read: false,
        action: None,
        auto_dismiss: None,
        severity: Level::Critical,
        vault: None,
        state: NotificationState::Firing,
        occurrences: 1,
        suppressed: 0,
        incident: None,
        acknowledged: None,
        snoozed_until: None,
        evidence: None,
        late: false,
        delivery: DeliveryView::Shown(now),
    }
}

/// A chain's collapse: one incident and every vault in it, within the same moment.
fn storm(state: &Rc<RefCell<State>>) {
    const HEAD: i64 = 1_000;
    let now = clock::now();
    let vaults: Vec<_> = state.borrow().rows.keys().take(500).cloned().collect();
    let mut head = test_critical(now, &[]);
    head.id = NotificationId(HEAD);
    head.title = format!("{} vaults critical, $18.2M debt", vaults.len());
    head.message = "WETH −12.4 % in 8 min. Worst: ETH-017, 0.8 %. $1.3M restores 15 %.".to_owned();
    let members = vaults.iter().zip(HEAD + 1..).filter_map(|(vault, id)| {
        let vault = VaultId::new(vault).ok()?;
        let mut one = test_critical(now, &[]);
        one.id = NotificationId(id);
        one.title = format!("{vault}: 2.1 % to liquidation");
        one.message = "WETH $1,696, liquidates $1,661.".to_owned();
        one.incident = Some(head.id);
        one.vault = Some(vault);
        // Told with the incident, not one by one.
        one.read = true;
        Some(one)
    });
    let members: Vec<_> = members.collect();
    for one in std::iter::once(head).chain(members) {
        tell(state, WindowEvent::Notification(one));
    }
}

fn done() -> Answer<()> {
    Box::pin(async { Ok(()) })
}

fn recording() -> Recording<'static> {
    serde_json::from_str(RECORDING).expect("the recording is part of this build")
}

fn play((scene, part): (Scene, Part), state: &Rc<RefCell<State>>, sinks: Sinks, feed: FeedView) {
    if matches!(scene, Scene::Connecting | Scene::Unreachable | Scene::Refused) {
        return;
    }
    let empty = TickBatch {
        seq: 1,
        kind: TickKind::Reset,
        vaults: Vec::new(),
        markets: Vec::new(),
        totals: None,
    };
    let mut first = match scene {
        Scene::Waiting => empty,
        _ if part == Part::None => empty,
        _ => read(recording().first).unwrap_or(empty),
    };
    if part == Part::Some {
        first.vaults.truncate(profiles::VAULTS);
        first.totals = None;
    }
    if scene == Scene::Lost {
        for row in &mut first.vaults {
            row.freshness = Freshness::Stale;
        }
        if let Some(totals) = &mut first.totals {
            totals.stale = totals.vaults;
            (totals.critical, totals.high, totals.medium, totals.low) = (0, 0, 0, 0);
            totals.closest = None;
            (totals.debt_at_risk, totals.cure) = (domain::Usd::ZERO, domain::Usd::ZERO);
        }
    }
    let remember = {
        let state = Rc::clone(state);
        move |rows: &[VaultRow]| {
            let rows = rows.iter().map(|row| (row.id.to_string(), row.clone()));
            state.borrow_mut().rows.extend(rows);
        }
    };
    state.borrow_mut().rows.clear();
    remember(&first.vaults);
    let ticks = Rc::new(sinks.ticks);
    let number = {
        let mut state = state.borrow_mut();
        state.events = Some(Rc::from(sinks.events));
        state.playing += 1;
        state.playing
    };
    // Later, as from a shell: the answer to `attach` comes first.
    wasm_bindgen_futures::spawn_local({
        let ticks = Rc::clone(&ticks);
        async move { ticks(first) }
    });
    if scene == Scene::Panic {
        clock::every(1_000, || panic!("a panic that was asked for"));
    }
    let state = Rc::clone(state);
    if scene == Scene::Storm {
        clock::soon(2_000, move || storm(&state));
        return;
    }
    let goes_on = matches!(
        scene,
        Scene::Live | Scene::Blocked | Scene::Away | Scene::Profiles | Scene::First
    );
    if !goes_on || part == Part::None {
        return;
    }
    let turn = RefCell::new(0usize);
    clock::every(PACE, move || {
        if state.borrow().playing != number {
            return;
        }
        let recording = recording();
        let turn = turn.replace_with(|turn| *turn + 1);
        if let Some(Ok(mut batch)) =
            recording.batches.get(turn % recording.batches.len()).map(|raw| read::<TickBatch>(raw))
        {
            if part == Part::Some {
                batch.vaults.retain(|row| state.borrow().rows.contains_key(row.id.as_str()));
                batch.totals = None;
            }
            remember(&batch.vaults);
            ticks(batch);
        }
        if part == Part::Whole
            && let Some(Ok(event)) =
                turn.checked_sub(1).and_then(|turn| recording.news.get(turn)).map(|raw| read(raw))
        {
            tell(&state, event);
        }
        if turn % 2 == 1 {
            let mut feed = feed.clone();
            feed.messages += 14 * turn as u64;
            feed.last_message = Some(clock::now());
            tell(&state, WindowEvent::Feed(feed));
        }
    });
}

fn nothing_kept() -> HistoryView {
    HistoryView { step: 60, series: Vec::new() }
}

/// A past that ends where the row is: waves, one crash, and half an hour without data.
fn history(query: &HistoryQuery, row: &VaultRow) -> HistoryView {
    const POINTS: i64 = 720;
    let width = query.to.0 - query.from.0;
    let step = (width / POINTS).max(60_000);
    let series = query.figures.iter().filter_map(|figure| {
        let (now, swing) = match figure {
            Figure::Room => (row.room?.0, 1i64),
            Figure::Ltv => (row.ltv?.0, -1),
            Figure::Health => match row.health {
                domain::solvency::Health::Factor(factor) => {
                    return Some(SeriesView::Health(past(
                        query,
                        step,
                        factor.0,
                        1,
                        Decimal::new(2, 2),
                        HealthFactor,
                    )));
                }
                _ => return None,
            },
            _ => return None,
        };
        let points = past(query, step, now, swing, Decimal::ONE, Percent);
        Some(if *figure == Figure::Room {
            SeriesView::Room(points)
        } else {
            SeriesView::Ltv(points)
        })
    });
    let series = series.collect();
    HistoryView { step: u32::try_from(step / 1_000).unwrap_or(60), series }
}

fn past<T>(
    query: &HistoryQuery,
    step: i64,
    now: Decimal,
    swing: i64,
    unit: Decimal,
    of: impl Fn(Decimal) -> T,
) -> Vec<PointView<T>> {
    let count = (query.to.0 - query.from.0) / step;
    (0..count)
        .filter(|n| !(count * 55 / 100..count * 57 / 100).contains(n))
        .map(|n| {
            let back = count - n;
            // Triangles of three lengths, in thousandths, nought at the end.
            let wave = |length: i64, height: i64| {
                let phase = back % length;
                phase.min(length - phase) * height / length
            };
            let crash = if (count * 70 / 100..count * 71 / 100).contains(&n) { -2_500 } else { 0 };
            let thousandths = wave(211, 9_000) + wave(47, 1_800) + wave(7, 500) + crash;
            let value = now + Decimal::new(swing * thousandths, 3) * unit;
            let value = value.max(Decimal::ZERO);
            let spread = Decimal::new(150, 3) * unit;
            PointView {
                at: UnixMillis(query.from.0 + n * step),
                min: of((value - spread).max(Decimal::ZERO)),
                max: of(value + spread),
                last: of(value),
            }
        })
        .collect()
}

/// A vault of which only the row was recorded.
fn sparse(row: VaultRow) -> VaultDetail {
    VaultDetail {
        verdict: "Room enough. Nothing to do.".to_owned(),
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

fn read<T: DeserializeOwned>(raw: &RawValue) -> Result<T, BackendError> {
    serde_json::from_str(&dated(raw.get(), clock::now())).map_err(|error| {
        BackendError::Unreadable { what: "the recording", reason: error.to_string() }
    })
}

/// The text with each `"@n"` replaced by the moment `n` milliseconds from now.
fn dated(text: &str, now: UnixMillis) -> String {
    let mut dated = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\"@") {
        let (offset, after) = after.split_once('"').unwrap_or((after, ""));
        dated.push_str(before);
        dated.push_str(&(now.0 + offset.parse::<i64>().unwrap_or(0)).to_string());
        rest = after;
    }
    dated.push_str(rest);
    dated
}

fn feed_state(scene: Scene) -> FeedState {
    let soon = clock::now().plus(Duration::from_secs(7));
    match scene {
        Scene::Live
        | Scene::Waiting
        | Scene::Storm
        | Scene::Blocked
        | Scene::Away
        | Scene::Panic
        | Scene::Profiles
        | Scene::First => FeedState::Live,
        Scene::Connecting => FeedState::Connecting { attempt: 1 },
        Scene::Unreachable | Scene::Lost => FeedState::Retrying {
            attempt: 4,
            retry_at: soon,
            cause: "connection refused".to_owned(),
        },
        Scene::Refused => FeedState::NotGuarded {
            cause: "the token is not valid (401)".to_owned(),
            retry_at: Some(soon),
        },
    }
}

fn scene() -> Scene {
    match query("scene").as_deref() {
        Some("waiting") => Scene::Waiting,
        Some("connecting") => Scene::Connecting,
        Some("unreachable") => Scene::Unreachable,
        Some("refused") => Scene::Refused,
        Some("lost") => Scene::Lost,
        Some("storm") => Scene::Storm,
        Some("blocked") => Scene::Blocked,
        Some("away") => Scene::Away,
        Some("panic") => Scene::Panic,
        Some("profiles") => Scene::Profiles,
        Some("first") => Scene::First,
        _ => Scene::Live,
    }
}

fn theme() -> Option<Theme> {
    match query("theme")?.as_str() {
        "dark" => Some(Theme::Dark),
        "light" => Some(Theme::Light),
        _ => None,
    }
}

fn query(name: &str) -> Option<String> {
    let search = web_sys::window()?.location().search().ok()?;
    let pairs = search.trim_start_matches('?').split('&');
    pairs
        .filter_map(|pair| pair.split_once('='))
        .find(|pair| pair.0 == name)
        .map(|pair| pair.1.to_owned())
}
