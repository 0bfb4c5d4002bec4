use std::fmt::Debug;
use std::sync::{Arc, Weak};
use std::time::Duration;

use smol_str::SmolStr;

use super::jetstream::JetStream;
use super::memory::MemoryLogs;
use super::options::{Broker, LogOptions};
use super::sqlite::SqliteFile;
use super::{Deliver, History, Log, LogError, Pending, Retention};
use crate::server::Limits;

/// Where the tenants' logs are kept.
///
/// A trait rather than an enum of the places there are: a program whose gateway only ever keeps its logs in memory, as
/// the app does for its demo, then links neither a database for logs nor a broker's client.
pub(crate) trait Logs: Debug + Send + Sync {
    /// Whether a log is there as soon as it is asked for, or never will be.
    fn is_local(&self) -> bool;

    /// How much of each is to be kept at hand. That much of it is delivered while it is opened, if it is there.
    fn history(&self) -> History;

    /// Opens a tenant's log, or makes it. When this is done, everything in it was delivered.
    ///
    /// # Errors
    /// [`LogError::Unavailable`], [`LogError::Full`] and [`LogError::Unsuitable`].
    fn open<'a>(&'a self, tenant: &'a str, deliver: Weak<dyn Deliver>)
    -> Pending<'a, Arc<dyn Log>>;
}

/// Logs that end with the process.
pub(crate) fn in_memory(limits: &Limits) -> Arc<dyn Logs> {
    Arc::new(MemoryLogs::new(Retention::in_memory(&LogOptions::default(), limits)))
}

/// The logs that these options ask for. A NATS server need not be there yet.
///
/// # Errors
/// [`LogError::Unsuitable`] for a file that cannot be used, or credentials.
pub(crate) async fn as_asked(
    options: &LogOptions,
    limits: &Limits,
) -> Result<Arc<dyn Logs>, LogError> {
    let memory = Retention::in_memory(options, limits);
    let history = History::of(limits);
    match &options.broker {
        Broker::Memory => Ok(Arc::new(MemoryLogs::new(memory))),
        Broker::Sqlite(path) => {
            let (path, retention) = (path.clone(), memory.on_disk(options));
            let open = move || SqliteFile::open(&path, retention, history);
            let opened = tokio::task::spawn_blocking(open).await;
            let file = opened.map_err(|error| LogError::Unavailable(error.to_string()))??;
            Ok(Arc::new(file))
        }
        Broker::Nats(urls) => {
            let replicas = usize::from(options.replicas);
            let credentials = options.nats_credentials.as_deref();
            let retention = memory.on_disk(options);
            let nats = JetStream::new(urls, credentials, retention, history, replicas).await?;
            Ok(Arc::new(nats))
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
