use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, timeout};

use crate::{ConnectError, ConnectErrorKind, millis};

/// The steps of an attempt, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectPhase {
    /// Finding the addresses of a name.
    Dns,
    /// Reaching one of them.
    Tcp,
    /// What the proxy does, where there is one.
    Proxy,
    /// For `wss://`.
    Tls,
    /// From HTTP to WebSocket.
    Upgrade,
}

impl fmt::Display for ConnectPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dns => "DNS",
            Self::Tcp => "TCP",
            Self::Proxy => "the proxy",
            Self::Tls => "TLS",
            Self::Upgrade => "the upgrade",
        })
    }
}

/// How long each step of an attempt took that was done, and where it went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectPhases {
    /// Of the server, or the proxy, that answered.
    pub address: Option<SocketAddr>,
    /// The proxy, without its credentials.
    pub via: Option<String>,
    /// Finding the addresses. In JSON, as those below, whole milliseconds; `None`: not done, or not needed.
    #[serde(rename = "dnsMs", serialize_with = "millis::optional::serialize")]
    pub dns: Option<Duration>,
    /// Reaching one of them.
    #[serde(rename = "tcpMs", serialize_with = "millis::optional::serialize")]
    pub tcp: Option<Duration>,
    /// What the proxy did.
    #[serde(rename = "proxyMs", serialize_with = "millis::optional::serialize")]
    pub proxy: Option<Duration>,
    /// TLS.
    #[serde(rename = "tlsMs", serialize_with = "millis::optional::serialize")]
    pub tls: Option<Duration>,
    /// The upgrade.
    #[serde(rename = "upgradeMs", serialize_with = "millis::optional::serialize")]
    pub upgrade: Option<Duration>,
}

/// What TLS agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFacts {
    /// As in `TLSv1_3`.
    pub version: String,
    /// The server's certificates as it sent them, its own first, in DER.
    pub chain: Vec<Vec<u8>>,
}

/// Follows one attempt. Clones write to the same record.
#[derive(Clone, Debug, Default)]
pub struct Trace(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
struct Record {
    phases: ConnectPhases,
    addresses: Vec<SocketAddr>,
    tls: Option<TlsFacts>,
}

impl Trace {
    /// The steps that are done.
    #[must_use]
    pub fn phases(&self) -> ConnectPhases {
        self.record().phases.clone()
    }

    /// All addresses the name has.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.record().addresses.clone()
    }

    /// `None` before TLS was done, and for `ws://`.
    #[must_use]
    pub fn tls(&self) -> Option<TlsFacts> {
        self.record().tls.clone()
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn found(&self, addresses: &[SocketAddr]) {
        self.record().addresses = addresses.to_vec();
    }

    pub(super) fn reached(&self, address: SocketAddr) {
        self.record().phases.address = Some(address);
    }

    pub(super) fn goes_via(&self, proxy: String) {
        self.record().phases.via = Some(proxy);
    }

    pub(super) fn agreed(&self, facts: TlsFacts) {
        self.record().tls = Some(facts);
    }

    /// Runs one step within its limit and notes how long it took.
    pub(super) async fn step<T>(
        &self,
        phase: ConnectPhase,
        limit: Duration,
        work: impl Future<Output = Result<T, ConnectError>>,
    ) -> Result<T, ConnectError> {
        let begun = Instant::now();
        let Ok(result) = timeout(limit, work).await else {
            let detail = format!("{phase} took longer than {limit:?}");
            return Err(ConnectError::new(ConnectErrorKind::Timeout, detail).at_phase(phase));
        };
        let value = result.map_err(|error| error.at_phase(phase))?;
        let mut record = self.record();
        let phases = &mut record.phases;
        let place = match phase {
            ConnectPhase::Dns => &mut phases.dns,
            ConnectPhase::Tcp => &mut phases.tcp,
            ConnectPhase::Proxy => &mut phases.proxy,
            ConnectPhase::Tls => &mut phases.tls,
            ConnectPhase::Upgrade => &mut phases.upgrade,
        };
        *place = Some(begun.elapsed());
        Ok(value)
    }
}
