//! Who is told that somebody watches.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use channels::{CallError, Settings};
use domain::view::FeedState;
use monitor::MonitorHandle;
use tokio::sync::watch;

use super::AGENT;

/// A watch that takes longer to say that it is live is not.
const PATIENCE: Duration = Duration::from_secs(10);

/// As in the configuration.
pub(super) const DEAD_MAN: &str = "dead_man";

/// The watches the dead man hears of: of all of them or of none, as he cannot tell which is missing.
#[derive(Clone, Debug, Default)]
pub(super) struct Watched(Arc<Mutex<Watches>>);

#[derive(Debug, Default)]
struct Watches {
    all: BTreeMap<u64, MonitorHandle>,
    added: u64,
    /// One that should be here could not be begun.
    lacking: bool,
}

/// One of them, as long as this is kept.
#[derive(Debug)]
pub(super) struct Watching {
    watched: Watched,
    number: u64,
}

impl Watched {
    /// With the first of them begins the ping, on the current Tokio runtime.
    pub(super) fn add(
        &self,
        monitor: MonitorHandle,
        settings: &watch::Sender<Arc<Settings>>,
    ) -> Watching {
        let number = {
            let mut watches = self.lock();
            watches.added += 1;
            let number = watches.added;
            watches.all.insert(number, monitor);
            number
        };
        if number == 1 {
            tokio::spawn(ping(settings.subscribe(), self.clone()));
        }
        Watching { watched: self.clone(), number }
    }

    /// Whether one that should be here could not be begun.
    pub(super) fn lack(&self, lacking: bool) {
        self.lock().lacking = lacking;
    }

    /// Whether all of them are there, answer, and get values. Nobody watching is no watch.
    async fn are_live(&self) -> bool {
        let (all, lacking): (Vec<_>, _) = {
            let watches = self.lock();
            (watches.all.values().cloned().collect(), watches.lacking)
        };
        if lacking {
            return false;
        }
        for monitor in &all {
            let asked = tokio::time::timeout(PATIENCE, monitor.diagnostics()).await;
            let Ok(Some(diagnostics)) = asked else { return false };
            if diagnostics.feed.state != FeedState::Live {
                return false;
            }
        }
        !all.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Watches> {
        // Nothing that runs under the lock can leave it half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.watched.lock().all.remove(&self.number);
    }
}

/// Says once a minute, or as often as is configured, that this machine watches, while it does. Ends with the settings.
async fn ping(mut settings: watch::Receiver<Arc<Settings>>, watched: Watched) {
    loop {
        let current = Arc::clone(&settings.borrow_and_update());
        tokio::select! {
            () = ping_by(&current, &watched) => {}
            changed = settings.changed() => if changed.is_err() {
                return;
            }
        }
    }
}

/// Until it is dropped.
async fn ping_by(settings: &Arc<Settings>, watched: &Watched) {
    if let Some(dead_man) = &settings.dead_man {
        let for_caller = Arc::clone(settings);
        // Reads the system's certificates.
        let caller = tokio::task::spawn_blocking(move || for_caller.caller(AGENT)).await;
        match caller {
            Ok(Ok(caller)) => dead_man.ping(&caller, || watched.are_live(), told).await,
            Ok(Err(error)) => tracing::error!(%error, "the dead man cannot be pinged"),
            Err(panicked) => tracing::error!(%panicked, "the dead man cannot be pinged"),
        }
    }
    std::future::pending::<()>().await;
}

fn told(called: Result<(), CallError>) {
    if let Err(error) = called {
        tracing::warn!(%error, "the dead-man ping was not taken");
    }
}
