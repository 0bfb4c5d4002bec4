//! Alerts beyond the desktop: when no client of a tenant acknowledges a critical alert in time, somebody is called.
//!
//! [`machine`] decides and does nothing; [`watch`] reads the log, asks it what to do, and does it. What was decided is
//! on disk in [`ledger`] before it is done. Gateways that share a log share the calls by events in it.

mod call;
mod config;
mod error;
mod heard;
mod ledger;
mod machine;
mod message;
mod signature;
#[cfg(test)]
mod tests;
mod watch;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::error;

pub use config::Alerts;
pub use error::EscalationError;

use self::call::Caller;
use self::ledger::Ledger;
use self::watch::Watch;
use crate::server::{Hub, tenant_named};

/// Begins to watch over the tenants' alerts, until shutdown.
pub(crate) fn start(
    alerts: &Alerts,
    hub: &Arc<Hub>,
    shutdown: &CancellationToken,
    tasks: &TaskTracker,
) -> Result<(), EscalationError> {
    let caller = Caller::new(alerts)?;
    let ledger = Ledger::open(&alerts.state)?;
    for (name, receivers) in &alerts.tenants {
        let (hub, name, receivers) = (Arc::clone(hub), name.clone(), receivers.clone());
        let (ledger, caller) = (ledger.clone(), caller.clone());
        let watch = async move {
            loop {
                let Some(tenant) = tenant_named(&hub, &name).await else {
                    return error!(tenant = %name, "there is no room for this tenant: nobody is called for it");
                };
                let watch = Watch {
                    name: name.clone(),
                    tenant: Arc::clone(&tenant),
                    receivers: receivers.clone(),
                    ledger: ledger.clone(),
                    caller: caller.clone(),
                };
                tokio::select! {
                    () = watch.run() => return,
                    // The log has to be opened anew. What was under way is in the ledger, and is done again.
                    () = tenant.losing_track() => {}
                }
            }
        };
        let shutdown = shutdown.clone();
        tasks.spawn(async move { shutdown.run_until_cancelled(watch).await });
    }
    Ok(())
}
