use std::path::Path;

use domain::UnixMillis;
use domain::view::NotificationId;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::database::{self, Opened};
use crate::notifications::{self, Stored};
use crate::{StoreError, StoreErrorKind, settings};

/// Jobs that may wait for the disk. Beyond that the caller waits: a store that cannot keep up must be felt.
const QUEUE: usize = 256;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A handle on the database. The thread ends, and the file is closed, when the last handle is dropped.
#[derive(Clone, Debug)]
pub struct Store {
    jobs: mpsc::Sender<Job>,
}

impl Store {
    /// Opens or makes the database at `path`, with its folder. A damaged file is moved aside and told of.
    ///
    /// # Errors
    /// [`StoreErrorKind::Open`], [`StoreErrorKind::Newer`], [`StoreErrorKind::Full`].
    pub fn open(path: &Path) -> Result<(Self, Opened), StoreError> {
        let (connection, opened) = database::open(path)?;
        Ok((Self::start(connection)?, opened))
    }

    /// A store that is gone with the program.
    ///
    /// # Errors
    /// [`StoreErrorKind::Database`] when there is no memory for one.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::start(database::in_memory()?)
    }

    /// All notifications, oldest first.
    ///
    /// # Errors
    /// [`StoreErrorKind::Malformed`] and those of every call: [`StoreErrorKind::Full`],
    /// [`StoreErrorKind::Database`], [`StoreErrorKind::Closed`].
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

    /// Removes these notifications; unknown ids are ignored.
    ///
    /// # Errors
    /// As every call.
    pub async fn remove(&self, ids: Vec<NotificationId>) -> Result<(), StoreError> {
        self.run(move |connection| notifications::remove(connection, &ids)).await
    }

    /// Removes all notifications: the demo starts afresh each time.
    ///
    /// # Errors
    /// As every call.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.run(|connection| notifications::clear(connection)).await
    }

    /// Removes what has been kept long enough and returns it.
    ///
    /// # Errors
    /// As every call.
    pub async fn clean(&self, now: UnixMillis) -> Result<Vec<NotificationId>, StoreError> {
        self.run(move |connection| notifications::clean(connection, now)).await
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
        Ok(Self { jobs })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let closed = || StoreError::new(StoreErrorKind::Closed);
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Nobody waits any more: the work was done all the same.
            let _ = answer.send(work(connection));
        });
        self.jobs.send(job).await.map_err(|_| closed())?;
        result.await.map_err(|_| closed())?
    }
}
