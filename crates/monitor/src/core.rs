mod commands;
mod connection;
mod disk;
mod intake;
mod missed;
mod storing;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use alerts::{Act, CallOut, CallOutKind, Effect, Engine, Exposure, Policy};
use domain::alert_state::AlertState as Answer;
use domain::solvency;
use domain::view::{
    FeedState, Mode, NotificationId, Preferences, StatusView, Target, Theme, WindowEvent,
};
use domain::{Measure, UnixMillis, VaultId};
use smol_str::SmolStr;
use store::Store;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use wire::Message;

use self::disk::Disk;
use self::missed::Missed;
use crate::board::Board;
use crate::center::{Center, Told};
use crate::feed::{ASK_AGAIN, Feed};
use crate::handle::{Command, StartError};
use crate::history::{self, Recorder};
use crate::keys::{self, KeyWatch};
use crate::origins::Origins;
use crate::place::Place;
use crate::scripts::{self, Scripts};
use crate::system::Pulse;
use crate::tray::{self, Circumstances, TrayView};
use crate::window::{GATHER, Window};
use crate::{AlertState, Notice, Observed, Options, OsNotification, Shell, Standing, Statistics};

/// Timers, ages and counters are looked at this often.
const TICK: Duration = Duration::from_secs(1);
/// A reconnect shorter than this leaves the values live: they are as old as their age says.
const FEED_GRACE: Duration = Duration::from_secs(3);
/// How late it may be written how far the server's log was read.
const NOTE_EVERY: Duration = Duration::from_millis(500);
/// Old notifications are cleaned away this often.
const CLEAN_EVERY: Duration = Duration::from_secs(60);
/// The feed must have been up for this long before a vault of which nothing is heard is told of.
const SETTLED: Duration = Duration::from_secs(60);
/// The engine is not asked again sooner than this.
const SOON: Duration = Duration::from_millis(10);
const THEME: &str = "theme";
const PREFERENCES: &str = "preferences";
const WAITING_FOR_KEYS: &str = "waiting for the keychain";

/// Owns everything one profile is: connection, board, alerts, notifications, window.
pub(crate) struct Core {
    options: Options,
    shell: Arc<dyn Shell>,
    store: Store,
    disk: Disk,
    history: Recorder,
    place: Place,
    connection: realtime::Handle,
    messages: realtime::Messages,
    board: Board,
    engine: Engine,
    center: Center,
    window: Window,
    feed: Feed,
    status: Option<StatusView>,
    statistics: Statistics,
    theme: Theme,
    preferences: Preferences,
    target: Option<Target>,
    tray: Option<TrayView>,
    standing: Option<Standing>,
    /// Why the operating system shows nothing.
    blocked: Option<String>,
    /// What else keeps the person from seeing or hearing it.
    hushed: Option<String>,
    effects: Vec<Effect>,
    origins: Origins,
    /// What the engine remembers anew, until it is written.
    memory: BTreeMap<SmolStr, String>,
    /// When the engine wants to look at the time, if not by the second.
    wake: Option<Instant>,
    scripts: Option<Scripts>,
    keys: Option<KeyWatch>,
    missed: Missed,
    pulse: Pulse,
    cleaned: UnixMillis,
    feed_view_changed: bool,
}

impl Core {
    pub(crate) async fn new(
        options: Options,
        store: Store,
        shell: Arc<dyn Shell>,
    ) -> Result<Self, StartError> {
        let connection = options.connection.clone().validate()?;
        let endpoint = connection.endpoints().first().map(ToString::to_string).unwrap_or_default();
        let now = options.clock.now();
        if options.mode == Mode::Demo {
            // What the last demo told of are vaults that never were.
            store.clear().await?;
            if let Some(history) = &options.history
                && let Err(error) = history.clear().await
            {
                tracing::warn!(%error, "the figures of the last demo could not be removed");
            }
        }
        let mut center = Center::default();
        let demo = options.mode == Mode::Demo;
        let theme = store.setting(THEME).await?;
        let theme = theme.and_then(|theme| serde_json::from_str(&theme).ok()).unwrap_or_default();
        let preferences = store.setting(PREFERENCES).await?;
        // What cannot be read was written by another version: the defaults, then.
        let preferences: Preferences =
            preferences.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
        let language = options.language(preferences.language);
        let mut engine = Engine::new(Policy { demo, language, ..options.policy.clone() });
        engine.set_rules(options.rules.clone());
        engine.begin_after(store.last_id().await?);
        let remembered = store.memory().await?;
        let mut memory = BTreeMap::new();
        if demo {
            memory.extend(remembered.into_iter().map(|(key, _)| (key, String::new())));
        } else {
            engine.recall(remembered.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        }
        for (view, condition) in center.restore(store.notifications().await?) {
            engine.adopt(view, condition);
        }
        let scripts = options
            .plugin_dir
            .clone()
            .map(|folder| Scripts::open(folder, Arc::clone(&options.clock)));
        let tenant = options.connection.tenant.clone();
        let place = Place::load(&options.mode, tenant.as_deref(), &store).await;
        let mut builder = place.resume(realtime::Builder::new(connection));
        if let (Some(persistence), Mode::Profile(_)) = (&options.persistence, &options.mode) {
            builder = builder.persistence(Arc::clone(persistence));
        }
        for stage in &options.stages {
            builder = builder.stage(Arc::clone(stage));
        }
        if let Some(scripts) = &scripts {
            builder = builder.stage(scripts.stage());
        }
        let (connection, messages) = builder.open();
        engine.feed_lost(now);
        let keys = options.keys.as_ref().map(KeyWatch::new);
        let state = match keys {
            Some(_) => FeedState::Waiting { cause: WAITING_FOR_KEYS.to_owned() },
            None => FeedState::Connecting { attempt: 1 },
        };
        Ok(Self {
            feed: Feed::new(options.mode.clone(), endpoint, state, now),
            keys,
            history: Recorder::new(options.history.clone()),
            options,
            shell,
            store,
            disk: Disk::default(),
            missed: Missed::default(),
            pulse: Pulse::default(),
            place,
            connection,
            messages,
            board: Board::default(),
            engine,
            center,
            window: Window::default(),
            status: None,
            statistics: Statistics::default(),
            theme,
            preferences,
            target: None,
            tray: None,
            standing: None,
            blocked: None,
            hushed: None,
            effects: Vec::new(),
            origins: Origins::default(),
            memory,
            wake: None,
            scripts,
            cleaned: now,
            feed_view_changed: false,
        })
    }

    pub(crate) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut events = self.connection.subscribe_events();
        self.reconcile();
        for notice in std::mem::take(&mut self.options.notices) {
            self.notice(notice).await;
        }
        match &self.keys {
            None => self.connect(),
            // Told before anything else: the window may be there by now.
            Some(_) => self.feed_changed(self.now()),
        }
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut gather = tokio::time::interval(GATHER);
        gather.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut note = tokio::time::interval(NOTE_EVERY);
        note.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let done = loop {
            tokio::select! {
                biased;
                command = commands.recv() => match command {
                    Some(Command::Shutdown { done }) => break Some(done),
                    Some(command) => self.command(command).await,
                    None => break None,
                },
                // Before the messages: a busy feed must not delay what the person sees of the connection.
                Some(event) = events.recv() => {
                    self.event(event).await;
                    self.carry_out().await;
                }
                news = keys::next(&mut self.keys) => self.keys_are(news).await,
                state = history::next(&mut self.history) => {
                    if let Some(notice) = self.history.notice(&state) {
                        self.notice(notice).await;
                    }
                }
                output = scripts::next(&mut self.scripts) => self.script_says(output).await,
                _ = gather.tick(), if self.window.waits() => self.flush(),
                _ = tick.tick() => self.tick().await,
                () = woken(self.wake) => self.look_at_the_time().await,
                _ = note.tick(), if self.place.has_moved() => self.note().await,
                delivery = self.messages.recv() => match delivery {
                    Some(delivery) => self.deliver(delivery).await,
                    None => break None,
                },
            }
        };
        self.end(done).await;
    }

    async fn end(mut self, done: Option<oneshot::Sender<()>>) {
        self.connection.disconnect().await;
        self.note().await;
        let now = self.now();
        self.history.end(now).await;
        if let Some(done) = done {
            // Whoever asked may have stopped waiting.
            let _ = done.send(());
        }
    }

    fn now(&self) -> UnixMillis {
        self.options.clock.now()
    }

    async fn tick(&mut self) {
        let now = self.now();
        let live = matches!(self.feed.state(), FeedState::Live);
        self.set_feed_down(!live && now.since(self.feed.since()) >= FEED_GRACE, now);
        if let FeedState::NotGuarded { retry_at: Some(retry_at), .. } = self.feed.state()
            && (now >= *retry_at || retry_at.since(now) > ASK_AGAIN)
        {
            self.connect();
        }
        self.pulse.note(self.statistics.messages, self.connection.metrics().rtt.last, now);
        if let Some(notice) = self.missed.tick(now) {
            self.notice(notice).await;
        }
        // Not at once: what is to replace the old values after a reconnect may be on its way.
        if live && now.since(self.feed.since()) >= SETTLED {
            for silent in self.board.silent() {
                self.engine.vault_silent(silent, now, &mut self.effects);
            }
        }
        self.look_at_the_time().await;
        self.note().await;
        self.clean(now).await;
        self.history.tick(now);
        if std::mem::take(&mut self.feed_view_changed) || self.window.is_attached() {
            self.show_feed();
        }
        self.show_tray();
    }

    async fn look_at_the_time(&mut self) {
        let now = self.now();
        let mut exposure = if self.engine.wants_exposure() {
            self.board.exposure(&self.feed.name())
        } else {
            Exposure::default()
        };
        exposure.no_network = *self.feed.state() == FeedState::Offline;
        let before = self.effects.len();
        self.engine.tick(&self.board, &exposure, now, &mut self.effects);
        self.origins.note_known(&self.effects[before..], &self.board);
        self.carry_out().await;
        let due = self.engine.due().map(|due| Instant::now() + due.since(now).max(SOON));
        self.wake = due;
    }

    /// Does what the alert engine asked for: store first, then show.
    async fn carry_out(&mut self) {
        if self.effects.is_empty() {
            return;
        }
        let now = self.now();
        let effects = std::mem::take(&mut self.effects);
        let mut urgent = Vec::new();
        let mut told = Vec::new();
        for effect in effects {
            if let Effect::Changed(changed) = &effect {
                let origin = self.origins.take(changed);
                let change = self.center.apply(changed, origin, now);
                urgent.extend(change.as_ref().filter(|told| told.urgent).map(|told| told.id));
                told.push((change, effect));
            } else {
                told.push((None, effect));
            }
        }
        self.origins.forget();
        urgent.sort_unstable();
        urgent.dedup();
        let stored: Vec<_> = urgent.into_iter().filter_map(|id| self.center.stored(id)).collect();
        if !stored.is_empty() {
            self.write(stored).await;
        }
        for (change, effect) in told {
            match (change, effect) {
                (Some(told), _) => self.show(&told, now),
                (None, Effect::Changed(_)) => {}
                (_, Effect::Show(showing)) => {
                    self.shell.notify(&OsNotification::of(showing, self.language()));
                }
                (_, Effect::Withdraw(id)) => self.shell.withdraw(id),
                (_, Effect::Alarm(alarm)) => self.shell.alarm(alarm),
                (_, Effect::CallOut(call)) => self.shell.call_out(&call),
                (_, Effect::Share(answer)) => self.share(answer, now),
            }
        }
        self.wake = self.engine.due().map(|due| Instant::now() + due.since(now).max(SOON));
        self.show_tray();
    }

    /// Shows a notification as it is by now.
    fn show(&mut self, told: &Told, now: UnixMillis) {
        let Some(view) = self.center.view(told.id) else { return };
        if let Some(vault) = &view.vault {
            self.window.flush_vault(vault, &mut self.board, now);
        }
        if told.is_alert {
            self.statistics.alerts += u64::from(told.state == AlertState::Firing);
            self.shell.observe(Observed::Alert { notification: view, state: told.state });
            if let Some(scripts) = &self.scripts {
                scripts.alert_changed(view, told.state, &self.board);
            }
        }
        self.shell.window(&WindowEvent::Notification(view.clone()));
    }

    /// Tells the other clients what somebody did here, where the server hands that on.
    fn share(&self, answer: Answer, now: UnixMillis) {
        let Some(name) = &self.options.answers_as else { return };
        let is_v1 = self.connection.metrics().mode == realtime::Mode::V1;
        if !is_v1 || self.options.mode == Mode::Demo {
            return;
        }
        let answer = Answer { by: Some(name.clone()), ..answer };
        let published = Message::new("alert_state", &answer, now, None)
            .map_err(|invalid| invalid.to_string())
            .and_then(|message| self.connection.publish(message).map_err(|e| e.to_string()));
        // Whether it arrived, nobody waits for: the alert is answered here in any case.
        if let Err(error) = published {
            tracing::warn!(error, "the other clients were not told what was done about an alert");
        }
    }

    /// Tells the shell how everything stands: it has begun anew, and knows of nothing that was asked of the last one.
    fn reconcile(&self) {
        let language = self.language();
        let shown = self.engine.on_screen(self.now()).into_iter();
        let shown: Vec<_> = shown.map(|one| OsNotification::of(one, language)).collect();
        self.shell.reconcile_screen(&shown);
        // What was to be heard goes on: nobody has answered.
        self.shell.alarm(self.engine.alarm());
        self.reconcile_calls();
    }

    /// Tells what the other channels are to know of every alert there is: a crash may have come between the commit by which
    /// somebody is called and the order to do so.
    fn reconcile_calls(&self) {
        let over = self.center.over().map(|view| CallOut::of(view, CallOutKind::Resolved));
        let calls: Vec<_> = self.engine.calls().chain(over).collect();
        if !calls.is_empty() {
            self.shell.reconcile_calls(&calls);
        }
    }

    /// Tells the person something once.
    async fn notice(&mut self, notice: Notice) {
        let Notice { severity, said, target } = notice;
        let (title, message) = said.into_words(self.language());
        self.act(Act::Notice { severity, title, message, target }).await;
    }

    pub(super) async fn act(&mut self, act: Act) {
        let now = self.now();
        self.engine.act(act, now, &mut self.effects);
        self.carry_out().await;
    }

    async fn script_says(&mut self, output: plugins::Output) {
        match output {
            plugins::Output::Message(message) => self.shell.observe(Observed::Custom(&message)),
            plugins::Output::Notification(notification) => self.notice(notification.into()).await,
            plugins::Output::Change(change) => {
                tracing::info!(?change, "plugin");
                if let Some(notice) = Notice::of_plugin(&change) {
                    self.notice(notice).await;
                }
            }
        }
    }

    fn flush(&mut self) {
        let now = self.now();
        if self.window.ready(now) {
            self.window.flush(&mut self.board, now);
        }
    }

    fn show_feed(&self) {
        let view = self.feed.view(&self.statistics, &self.connection.metrics());
        self.shell.window(&WindowEvent::Feed(view));
    }

    fn show_tray(&mut self) {
        let room = |id: &VaultId| match solvency::measure(&self.board.entry(id)?.vault) {
            Some(Measure::Room(room) | Measure::CorrelatedRoom(room)) => Some(room),
            _ => None,
        };
        let (blocked, language) = (self.blocked(), self.language());
        let circumstances = Circumstances {
            language,
            mode: self.feed.mode(),
            feed: self.feed.state(),
            vaults: self.board.len(),
            critical: self.board.critical(),
            stale: self.board.stale(),
            blocked: blocked.as_deref(),
            alerts: tray::worst_first(language, self.center.pressing(), room),
        };
        let standing = Standing::of(&circumstances, self.center.unread().count());
        let tray = TrayView::of(&circumstances);
        if self.tray.as_ref() != Some(&tray) {
            self.shell.tray(&tray);
            self.tray = Some(tray);
        }
        if self.standing.as_ref() != Some(&standing) {
            self.shell.standing(&standing);
            self.standing = Some(standing);
        }
    }

    /// Writes and shows notifications that somebody changed.
    async fn changed(&mut self, ids: &[NotificationId]) {
        self.save(ids.iter().filter_map(|id| self.center.stored(*id)).collect()).await;
        for view in ids.iter().filter_map(|id| self.center.view(*id)) {
            self.shell.window(&WindowEvent::Notification(view.clone()));
        }
    }
}

/// Never, without a moment.
async fn woken(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
