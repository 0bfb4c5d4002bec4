//! The thread that owns the history's file.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::UnixMillis;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{mpsc, oneshot, watch};

use super::rollup::{self, Step};
use super::rows::Rows;
use super::statistics::{self, Counters};
use super::{HistoryState, Recorded, SeriesKey};
use crate::{HistoryRetention, Opened, StoreError, database, migration};

pub(super) enum Source {
    File(PathBuf),
    Memory,
}

/// Something asked of the thread.
pub(super) enum Job {
    Record {
        batch: Vec<Recorded>,
        now: UnixMillis,
        answer: oneshot::Sender<Result<(), StoreError>>,
        done: Done,
    },
    Ask(Box<dyn FnOnce(&mut Rows) + Send>),
}

/// Dropped when the thread is ready for the next batch.
pub(super) struct Done(pub(super) Arc<AtomicBool>);

impl Drop for Done {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

pub(super) struct Writer {
    rows: Rows,
    opened: Opened,
    /// What could not be written yet; goes with the next batch. A point for each series at the most.
    unwritten: Vec<Recorded>,
    /// When points were last written, as long as something may be due because of it.
    due: Option<UnixMillis>,
    counters: Arc<Counters>,
    state: watch::Sender<HistoryState>,
}

impl Writer {
    /// `None` when it cannot be opened, which the state tells.
    pub(super) fn open(
        source: &Source,
        retention: HistoryRetention,
        counters: Arc<Counters>,
        state: watch::Sender<HistoryState>,
    ) -> Option<Self> {
        let opened = match source {
            Source::File(path) => database::open(path, migration::HISTORY),
            Source::Memory => {
                database::in_memory(migration::HISTORY).map(|connection| (connection, Opened::New))
            }
        };
        let rows =
            opened.and_then(|(connection, opened)| Ok((Rows::new(connection, retention)?, opened)));
        match rows {
            Ok((rows, opened)) => {
                state.send_replace(HistoryState::Writing(opened.clone()));
                Some(Self { rows, opened, unwritten: Vec::new(), due: None, counters, state })
            }
            Err(error) => {
                tracing::error!(%error, cause = error.source, "there is no history");
                state.send_replace(HistoryState::Closed(error.kind));
                None
            }
        }
    }

    /// Serves until nobody can ask any more. What is due by itself is done in between, a step at a time.
    pub(super) fn serve(mut self, mut jobs: mpsc::Receiver<Job>) {
        loop {
            let job = match self.due {
                None => jobs.blocking_recv(),
                Some(now) => match jobs.try_recv() {
                    Ok(job) => Some(job),
                    Err(TryRecvError::Disconnected) => None,
                    Err(TryRecvError::Empty) => {
                        self.step(now);
                        continue;
                    }
                },
            };
            match job {
                Some(Job::Record { batch, now, answer, done }) => {
                    let written = self.write(batch);
                    self.due = Some(now);
                    drop(done);
                    // Nobody waits any more: it was done all the same.
                    let _ = answer.send(written);
                }
                Some(Job::Ask(ask)) => ask(&mut self.rows),
                None => return,
            }
        }
    }

    fn write(&mut self, batch: Vec<Recorded>) -> Result<(), StoreError> {
        let batch = self.with_unwritten(batch);
        match self.rows.write(&batch) {
            Ok(()) => {
                statistics::add(&self.counters.points, batch.len());
                self.is(HistoryState::Writing(self.opened.clone()));
                Ok(())
            }
            Err(error) => {
                statistics::add(&self.counters.failures, 1);
                tracing::warn!(%error, cause = error.source, "the history could not be written");
                self.is(HistoryState::Failing(error.kind));
                self.unwritten = batch;
                Err(error)
            }
        }
    }

    /// A series has one point in the end, of the later minute: what waits is bounded, and no extreme is lost.
    fn with_unwritten(&mut self, batch: Vec<Recorded>) -> Vec<Recorded> {
        if self.unwritten.is_empty() {
            return batch;
        }
        let mut waiting: HashMap<SeriesKey, Recorded> = HashMap::new();
        for recorded in std::mem::take(&mut self.unwritten).into_iter().chain(batch) {
            match waiting.get_mut(&recorded.series) {
                None => {
                    waiting.insert(recorded.series.clone(), recorded);
                }
                Some(there) => {
                    there.at = recorded.at;
                    there.point.then(&recorded.point);
                    statistics::add(&self.counters.coarse, 1);
                }
            }
        }
        waiting.into_values().collect()
    }

    fn step(&mut self, now: UnixMillis) {
        match rollup::step(&mut self.rows, now) {
            Ok(Step::More) => {}
            Ok(Step::Done) => self.due = None,
            Err(error) => {
                tracing::warn!(%error, cause = error.source, "the history could not be rolled up; tried again in a minute");
                self.due = None;
            }
        }
    }

    fn is(&self, state: HistoryState) {
        self.state.send_if_modified(|there| {
            let changed = *there != state;
            *there = state;
            changed
        });
    }
}
