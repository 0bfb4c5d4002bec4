mod commands;
mod connection;

use std::sync::Arc;
use std::time::Duration;

use alerts::{Effect, Engine};
use domain::UnixMillis;
use domain::payload::Payload;
use domain::view::{
    FeedState, Mode, NotificationId, Preferences, StatusView, Target, Theme, WindowEvent,
};
use realtime::Inbound;
use store::Store;
use tokio::sync::{mpsc, oneshot};
use wire::{Invalid, InvalidKind, Message};

use crate::board::{Applied, Board, Order};
use crate::center::Center;
use crate::feed::{ASK_AGAIN, Feed};
use crate::handle::{Command, StartError};
use crate::history::{self, Recorder};
use crate::keys::{self, KeyWatch};
use crate::place::Place;
use crate::scripts::{self, Scripts};
use crate::tray::{Circumstances, TrayView};
use crate::window::{GATHER, Window};
use crate::{AlertState, Notice, Observed, Options, Shell, Statistics, status};

/// Timers, ages and counters are looked at this often.
const TICK: Duration = Duration::from_secs(1);
/// A reconnect shorter than this leaves the values live: they are as old as their age says.
const FEED_GRACE: Duration = Duration::from_secs(3);
/// A store that takes longer is hung. The alert is shown all the same, and written when it can be.
const STORE_PATIENCE: Duration = Duration::from_secs(2);
/// How late it may be written how far the server's log was read.
const NOTE_EVERY: Duration = Duration::from_millis(500);
/// Old notifications are cleaned away this often.
const CLEAN_EVERY: Duration = Duration::from_secs(60);
const THEME: &str = "theme";
const PREFERENCES: &str = "preferences";
const WAITING_FOR_KEYS: &str = "waiting for the keychain";

/// Owns everything one profile is: connection, board, alerts, notifications, window.
pub(crate) struct Core {
    options: Options,
    shell: Arc<dyn Shell>,
    store: Store,
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
    /// Why the operating system shows nothing.
    blocked: Option<String>,
    effects: Vec<Effect>,
    scripts: Option<Scripts>,
    keys: Option<KeyWatch>,
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
        let mut center = Center::new(&options.mode, store.last_id().await?);
        let mut engine = Engine::new(options.policy.clone());
        for (condition, severity, raised) in center.restore(store.notifications().await?) {
            engine.restore(&condition, severity, raised);
        }
        let theme = store.setting(THEME).await?;
        let theme = theme.and_then(|theme| serde_json::from_str(&theme).ok()).unwrap_or_default();
        let preferences = store.setting(PREFERENCES).await?;
        // What cannot be read was written by another version: the defaults, then.
        let preferences =
            preferences.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
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
            blocked: None,
            effects: Vec::new(),
            scripts,
            cleaned: now,
            feed_view_changed: false,
        })
    }

    pub(crate) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut events = self.connection.subscribe_events();
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
                _ = gather.tick(), if self.window.is_attached() => self.flush(),
                _ = tick.tick() => self.tick().await,
                _ = note.tick(), if self.place.has_moved() => self.note().await,
                delivery = self.messages.recv() => match delivery {
                    Some(delivery) => {
                        for inbound in delivery.messages {
                            self.inbound(inbound, delivery.received);
                        }
                        // What waits for its key is not dealt with: the next run would have to get it again.
                        if !self.keys.as_ref().is_some_and(KeyWatch::holds_back) {
                            self.place.reach(delivery.position);
                        }
                        self.carry_out().await;
                    }
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

    fn inbound(&mut self, inbound: Inbound, now: UnixMillis) {
        let message = match inbound {
            Inbound::Message(message) => message,
            Inbound::Invalid(invalid) => return self.invalid(&invalid, now),
            Inbound::SnapshotEnd(end) => return self.snapshot_ended(&end),
        };
        let topics = &self.options.topics;
        if !topics.is_empty() && !topics.iter().any(|topic| topic.matches(message.ty())) {
            return;
        }
        self.statistics.messages += 1;
        self.statistics.first_message.get_or_insert(now);
        self.statistics.last_message = Some(now);
        match Payload::of(&message) {
            Ok(payload) => self.apply(payload, &message, now),
            Err(invalid) => self.invalid(&invalid, now),
        }
    }

    fn apply(&mut self, payload: Payload, message: &Message, now: UnixMillis) {
        match payload {
            Payload::Vault(id, patch) => {
                match self.board.apply_vault(id, patch, message.timestamp, now) {
                    Applied::Changed { entry, before, order } => {
                        let effects = &mut self.effects;
                        let level = self.engine.vault_changed(&before, &entry.vault, now, effects);
                        let change = entry.set_level(level);
                        self.history.vault(&entry.vault, now);
                        self.shell.observe(Observed::Vault { vault: &entry.vault, level });
                        self.statistics.clock_steps += u64::from(order == Order::ClockStep);
                        self.window.vault_changed(entry);
                        self.board.count_critical(change);
                    }
                    Applied::Late => self.statistics.late += 1,
                    Applied::Refused => self.too_many("vaults", message, now),
                }
            }
            Payload::Market(chain, patch) => {
                match self.board.apply_market(chain, *patch, message.timestamp, now) {
                    Some((_, Order::Late)) => self.statistics.late += 1,
                    Some((market, order)) => {
                        self.shell.observe(Observed::Market(market));
                        self.history.market(market, now);
                        self.statistics.clock_steps += u64::from(order == Order::ClockStep);
                        self.window.market_changed();
                    }
                    None => self.too_many("chains", message, now),
                }
            }
            Payload::Status(status, extra) => {
                let view = status::view(*status, extra, now);
                self.shell.observe(Observed::Status(&view));
                self.shell.window(&WindowEvent::Status(view.clone()));
                self.status = Some(view);
            }
            Payload::Alert(alert) => {
                self.engine.platform_alert(&alert, &self.board, now, &mut self.effects);
            }
            Payload::AlertState | Payload::Custom => self.shell.observe(Observed::Custom(message)),
        }
    }

    /// What the server has no state of any more is not live, however young it is.
    fn snapshot_ended(&mut self, end: &realtime::SnapshotEnd) {
        let has = |id: &domain::VaultId| {
            let ty = format!("vault_update_{id}");
            let asked = end.topics.is_empty() || end.topics.iter().any(|topic| topic.matches(&ty));
            !asked || end.keys.iter().any(|key| *key == ty)
        };
        for id in self.board.mark_absent(has) {
            if let Some(entry) = self.board.entry_mut(&id) {
                self.window.vault_changed(entry);
            }
        }
        self.show_tray();
    }

    fn too_many(&mut self, what: &'static str, message: &Message, now: UnixMillis) {
        let reason = format!("more {what} than this program watches");
        self.invalid(&Invalid::new(InvalidKind::TooLarge, reason, message.data()), now);
    }

    fn invalid(&mut self, invalid: &Invalid, now: UnixMillis) {
        self.statistics.invalid += 1;
        if self.feed.note_invalid(invalid, now) {
            tracing::warn!(reason = %invalid, sample = invalid.sample, "an invalid message was dropped");
        }
        self.feed_view_changed = true;
        self.shell.observe(Observed::Invalid(invalid));
    }

    async fn tick(&mut self) {
        let now = self.now();
        let live = matches!(self.feed.state(), FeedState::Live);
        self.set_feed_down(!live && now.since(self.feed.since()) >= FEED_GRACE, now);
        if self.engine.has_timers() {
            let exposure = self.board.exposure(&self.feed.name());
            self.engine.tick(&self.board, &exposure, now, &mut self.effects);
        }
        if let FeedState::NotGuarded { retry_at: Some(retry_at), .. } = self.feed.state()
            && (now >= *retry_at || retry_at.since(now) > ASK_AGAIN)
        {
            self.connect();
        }
        self.carry_out().await;
        self.note().await;
        self.show_os_notifications(now);
        self.clean(now).await;
        self.history.tick(now);
        if std::mem::take(&mut self.feed_view_changed) || self.window.is_attached() {
            self.show_feed();
        }
        self.show_tray();
    }

    /// Does what the alert engine asked for: store first, then show.
    async fn carry_out(&mut self) {
        if self.effects.is_empty() {
            return;
        }
        let now = self.now();
        let mut effects = std::mem::take(&mut self.effects);
        let changes: Vec<_> =
            effects.drain(..).filter_map(|effect| self.center.apply(&effect, now)).collect();
        self.effects = effects;
        let urgent = changes.iter().filter(|change| change.urgent);
        let stored = urgent.filter_map(|change| self.center.stored(change.id)).collect();
        self.save(stored).await;
        for change in changes {
            if change.withdraw {
                self.shell.withdraw(change.id);
            }
            self.statistics.alerts += u64::from(change.state == AlertState::Firing);
            let Some(view) = self.center.view(change.id) else { continue };
            if let Some(vault) = &view.vault {
                self.window.flush_vault(vault, &mut self.board, now);
            }
            self.shell.observe(Observed::Alert { notification: view, state: change.state });
            if let Some(scripts) = &self.scripts {
                scripts.alert_changed(view, change.state, &self.board);
            }
            self.shell.window(&WindowEvent::Notification(view.clone()));
        }
        self.show_os_notifications(now);
        self.show_tray();
    }

    /// Tells the person something once.
    async fn notice(&mut self, notice: Notice) {
        let now = self.now();
        let change = self.center.notice(notice, now);
        self.changed(&[change.id]).await;
        self.show_os_notifications(now);
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

    fn show_os_notifications(&mut self, now: UnixMillis) {
        for notification in self.center.due(now) {
            self.shell.notify(&notification);
        }
    }

    async fn save(&mut self, notifications: Vec<store::Stored>) {
        if !notifications.is_empty() {
            self.write(notifications).await;
        }
    }

    /// Writes what has changed in place, and how far the log was read.
    async fn note(&mut self) {
        let unsaved = self.center.take_unsaved();
        if !unsaved.is_empty() || self.place.has_moved() {
            self.write(unsaved).await;
        }
    }

    /// Writes, but never lets a sick disk stand between an alert and the person.
    async fn write(&mut self, notifications: Vec<store::Stored>) {
        let ids: Vec<_> = notifications.iter().map(|stored| stored.view.id).collect();
        let written = self.place.write(&self.store, notifications);
        match tokio::time::timeout(STORE_PATIENCE, written).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => tracing::error!(%error, "notifications could not be stored"),
            Err(_) => tracing::error!("the disk has not answered for 2 s; showing the alert first"),
        }
        // The place must not be written without them.
        self.center.keep_unsaved(ids);
    }

    async fn clean(&mut self, now: UnixMillis) {
        if now.since(self.cleaned) < CLEAN_EVERY && now >= self.cleaned {
            return;
        }
        self.cleaned = now;
        let surplus = self.center.surplus();
        let removed = async {
            self.store.remove(surplus.clone()).await?;
            self.store.clean(now).await
        };
        match tokio::time::timeout(STORE_PATIENCE, removed).await {
            Ok(Ok(old)) => {
                for id in surplus.into_iter().chain(old) {
                    if self.center.dismiss(id) {
                        self.shell.window(&WindowEvent::Dismissed(id));
                    }
                }
            }
            Ok(Err(error)) => tracing::warn!(%error, "old notifications could not be removed"),
            Err(_) => {}
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
        let tray = TrayView::of(&Circumstances {
            mode: self.feed.mode(),
            feed: self.feed.state(),
            vaults: self.board.len(),
            critical: self.board.critical(),
            stale: self.board.stale(),
            blocked: self.blocked.as_deref(),
        });
        if self.tray.as_ref() != Some(&tray) {
            self.shell.tray(&tray);
            self.tray = Some(tray);
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
