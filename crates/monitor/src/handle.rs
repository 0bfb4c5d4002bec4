use std::collections::HashMap;
use std::sync::Arc;

use alerts::rule::RuleBook;
use domain::view::{
    Attached, ExplanationView, HistoryQuery, HistoryView, NotificationId, NotificationView,
    Preferences, Target, Theme, VaultDetail,
};
use domain::{UnixMillis, Vault, VaultId};
use store::{History, Store, StoreError, StoreErrorKind};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

use crate::core::Core;
use crate::history;
use crate::{Diagnostics, Options, Shell, Statistics, TickSink};

/// Commands that may wait for the core. It never takes long, so a full queue means a caller in a loop.
const QUEUE: usize = 1_024;

/// A handle on the running core. Cheap to clone; the core ends when the last one is dropped.
#[derive(Clone, Debug)]
pub struct MonitorHandle {
    commands: mpsc::Sender<Command>,
    history: Option<History>,
}

pub(crate) enum Command {
    Attach { sink: TickSink, answer: oneshot::Sender<Attached> },
    Detach,
    AcknowledgeBatch(u64),
    VaultDetail { id: VaultId, answer: oneshot::Sender<Option<VaultDetail>> },
    Explain { id: VaultId, answer: oneshot::Sender<Option<ExplanationView>> },
    SetRules { book: Box<RuleBook>, done: oneshot::Sender<()> },
    Vaults { answer: oneshot::Sender<HashMap<VaultId, Vault>> },
    Now { answer: oneshot::Sender<UnixMillis> },
    Notifications { answer: oneshot::Sender<Vec<NotificationView>> },
    MarkRead(Vec<NotificationId>),
    MarkAllRead,
    Dismiss(Vec<NotificationId>),
    PutBack(Vec<NotificationId>),
    Acknowledge(Vec<NotificationId>),
    Unacknowledge(Vec<NotificationId>),
    Snooze { ids: Vec<NotificationId>, until: UnixMillis },
    SnoozeAll(UnixMillis),
    Unsnooze(Vec<NotificationId>),
    FalseAlarm(NotificationId),
    TestCritical,
    SetTheme(Theme),
    SetPreferences(Preferences),
    Open(Target),
    TakeTarget { answer: oneshot::Sender<Option<Target>> },
    Delivered(NotificationId),
    Undelivered { id: NotificationId, reason: String },
    Hushed(Option<String>),
    Called { id: NotificationId, channel: String, result: Result<(), String> },
    Statistics { answer: oneshot::Sender<Statistics> },
    Diagnostics { answer: oneshot::Sender<Diagnostics> },
    Shutdown { done: oneshot::Sender<()> },
}

/// Why the monitor could not start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error("the connection's settings are wrong")]
    Connection(#[from] realtime::InvalidOption),
    #[error("the stored notifications cannot be read")]
    Store(#[from] StoreError),
}

/// Starts watching, on the current Tokio runtime.
///
/// # Errors
/// [`StartError::Connection`] names the setting that is wrong; [`StartError::Store`] when nothing can be read.
pub async fn start(
    options: Options,
    store: Store,
    shell: Arc<dyn Shell>,
) -> Result<MonitorHandle, StartError> {
    let (commands, queue) = mpsc::channel(QUEUE);
    let history = options.history.clone();
    let core = Core::new(options, store, shell).await?;
    tokio::spawn(core.run(queue));
    Ok(MonitorHandle { commands, history })
}

impl MonitorHandle {
    /// A window is there. Its ticks go to `sink`, the first batch resetting it; an earlier sink gets no more.
    /// `None` when the monitor has ended.
    pub async fn attach(&self, sink: TickSink) -> Option<Attached> {
        self.ask(|answer| Command::Attach { sink, answer }).await
    }

    /// The window is gone.
    pub fn detach(&self) {
        self.tell(Command::Detach);
    }

    /// The window has applied the batch `seq`; the next one may come.
    pub fn acknowledge_batch(&self, seq: u64) {
        self.tell(Command::AcknowledgeBatch(seq));
    }

    pub async fn vault_detail(&self, id: VaultId) -> Option<VaultDetail> {
        self.ask(|answer| Command::VaultDetail { id, answer }).await.flatten()
    }

    /// Which rules and settings watch a vault, and why these; `None`: the vault is not known.
    pub async fn explain(&self, id: VaultId) -> Option<ExplanationView> {
        self.ask(|answer| Command::Explain { id, answer }).await.flatten()
    }

    /// Figures of a vault over time, in at most about as many points as asked for. A vault that is not known has none.
    ///
    /// # Errors
    /// [`StoreErrorKind::Closed`] where figures are not kept, and those of [`History::series`].
    pub async fn vault_history(&self, query: HistoryQuery) -> Result<HistoryView, StoreError> {
        match &self.history {
            Some(history) => history::answer(history, query).await,
            None => Err(StoreErrorKind::Closed.into()),
        }
    }

    /// Puts other rules in force, for what is known already, too. `None` when the monitor has ended.
    pub async fn set_rules(&self, book: RuleBook) -> Option<()> {
        self.ask(|done| Command::SetRules { book: Box::new(book), done }).await
    }

    /// All that is known of all vaults. `None` when the monitor has ended.
    pub async fn vaults(&self) -> Option<HashMap<VaultId, Vault>> {
        self.ask(|answer| Command::Vaults { answer }).await
    }

    /// By the clock of the watch.
    pub(crate) async fn now(&self) -> Option<UnixMillis> {
        self.ask(|answer| Command::Now { answer }).await
    }

    /// Newest first.
    pub async fn notifications(&self) -> Vec<NotificationView> {
        self.ask(|answer| Command::Notifications { answer }).await.unwrap_or_default()
    }

    pub fn mark_read(&self, ids: Vec<NotificationId>) {
        self.tell(Command::MarkRead(ids));
    }

    pub fn mark_all_read(&self) {
        self.tell(Command::MarkAllRead);
    }

    /// Removes them from the center. What still holds counts as acknowledged, and comes back when it gets worse.
    pub fn dismiss(&self, ids: Vec<NotificationId>) {
        self.tell(Command::Dismiss(ids));
    }

    /// Takes a removal of the last minute back: they are in the center as they were.
    pub fn put_back(&self, ids: Vec<NotificationId>) {
        self.tell(Command::PutBack(ids));
    }

    /// Somebody has seen them: the operating system's notifications are closed, nothing is repeated until it gets
    /// worse. For a critical alert that holds it lapses after 30 min. An incident stands for all its alerts.
    pub fn acknowledge(&self, ids: Vec<NotificationId>) {
        self.tell(Command::Acknowledge(ids));
    }

    /// Takes an acknowledgement back: it was pressed by mistake.
    pub fn unacknowledge(&self, ids: Vec<NotificationId>) {
        self.tell(Command::Unacknowledge(ids));
    }

    /// Puts them off until a time, or until they get worse; critical ones by an hour at the most.
    pub fn snooze(&self, ids: Vec<NotificationId>, until: UnixMillis) {
        self.tell(Command::Snooze { ids, until });
    }

    /// Puts everything off that is open, as [`snooze`](Self::snooze) does.
    pub fn snooze_all(&self, until: UnixMillis) {
        self.tell(Command::SnoozeAll(until));
    }

    pub fn unsnooze(&self, ids: Vec<NotificationId>) {
        self.tell(Command::Unsnooze(ids));
    }

    /// Somebody says that it should not have been raised: it is acknowledged, and noted in its history.
    pub fn false_alarm(&self, id: NotificationId) {
        self.tell(Command::FalseAlarm(id));
    }

    /// Shows a critical alert that is none, so that somebody can see and hear whether it gets through.
    pub fn test_critical(&self) {
        self.tell(Command::TestCritical);
    }

    pub fn set_theme(&self, theme: Theme) {
        self.tell(Command::SetTheme(theme));
    }

    /// Kept for the next window.
    pub fn set_preferences(&self, preferences: Preferences) {
        self.tell(Command::SetPreferences(preferences));
    }

    /// Somebody clicked a notification or the tray: the window comes up and goes there, now or once it is ready.
    pub fn open(&self, target: Target) {
        self.tell(Command::Open(target));
    }

    /// Where the window is to go, once.
    pub async fn take_target(&self) -> Option<Target> {
        self.ask(|answer| Command::TakeTarget { answer }).await.flatten()
    }

    /// The operating system took the notification.
    pub fn delivered(&self, id: NotificationId) {
        self.tell(Command::Delivered(id));
    }

    /// It did not; the core tries again.
    pub fn undelivered(&self, id: NotificationId, reason: String) {
        self.tell(Command::Undelivered { id, reason });
    }

    /// Something else than a failed delivery keeps notifications from being seen or heard, such as the desktop's Do
    /// Not Disturb; `None`: not any more.
    pub fn hushed(&self, cause: Option<String>) {
        self.tell(Command::Hushed(cause));
    }

    /// What became of a call by that channel. One that failed is tried again by whoever makes it.
    pub fn called(&self, id: NotificationId, channel: String, result: Result<(), String>) {
        self.tell(Command::Called { id, channel, result });
    }

    pub async fn statistics(&self) -> Statistics {
        self.ask(|answer| Command::Statistics { answer }).await.unwrap_or_default()
    }

    /// For support; `None` when the monitor has ended.
    pub async fn diagnostics(&self) -> Option<Diagnostics> {
        self.ask(|answer| Command::Diagnostics { answer }).await
    }

    /// Closes the connection and writes what is unwritten. Returns when it is done.
    pub async fn shutdown(&self) {
        self.ask(|done| Command::Shutdown { done }).await;
    }

    fn tell(&self, command: Command) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.commands.try_send(command) {
            tracing::error!("the monitor is not keeping up; a command was dropped");
        }
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Option<T> {
        let (answer, result) = oneshot::channel();
        self.commands.send(command(answer)).await.ok()?;
        result.await.ok()
    }
}
