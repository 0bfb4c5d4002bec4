//! The user's plugins: what they are shown, and what they say.

use std::path::PathBuf;
use std::sync::Arc;

use domain::view::{FeedState, NotificationView};
use plugins::{
    AlertStage, AlertView, Output, Outputs, PluginOptions, PluginStatus, Plugins, StateView,
};

use crate::board::Board;
use crate::{AlertState, Clock};

#[derive(Debug)]
pub(crate) struct Scripts {
    plugins: Plugins,
    outputs: Outputs,
    /// The name of the last state shown.
    state: Option<&'static str>,
}

impl Scripts {
    /// Reads the folder, and reads it again whenever it changes.
    pub(crate) fn open(folder: PathBuf, clock: Arc<dyn Clock>) -> Self {
        let (plugins, outputs) =
            Plugins::open(PluginOptions::new(folder, Arc::new(move || clock.now())));
        // Ends by itself with the last clone of the plugins.
        drop(plugins.watch());
        Self { plugins, outputs, state: None }
    }

    /// What sees each message that comes in.
    pub(crate) fn stage(&self) -> Arc<dyn realtime::Middleware> {
        Arc::new(self.plugins.clone())
    }

    pub(crate) fn status(&self) -> Vec<PluginStatus> {
        self.plugins.status()
    }

    pub(crate) fn alert_changed(&self, view: &NotificationView, state: AlertState, board: &Board) {
        let stage = match state {
            AlertState::Firing => AlertStage::Raised,
            AlertState::Worse => AlertStage::Worse,
            AlertState::Resolved => AlertStage::Resolved,
            // Figures alone.
            AlertState::Updated => return,
        };
        let entry = view.vault.as_ref().and_then(|vault| board.entry(vault));
        self.plugins.on_alert(&AlertView {
            stage,
            severity: view.severity,
            condition: view.vault.as_ref().map_or("platform".into(), ToString::to_string),
            vault_id: view.vault.clone(),
            chain_id: entry.and_then(|entry| entry.vault.chain_id),
            title: view.title.clone(),
            message: view.message.clone(),
            raised: view.timestamp,
            suppressed: view.suppressed,
        });
    }

    pub(crate) fn state_changed(&mut self, state: &FeedState, endpoint: &str) {
        let (name, cause) = match state {
            FeedState::Waiting { cause } => ("waiting", Some(cause.clone())),
            FeedState::Connecting { .. } => ("connecting", None),
            FeedState::Live => ("connected", None),
            FeedState::Retrying { cause, .. } => ("reconnecting", Some(cause.clone())),
            FeedState::Offline => ("offline", None),
            FeedState::NotGuarded { cause, .. } => ("failed", Some(cause.clone())),
        };
        let previous = self.state.replace(name).map(str::to_owned);
        let endpoint = endpoint.to_owned();
        self.plugins.on_state(&StateView { state: name.to_owned(), previous, endpoint, cause });
    }
}

/// The next thing a plugin says; never, where there are none. Cancel safe.
pub(crate) async fn next(scripts: &mut Option<Scripts>) -> Output {
    match scripts {
        // The plugins live as long as their outputs are read.
        Some(scripts) => match scripts.outputs.recv().await {
            Some(output) => output,
            None => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}
