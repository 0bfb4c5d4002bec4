//! Figures over time, in a file of their own: it may become large, and a disk that is slow over it must not delay an
//! alert.
//!
//! A point is what the figures of a vault were during one minute: the least, the most and the last of each. Points are
//! sealed into blocks of an hour, those rolled up to points of five minutes in blocks of a day, and these to points of
//! an hour in blocks of a week.

mod block;
mod derived;
mod fold;
mod point;
mod query;
mod read;
mod reader;
mod rollup;
mod rows;
mod series;
mod statistics;
mod tier;
mod varint;
mod writer;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::UnixMillis;
use domain::sample::Figure;
use rust_decimal::Decimal;
use tokio::sync::{mpsc, oneshot, watch};

use crate::outbox::Answered;
use crate::{HistoryRetention, Opened, StoreError, StoreErrorKind};
pub use fold::Fold;
pub use point::{Point, Spread};
pub use query::Series;
pub use read::Samples;
pub use reader::HistoryReader;
pub use series::SeriesKey;
use statistics::Counters;
pub use statistics::HistoryStatistics;
use tier::Tier;
use writer::{Job, Source, Writer};

/// The history's file, beside `vaultwatch.db`.
pub const HISTORY_FILE: &str = "history.db";

/// Questions that may wait. Beyond that the caller waits.
const QUEUE: usize = 64;

/// What a series was during one minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    pub series: SeriesKey,
    /// Any moment of the minute.
    pub at: UnixMillis,
    pub point: Point,
}

/// A point as it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryPoint {
    /// The beginning of its step.
    pub at: UnixMillis,
    pub step: Duration,
    pub point: Point,
}

impl HistoryPoint {
    /// `None`: it was not known.
    #[must_use]
    pub fn get(&self, figure: Figure) -> Option<Spread<Decimal>> {
        self.point.get(figure)
    }
}

/// How the history is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HistoryState {
    /// Being opened and checked, which takes a while if it is large. What is recorded meanwhile waits.
    Opening,
    Writing(Opened),
    /// The last write failed. It goes on by itself.
    Failing(StoreErrorKind),
    /// There is none: it cannot be opened.
    Closed(StoreErrorKind),
}

/// A handle on the history. When the last one is dropped, the file is closed.
#[derive(Clone, Debug)]
pub struct History {
    jobs: mpsc::Sender<Job>,
    /// Set while a batch is with the thread: there is never more than one.
    writing: Arc<AtomicBool>,
    counters: Arc<Counters>,
    state: watch::Receiver<HistoryState>,
}

impl History {
    /// Opens or makes the database at `path`, with its folder. Returns at once: a large file takes a while to check.
    /// What comes of it, [`state`](Self::state) tells; a damaged file is moved aside.
    ///
    /// # Errors
    /// [`StoreErrorKind::Open`] when there can be no thread.
    pub fn open(path: &Path, retention: HistoryRetention) -> Result<Self, StoreError> {
        Self::start(Source::File(path.to_owned()), retention)
    }

    /// The history of the profile whose store lies at `store_path`.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn beside(store_path: &Path, retention: HistoryRetention) -> Result<Self, StoreError> {
        Self::open(&Self::path_beside(store_path), retention)
    }

    /// Where the history of the profile lies whose store is at `store_path`.
    #[must_use]
    pub fn path_beside(store_path: &Path) -> PathBuf {
        store_path.with_file_name(HISTORY_FILE)
    }

    /// A history that is gone with the program.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn in_memory(retention: HistoryRetention) -> Result<Self, StoreError> {
        Self::start(Source::Memory, retention)
    }

    fn start(source: Source, retention: HistoryRetention) -> Result<Self, StoreError> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let (tell, state) = watch::channel(HistoryState::Opening);
        let writing = Arc::new(AtomicBool::new(false));
        let counters = Arc::new(Counters::default());
        let counted = Arc::clone(&counters);
        std::thread::Builder::new()
            .name("history".to_owned())
            .spawn(move || {
                if let Some(writer) = Writer::open(&source, retention, counted, tell) {
                    writer.serve(queue);
                }
            })
            .map_err(|e| StoreError::because(StoreErrorKind::Open, e))?;
        Ok(Self { jobs, writing, counters, state })
    }

    /// Hands a minute over to be written, without waiting; the future tells when it is. What has its time is rolled up
    /// and forgotten by `now`. A batch that cannot be written is kept by the thread and goes with the next one.
    ///
    /// # Errors
    /// Gives the batch back while the one before it is not written yet: go on with it, and try again in a minute.
    pub fn record(
        &self,
        batch: Vec<Recorded>,
        now: UnixMillis,
    ) -> Result<Answered<()>, Vec<Recorded>> {
        if self.writing.swap(true, Ordering::Acquire) {
            return Err(batch);
        }
        let (answer, result) = oneshot::channel();
        let job = Job::Record { batch, now, answer, done: writer::Done(Arc::clone(&self.writing)) };
        match self.jobs.try_send(job) {
            Ok(()) => Ok(Box::pin(async move { result.await.unwrap_or_else(|_| Err(closed())) })),
            // Dropped, it is done.
            Err(mpsc::error::TrySendError::Full(job) | mpsc::error::TrySendError::Closed(job)) => {
                match job {
                    Job::Record { batch, .. } => Err(batch),
                    Job::Ask(_) => unreachable!("it was made above"),
                }
            }
        }
    }

    /// Counts minutes that share a point with a later one.
    pub fn note_coarse(&self, minutes: usize) {
        statistics::add(&self.counters.coarse, minutes);
    }

    /// A series between two moments in at most about `points` points.
    ///
    /// # Errors
    /// [`StoreErrorKind::Malformed`] and those of every call: [`StoreErrorKind::Busy`], [`StoreErrorKind::Corrupt`],
    /// [`StoreErrorKind::Database`], [`StoreErrorKind::Closed`].
    pub async fn series(
        &self,
        key: SeriesKey,
        range: Range<UnixMillis>,
        points: u32,
    ) -> Result<Series, StoreError> {
        self.ask(move |rows| query::read(&rows.connection, &key, range, points)).await
    }

    /// All points of a series between two moments, in the finest resolution there is.
    ///
    /// # Errors
    /// Those of [`series`](Self::series).
    pub async fn samples(
        &self,
        key: SeriesKey,
        range: Range<UnixMillis>,
    ) -> Result<Vec<HistoryPoint>, StoreError> {
        self.ask(move |rows| {
            Samples::new(&rows.connection, &key, range, Tier::Minutes.step())?.collect()
        })
        .await
    }

    /// Forgets everything: the demo's vaults never were.
    ///
    /// # Errors
    /// Those of every call, and [`StoreErrorKind::Full`].
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.ask(rows::Rows::clear).await
    }

    /// How it is, now and whenever that changes.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<HistoryState> {
        self.state.clone()
    }

    #[must_use]
    pub fn statistics(&self) -> HistoryStatistics {
        self.counters.read()
    }

    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut rows::Rows) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, result) = oneshot::channel();
        let job = Job::Ask(Box::new(move |rows| {
            // Nobody waits any more: then it was for nothing.
            let _ = answer.send(work(rows));
        }));
        self.jobs.send(job).await.map_err(|_| closed())?;
        result.await.map_err(|_| closed())?
    }
}

fn closed() -> StoreError {
    StoreError::new(StoreErrorKind::Closed)
}

#[cfg(test)]
mod tests;
