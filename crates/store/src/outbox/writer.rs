//! The thread that owns the outbox's file, and how it shares one commit among many requests.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use realtime::persistence::Depth;
use tokio::sync::oneshot;

use super::rows::Rows;
use super::teller::Teller;
use crate::{StoreError, StoreErrorKind};

/// Most requests in one commit.
const GROUP: usize = 64;

/// How long a commit waits for company, at the most. About what a sync takes: waiting longer would cost more than the
/// company saves.
const LINGER: Duration = Duration::from_millis(5);

/// Something asked of the thread. What fails by itself is kept as the request's own answer; what fails for a reason
/// that is not its own (a full disk) is returned and fails the group.
pub(super) trait Request: Send {
    fn run(&mut self, rows: &mut Rows) -> Result<(), StoreError>;
    /// Tells the outcome, after the commit and never before.
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

/// A request made of a closure, which may run more than once: a group that failed is tried again one by one.
pub(super) struct Asked<T, W> {
    pub(super) work: W,
    pub(super) result: Option<Result<T, StoreError>>,
    pub(super) answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, W> Request for Asked<T, W>
where
    T: Send,
    W: FnMut(&mut Rows) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, rows: &mut Rows) -> Result<(), StoreError> {
        match (self.work)(rows) {
            Err(error) if !is_refusal(error.kind) => Err(error),
            result => {
                self.result = Some(result);
                Ok(())
            }
        }
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        let result = match (committed, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(StoreError::new(StoreErrorKind::Closed)),
            (Err(error), _) => Err(error),
        };
        // Nobody waits any more: it was done all the same.
        let _ = self.answer.send(result);
    }
}

/// What the request itself is to blame for, found out before anything was changed.
fn is_refusal(kind: StoreErrorKind) -> bool {
    matches!(
        kind,
        StoreErrorKind::Duplicate | StoreErrorKind::OutboxFull | StoreErrorKind::Malformed
    )
}

pub(super) type Boxed = Box<dyn Request>;

/// Serves requests until nobody can ask any more.
pub(super) fn serve(mut rows: Rows, requests: &Receiver<Boxed>, depth: &Arc<Mutex<Depth>>) {
    let teller = Teller::start();
    let mut company = 1;
    while let Some(group) = gather(requests, company) {
        company = group.len();
        commit_group(&mut rows, group, depth, &teller);
    }
}

/// The next group. It waits for as many as came the last time, so that a lone caller never waits for company that will
/// not come, and many callers share a sync.
pub(super) fn gather(requests: &Receiver<Boxed>, company: usize) -> Option<Vec<Boxed>> {
    let mut group = vec![requests.recv().ok()?];
    let until = Instant::now() + LINGER;
    while group.len() < GROUP {
        if let Ok(request) = requests.try_recv() {
            group.push(request);
            continue;
        }
        if group.len() >= company {
            break;
        }
        match requests.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(request) => group.push(request),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    Some(group)
}

fn commit_group(
    rows: &mut Rows,
    mut group: Vec<Boxed>,
    depth: &Arc<Mutex<Depth>>,
    teller: &Teller,
) {
    match commit(rows, &mut group) {
        Ok(()) => {
            publish(rows, depth);
            teller.committed(group);
        }
        // Smaller ones may fit, and an acknowledgement should not fail with the message that does not.
        Err(error) if error.kind == StoreErrorKind::Full && group.len() > 1 => {
            make_room(rows);
            for request in group {
                commit_group(rows, vec![request], depth, teller);
            }
        }
        Err(error) => {
            tracing::warn!(%error, cause = error.source, "the outbox could not be written");
            for request in group {
                request.finish(Err(error.again()));
            }
        }
    }
}

/// All of them in one transaction, or none.
fn commit(rows: &mut Rows, group: &mut [Boxed]) -> Result<(), StoreError> {
    let done = (|| {
        // At once for writing: a reader that becomes a writer can be refused half-way.
        rows.connection.execute_batch("BEGIN IMMEDIATE")?;
        rows.refresh()?;
        for request in group.iter_mut() {
            request.run(rows)?;
        }
        rows.write()?;
        rows.connection.execute_batch("COMMIT")?;
        Ok(())
    })();
    if done.is_err() {
        rows.distrust();
        // SQLite has rolled back by itself after some errors; then this one fails and means nothing.
        if !rows.connection.is_autocommit() {
            let _ = rows.connection.execute_batch("ROLLBACK");
        }
    }
    done
}

/// Moves the log into the database, so that the next commit overwrites it instead of growing it.
fn make_room(rows: &Rows) {
    let moved: rusqlite::Result<i64> =
        rows.connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| row.get(0));
    if let Err(error) = moved {
        tracing::debug!(%error, "no room could be made");
    }
}

fn publish(rows: &Rows, depth: &Arc<Mutex<Depth>>) {
    *depth.lock().unwrap_or_else(PoisonError::into_inner) = rows.depth();
}
