use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use smol_str::SmolStr;
use thiserror::Error;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tracing::{info, warn};

use super::invalid_log::InvalidLog;
use super::limits::Limits;
use super::stats::{Counters, Stats};
use super::tenant::Tenant;
use crate::log::{LogError, Logs};

/// The tenants of a gateway, who know nothing of each other.
#[derive(Debug)]
pub(crate) struct Hub {
    tenants: Mutex<BTreeMap<SmolStr, Place>>,
    /// Whose log could not be opened, and why. No more of them than there are places.
    closed: Mutex<BTreeMap<SmolStr, Failed>>,
    /// Somebody has asked for the default tenant. Until then it is open for nobody.
    default_in_use: AtomicBool,
    logs: Arc<dyn Logs>,
    limits: Limits,
    pub(super) counters: Arc<Counters>,
    pub(super) invalid: InvalidLog,
}

/// A tenant, or the room for one whose log is being opened.
type Place = Arc<OnceCell<Arc<Tenant>>>;

/// An attempt to open a log.
#[derive(Debug)]
struct Failed {
    at: Instant,
    reason: String,
}

/// The tenant of whoever names none, and of plain mode.
pub(super) const DEFAULT_TENANT: &str = "default";

/// How long somebody waits for a tenant's log to be opened. Opening goes on after that.
const OPENING: Duration = Duration::from_secs(5);
/// Between attempts to open the default tenant's log.
const AGAIN: Duration = Duration::from_millis(500);

/// How long a log that could not be opened is one that ails. Whoever wants it asks again before that; of one nobody wants
/// any more nobody is told.
const REMEMBERED: Duration = Duration::from_secs(60);

/// A tenant whose log takes nothing now, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ailing {
    pub(super) tenant: SmolStr,
    pub(super) reason: String,
}

/// Why there is no such tenant now.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum TenantError {
    /// As many are open as may be.
    #[error("this gateway has no room for another tenant")]
    TooMany,
    /// The log could not be opened, or not in time.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl Hub {
    pub(crate) fn new(limits: Limits, logs: Arc<dyn Logs>) -> Self {
        let (tenants, closed) = (Mutex::default(), Mutex::default());
        let (counters, invalid) = (Arc::new(Counters::default()), InvalidLog::default());
        let default_in_use = AtomicBool::new(false);
        Self { tenants, closed, default_in_use, logs, limits, counters, invalid }
    }

    /// Opens the default tenant's log. One on another machine is waited for as long as it takes.
    ///
    /// # Errors
    /// Those of a log on this machine.
    pub(crate) async fn default_tenant(&self) -> Result<Arc<Tenant>, LogError> {
        let mut told = None;
        loop {
            match self.opened(DEFAULT_TENANT).await {
                Ok(tenant) => {
                    if told.is_some() {
                        info!("the log is there");
                    }
                    return Ok(tenant);
                }
                Err(TenantError::Log(error)) if self.logs.is_local() => return Err(error),
                Err(error) => {
                    if told.as_ref() != Some(&error) {
                        warn!("waiting for the log: {error}");
                        told = Some(error);
                    }
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// From now on the default tenant's log matters, whoever else is there.
    pub(crate) fn use_default(&self) {
        self.default_in_use.store(true, Ordering::Relaxed);
    }

    /// A tenant, whose log is opened when it is first asked for.
    pub(super) async fn tenant(&self, name: &str) -> Result<Arc<Tenant>, TenantError> {
        if name == DEFAULT_TENANT {
            self.use_default();
        }
        self.opened(name).await
    }

    async fn opened(&self, name: &str) -> Result<Arc<Tenant>, TenantError> {
        let opened = self.open(name).await;
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        match &opened {
            Err(TenantError::Log(error)) => {
                let failed = Failed { at: Instant::now(), reason: error.to_string() };
                closed.insert(name.into(), failed);
            }
            // There never was one, or it is there.
            Err(TenantError::TooMany) | Ok(_) => {
                closed.remove(name);
            }
        }
        drop(closed);
        opened
    }

    async fn open(&self, name: &str) -> Result<Arc<Tenant>, TenantError> {
        let place = self.place(name)?;
        if let Some(tenant) = place.get() {
            return Ok(Arc::clone(tenant));
        }
        let (name, logs, limits) =
            (SmolStr::new(name), Arc::clone(&self.logs), self.limits.clone());
        let counters = Arc::clone(&self.counters);
        // A task of its own: who does not wait for the end must not make everybody begin anew.
        let opening = tokio::spawn(async move {
            let open = async || Tenant::open(&name, &*logs, limits, counters).await.map(Arc::new);
            place.get_or_try_init(open).await.cloned()
        });
        match timeout(OPENING, opening).await {
            Ok(Ok(opened)) => Ok(opened?),
            Ok(Err(error)) => Err(LogError::Unavailable(error.to_string()).into()),
            Err(_) => Err(LogError::Unavailable("it is being opened".into()).into()),
        }
    }

    /// Whose logs take nothing now: nobody's, if all is well. Of the tenants whose log is open or was asked for in vain,
    /// and of the default one if it is used or the only one.
    pub(super) fn ailing(&self) -> Vec<Ailing> {
        let tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |name: &str| closed.get(name).filter(|f| f.at.elapsed() < REMEMBERED);
        let mut ailing = Vec::new();
        let mut others = false;
        for (name, place) in &*tenants {
            if *name == DEFAULT_TENANT {
                continue;
            }
            // One that has to be opened anew is nobody's until somebody asks for it.
            if let Some(tenant) = place.get().filter(|tenant| !tenant.board.has_lost_track()) {
                others = true;
                ailing.extend(tenant.ailing());
            } else if let Some(failed) = failed(name) {
                ailing.push(Ailing { tenant: name.clone(), reason: failed.reason.clone() });
            }
        }
        if !others || self.default_in_use.load(Ordering::Relaxed) {
            match tenants.get(DEFAULT_TENANT).and_then(|place| place.get()) {
                Some(tenant) => ailing.extend(tenant.ailing()),
                None => {
                    let reason = match closed.get(DEFAULT_TENANT) {
                        Some(failed) => failed.reason.clone(),
                        None => "the log is not open yet".into(),
                    };
                    ailing.push(Ailing { tenant: DEFAULT_TENANT.into(), reason });
                }
            }
        }
        ailing
    }

    /// All whose log is open.
    pub(super) fn tenants(&self) -> Vec<Arc<Tenant>> {
        let tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.values().filter_map(|place| place.get()).map(Arc::clone).collect()
    }

    pub(crate) fn stats(&self) -> Stats {
        self.counters.read()
    }

    pub(crate) async fn stats_when(&self, wanted: impl Fn(&Stats) -> bool) -> Stats {
        self.counters.when(wanted).await
    }

    fn place(&self, name: &str) -> Result<Place, TenantError> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let outdated = |place: &Place| place.get().is_some_and(|t| t.board.has_lost_track());
        if let Some(place) = tenants.get(name).filter(|place| !outdated(place)) {
            return Ok(Arc::clone(place));
        }
        // The default one has a place of its own.
        let others = tenants.keys().filter(|known| *known != DEFAULT_TENANT && *known != name);
        if name != DEFAULT_TENANT && others.count() + 1 >= self.limits.tenants {
            return Err(TenantError::TooMany);
        }
        let place = Place::default();
        tenants.insert(name.into(), Arc::clone(&place));
        Ok(place)
    }
}

/// `[a-z0-9_-]{1,64}`.
pub(crate) fn is_tenant_name(name: &str) -> bool {
    let fits = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}
