//! What the window asks of the shell and hears from it. Everything behind [`Backend`] can be replaced: the same
//! window runs in the shell's webview and, with the feature `recorded`, in a plain browser.

mod json;
mod profiles;
mod questions;
#[cfg(feature = "recorded")]
mod recorded;
mod shell;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use domain::rules::RulesEdit;
use domain::view::{
    Attached, AutostartView, ChannelView, DryRunAnswer, DryRunQuery, ExplanationView, FaultView,
    FirstFrame, HistoryQuery, HistoryView, NotificationId, NotificationView, Origin, Preferences,
    RulesAnswer, RulesView, Target, Theme, TickBatch, VaultDetail, WindowEvent,
};
use domain::{ChainId, UnixMillis, VaultId};

use crate::words::shell_backend as say;

pub(crate) use json::read;
pub(crate) use profiles::Profiles;
pub(crate) use questions::{Address, Questions};

/// An answer that is on its way.
pub(crate) type Answer<T> = Pin<Box<dyn Future<Output = Result<T, BackendError>>>>;

/// Who is called with each batch and each event, in the order they were sent.
pub(crate) struct Sinks {
    pub(crate) ticks: Box<dyn Fn(TickBatch)>,
    pub(crate) events: Box<dyn Fn(WindowEvent)>,
}

pub(crate) trait Backend: Questions + Profiles {
    /// What lies ready for the first frame. Waits for nothing.
    fn first_frame(&self) -> FirstFrame;
    /// Keeps where the page was left, for the next one: [`FirstFrame::left`].
    fn keep_view(&self, view: String) -> Answer<()>;
    /// Everything rare of a profile at once, of the one shown last where none is named; from then on its batches and events
    /// go to these sinks, and to no others. Whatever else is asked is about that profile, too.
    fn attach(&self, profile: Option<String>, sinks: Sinks) -> Answer<Attached>;
    /// Asks for the next batch: one is in flight at a time.
    fn acknowledge_batch(&self, seq: u64) -> Answer<()>;
    /// The vaults in view: what changes of them is sent ahead of the others.
    fn look_at(&self, ids: Vec<VaultId>) -> Answer<()>;
    /// `None`: there is no such vault.
    fn vault_detail(&self, id: VaultId) -> Answer<Option<VaultDetail>>;
    /// Which rules watch it; `None`: there is no such vault.
    fn explain(&self, id: VaultId) -> Answer<Option<ExplanationView>>;
    fn vault_history(&self, query: HistoryQuery) -> Answer<HistoryView>;
    fn notifications(&self) -> Answer<Vec<NotificationView>>;
    fn mark_read(&self, ids: Vec<NotificationId>) -> Answer<()>;
    fn mark_all_read(&self) -> Answer<()>;
    /// Removes them from the center.
    fn dismiss(&self, ids: Vec<NotificationId>) -> Answer<()>;
    /// Takes a removal back.
    fn put_back(&self, ids: Vec<NotificationId>) -> Answer<()>;
    fn acknowledge(&self, ids: Vec<NotificationId>) -> Answer<()>;
    /// Takes an acknowledgement back.
    fn unacknowledge(&self, ids: Vec<NotificationId>) -> Answer<()>;
    fn snooze(&self, ids: Vec<NotificationId>, until: UnixMillis) -> Answer<()>;
    fn unsnooze(&self, ids: Vec<NotificationId>) -> Answer<()>;
    /// Everything that is open.
    fn snooze_all(&self, until: UnixMillis) -> Answer<()>;
    /// It should not have been raised.
    fn false_alarm(&self, id: NotificationId) -> Answer<()>;
    /// Raises a critical alert that is none, to see and hear whether it gets through.
    fn test_critical(&self) -> Answer<()>;
    /// The message that raised an alert, or made it worse last; `None`: none did, or it is not kept any more.
    fn alert_origin(&self, id: NotificationId) -> Answer<Option<Origin>>;
    /// Writes these notifications to a file and tells its path.
    fn export_notifications(
        &self,
        format: ExportFormat,
        ids: Vec<NotificationId>,
    ) -> Answer<String>;
    /// Whether the app is started with the session.
    fn autostart(&self) -> Answer<AutostartView>;
    /// Switches that; the answer is how it stands then.
    fn set_autostart(&self, on: bool) -> Answer<AutostartView>;
    /// Ways to reach somebody who is not at the screen, as configured.
    fn channels(&self) -> Answer<Vec<ChannelView>>;
    /// Sends a test; the answer comes when it was taken.
    fn test_channel(&self, name: String) -> Answer<()>;
    /// Plays the alarm once, to its end.
    fn test_sound(&self) -> Answer<()>;
    /// The user's rules, as the configuration file has them.
    fn rules(&self) -> Answer<RulesView>;
    /// What would be wrong after a change; nothing is written.
    fn check_rules(&self, edit: RulesEdit) -> Answer<Vec<FaultView>>;
    /// Makes a change in the file of that revision and puts it in force.
    fn change_rules(&self, revision: String, edit: RulesEdit) -> Answer<RulesAnswer>;
    /// Takes the last change of the rules back.
    fn undo_rules(&self) -> Answer<RulesView>;
    /// When a rule would have fired.
    fn dry_run_rule(&self, query: DryRunQuery) -> Answer<DryRunAnswer>;
    fn set_preferences(&self, preferences: Preferences) -> Answer<()>;
    /// Opens the vault on its chain's explorer, in the person's own browser.
    fn open_explorer(&self, id: VaultId, chain: ChainId) -> Answer<()>;
    /// Writes a drawing to a file and tells its path.
    fn export_plot(&self, plot: Plot) -> Answer<String>;
    fn set_theme(&self, theme: Theme) -> Answer<()>;
    /// Where a click on an OS notification wants to go, once.
    fn take_target(&self) -> Answer<Option<Target>>;
    /// Writes a file for support and tells its path.
    fn export_diagnostics(&self) -> Answer<String>;
}

/// What a list is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ExportFormat {
    Csv,
    Json,
}

/// A drawing of a chart.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Plot {
    /// What it shows: the file is named after it.
    pub(crate) name: String,
    pub(crate) format: PlotFormat,
    /// The text of an SVG; a PNG in base 64.
    pub(crate) content: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PlotFormat {
    Png,
    Svg,
}

/// Why the shell gave no answer. Displayed for the log; [`told`](Self::told) and [`in_words`](Self::in_words) are for people.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackendError {
    /// The page runs somewhere else than in the application's window.
    #[error("this page works inside the VaultWatch window only")]
    NoShell,
    /// The shell refused or failed; its own words.
    #[error("{command}: {reason}")]
    Refused { command: &'static str, reason: String },
    /// What came back is not what was agreed: shell and window are of different versions.
    #[error("{what} is not readable: {reason}")]
    Unreadable { what: &'static str, reason: String },
}

impl BackendError {
    /// With what was asked, where that is not clear.
    pub(crate) fn told(&self) -> String {
        match self {
            Self::NoShell => say::no_shell().to_owned(),
            Self::Refused { command, reason } => format!("{command}: {reason}"),
            Self::Unreadable { what, reason } => say::unreadable(what, reason),
        }
    }

    /// For where it is clear what was asked: the shell's own words, without the command's name.
    pub(crate) fn in_words(&self) -> String {
        match self {
            Self::Refused { reason, .. } => reason.clone(),
            Self::NoShell | Self::Unreadable { .. } => self.told(),
        }
    }
}

/// What this build talks to. Of a trait object every command would be in the window's first program, asked for or not.
#[cfg(feature = "recorded")]
pub(crate) type Connected = dyn Backend;
#[cfg(not(feature = "recorded"))]
pub(crate) type Connected = shell::Shell;

/// The backend of this build.
pub(crate) fn connect() -> Rc<Connected> {
    #[cfg(feature = "recorded")]
    if !shell::is_present() {
        return Rc::new(recorded::Recorded::default());
    }
    Rc::new(shell::Shell)
}

/// Tells the shell of a panic. Waits for nothing: the page is about to stop.
pub(crate) fn report_panic(message: &str) {
    shell::report_panic(message);
}
