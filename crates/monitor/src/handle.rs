use std::collections::HashMap;
use std::sync::Arc;

use alerts::Policy;
use alerts::rule::RuleBook;
use domain::view::{
    Attached, ConnectionEvent, ExplanationView, Glimpse, HistoryQuery, HistoryView, NotificationId,
    NotificationView, Origin, Preferences, PriceTrend, Shock, SystemView, Target, Theme,
    VaultDetail, VaultRow, WhatIfView,
};
use domain::{ChainId, Language, UnixMillis, Vault, VaultId};
use realtime::Network;
use smol_str::SmolStr;
use store::{History, Retention, Store, StoreError, StoreErrorKind};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

use crate::config::Pen;
use crate::core::Core;
use crate::history;
use crate::{Diagnostics, Notice, Options, Said, Shell, Statistics, TickSink};

/// Commands that may wait for the core. It never takes long, so a full queue means a caller in a loop.
const QUEUE: usize = 1_024;

/// A handle on the running core. Cheap to clone; the core ends when the last one is dropped.
#[derive(Clone, Debug)]
pub struct MonitorHandle {
    commands: mpsc::Sender<Command>,
    history: Option<History>,
    /// What the settings' file is written with.
    pen: Pen,
}

pub(crate) enum Command {
    Attach { sink: TickSink, answer: oneshot::Sender<Attached> },
    Glimpse { most: usize, answer: oneshot::Sender<Glimpse> },
    Detach,
    AcknowledgeBatch(u64),
    LookAt(Vec<VaultId>),
    VaultDetail { id: VaultId, answer: oneshot::Sender<Option<VaultDetail>> },
    HasVault { id: VaultId, answer: oneshot::Sender<bool> },
    WhatIf { shocks: Vec<Shock>, answer: oneshot::Sender<WhatIfView> },
    FindVaults { text: String, most: usize, answer: oneshot::Sender<Vec<VaultRow>> },
    System { answer: oneshot::Sender<SystemView> },
    ConnectionEvents { answer: oneshot::Sender<Vec<ConnectionEvent>> },
    Explain { id: VaultId, answer: oneshot::Sender<Option<ExplanationView>> },
    SetRules { book: Box<RuleBook>, done: oneshot::Sender<()> },
    SetPolicy { policy: Box<Policy>, done: oneshot::Sender<()> },
    SetRetention { retention: Retention, done: oneshot::Sender<()> },
    SettingsAre { fault: Option<Said>, done: oneshot::Sender<()> },
    Notice { notice: Notice, done: oneshot::Sender<()> },
    Vaults { answer: oneshot::Sender<HashMap<VaultId, Vault>> },
    Now { answer: oneshot::Sender<UnixMillis> },
    Notifications { answer: oneshot::Sender<Vec<NotificationView>> },
    Origins { ids: Vec<NotificationId>, answer: oneshot::Sender<Found> },
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
    Language { answer: oneshot::Sender<Language> },
    Looks { answer: oneshot::Sender<(Theme, Preferences)> },
    Open(Target),
    TakeTarget { answer: oneshot::Sender<Option<Target>> },
    Delivered(NotificationId),
    Undelivered { id: NotificationId, reason: String },
    Hushed(Option<String>),
    Called { id: NotificationId, channel: String, result: Result<(), String> },
    Asleep,
    Awake,
    Network(Network),
    AskAnew,
    Statistics { answer: oneshot::Sender<Statistics> },
    Diagnostics { answer: oneshot::Sender<Diagnostics> },
    Shutdown { done: oneshot::Sender<()> },
}

/// Alerts with the messages that raised them, or why these cannot be read.
pub(crate) type Found = Result<Vec<(NotificationId, Origin)>, StoreError>;

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
    let (history, pen) = (options.history.clone(), options.pen.clone());
    let core = Core::new(options, store, shell).await?;
    tokio::spawn(core.run(queue));
    Ok(MonitorHandle { commands, history, pen })
}

impl MonitorHandle {
    /// A window is there. Its ticks go to `sink`, the first batch resetting it; an earlier sink gets no more.
    /// `None` when the monitor has ended.
    pub async fn attach(&self, sink: TickSink) -> Option<Attached> {
        self.ask(|answer| Command::Attach { sink, answer }).await
    }

    /// What a window would be shown now, of at most so many vaults, the worst ones, for one that is about to be made.
    /// `None` when the monitor has ended.
    pub async fn glimpse(&self, most: usize) -> Option<Glimpse> {
        self.ask(|answer| Command::Glimpse { most, answer }).await
    }

    /// The window is gone.
    pub fn detach(&self) {
        self.tell(Command::Detach);
    }

    /// The window has applied the batch `seq`; the next one may come.
    pub fn acknowledge_batch(&self, seq: u64) {
        self.tell(Command::AcknowledgeBatch(seq));
    }

    /// The vaults that are in the window's view: what changes of them is sent ahead of the others.
    pub fn look_at(&self, vaults: Vec<VaultId>) {
        self.tell(Command::LookAt(vaults));
    }

    pub async fn vault_detail(&self, id: VaultId) -> Option<VaultDetail> {
        self.ask(|answer| Command::VaultDetail { id, answer }).await.flatten()
    }

    /// What a move of prices would do to all vaults. More shocks than [`WhatIfView::SHOCKS`] are left out. `None` when the
    /// monitor has ended.
    pub async fn what_if(&self, shocks: Vec<Shock>) -> Option<WhatIfView> {
        self.ask(|answer| Command::WhatIf { shocks, answer }).await
    }

    /// The vaults that somebody may mean by a few letters, the likeliest first, 50 at the most.
    pub async fn find_vaults(&self, text: String, most: usize) -> Vec<VaultRow> {
        self.ask(|answer| Command::FindVaults { text, most, answer }).await.unwrap_or_default()
    }

    /// How the own connection is, in figures; `None` when the monitor has ended.
    pub async fn system(&self) -> Option<SystemView> {
        self.ask(|answer| Command::System { answer }).await
    }

    /// What happened to the connection last, the newest first, with tokens taken out.
    pub async fn connection_events(&self) -> Vec<ConnectionEvent> {
        self.ask(|answer| Command::ConnectionEvents { answer }).await.unwrap_or_default()
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

    /// How a chain's prices went over the last day. A token that is not recorded has a trend without a point.
    ///
    /// # Errors
    /// Those of [`vault_history`](Self::vault_history).
    pub async fn price_trends(
        &self,
        chain: ChainId,
        tokens: Vec<SmolStr>,
    ) -> Result<Vec<PriceTrend>, StoreError> {
        let (Some(history), Some(now)) = (&self.history, self.now().await) else {
            return Err(StoreErrorKind::Closed.into());
        };
        history::trends(history, chain, tokens, now).await
    }

    /// Puts other rules in force, for what is known already, too. `None` when the monitor has ended.
    pub async fn set_rules(&self, book: RuleBook) -> Option<()> {
        self.ask(|done| Command::SetRules { book: Box::new(book), done }).await
    }

    /// Puts other numbers of alerts in force. `None` when the monitor has ended, here and below.
    pub async fn set_policy(&self, policy: Policy) -> Option<()> {
        self.ask(|done| Command::SetPolicy { policy: Box::new(policy), done }).await
    }

    /// Keeps notifications and the alert log for other times.
    pub async fn set_retention(&self, retention: Retention) -> Option<()> {
        self.ask(|done| Command::SetRetention { retention, done }).await
    }

    /// Whether the settings' file counts; if not, what the person is told of it. It is told as an
    /// alert that ends when it counts again.
    pub async fn settings_are(&self, fault: Option<Said>) -> Option<()> {
        self.ask(|done| Command::SettingsAre { fault, done }).await
    }

    /// Tells the person something once.
    pub async fn notice(&self, notice: Notice) -> Option<()> {
        self.ask(|done| Command::Notice { notice, done }).await
    }

    /// What this program writes into the settings' file with.
    pub(crate) fn pen(&self) -> &Pen {
        &self.pen
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

    /// The messages that raised these alerts, or made them worse last. One that was raised by no message, or too long ago,
    /// is left out.
    ///
    /// # Errors
    /// Those of [`Store::origins`]; [`StoreErrorKind::Closed`] when the monitor has ended.
    pub async fn origins(
        &self,
        ids: Vec<NotificationId>,
    ) -> Result<Vec<(NotificationId, Origin)>, StoreError> {
        let found = self.ask(|answer| Command::Origins { ids, answer }).await;
        found.unwrap_or_else(|| Err(StoreErrorKind::Closed.into()))
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

    /// What the person has chosen of the window's looks. `None` when the monitor has ended.
    pub async fn looks(&self) -> Option<(Theme, Preferences)> {
        self.ask(|answer| Command::Looks { answer }).await
    }

    /// What alerts are told in: the language that was chosen, else the system's. `None` when the monitor has ended.
    pub async fn language(&self) -> Option<Language> {
        self.ask(|answer| Command::Language { answer }).await
    }

    /// Kept for the next window. Alerts speak the chosen language from now on.
    pub fn set_preferences(&self, preferences: Preferences) {
        self.tell(Command::SetPreferences(preferences));
    }

    /// Whether a vault is known.
    pub async fn has_vault(&self, id: VaultId) -> bool {
        self.ask(|answer| Command::HasVault { id, answer }).await.unwrap_or_default()
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

    /// The machine is about to sleep: what is unwritten is written.
    pub fn asleep(&self) {
        self.tell(Command::Asleep);
    }

    /// The machine has woken up: the connection is probed at once, or tried, and what the time has brought is looked at
    /// before anything that comes in.
    pub fn awake(&self) {
        self.tell(Command::Awake);
    }

    /// What the operating system says of the network. Down: no attempts are made, and it is told that nothing is watched.
    /// Up, or another one: the connection is probed, or tried at once, even if the server had refused for good: it may
    /// have been another one that answered. Means nothing to addresses on loopback, but for the last.
    pub fn network(&self, network: Network) {
        self.tell(Command::Network(network));
    }

    /// What stood in the way of a connection has been mended: it is tried at once, and not in a few seconds or minutes.
    /// Nothing where there is one.
    pub fn ask_anew(&self) {
        self.tell(Command::AskAnew);
    }

    pub async fn statistics(&self) -> Statistics {
        self.ask(|answer| Command::Statistics { answer }).await.unwrap_or_default()
    }

    /// For support; `None` when the monitor has ended.
    pub async fn diagnostics(&self) -> Option<Diagnostics> {
        self.ask(|answer| Command::Diagnostics { answer }).await
    }

    /// Whether it watches no more: somebody wanted that, or it failed.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.commands.is_closed()
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
