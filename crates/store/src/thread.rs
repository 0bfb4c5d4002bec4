use std::path::Path;

use domain::UnixMillis;
use domain::view::{NotificationId, Origin};
use realtime::persistence::StreamKey;
use realtime::wire::Position;
use rusqlite::Connection;
use smol_str::SmolStr;
use tokio::sync::{mpsc, oneshot};

use crate::commit::{self, Batch};
use crate::database::{self, Opened};
use crate::notifications::{self, Stored};
use crate::outbox::Answered;
use crate::{
    LogQuery, Logged, Retention, StoreError, StoreErrorKind, alert_log, memory, migration,
    positions, settings,
};

/// Jobs that may wait for the disk. Beyond that the caller waits: a store that cannot keep up must be felt.
const QUEUE: usize = 256;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A handle on the database. The thread ends, and the file is closed, when the last handle is dropped.
#[derive(Clone, Debug)]
pub struct Store {
    jobs: mpsc::Sender<Job>,
    retention: Retention,
}

impl Store {
    /// Opens or makes the database at `path`, with its folder. A damaged file is moved aside and told of.
    ///
    /// # Errors
    /// [`StoreErrorKind::Open`], [`StoreErrorKind::Newer`], [`StoreErrorKind::Full`], [`StoreErrorKind::Busy`] when
    /// another process writes to it for more than 5 s.
    pub fn open(path: &Path) -> Result<(Self, Opened), StoreError> {
        let (connection, opened) = database::open(path, migration::MAIN)?;
        Ok((Self::start(connection)?, opened))
    }

    /// A store that is gone with the program.
    ///
    /// # Errors
    /// [`StoreErrorKind::Database`] when there is no memory for one.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::start(database::in_memory(migration::MAIN)?)
    }

    /// With other times for [`clean`](Self::clean).
    #[must_use]
    pub fn keeping(self, retention: Retention) -> Self {
        Self { retention, ..self }
    }

    /// All notifications, oldest first.
    ///
    /// # Errors
    /// [`StoreErrorKind::Malformed`] and those of every call: [`StoreErrorKind::Full`], [`StoreErrorKind::Busy`],
    /// [`StoreErrorKind::Corrupt`], [`StoreErrorKind::Database`], [`StoreErrorKind::Closed`].
    pub async fn notifications(&self) -> Result<Vec<Stored>, StoreError> {
        self.run(|connection| notifications::load(connection)).await
    }

    /// The highest id ever given to a notification.
    ///
    /// # Errors
    /// As every call.
    pub async fn last_id(&self) -> Result<NotificationId, StoreError> {
        self.run(|connection| notifications::last_id(connection)).await
    }

    /// Writes these notifications, all or none. When it returns they survive a crash.
    ///
    /// # Errors
    /// As every call.
    pub async fn save(&self, all: Vec<Stored>) -> Result<(), StoreError> {
        self.run(move |connection| notifications::save(connection, &all)).await
    }

    /// Writes these notifications and how far the stream was read whose messages raised them: both or neither. So a
    /// crash can neither lose an alert whose message is not delivered again, nor raise one twice.
    ///
    /// # Errors
    /// As every call.
    pub async fn save_at(
        &self,
        all: Vec<Stored>,
        stream: StreamKey,
        position: Position,
    ) -> Result<(), StoreError> {
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            notifications::write(&transaction, &all)?;
            positions::save(&transaction, &stream, &position)?;
            Ok(transaction.commit()?)
        })
        .await
    }

    /// Writes all that one step of the watch leaves behind, or nothing of it. When it returns it survives a crash.
    ///
    /// # Errors
    /// As every call.
    pub async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.run(move |connection| commit::write(connection, &batch)).await
    }

    /// Records of the alert log, in order.
    ///
    /// # Errors
    /// [`StoreErrorKind::Malformed`] and those of every call.
    pub async fn log(&self, query: LogQuery) -> Result<Vec<Logged>, StoreError> {
        self.run(move |connection| alert_log::load(connection, &query)).await
    }

    /// The message that raised each of these last, or made it worse; what has none, or not any more, is left out.
    ///
    /// # Errors
    /// As every call.
    pub async fn origins(
        &self,
        ids: Vec<NotificationId>,
    ) -> Result<Vec<(NotificationId, Origin)>, StoreError> {
        self.run(move |connection| alert_log::origins(connection, &ids)).await
    }

    /// What the alert engine left to be remembered, by key.
    ///
    /// # Errors
    /// As every call.
    pub async fn memory(&self) -> Result<Vec<(SmolStr, String)>, StoreError> {
        self.run(|connection| memory::load(connection)).await
    }

    /// How far a stream was read; `None` when it never was.
    ///
    /// # Errors
    /// As every call.
    pub async fn position(&self, stream: StreamKey) -> Result<Option<Position>, StoreError> {
        self.run(move |connection| positions::load(connection, &stream)).await
    }

    /// Removes these notifications; unknown ids are ignored.
    ///
    /// # Errors
    /// As every call.
    pub async fn remove(&self, ids: Vec<NotificationId>) -> Result<(), StoreError> {
        self.run(move |connection| notifications::remove(connection, &ids)).await
    }

    /// Removes all notifications, with what became of them and what the alert engine remembers: the demo starts afresh
    /// each time.
    ///
    /// # Errors
    /// As every call.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.run(notifications::clear).await
    }

    /// Removes what has been kept long enough, and returns the notifications among it.
    ///
    /// # Errors
    /// As every call.
    pub async fn clean(&self, now: UnixMillis) -> Result<Vec<NotificationId>, StoreError> {
        let retention = self.retention;
        self.run(move |connection| {
            alert_log::clean(connection, now, &retention)?;
            notifications::clean(connection, now, &retention)
        })
        .await
    }

    /// # Errors
    /// As every call.
    pub async fn setting(&self, name: &'static str) -> Result<Option<String>, StoreError> {
        self.run(move |connection| settings::get(connection, name)).await
    }

    /// # Errors
    /// As every call.
    pub async fn set_setting(&self, name: &'static str, value: String) -> Result<(), StoreError> {
        self.run(move |connection| settings::set(connection, name, &value)).await
    }

    pub(crate) fn ask_position(&self, stream: &StreamKey) -> Answered<Option<Position>> {
        let stream = stream.clone();
        self.ask(move |connection| positions::load(connection, &stream))
    }

    pub(crate) fn ask_save_position(&self, stream: &StreamKey, position: Position) -> Answered<()> {
        let stream = stream.clone();
        self.ask(move |connection| positions::save(connection, &stream, &position))
    }

    fn start(mut connection: Connection) -> Result<Self, StoreError> {
        let (jobs, mut queue) = mpsc::channel::<Job>(QUEUE);
        let work = move || {
            while let Some(job) = queue.blocking_recv() {
                job(&mut connection);
            }
        };
        std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(work)
            .map_err(|e| StoreError::because(StoreErrorKind::Open, e))?;
        Ok(Self { jobs, retention: Retention::default() })
    }

    /// Waits for room in the queue, then for the answer.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let closed = || StoreError::new(StoreErrorKind::Closed);
        let (job, result) = job(work);
        self.jobs.send(job).await.map_err(|_| closed())?;
        result.await.map_err(|_| closed())?
    }

    /// Hands the job over now, or finds that there is no room; the future is only the answer.
    fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Answered<T> {
        let (job, result) = job(work);
        let handed_over = self.jobs.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::new(StoreErrorKind::Busy),
            mpsc::error::TrySendError::Closed(_) => StoreError::new(StoreErrorKind::Closed),
        });
        Box::pin(async move {
            handed_over?;
            result.await.unwrap_or_else(|_| Err(StoreError::new(StoreErrorKind::Closed)))
        })
    }
}

fn job<T: Send + 'static>(
    work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
) -> (Job, oneshot::Receiver<Result<T, StoreError>>) {
    let (answer, result) = oneshot::channel();
    let job: Job = Box::new(move |connection| {
        // Nobody waits any more: the work was done all the same.
        let _ = answer.send(work(connection));
    });
    (job, result)
}
