use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;
use tokio::time::timeout;
use wire::control::Resume;

use super::super::board::Recently;
use super::super::limits::Limits;
use super::super::tenant::Tenant;
use super::super::topics::Topics;
use super::End;
use crate::log::{Entry, LogError};

/// Read from the log at a time.
pub(super) const PAGE: usize = 1_000;
/// How long this gateway may be behind another one on the same log.
const REACH: Duration = Duration::from_secs(5);

/// What has happened in a tenant's log, for a client that was away and wants to hear of these topics.
#[derive(Clone, Copy, Debug)]
pub(super) struct Past<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) limits: &'a Limits,
    pub(super) topics: &'a Topics,
}

/// How a client that comes back goes on.
pub(super) enum Replay {
    /// Each message it missed.
    All(Vec<Arc<Entry>>),
    /// What is left of the events after `from`, and then a snapshot.
    Snapshot { from: u64, lost: Option<u64> },
}

impl Past<'_> {
    /// Waits for what the client has already. On a log that several gateways share, the one it comes from may have
    /// been told of it sooner than this one.
    pub(super) async fn reach(&self, resume: &Resume) -> Result<(), End> {
        let mut head = self.tenant.board.follow();
        let behind = resume.offset > *head.borrow_and_update();
        if !behind || resume.epoch != self.tenant.log.epoch() {
            return Ok(());
        }
        let upto = self.tenant.log.head().await.map_err(|_| End::Unavailable)?;
        if resume.offset > upto {
            // Not even the log has it.
            return Ok(());
        }
        let reached = head.wait_for(|head| *head >= resume.offset);
        match timeout(REACH, reached).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(End::Unavailable),
        }
    }

    /// All messages after a position, if that is enough, this log has them, and they are not too many.
    pub(super) async fn since(&self, resume: &Resume, upto: u64) -> Result<Replay, End> {
        let log = &self.tenant.log;
        let ours = resume.epoch == log.epoch() && resume.offset <= upto;
        if ours
            && !resume.snapshot
            && let Some(entries) = self.missed(resume.offset, upto).await?
        {
            return Ok(Replay::All(entries));
        }
        let from = if ours { resume.offset } else { 0 };
        let gone = log.gone(from).await.map_err(|_| End::Unavailable)?;
        // Of another log nobody knows what it held.
        let gone = gone.filter(|_| ours);
        let wanted = |(ty, _): &(&SmolStr, &u64)| self.topics.matches(ty);
        let lost = gone.map(|gone| gone.iter().filter(wanted).map(|(_, count)| count).sum());
        Ok(Replay::Snapshot { from, lost })
    }

    async fn missed(&self, after: u64, upto: u64) -> Result<Option<Vec<Arc<Entry>>>, End> {
        let (mut entries, mut bytes, mut at) = (Vec::new(), 0, after);
        while at < upto {
            let page = match self.page(at, upto).await {
                Ok(page) => page,
                Err(LogError::Trimmed(_)) => return Ok(None),
                Err(_) => return Err(End::Unavailable),
            };
            let Some(last) = page.last() else { break };
            at = last.offset;
            for entry in page {
                if self.topics.select(&entry.kind) {
                    bytes += entry.kind.text.len();
                    entries.push(entry);
                }
            }
            if entries.len() > self.limits.replay_messages || bytes > self.limits.replay_bytes {
                return Ok(None);
            }
        }
        Ok(Some(entries))
    }

    /// What comes next after a position. The log is asked for what is not at hand alone; one that is far away for as much at a
    /// time as there may be to replay.
    async fn page(&self, after: u64, upto: u64) -> Result<Vec<Arc<Entry>>, LogError> {
        let log = &self.tenant.log;
        let most = if log.is_far() { self.limits.replay_messages.max(PAGE) } else { PAGE };
        match self.tenant.board.recent(after, upto) {
            Recently::All(entries) if !entries.is_empty() => Ok(entries),
            Recently::All(_) => log.read(after, upto, PAGE).await,
            Recently::NotSince(upto) => log.read(after, upto, most).await,
        }
    }
}
