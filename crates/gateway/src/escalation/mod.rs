//! Alerts beyond the desktop: when no client of a tenant acknowledges a critical alert in time, somebody is called.
//!
//! [`machine`] decides and does nothing; [`watch`] reads the log, asks it what to do, and does it. What was decided is
//! on disk in [`ledger`] before it is done. Gateways that share a log share the calls by events in it. Whom to call may
//! change at any time: a watch then ends what it is doing and begins anew with what is in the ledger.

mod alert;
mod config;
mod error;
mod heard;
mod ledger;
mod machine;
mod message;
#[cfg(test)]
mod tests;
mod watch;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use channels::{Authorities, Caller};
use smol_str::SmolStr;
use tokio::sync::watch as told;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

pub use config::Alerts;
pub use error::EscalationError;

use self::ledger::Ledger;
use self::watch::Watch;
use crate::server::{Hub, Tenant, tenant_named};

/// What a receiver sees in `User-Agent`.
const AGENT: &str = concat!("vaultwatch-gateway/", env!("CARGO_PKG_VERSION"));
/// Between attempts to open a log.
const AGAIN: Duration = Duration::from_secs(2);

/// Begins to watch over the tenants' alerts, until shutdown.
pub(crate) fn start(
    alerts: &Alerts,
    hub: &Arc<Hub>,
    shutdown: &CancellationToken,
    tasks: &TaskTracker,
) -> Result<(), EscalationError> {
    let ledger = Ledger::open(&alerts.state)?;
    let orders = told::Sender::new(Arc::new(Orders::of(alerts.clone())?));
    let crew =
        Crew { hub: Arc::clone(hub), ledger, shutdown: shutdown.clone(), tasks: tasks.clone() };
    let shutdown = shutdown.clone();
    tasks.spawn(async move { shutdown.run_until_cancelled(crew.lead(orders)).await });
    Ok(())
}

/// Whom to call, and by what.
#[derive(Debug)]
struct Orders {
    alerts: Alerts,
    caller: Caller,
}

impl Orders {
    fn of(alerts: Alerts) -> Result<Self, EscalationError> {
        let caller = caller(&alerts)?;
        Ok(Self { alerts, caller })
    }
}

/// All who watch over a tenant.
#[derive(Clone, Debug)]
struct Crew {
    hub: Arc<Hub>,
    ledger: Ledger,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

impl Crew {
    /// Sees to it that each tenant has its watch, and that all of them know of changes of the file. A broken one leaves
    /// in force what was.
    async fn lead(self, orders: told::Sender<Arc<Orders>>) {
        let mut watched = BTreeSet::new();
        let mut files = orders.borrow().alerts.files.clone();
        loop {
            let now = Arc::clone(&orders.borrow());
            for name in now.alerts.tenants.keys() {
                if watched.insert(name.clone()) {
                    let watch = self.clone().watch(name.clone(), orders.subscribe());
                    let shutdown = self.shutdown.clone();
                    self.tasks.spawn(async move { shutdown.run_until_cancelled(watch).await });
                }
            }
            files.changed().await;
            let reading = Arc::clone(&now);
            let read = move || reading.alerts.again().and_then(Orders::of);
            match tokio::task::spawn_blocking(read).await {
                Ok(Ok(new)) => {
                    let tenants = new.alerts.tenants().collect::<Vec<_>>().join(", ");
                    info!(tenants, "whom to call has changed");
                    files = new.alerts.files.clone();
                    orders.send_replace(Arc::new(new));
                }
                Ok(Err(error)) => warn!("who was to be called before is called still: {error}"),
                // The runtime ends, and all who watch with it.
                Err(_) => std::future::pending().await,
            }
        }
    }

    /// Watches over one tenant, whenever there is somebody to call for it.
    async fn watch(self, name: SmolStr, mut orders: told::Receiver<Arc<Orders>>) {
        loop {
            let now = Arc::clone(&orders.borrow_and_update());
            let Some(receivers) = now.alerts.tenants.get(&name).cloned() else {
                if orders.changed().await.is_err() {
                    return;
                }
                continue;
            };
            let tenant = tokio::select! {
                tenant = open(&self.hub, &name) => tenant,
                _ = orders.changed() => continue,
            };
            // Goes on with a log that had to be opened anew. What was under way is in the ledger, and is done again.
            let log = Arc::clone(&tenant);
            let (ledger, caller) = (self.ledger.clone(), now.caller.clone());
            let relieved = CancellationToken::new();
            let watch = Watch { name: name.clone(), tenant, receivers, ledger, caller };
            let watch = watch.run(relieved.clone());
            tokio::pin!(watch);
            tokio::select! {
                () = &mut watch => {}
                () = log.losing_track() => {}
                _ = orders.changed() => {
                    relieved.cancel();
                    watch.await;
                }
            }
        }
    }
}

/// The one who makes the calls. The system's certificates are read where somebody is called over TLS.
fn caller(alerts: &Alerts) -> Result<Caller, EscalationError> {
    let https = |tenant: &config::Tenant| {
        let webhook = tenant.webhook.as_ref().map(|webhook| &webhook.url);
        let ntfy = tenant.ntfy.as_ref().map(|ntfy| &ntfy.server);
        webhook.into_iter().chain(ntfy).any(|url| url.scheme() == "https")
    };
    let authorities = match alerts.tenants.values().any(https) {
        true => Authorities::System { beside: alerts.authorities.as_deref() },
        false => Authorities::NotNeeded,
    };
    Ok(Caller::new(AGENT, alerts.timeout, authorities)?)
}

/// Waits for a tenant's log for as long as it takes.
async fn open(hub: &Hub, name: &str) -> Arc<Tenant> {
    let mut told = Told::No;
    loop {
        if let Some(tenant) = tenant_named(hub, name).await {
            return tenant;
        }
        if told == Told::No {
            told = Told::Yes;
            error!(tenant = %name, "its log cannot be opened yet: nobody is called for it until then");
        }
        tokio::time::sleep(AGAIN).await;
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    No,
    Yes,
}
