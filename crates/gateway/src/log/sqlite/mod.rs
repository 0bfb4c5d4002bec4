//! A log in one SQLite file, which survives restarts, crashes and power cuts.
//!
//! One thread writes: all that waits goes into one commit, and only what is committed is handed out and acknowledged.
//! Another thread reads, so that replaying ten thousand messages holds up nobody who publishes.

mod database;
mod reader;
mod retain;
mod tenant;
#[cfg(test)]
mod tests;
mod writer;

use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use rusqlite::Connection;
use smol_str::SmolStr;
use tokio::sync::{mpsc, oneshot};
use wire::UnixMillis;

use self::reader::ReadJob;
use self::writer::{Append, Command, Opened, Writer};
use super::{
    Appended, Counts, Deliver, Entry, History, Log, LogError, Logs, Pending, Record, Retention,
};
use crate::feed::wall_clock;

/// Requests that may wait for a thread. Beyond that who asks waits: a disk that cannot keep up must be felt.
const QUEUE: usize = 1_024;

/// The file with the logs of all tenants. Its threads end, and it is closed, with the last handle and log.
#[derive(Debug)]
pub(super) struct SqliteFile {
    commands: mpsc::Sender<Command>,
    reads: mpsc::Sender<ReadJob>,
    history: History,
}

impl SqliteFile {
    /// Opens or makes the file, with its folder.
    ///
    /// # Errors
    /// [`LogError::Unsuitable`] for one that cannot be opened, is damaged, of a newer version or in use, and
    /// [`LogError::Full`].
    pub(super) fn open(
        path: &Path,
        retention: Retention,
        history: History,
    ) -> Result<Self, LogError> {
        let lock = database::OwnerLock::take(path)?;
        let connection = database::open(path)?;
        let reader = database::open_reader(path)?;
        let (commands, queue) = mpsc::channel(QUEUE);
        let (reads, read_queue) = mpsc::channel(QUEUE);
        start("log-writer", move || {
            Writer::new(connection, retention, history).run(queue);
            drop(lock);
        })?;
        start("log-reader", move || reader::run(reader, read_queue))?;
        tokio::spawn(tick(commands.downgrade()));
        Ok(Self { commands, reads, history })
    }

    async fn log(&self, tenant: &str, deliver: Weak<dyn Deliver>) -> Result<SqliteLog, LogError> {
        let (answer, opened) = oneshot::channel();
        let command = Command::Open { tenant: tenant.into(), deliver, answer };
        self.commands.send(command).await.map_err(|_| closed())?;
        let Opened { tenant, epoch } = opened.await.map_err(|_| closed())??;
        let (commands, reads) = (self.commands.clone(), self.reads.clone());
        Ok(SqliteLog { tenant, epoch, commands, reads })
    }
}

impl Logs for SqliteFile {
    fn is_local(&self) -> bool {
        true
    }

    fn history(&self) -> History {
        self.history
    }

    fn open<'a>(
        &'a self,
        tenant: &'a str,
        deliver: Weak<dyn Deliver>,
    ) -> Pending<'a, Arc<dyn Log>> {
        Box::pin(async { Ok(Arc::new(self.log(tenant, deliver).await?) as Arc<dyn Log>) })
    }
}

/// One tenant's log in the file.
#[derive(Debug)]
pub(super) struct SqliteLog {
    tenant: i64,
    epoch: SmolStr,
    commands: mpsc::Sender<Command>,
    reads: mpsc::Sender<ReadJob>,
}

impl SqliteLog {
    fn read_with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, LogError> + Send + 'static,
    ) -> Pending<'_, T> {
        let (answer, result) = oneshot::channel();
        let job: ReadJob = Box::new(move |connection| {
            // Nobody waits any more: nothing is lost by that.
            let _ = answer.send(work(connection));
        });
        Box::pin(async move {
            self.reads.send(job).await.map_err(|_| closed())?;
            result.await.map_err(|_| closed())?
        })
    }
}

impl Log for SqliteLog {
    fn epoch(&self) -> SmolStr {
        self.epoch.clone()
    }

    fn append(&self, records: Vec<Record>, now: UnixMillis) -> Pending<'_, Vec<Appended>> {
        Box::pin(async move {
            let (answer, appended) = oneshot::channel();
            let command = Command::Append(Append { tenant: self.tenant, records, now, answer });
            self.commands.send(command).await.map_err(|_| closed())?;
            appended.await.map_err(|_| closed())?
        })
    }

    fn read(&self, after: u64, upto: u64, count: usize) -> Pending<'_, Vec<Arc<Entry>>> {
        let tenant = self.tenant;
        self.read_with(move |connection| reader::read(connection, tenant, after, upto, count))
    }

    fn events(&self, after: u64, upto: u64, count: usize) -> Pending<'_, Vec<Arc<Entry>>> {
        let tenant = self.tenant;
        self.read_with(move |connection| reader::events(connection, tenant, after, upto, count))
    }

    fn gone(&self, after: u64) -> Pending<'_, Option<Counts>> {
        let tenant = self.tenant;
        self.read_with(move |connection| reader::gone(connection, tenant, after))
    }

    fn head(&self) -> Pending<'_, u64> {
        let tenant = self.tenant;
        self.read_with(move |connection| reader::head(connection, tenant))
    }
}

/// A tenant's offset as the key of a row.
fn place(tenant: i64, offset: u64) -> i64 {
    (tenant << OFFSET_BITS)
        | i64::try_from(offset).map_or(MAX_OFFSET, |offset| offset.min(MAX_OFFSET))
}

fn offset(place: i64) -> u64 {
    u64::try_from(place & MAX_OFFSET).expect("without its sign")
}

/// A million messages a second for nine years.
const OFFSET_BITS: u32 = 48;
const MAX_OFFSET: i64 = (1 << OFFSET_BITS) - 1;

fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), LogError> {
    let spawned = std::thread::Builder::new().name(name.into()).spawn(work);
    spawned.map(drop).map_err(|error| LogError::Unavailable(error.to_string()))
}

/// Once a second, until the file is closed.
async fn tick(commands: mpsc::WeakSender<Command>) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let Some(commands) = commands.upgrade() else { return };
        // A full queue is busy enough; the next tick will do.
        let _ = commands.try_send(Command::Tick(wall_clock()));
    }
}

fn closed() -> LogError {
    LogError::Unavailable("it was closed".into())
}
