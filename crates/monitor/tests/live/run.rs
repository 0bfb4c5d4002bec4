//! One run of the program's core.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::VaultId;
use domain::view::{FeedState, Mode, NotificationId, NotificationView, WindowEvent};
use monitor::{MonitorHandle, Options, OsNotification, Shell, start};
use proving::patience::PATIENCE;
use serde_json::json;
use store::Store;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::desk::Desk;

#[derive(Debug)]
enum Call {
    Live,
    Status,
    /// An entry of the center.
    Changed,
    Notify(OsNotification),
}

struct Recorder(mpsc::UnboundedSender<Call>);

impl Shell for Recorder {
    fn window(&self, event: &WindowEvent) {
        let call = match event {
            WindowEvent::Feed(feed) if feed.state == FeedState::Live => Call::Live,
            WindowEvent::Status(_) => Call::Status,
            WindowEvent::Notification(_) => Call::Changed,
            _ => return,
        };
        let _ = self.0.send(call);
    }

    fn notify(&self, notification: &OsNotification) {
        let _ = self.0.send(Call::Notify(notification.clone()));
    }
}

/// One run of the program, on a runtime of its own, so that it can be cut off.
pub(crate) struct Run {
    runtime: Runtime,
    monitor: MonitorHandle,
    calls: mpsc::UnboundedReceiver<Call>,
}

impl Run {
    /// Of a profile that is called like its tenant.
    pub(crate) fn start(
        url: &str,
        tenant: &str,
        database: &Path,
        change: impl FnOnce(&mut Options),
    ) -> Self {
        let runtime = runtime();
        let (calls, recorded) = mpsc::unbounded_channel();
        let monitor = runtime.block_on(async {
            let (store, _) = Store::open(database).unwrap();
            let mut connection = realtime::Options::new(url);
            connection.reconnect_interval = Duration::from_millis(10);
            connection.tenant = Some(tenant.to_owned());
            let mut options = Options::new(Mode::Profile(tenant.to_owned()), connection);
            change(&mut options);
            start(options, store, Arc::new(Recorder(calls))).await.unwrap()
        });
        let mut run = Self { runtime, monitor, calls: recorded };
        while !matches!(run.next(), Call::Live) {}
        run
    }

    fn next(&mut self) -> Call {
        let next = async { tokio::time::timeout(PATIENCE, self.calls.recv()).await };
        self.runtime.block_on(next).expect("a call in time").expect("the monitor runs")
    }

    /// Waits for the OS notification of an alert: its own, or where there are many at once their summary.
    pub(crate) fn notified(&mut self, vault: &str) -> OsNotification {
        let alert = format!("alert on {vault}");
        loop {
            if let Call::Notify(notification) = self.next()
                && (notification.body == alert || notification.id == NotificationId::SUMMARY)
            {
                return notification;
            }
        }
    }

    /// The same, and the operating system has shown it.
    pub(crate) fn shown(&mut self, vault: &str) {
        let id = self.notified(vault).id;
        self.monitor.delivered(id);
    }

    /// OS notifications up to a message that is published now. Each delivery's effects are carried out before a command.
    pub(crate) fn notified_until_now(&mut self, desk: &Desk) -> usize {
        desk.publish("system_status", json!({"isRunning": true}));
        let mut notified = 0;
        loop {
            match self.next() {
                Call::Notify(_) => notified += 1,
                Call::Status => break,
                Call::Live | Call::Changed => {}
            }
        }
        self.runtime.block_on(self.monitor.statistics());
        while let Ok(call) = self.calls.try_recv() {
            notified += usize::from(matches!(call, Call::Notify(_)));
        }
        notified
    }

    /// What it shows of the desk's alerts: the message, how often it was raised and how often it came again. Notices of
    /// the program's own, as of keys that are late, are not among them.
    pub(crate) fn alerts(&self) -> Vec<(String, u32, u32)> {
        let told = |view: NotificationView| (view.message, view.occurrences, view.suppressed);
        let views = self.runtime.block_on(self.monitor.notifications()).into_iter();
        views.map(told).filter(|(message, ..)| message.starts_with("alert on ")).collect()
    }

    /// Somebody here has seen the alert.
    pub(crate) fn acknowledge(&self, vault: &str) {
        let id = self.entry(vault).expect("an alert of that vault").id;
        self.monitor.acknowledge(vec![id]);
    }

    /// Who has seen the alert.
    pub(crate) fn acknowledged_by(&self, vault: &str) -> Option<String> {
        self.entry(vault)?.acknowledged.map(|acknowledged| acknowledged.by)
    }

    /// Waits until the alert is acknowledged, and by that name.
    pub(crate) fn until_acknowledged(&mut self, vault: &str, by: &str) {
        while self.acknowledged_by(vault).is_none() {
            while !matches!(self.next(), Call::Changed) {}
        }
        assert_eq!(self.acknowledged_by(vault).as_deref(), Some(by));
    }

    fn entry(&self, vault: &str) -> Option<NotificationView> {
        let vault = VaultId::new(vault).ok();
        let all = self.runtime.block_on(self.monitor.notifications());
        all.into_iter().find(|one| one.vault == vault)
    }

    pub(crate) fn knows(&self, vault: &str) -> bool {
        let id = VaultId::new(vault).unwrap();
        self.runtime.block_on(self.monitor.vault_detail(id)).is_some()
    }

    pub(crate) fn end(self) {
        self.runtime.block_on(self.monitor.shutdown());
    }

    /// Without a chance to write anything.
    pub(crate) fn crash(self) {
        self.runtime.shutdown_background();
    }
}

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}
