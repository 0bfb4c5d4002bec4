use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::log::{LogOptions, Logs, as_asked, in_memory};
use crate::script::Outage;
use crate::server::{Access, Front, Hub, Limits, Stats};
use crate::{
    Alerts, EscalationError, GatewayError, Source, escalation, feed, outages, replay, script,
};

/// A running gateway. Dropping it, or [`Gateway::shutdown`], stops it.
#[derive(Debug)]
pub struct Gateway {
    address: SocketAddr,
    scheme: &'static str,
    hub: Arc<Hub>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
    stop: DropGuard,
}

impl Gateway {
    /// Listens with the default [`Limits`]. Port 0 takes a free one.
    ///
    /// # Errors
    /// [`GatewayError::NotLoopback`] and [`GatewayError::PlainText`] for an address that other machines can reach and
    /// this access is not safe for, [`GatewayError::Bind`] when the
    /// address cannot be had, [`GatewayError::Random`] should the system be out of random bytes.
    pub async fn bind(
        listen: SocketAddr,
        access: Access,
        source: Source,
    ) -> Result<Self, GatewayError> {
        Self::bind_with(listen, access, source, Limits::default()).await
    }

    /// As [`Gateway::bind`], with other limits.
    ///
    /// # Errors
    /// The same.
    pub async fn bind_with(
        address: SocketAddr,
        access: Access,
        source: Source,
        limits: Limits,
    ) -> Result<Self, GatewayError> {
        let logs = in_memory(&limits);
        Self::open(address, access, source, limits, logs).await
    }

    /// As [`Gateway::bind_with`], with a log elsewhere than in memory. A NATS server need not be there yet:
    /// `/healthz` tells when it is.
    ///
    /// # Errors
    /// The same, and [`GatewayError::Log`] for a file that cannot be used.
    pub async fn bind_on(
        address: SocketAddr,
        access: Access,
        source: Source,
        limits: Limits,
        log: LogOptions,
    ) -> Result<Self, GatewayError> {
        // Before a file is made for it, or another machine asked.
        access.check_listen(address)?;
        let logs = as_asked(&log, &limits).await.map_err(GatewayError::Log)?;
        Self::open(address, access, source, limits, logs).await
    }

    async fn open(
        address: SocketAddr,
        access: Access,
        source: Source,
        limits: Limits,
        logs: Arc<dyn Logs>,
    ) -> Result<Self, GatewayError> {
        access.check_listen(address)?;
        let fault = |source| GatewayError::Bind { listen: address, source };
        let listener = TcpListener::bind(address).await.map_err(fault)?;
        let address = listener.local_addr().map_err(fault)?;
        let is_local = logs.is_local();
        let hub = Arc::new(Hub::new(limits.clone(), logs));
        let shutdown = CancellationToken::new();
        let tasks = TaskTracker::new();
        if !matches!(source, Source::Relay) {
            hub.use_default();
        }
        if is_local {
            hub.default_tenant().await.map_err(GatewayError::Log)?;
        }
        let scheme = access.scheme();
        let fresh = (access.clone(), shutdown.clone());
        tasks.spawn(async move { fresh.1.run_until_cancelled(fresh.0.keep_fresh()).await });
        let (outages, ordered) = mpsc::channel(8);
        let begin = begin(source, Arc::clone(&hub), limits.clone(), outages);
        let stopping = shutdown.clone();
        tasks.spawn(async move { stopping.run_until_cancelled(begin).await });
        let front = Front::new(access, &hub, limits, shutdown.clone(), tasks.clone());
        tasks.spawn(outages::listen_through(listener, address, front, ordered));
        Ok(Self { address, scheme, hub, tasks, stop: shutdown.clone().drop_guard(), shutdown })
    }

    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// What a client connects to: `ws://127.0.0.1:PORT/ws`, with TLS `wss://…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}/ws", self.scheme, self.address)
    }

    #[must_use]
    pub fn stats(&self) -> Stats {
        self.hub.stats()
    }

    /// The figures once `wanted` says yes to them. It is asked now, and each time a client has come or left.
    pub async fn stats_when(&self, wanted: impl Fn(&Stats) -> bool) -> Stats {
        self.hub.stats_when(wanted).await
    }

    /// Calls somebody when no client acknowledges a critical alert in time. See [`Alerts`]. The file is read again when it
    /// changes; a broken one leaves in force what was.
    ///
    /// # Errors
    /// [`EscalationError::Ledger`] when it cannot be kept who was called, [`EscalationError::Certificates`] and
    /// [`EscalationError::Io`] when there are no certificates to know receivers by.
    pub fn escalate(&self, alerts: &Alerts) -> Result<(), EscalationError> {
        escalation::start(alerts, &self.hub, &self.shutdown, &self.tasks)
    }

    /// Says goodbye, closes every client with 1012 (in plain mode 1001) and returns when they are gone, within [`Limits::close`].
    pub async fn shutdown(self) {
        drop(self.stop);
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Waits for the log, then plays what there is to play into it. A log that has to be opened anew is played into
/// again.
async fn begin(source: Source, hub: Arc<Hub>, limits: Limits, outages: mpsc::Sender<Outage>) {
    loop {
        let tenant = match hub.default_tenant().await {
            Ok(tenant) => tenant,
            // One on this machine, which was open already.
            Err(error) => return tracing::error!(%error, "the log was lost"),
        };
        let ended = async {
            match &source {
                Source::Relay => std::future::pending().await,
                Source::Demo(options) => feed::play(options.clone(), Arc::clone(&tenant)).await,
                Source::Replay(replay) => {
                    replay::play(replay.clone(), Arc::clone(&tenant), limits.clone()).await;
                }
                Source::Script(performance) => {
                    let outages = outages.clone();
                    script::perform(performance.clone(), Arc::clone(&tenant), outages).await;
                }
            }
        };
        tokio::select! {
            () = ended => return,
            () = tenant.losing_track() => {}
        }
    }
}
