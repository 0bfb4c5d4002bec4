use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::server::{Access, Front, Hub, Limits, Stats};
use crate::{
    Alerts, DemoOptions, EscalationError, GatewayError, Performance, Replay, escalation, feed,
    outages, replay, script,
};

/// A running gateway. Dropping it, or [`Gateway::shutdown`], stops it.
#[derive(Debug)]
pub struct Gateway {
    address: SocketAddr,
    hub: Arc<Hub>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
    stop: DropGuard,
}

/// Where a gateway's messages come from, those its clients publish apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// From nowhere else: a plain relay between clients.
    Relay,
    /// From the simulated market.
    Demo(DemoOptions),
    /// From a recording.
    Replay(Replay),
    /// From a scenario's file.
    Script(Performance),
}

impl Gateway {
    /// Listens with the default [`Limits`]. Port 0 takes a free one.
    ///
    /// # Errors
    /// [`GatewayError::NotLoopback`] for an address that other machines can reach, [`GatewayError::Bind`] when the
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
        access.check_listen(address)?;
        let fault = |source| GatewayError::Bind { listen: address, source };
        let listener = TcpListener::bind(address).await.map_err(fault)?;
        let address = listener.local_addr().map_err(fault)?;
        let hub = Arc::new(Hub::new(limits.clone())?);
        let shutdown = CancellationToken::new();
        let tasks = TaskTracker::new();
        let (outages, ordered) = mpsc::channel(8);
        let into = Arc::clone(hub.default_tenant());
        let play: Option<Pin<Box<dyn Future<Output = ()> + Send>>> = match source {
            Source::Relay => None,
            Source::Demo(options) => Some(Box::pin(feed::play(options, into))),
            Source::Replay(replay) => Some(Box::pin(replay::play(replay, into, limits.clone()))),
            Source::Script(performance) => {
                Some(Box::pin(script::perform(performance, into, outages)))
            }
        };
        if let Some(play) = play {
            let shutdown = shutdown.clone();
            tasks.spawn(async move { shutdown.run_until_cancelled(play).await });
        }
        let front = Front {
            access,
            hub: Arc::clone(&hub),
            limits,
            shutdown: shutdown.clone(),
            cut: Arc::default(),
            tasks: tasks.clone(),
        };
        tasks.spawn(outages::listen_through(listener, address, front, ordered));
        Ok(Self { address, hub, tasks, stop: shutdown.clone().drop_guard(), shutdown })
    }

    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// What a client connects to: `ws://127.0.0.1:PORT/ws`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ws://{}/ws", self.address)
    }

    #[must_use]
    pub fn stats(&self) -> Stats {
        self.hub.stats()
    }

    /// Calls somebody when no client acknowledges a critical alert in time. See [`Alerts`].
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
