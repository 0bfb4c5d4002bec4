use std::sync::{Arc, Weak};

use smol_str::SmolStr;

use super::board::Board;
use super::hub::{Ailing, Hub};
use super::limits::Limits;
use super::published::{Published, PublishedKind};
use super::queue::ClientQueue;
use super::stats::{Counters, Speaks};
use super::topics::Topics;
use crate::feed::wall_clock;
use crate::log::{
    Appended, Change, ClientId, Deliver, EntryKind, Health, Log, LogError, Logs, Record,
};

/// A log and its readers. Everything published goes into the log; what the log then delivers goes to the board, and
/// from there to everybody. On a log that several gateways share, that is more than what was published here.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(super) name: SmolStr,
    pub(super) log: Arc<dyn Log>,
    pub(super) board: Arc<Board>,
    counters: Arc<Counters>,
}

impl Tenant {
    /// # Errors
    /// Those of [`Logs::open`].
    pub(super) async fn open(
        name: &str,
        logs: &dyn Logs,
        limits: Limits,
        counters: Arc<Counters>,
    ) -> Result<Self, LogError> {
        let board = Arc::new(Board::new(limits, logs.history(), Arc::clone(&counters)));
        let deliver: Weak<Board> = Arc::downgrade(&board);
        let log = logs.open(name, deliver as Weak<dyn Deliver>).await?;
        Ok(Self { name: name.into(), log, board, counters })
    }

    /// What is wrong with its log now.
    pub(super) fn ailing(&self) -> Option<Ailing> {
        match &*self.board.health().borrow() {
            Health::Ok => None,
            Health::Degraded(reason) => {
                Some(Ailing { tenant: self.name.clone(), reason: reason.clone() })
            }
        }
    }

    /// Waits until the log has to be opened anew.
    pub(crate) async fn losing_track(&self) {
        self.board.losing_track().await;
    }

    /// Stores messages. Every client is handed them, in plain mode all but the one they came from.
    ///
    /// # Errors
    /// Whatever the log has to say.
    pub(crate) async fn publish(
        &self,
        from: Option<ClientId>,
        messages: Vec<Published>,
    ) -> Result<Vec<Appended>, LogError> {
        if let Health::Degraded(reason) = &*self.board.health().borrow() {
            // The log is known to be out of order; it tells by itself when it is not any more.
            return Err(LogError::Unavailable(reason.clone()));
        }
        let record = |message: Published| {
            let change = match message.kind {
                PublishedKind::State { key, part } => Some(Change { key, part }),
                PublishedKind::Event => None,
            };
            let entry = EntryKind { ty: message.ty, change, text: message.text };
            Record { entry, id: message.id, from }
        };
        let records = messages.into_iter().map(record).collect();
        let appended = self.log.append(records, wall_clock()).await?;
        let stored = appended.iter().filter(|appended| matches!(appended, Appended::Stored(_)));
        let stored = stored.count();
        Counters::add(&self.counters.published, stored as u64);
        Counters::add(&self.counters.duplicates, (appended.len() - stored) as u64);
        Ok(appended)
    }

    /// Sends text to every client, as it is and past the log: a scenario's malformed frames.
    pub(crate) fn interject(&self, text: &'static str) {
        self.board.interject(text);
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }
}

/// A plain client's place among the others; dropping it takes the client out.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) id: ClientId,
    pub(super) queue: Arc<ClientQueue>,
    pub(super) tenant: Arc<Tenant>,
    hub: Arc<Hub>,
}

impl Seat {
    /// Takes a client in. Its queue begins with the last value of everything it may read.
    pub(super) fn take(hub: &Arc<Hub>, tenant: &Arc<Tenant>, read: &Topics) -> Self {
        let (id, queue) = tenant.board.seat(read);
        hub.counters.came(Speaks::Plain);
        Self { id, queue, tenant: Arc::clone(tenant), hub: Arc::clone(hub) }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.tenant.board.unseat(self.id);
        self.hub.counters.left(Speaks::Plain);
    }
}
