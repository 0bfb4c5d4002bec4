//! What others ask of the core.

use alerts::rule::RuleBook;
use alerts::{Act, Policy};
use domain::Language;
use domain::view::{
    Attached, Glimpse, NotificationId, NotificationState, Preferences, Theme, TickBatch, TickKind,
    WindowEvent,
};
use serde_json::value::RawValue;
use store::{AlertChange, Store, StoreError};
use tokio::sync::oneshot;

use super::{Core, PREFERENCES, THEME};
use crate::handle::{Command, Found};
use crate::scripts::Scripts;
use crate::{Diagnostics, Statistics, TickSink, detail, system};

impl Core {
    pub(super) async fn command(&mut self, command: Command) {
        match command {
            Command::Attach { sink, answer } => {
                // A caller that is gone needs no answer, here and below.
                let _ = answer.send(self.attach(sink));
            }
            Command::Glimpse { most, answer } => {
                let _ = answer.send(self.glimpse(most));
            }
            Command::Detach => self.window.detach(),
            Command::AcknowledgeBatch(seq) => self.window.acknowledge(seq),
            Command::LookAt(vaults) => self.window.look_at(vaults, &self.board),
            Command::WhatIf { shocks, answer } => {
                let _ = answer.send(self.board.what_if(&shocks));
            }
            Command::FindVaults { text, most, answer } => {
                let _ = answer.send(self.board.find(&text, most));
            }
            Command::System { answer } => {
                let plugins = self.scripts.as_ref().map(Scripts::status).unwrap_or_default();
                let statistics = self.statistics();
                let history = self.history.statistics();
                let (connection, now) = (&self.connection, self.now());
                let view =
                    system::view(connection, &statistics, history, &plugins, &self.pulse, now);
                let _ = answer.send(view);
            }
            Command::ConnectionEvents { answer } => {
                let _ = answer.send(system::events(&self.connection));
            }
            Command::Explain { id, answer } => {
                let entry = self.board.entry(&id);
                let explained = entry.map(|entry| self.engine.rules().explain(&entry.vault));
                let language = self.language();
                let view = explained.map(|explained| detail::explanation(&explained, language));
                let _ = answer.send(view);
            }
            Command::SetRules { book, done } => {
                self.set_rules(*book).await;
                let _ = done.send(());
            }
            Command::SetPolicy { policy, done } => {
                self.tell_by(*policy);
                let _ = done.send(());
            }
            Command::SetRetention { retention, done } => {
                self.store = self.store.clone().keeping(retention);
                let _ = done.send(());
            }
            Command::SettingsAre { fault, done } => {
                let (now, language) = (self.now(), self.language());
                let fault = fault.map(|said| said.into_words(language));
                self.engine.settings_are(fault, now, &mut self.effects);
                self.carry_out().await;
                let _ = done.send(());
            }
            Command::Notice { notice, done } => {
                self.notice(notice).await;
                let _ = done.send(());
            }
            Command::Vaults { answer } => {
                let _ = answer.send(self.board.vaults());
            }
            Command::Language { answer } => {
                let _ = answer.send(self.language());
            }
            Command::Now { answer } => {
                let _ = answer.send(self.now());
            }
            Command::VaultDetail { id, answer } => {
                let _ = answer
                    .send(self.board.entry(&id).map(|entry| detail::of(entry, self.language())));
            }
            Command::HasVault { id, answer } => {
                let _ = answer.send(self.board.entry(&id).is_some());
            }
            Command::Notifications { answer } => {
                let _ = answer.send(self.center.views());
            }
            Command::Origins { ids, answer } => {
                // Not waited for: a list of thousands must not stand before the next value.
                tokio::spawn(origins(self.store.clone(), ids, answer));
            }
            Command::MarkRead(ids) => {
                let news: Vec<_> =
                    ids.into_iter().filter(|id| self.center.mark_read(*id)).collect();
                self.changed(&news).await;
            }
            Command::MarkAllRead => {
                let unread: Vec<_> = self.center.unread().collect();
                for id in &unread {
                    self.center.mark_read(*id);
                }
                self.changed(&unread).await;
            }
            Command::Dismiss(ids) => self.dismiss(ids).await,
            Command::PutBack(ids) => self.put_back(&ids).await,
            Command::Acknowledge(ids) => {
                let (known, others) = ids
                    .into_iter()
                    .partition(|id| *id == NotificationId::SUMMARY || self.engine.knows(*id));
                self.act(Act::Acknowledge(known)).await;
                self.acknowledge_forgotten(others).await;
            }
            Command::Unacknowledge(ids) => self.act(Act::Unacknowledge(ids)).await,
            Command::Snooze { ids, until } => self.act(Act::Snooze { ids, until }).await,
            Command::SnoozeAll(until) => self.act(Act::SnoozeAll(until)).await,
            Command::Unsnooze(ids) => self.act(Act::Unsnooze(ids)).await,
            Command::FalseAlarm(id) => self.act(Act::FalseAlarm(id)).await,
            Command::TestCritical => self.act(Act::TestCritical).await,
            Command::Looks { answer } => {
                let _ = answer.send((self.theme, self.preferences.clone()));
            }
            Command::SetTheme(theme) => self.set_theme(theme).await,
            Command::SetPreferences(preferences) => self.set_preferences(preferences).await,
            Command::Open(target) => {
                self.shell.show_window();
                if self.window.is_attached() {
                    self.shell.window(&WindowEvent::Open(target));
                } else {
                    self.target = Some(target);
                }
            }
            Command::TakeTarget { answer } => {
                let _ = answer.send(self.target.take());
            }
            Command::Delivered(id) => {
                self.act(Act::Delivered(id)).await;
                self.set_blocked(None);
            }
            Command::Undelivered { id, reason } => {
                tracing::error!(%id, reason, "the operating system did not show a notification");
                self.act(Act::Undelivered { id, cause: reason.clone() }).await;
                self.set_blocked(Some(reason));
            }
            Command::Hushed(cause) => self.set_hushed(cause),
            Command::Called { id, channel, result } => {
                let channel = channel.into();
                let change = match result {
                    Ok(()) => AlertChange::Delivered { channel },
                    Err(cause) => AlertChange::Undelivered { channel, cause },
                };
                self.center.note(id, change, self.now());
                self.write(Vec::new()).await;
            }
            Command::Asleep => {
                tracing::info!("the machine goes to sleep: nothing is watched until it wakes");
                self.note().await;
            }
            Command::Awake => self.awake().await,
            Command::Network(network) => self.network(network),
            Command::AskAnew => self.ask_at_once(),
            Command::Statistics { answer } => {
                let _ = answer.send(self.statistics());
            }
            Command::Diagnostics { answer } => {
                let _ = answer.send(self.diagnostics());
            }
            Command::Shutdown { .. } => unreachable!("the loop ends on it"),
        }
    }

    async fn set_rules(&mut self, book: RuleBook) {
        let now = self.now();
        let known = self.board.known();
        let before = self.effects.len();
        self.engine.change_rules(book, known, now, &mut self.effects);
        self.origins.note_known(&self.effects[before..], &self.board);
        self.carry_out().await;
    }

    /// Removes them from the center. What holds counts as seen.
    async fn dismiss(&mut self, ids: Vec<NotificationId>) {
        let now = self.now();
        self.center.remember_removed(&ids, now);
        self.act(Act::Dismiss(ids.clone())).await;
        for id in &ids {
            self.center.note(*id, AlertChange::Dismissed, now);
        }
        let gone: Vec<_> = ids.into_iter().filter(|id| self.center.dismiss(*id)).collect();
        for id in &gone {
            self.shell.withdraw(*id);
            self.shell.window(&WindowEvent::Dismissed(*id));
        }
        let removed = self.disk.wait(self.store.remove(gone)).await;
        told(removed, "notifications could not be removed");
    }

    /// Takes a removal back: what was unanswered is so again.
    async fn put_back(&mut self, ids: &[NotificationId]) {
        let now = self.now();
        let back = self.center.put_back(ids, now);
        let (mut unanswered, mut snoozed) = (Vec::new(), Vec::new());
        for view in &back {
            match (view.state, view.snoozed_until) {
                (NotificationState::Firing, _) => unanswered.push(view.id),
                (NotificationState::Snoozed, Some(until)) if until > now => {
                    snoozed.push((view.id, until));
                }
                _ => {}
            }
        }
        let all: Vec<_> = back.iter().map(|view| view.id).collect();
        self.changed(&all).await;
        self.act(Act::Unacknowledge(unanswered)).await;
        for (id, until) in snoozed {
            self.act(Act::Snooze { ids: vec![id], until }).await;
        }
    }

    /// What was told once and long ago is the center's alone.
    async fn acknowledge_forgotten(&mut self, ids: Vec<NotificationId>) {
        let now = self.now();
        let news: Vec<_> = ids.into_iter().filter(|id| self.center.acknowledge(*id, now)).collect();
        for id in &news {
            self.shell.withdraw(*id);
        }
        self.changed(&news).await;
    }

    fn statistics(&self) -> Statistics {
        let connection = self.connection.metrics();
        Statistics {
            vaults: self.board.len() as u64,
            duplicates: connection.duplicates,
            conflated: connection.conflated,
            ..self.statistics.clone()
        }
    }

    fn diagnostics(&self) -> Diagnostics {
        let connection = self.connection.metrics();
        let mut feed = self.feed.view(&self.statistics, &connection);
        for report in &mut feed.recent_invalid {
            // What could not be read may still be somebody's figures.
            report.sample.clear();
        }
        Diagnostics {
            version: self.options.version.clone(),
            platform: std::env::consts::OS,
            at: self.now(),
            feed,
            statistics: self.statistics(),
            connection,
            endpoints: self.connection.endpoints(),
            pulse: self.pulse.view(),
            stale_vaults: self.board.stale(),
            open_notifications: self.engine.open().count(),
            history: self.history.statistics(),
            notifications_blocked: self.blocked(),
            events: RawValue::from_string(self.connection.diagnostics().events_json())
                .expect("a list of events is JSON"),
            stages: self.connection.stages(),
            plugins: self.scripts.as_ref().map(Scripts::status).unwrap_or_default(),
        }
    }

    fn attach(&mut self, sink: TickSink) -> Attached {
        self.window.attach(sink, &mut self.board);
        let attached = self.attached();
        self.target = None;
        attached
    }

    /// Nobody is attached by it, and where the window is to go is told once more when somebody is.
    fn glimpse(&mut self, most: usize) -> Glimpse {
        let now = self.now();
        let (vaults, markets) = self.board.worst(most, now);
        let totals = Some(self.board.totals());
        let batch = TickBatch { seq: 0, kind: TickKind::Reset, vaults, markets, totals };
        Glimpse { at: now, attached: self.attached(), batch }
    }

    fn attached(&self) -> Attached {
        Attached {
            version: self.options.version.clone(),
            theme: self.theme,
            preferences: self.preferences.clone(),
            feed: self.feed.view(&self.statistics, &self.connection.metrics()),
            status: self.status.clone(),
            notifications: self.center.views(),
            notifications_blocked: self.blocked(),
            away: self.engine.last_away().cloned(),
            target: self.target.clone(),
            // Whoever watches several knows of the others.
            profiles: Vec::new(),
        }
    }

    pub(super) async fn set_theme(&mut self, theme: Theme) {
        self.theme = theme;
        let json = serde_json::to_string(&theme).expect("a theme is a word");
        let kept = self.disk.wait(self.store.set_setting(THEME, json)).await;
        told(kept, "the theme could not be kept");
    }

    /// Why notifications are not shown, or not seen.
    pub(super) fn blocked(&self) -> Option<String> {
        self.blocked.clone().or_else(|| self.hushed.clone())
    }

    /// What people are told in: what they chose, else the system's.
    pub(super) fn language(&self) -> Language {
        self.options.language(self.preferences.language)
    }

    /// Puts other numbers of alerts in force, in the language of now.
    fn tell_by(&mut self, policy: Policy) {
        self.engine.set_policy(Policy { language: self.language(), ..policy });
    }

    async fn set_preferences(&mut self, preferences: Preferences) {
        let json = serde_json::to_string(&preferences).expect("its keys are words");
        self.preferences = preferences;
        self.tell_by(self.engine.policy().clone());
        self.show_tray();
        let kept = self.disk.wait(self.store.set_setting(PREFERENCES, json)).await;
        told(kept, "the preferences could not be kept");
    }

    pub(super) fn set_blocked(&mut self, reason: Option<String>) {
        let before = self.blocked();
        self.blocked = reason;
        self.blocked_changed(before);
    }

    fn set_hushed(&mut self, cause: Option<String>) {
        let before = self.blocked();
        self.hushed = cause;
        self.blocked_changed(before);
    }

    fn blocked_changed(&mut self, before: Option<String>) {
        let now = self.blocked();
        if now != before {
            self.shell.window(&WindowEvent::NotificationsBlocked(now));
            self.show_tray();
        }
    }
}

/// Reads them in parts, so that what is to be written comes in between.
async fn origins(store: Store, ids: Vec<NotificationId>, answer: oneshot::Sender<Found>) {
    const PART: usize = 256;
    let read = async {
        let mut all = Vec::new();
        for part in ids.chunks(PART) {
            all.extend(store.origins(part.to_vec()).await?);
        }
        Ok::<_, StoreError>(all)
    };
    // Whoever asked may have stopped waiting.
    let _ = answer.send(read.await);
}

/// What the disk said, where it matters.
fn told(written: Option<Result<(), StoreError>>, failure: &'static str) {
    match written {
        Some(Ok(())) => {}
        Some(Err(error)) => tracing::error!(%error, "{failure}"),
        None => tracing::error!("{failure} yet: the disk does not answer"),
    }
}
