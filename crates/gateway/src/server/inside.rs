use std::sync::Arc;

use smol_str::SmolStr;
use wire::{Message, UnixMillis};

use super::hub::Hub;
use super::limits::Limits;
use super::publish::check;
use super::published::Published;
use super::stats::Counters;
use super::tenant::Tenant;
use super::topics::Topics;
use crate::log::{Appended, Entry, LogError};

/// Read from the log at a time.
const PAGE: usize = 1_000;

/// Whether this message was the first of its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recorded {
    New,
    /// Somebody else was before.
    Known,
}

/// A tenant's events in order, for whoever reads them within this process.
#[derive(Debug)]
pub(crate) struct EventReader {
    tenant: Arc<Tenant>,
    head: tokio::sync::watch::Receiver<u64>,
    position: u64,
}

/// Some of what came since the last look.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) entries: Vec<Arc<Entry>>,
    /// Events that are not retained any more; `None` when nobody knows how many.
    pub(crate) lost: Option<u64>,
}

impl EventReader {
    /// Goes on after a position of the log's epoch `at.0`, or from the beginning of a log it does not know.
    pub(crate) fn new(tenant: Arc<Tenant>, at: Option<(SmolStr, u64)>) -> Self {
        let known = at.filter(|(epoch, _)| *epoch == tenant.log.epoch());
        let position = known.map_or(0, |(_, position)| position);
        let head = tenant.board.follow();
        Self { tenant, head, position }
    }

    /// Everything up to here was read.
    pub(crate) fn position(&self) -> (SmolStr, u64) {
        (self.tenant.log.epoch(), self.position)
    }

    /// The offset of the newest message there is to read.
    pub(crate) fn head(&mut self) -> u64 {
        *self.head.borrow_and_update()
    }

    /// The next events up to an offset, a page of them: a log may hold more than fits into memory. `None` when all of them
    /// were read.
    ///
    /// # Errors
    /// Whatever the log has to say; the position stays.
    pub(crate) async fn read(&mut self, upto: u64) -> Result<Option<Heard>, LogError> {
        if upto <= self.position {
            return Ok(None);
        }
        let log = &self.tenant.log;
        let gone = log.gone(self.position).await?;
        let entries = log.events(self.position, upto, PAGE).await?;
        self.position = entries.last().map_or(upto, |last| last.offset);
        Ok(Some(Heard { entries, lost: gone.map(|gone| gone.values().sum()) }))
    }

    /// Waits until there is a newer one than [`EventReader::head`] has told of. False when there never will be.
    pub(crate) async fn more(&mut self) -> bool {
        self.head.changed().await.is_ok()
    }
}

/// A tenant by its name; `None` while its log cannot be opened, or there is no room for another one.
pub(crate) async fn tenant_named(hub: &Hub, name: &str) -> Option<Arc<Tenant>> {
    hub.tenant(name).await.ok()
}

/// Counts a call that somebody took, or that nobody did.
pub(crate) fn count_escalation(tenant: &Tenant, delivered: bool) {
    let counters = tenant.counters();
    let counter = if delivered { &counters.escalated } else { &counters.escalation_failures };
    Counters::add(counter, 1);
}

/// A message from within, held to the same rules as a client's.
///
/// # Errors
/// Why a client would have been refused.
pub(crate) fn admit(message: &Message, limits: &Limits) -> Result<Published, String> {
    check(message, limits.published_bytes(), &Topics::everything())
        .map_err(|refusal| refusal.message)
}

/// Publishes one event under an id that everybody who would publish the same uses.
///
/// # Errors
/// Whatever the log has to say. It may be tried again.
pub(crate) async fn record(
    tenant: &Tenant,
    ty: &'static str,
    data: &impl serde::Serialize,
    now: UnixMillis,
    id: SmolStr,
) -> Result<Recorded, LogError> {
    let message = Message::new(ty, data, now, Some(&id)).expect("a type and an id of ours");
    let published = Published::event(message.ty().into(), message.to_json().into()).once(Some(id));
    let appended = tenant.publish(None, vec![published]).await?;
    Ok(match appended.first() {
        Some(Appended::Duplicate(_)) => Recorded::Known,
        _ => Recorded::New,
    })
}
