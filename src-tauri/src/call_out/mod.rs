//! Who is called when nobody looks at the screen, and who is told that somebody watches at all.

mod orders;
mod ping;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use channels::{Clock, Desk, Event, Kind, Page, Settings};
use domain::view::ChannelView;
use monitor::{CallOut, CallOutKind, ChannelSecrets, MonitorHandle};
use tokio::sync::{mpsc, watch};

use self::orders::Order;
use self::ping::{DEAD_MAN, Watched};

pub(crate) use self::orders::{CallOuts, Orders};

const AGENT: &str = concat!("vaultwatch/", env!("CARGO_PKG_VERSION"));
/// Beside the profile's database.
const FILE: &str = "calls.json";

/// The channels of a profile, as the window sees them, and as it tries them.
#[derive(Clone, Debug)]
pub(crate) struct Channels {
    settings: Arc<watch::Sender<Arc<Settings>>>,
    /// Of all profiles with these settings.
    watched: Watched,
    profile: String,
    file: PathBuf,
}

impl Channels {
    pub(crate) fn new(settings: Settings, profile: String, store_path: &Path) -> Self {
        let settings = Arc::new(watch::Sender::new(Arc::new(settings)));
        let file = store_path.with_file_name(FILE);
        Self { settings, watched: Watched::default(), profile, file }
    }

    /// The same channels for another profile, with calls of its own. The dead man hears of both or of none.
    pub(crate) fn of_another(&self, profile: String, store_path: &Path) -> Self {
        Self { profile, file: store_path.with_file_name(FILE), ..self.clone() }
    }

    /// Whether a profile that should be watched is not: then the dead man hears nothing.
    pub(crate) fn lack(&self, lacking: bool) {
        self.watched.lack(lacking);
    }

    /// Others are to be called from now on, those included who still are to be.
    pub(crate) fn change(&self, settings: Settings) {
        self.settings.send_if_modified(|known| {
            let differs = **known != settings;
            *known = Arc::new(settings);
            differs
        });
    }

    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.borrow())
    }

    /// Those that are configured, and what became of the last call by each.
    pub(crate) async fn list(&self) -> Vec<ChannelView> {
        let file = self.file.clone();
        let journal = tokio::task::spawn_blocking(move || Desk::journal_in(&file)).await;
        let journal = journal.ok().and_then(Result::ok).unwrap_or_default();
        let settings = self.settings();
        let view = |kind: Kind| {
            let last = journal.last(kind);
            Some(ChannelView {
                name: kind.name().to_owned(),
                target: settings.target(kind)?,
                called: last.map(|record| record.at),
                failure: last.and_then(|record| record.failure.clone()),
            })
        };
        let dead_man = settings.dead_man_target().map(|target| ChannelView {
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
        let settings = self.settings();
        let for_caller = Arc::clone(&settings);
        let caller = tokio::task::spawn_blocking(move || for_caller.caller(AGENT)).await;
        let caller = caller.map_err(|panicked| panicked.to_string())?;
        let caller = caller.map_err(|error| error.to_string())?;
        if name == DEAD_MAN {
            let dead_man = settings.dead_man.as_ref();
            let dead_man = dead_man.ok_or_else(|| "no dead_man is configured".to_owned())?;
            let called = caller.call(dead_man.request()).await;
            return called.map_err(|error| error.to_string());
        }
        let kind: Kind = name.parse().map_err(|error: channels::UnknownKind| error.to_string())?;
        let (page, now) = (Page::test(&self.profile, Clock::wall()), Clock::wall());
        let sent = settings.send(kind, &page, &caller, &ChannelSecrets::default(), now).await;
        sent.map_err(|error| error.to_string())
    }

    /// Calls whom the monitor wants called, and says that it watches, on the current Tokio runtime, for as long as it
    /// does.
    pub(crate) fn start(&self, Orders(mut orders): Orders, monitor: MonitorHandle) {
        let watches = self.watched.add(monitor.clone(), &self.settings);
        let channels = self.clone();
        tokio::spawn(async move {
            let _watches = watches;
            let mut changes = channels.settings.subscribe();
            loop {
                let settings = Arc::clone(&changes.borrow_and_update());
                let desk = channels.open(&settings, &monitor).await;
                tokio::select! {
                    () = channels.serve(desk.as_ref(), &mut orders) => return,
                    // Its sender is ours.
                    _ = changes.changed() => tracing::info!("others are to be called from now on"),
                }
                if let Some(desk) = desk {
                    desk.kept().await;
                }
            }
        });
    }

    /// `None`: nobody is to be called, or can be.
    async fn open(&self, settings: &Settings, monitor: &MonitorHandle) -> Option<Desk> {
        if settings.kinds().is_empty() {
            return None;
        }
        let (file, told, settings) = (self.file.clone(), monitor.clone(), settings.clone());
        // Reads files and the system's certificates.
        let runtime = tokio::runtime::Handle::current();
        let opened = tokio::task::spawn_blocking(move || {
            let _runtime = runtime.enter();
            let report = move |report: channels::Report| {
                let id = domain::view::NotificationId(report.key);
                told.called(id, report.channel.name().to_owned(), report.result);
            };
            let secrets = Arc::new(ChannelSecrets::default());
            Desk::open(settings, AGENT, file, secrets, report)
        });
        match opened.await {
            Ok(Ok(desk)) => Some(desk),
            Ok(Err(error)) => {
                tracing::error!(%error, "nobody can be called");
                None
            }
            Err(panicked) => {
                tracing::error!(%panicked, "nobody can be called");
                None
            }
        }
    }

    /// Until nobody can order anything any more. Cancel safe.
    async fn serve(&self, desk: Option<&Desk>, orders: &mut mpsc::UnboundedReceiver<Order>) {
        while let Some(order) = orders.recv().await {
            match (order, desk) {
                (Order::Call(call), Some(desk)) => {
                    let page = self.page(call);
                    if page.event.is_end() {
                        desk.end(page);
                    } else {
                        desk.call(page);
                    }
                }
                (Order::Kept(answer), desk) => {
                    if let Some(desk) = desk {
                        desk.kept().await;
                    }
                    // Whoever asked may have stopped waiting.
                    let _ = answer.send(());
                }
                (Order::Reconcile(calls), Some(desk)) => {
                    desk.reconcile(calls.into_iter().map(|call| self.page(call)).collect());
                }
                (Order::Call(_) | Order::Reconcile(_), None) => {}
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
