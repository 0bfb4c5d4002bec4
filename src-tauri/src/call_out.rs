//! Who is called when nobody looks at the screen, and who is told that somebody watches at all.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use channels::{Clock, DeadMan, Desk, Event, Kind, Page, Settings};
use domain::view::{ChannelView, FeedState};
use monitor::{CallOut, CallOutKind, ChannelSecrets, MonitorHandle};
use tokio::sync::mpsc;

const AGENT: &str = concat!("vaultwatch/", env!("CARGO_PKG_VERSION"));
/// Beside the profile's database.
const FILE: &str = "calls.json";
/// A watch that takes longer to say that it is live is not.
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes the monitor's orders, from its first moment on. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct CallOuts {
    orders: mpsc::UnboundedSender<CallOut>,
}

/// The other end of [`CallOuts`].
#[derive(Debug)]
pub(crate) struct Orders(mpsc::UnboundedReceiver<CallOut>);

impl CallOuts {
    pub(crate) fn new() -> (Self, Orders) {
        // As many as there are critical alerts, and taken at once.
        let (orders, inbox) = mpsc::unbounded_channel();
        (Self { orders }, Orders(inbox))
    }

    pub(crate) fn order(&self, call: &CallOut) {
        // Nobody is configured to be called.
        let _ = self.orders.send(call.clone());
    }
}

/// The channels as the window sees them, and as it tries them.
#[derive(Clone, Debug)]
pub(crate) struct Channels {
    settings: Arc<Settings>,
    profile: String,
    file: PathBuf,
}

impl Channels {
    pub(crate) fn new(settings: Settings, profile: String, store_path: &Path) -> Self {
        let file = store_path.with_file_name(FILE);
        Self { settings: Arc::new(settings), profile, file }
    }

    /// Those that are configured, and what became of the last call by each.
    pub(crate) async fn list(&self) -> Vec<ChannelView> {
        let file = self.file.clone();
        let journal = tokio::task::spawn_blocking(move || Desk::journal_in(&file)).await;
        let journal = journal.ok().and_then(Result::ok).unwrap_or_default();
        let view = |kind: Kind| {
            let last = journal.last(kind);
            Some(ChannelView {
                name: kind.name().to_owned(),
                target: self.settings.target(kind)?,
                called: last.map(|record| record.at),
                failure: last.and_then(|record| record.failure.clone()),
            })
        };
        let dead_man = self.settings.dead_man_target().map(|target| ChannelView {
            name: DEAD_MAN.to_owned(),
            target,
            called: None,
            failure: None,
        });
        Kind::ALL.into_iter().filter_map(view).chain(dead_man).collect()
    }

    /// Sends a test by that channel.
    ///
    /// # Errors
    /// A sentence on why nobody was reached.
    pub(crate) async fn test(&self, name: &str) -> Result<(), String> {
        let settings = Arc::clone(&self.settings);
        let caller = tokio::task::spawn_blocking(move || settings.caller(AGENT)).await;
        let caller = caller.map_err(|panicked| panicked.to_string())?;
        let caller = caller.map_err(|error| error.to_string())?;
        if name == DEAD_MAN {
            let dead_man = self.settings.dead_man.as_ref();
            let dead_man = dead_man.ok_or_else(|| "no dead_man is configured".to_owned())?;
            let called = caller.call(dead_man.request()).await;
            return called.map_err(|error| error.to_string());
        }
        let kind: Kind = name.parse().map_err(|error: channels::UnknownKind| error.to_string())?;
        let (page, now) = (Page::test(&self.profile, Clock::wall()), Clock::wall());
        let sent = self.settings.send(kind, &page, &caller, &ChannelSecrets::default(), now).await;
        sent.map_err(|error| error.to_string())
    }

    /// Calls whom the monitor wants called, and says that it watches, on the current Tokio runtime, for as long as it
    /// does.
    pub(crate) fn start(&self, Orders(orders): Orders, monitor: MonitorHandle) {
        if self.settings.is_empty() {
            return;
        }
        let channels = self.clone();
        tokio::spawn(async move {
            let settings = Settings::clone(&channels.settings);
            // Reads files and the system's certificates.
            let runtime = tokio::runtime::Handle::current();
            let (file, told) = (channels.file.clone(), monitor.clone());
            let opened = tokio::task::spawn_blocking(move || {
                let _runtime = runtime.enter();
                let report = move |report: channels::Report| {
                    let id = domain::view::NotificationId(report.key);
                    told.called(id, report.channel.name().to_owned(), report.result);
                };
                let caller = settings.caller(AGENT)?;
                let secrets = Arc::new(ChannelSecrets::default());
                Ok::<_, channels::DeskError>((Desk::open(settings, AGENT, file, secrets, report)?, caller))
            });
            match opened.await {
                Ok(Ok((desk, caller))) => {
                    if let Some(dead_man) = channels.settings.dead_man.clone() {
                        tokio::spawn(ping(dead_man, caller, monitor));
                    }
                    channels.serve(desk, orders).await;
                }
                Ok(Err(error)) => tracing::error!(%error, "nobody can be called"),
                Err(panicked) => tracing::error!(%panicked, "nobody can be called"),
            }
        });
    }

    async fn serve(&self, desk: Desk, mut orders: mpsc::UnboundedReceiver<CallOut>) {
        while let Some(call) = orders.recv().await {
            let page = self.page(call);
            if page.event.is_end() {
                desk.end(page);
            } else {
                desk.call(page);
            }
        }
    }

    fn page(&self, call: CallOut) -> Page {
        let CallOut { id, kind, severity, vault, title, message, raised } = call;
        let now = Clock::wall();
        Page {
            // Another one for each time somebody is called about it.
            delivery: format!("{}-{id}-{now}", self.profile).into(),
            event: match kind {
                CallOutKind::Firing => Event::Unacknowledged,
                CallOutKind::Acknowledged => Event::Acknowledged,
                CallOutKind::Resolved => Event::Resolved,
            },
            id: id.0,
            profile: self.profile.clone(),
            title,
            message,
            severity: severity.word().to_uppercase().into(),
            vault: vault.map(|vault| vault.to_string()),
            raised,
        }
    }
}

/// As in the configuration.
pub(crate) const DEAD_MAN: &str = "dead_man";

/// Says once a minute that this machine watches, while it does: the core answers, and values arrive.
async fn ping(dead_man: DeadMan, caller: channels::Caller, monitor: MonitorHandle) {
    let live = || async {
        let asked = tokio::time::timeout(PATIENCE, monitor.diagnostics()).await;
        matches!(asked, Ok(Some(diagnostics)) if diagnostics.feed.state == FeedState::Live)
    };
    let told = |called: Result<(), channels::CallError>| {
        if let Err(error) = called {
            tracing::warn!(%error, "the dead-man ping was not taken");
        }
    };
    dead_man.ping(&caller, live, told).await;
}
