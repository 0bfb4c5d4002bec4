use std::sync::{Arc, Weak};
use std::time::Duration;

use smol_str::SmolStr;

use super::jetstream::JetStream;
use super::memory::MemoryLog;
use super::options::{Broker, LogOptions};
use super::sqlite::SqliteFile;
use super::{Deliver, Log, LogError, Retention};

/// Where the tenants' logs are kept.
#[derive(Debug)]
pub(crate) struct Logs(Kind);

#[derive(Debug)]
enum Kind {
    Memory(Retention),
    Sqlite(SqliteFile),
    JetStream(Box<JetStream>),
}

impl Logs {
    /// `memory` says what a log in memory retains, and how long and how many ids are known anywhere.
    ///
    /// # Errors
    /// [`LogError::Unsuitable`] for a file that cannot be used. A NATS server need not be there yet.
    pub(crate) async fn new(options: &LogOptions, memory: Retention) -> Result<Self, LogError> {
        let on_disk = Retention {
            bytes: usize::try_from(options.bytes.unwrap_or(LogOptions::DISK_BYTES))
                .unwrap_or(usize::MAX),
            age: options.state_age,
            event_age: options.event_age.max(options.state_age),
            ..memory
        };
        match &options.broker {
            Broker::Memory => Ok(Self(Kind::Memory(memory))),
            Broker::Sqlite(path) => {
                let path = path.clone();
                let open = move || SqliteFile::open(&path, on_disk);
                let opened = tokio::task::spawn_blocking(open).await;
                let file = opened.map_err(|error| LogError::Unavailable(error.to_string()))??;
                Ok(Self(Kind::Sqlite(file)))
            }
            Broker::Nats(urls) => {
                let replicas = usize::from(options.replicas);
                let credentials = options.nats_credentials.as_deref();
                let nats = JetStream::new(urls, credentials, on_disk, replicas).await?;
                Ok(Self(Kind::JetStream(Box::new(nats))))
            }
        }
    }

    /// Whether a log is there as soon as it is asked for, or never will be.
    pub(crate) fn is_local(&self) -> bool {
        matches!(self.0, Kind::Memory(_) | Kind::Sqlite(_))
    }

    /// Opens a tenant's log, or makes it. When this returns, everything in it was delivered.
    ///
    /// # Errors
    /// [`LogError::Unavailable`], [`LogError::Full`] and [`LogError::Unsuitable`].
    pub(crate) async fn open(
        &self,
        tenant: &str,
        deliver: Weak<dyn Deliver>,
    ) -> Result<Arc<dyn Log>, LogError> {
        match &self.0 {
            Kind::Memory(retention) => {
                Ok(Arc::new(MemoryLog::new(random_name()?, *retention, deliver)))
            }
            Kind::Sqlite(file) => Ok(Arc::new(file.log(tenant, deliver).await?)),
            Kind::JetStream(stream) => Ok(Arc::new(stream.log(tenant, deliver).await?)),
        }
    }
}

/// 128 bits nobody else has.
pub(super) fn random_name() -> Result<SmolStr, LogError> {
    let mut bytes = [0_u8; 16];
    let fault = |error| LogError::Unavailable(format!("the system gave no random bytes: {error}"));
    getrandom::fill(&mut bytes).map_err(fault)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// How long anything a log is asked may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
