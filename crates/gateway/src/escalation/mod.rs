//! Alerts beyond the desktop: when no client of a tenant acknowledges a critical alert in time, somebody is called.
//!
//! [`machine`] decides and does nothing; [`watch`] reads the log, asks it what to do, and does it. What was decided is
//! on disk in [`ledger`] before it is done. Gateways that share a log share the calls by events in it.

mod config;
mod error;
mod heard;
mod ledger;
mod machine;
mod message;
#[cfg(test)]
mod tests;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use channels::{Authorities, Caller};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::error;

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
    let caller = caller(alerts)?;
    let ledger = Ledger::open(&alerts.state)?;
    for (name, receivers) in &alerts.tenants {
        let (hub, name, receivers) = (Arc::clone(hub), name.clone(), receivers.clone());
        let (ledger, caller) = (ledger.clone(), caller.clone());
        let watch = async move {
            // Goes on with a log that had to be opened anew. What was under way is in the ledger, and is done again.
            loop {
                let tenant = open(&hub, &name).await;
                let log = Arc::clone(&tenant);
                let (name, receivers) = (name.clone(), receivers.clone());
                let (ledger, caller) = (ledger.clone(), caller.clone());
                let watch = Watch { name, tenant, receivers, ledger, caller };
                tokio::select! {
                    () = watch.run() => {}
                    () = log.losing_track() => {}
                }
            }
        };
        let shutdown = shutdown.clone();
        tasks.spawn(async move { shutdown.run_until_cancelled(watch).await });
    }
    Ok(())
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
