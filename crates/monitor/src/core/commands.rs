//! What others ask of the core.

use domain::view::{Attached, Theme, WindowEvent};
use serde_json::value::RawValue;

use super::{Core, THEME};
use crate::handle::Command;
use crate::scripts::Scripts;
use crate::{Diagnostics, Statistics, TickSink, detail};

impl Core {
    pub(super) async fn command(&mut self, command: Command) {
        match command {
            Command::Attach { sink, answer } => {
                // A caller that is gone needs no answer, here and below.
                let _ = answer.send(self.attach(sink));
            }
            Command::Detach => self.window.detach(),
            Command::AcknowledgeBatch(seq) => self.window.acknowledge(seq),
            Command::VaultDetail { id, answer } => {
                let _ = answer.send(self.board.entry(&id).map(detail::of));
            }
            Command::Notifications { answer } => {
                let _ = answer.send(self.center.views());
            }
            Command::MarkRead(id) => {
                if self.center.mark_read(id) {
                    self.changed(&[id]).await;
                }
            }
            Command::MarkAllRead => {
                let unread = self.center.unread();
                for id in &unread {
                    self.center.mark_read(*id);
                }
                self.changed(&unread).await;
            }
            Command::Dismiss(id) => {
                if self.center.dismiss(id) {
                    self.shell.withdraw(id);
                    self.shell.window(&WindowEvent::Dismissed(id));
                    if let Err(error) = self.store.remove(vec![id]).await {
                        tracing::error!(%error, "the notification could not be removed");
                    }
                }
            }
            Command::Acknowledge(id) => {
                if self.center.acknowledge(id) {
                    self.shell.withdraw(id);
                    self.changed(&[id]).await;
                }
            }
            Command::SetTheme(theme) => self.set_theme(theme).await,
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
                if self.center.delivered(id) {
                    self.save(self.center.stored(id).into_iter().collect()).await;
                }
                self.set_blocked(None);
            }
            Command::Undelivered { id, reason } => {
                tracing::error!(%id, reason, "the operating system did not show a notification");
                self.set_blocked(Some(reason));
            }
            Command::Statistics { answer } => {
                let _ = answer.send(self.statistics());
            }
            Command::Diagnostics { answer } => {
                let _ = answer.send(self.diagnostics());
            }
            Command::Shutdown { .. } => unreachable!("the loop ends on it"),
        }
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
            stale_vaults: self.board.stale(),
            open_notifications: self.center.open(),
            history: self.history.statistics(),
            notifications_blocked: self.blocked.clone(),
            events: RawValue::from_string(self.connection.diagnostics().events_json())
                .expect("a list of events is JSON"),
            stages: self.connection.stages(),
            plugins: self.scripts.as_ref().map(Scripts::status).unwrap_or_default(),
        }
    }

    fn attach(&mut self, sink: TickSink) -> Attached {
        self.window.attach(sink, &mut self.board);
        Attached {
            version: self.options.version.clone(),
            theme: self.theme,
            feed: self.feed.view(&self.statistics, &self.connection.metrics()),
            status: self.status.clone(),
            notifications: self.center.views(),
            notifications_blocked: self.blocked.clone(),
            target: self.target.take(),
        }
    }

    pub(super) async fn set_theme(&mut self, theme: Theme) {
        self.theme = theme;
        let json = serde_json::to_string(&theme).expect("a theme is a word");
        if let Err(error) = self.store.set_setting(THEME, json).await {
            tracing::error!(%error, "the theme could not be kept");
        }
    }

    pub(super) fn set_blocked(&mut self, reason: Option<String>) {
        if self.blocked != reason {
            self.blocked.clone_from(&reason);
            self.shell.window(&WindowEvent::NotificationsBlocked(reason));
            self.show_tray();
        }
    }
}
