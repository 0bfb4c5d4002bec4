//! A broker that answers, and stores nothing.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_nats::jetstream::context::PublishError;
use async_nats::jetstream::{Error, ErrorCode};
use bytes::Bytes;
use tokio::sync::Notify;
use tracing::{info, warn};

use super::super::Health;
use super::stream::Shared;

/// Whether the server has said that there is no room, or that its storage fails.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    reason: Mutex<Option<String>>,
    noted: Notify,
}

/// What a server says when it can store nothing, of whatever message. Others are about the one that was sent.
const NO_ROOM: [ErrorCode; 5] = [
    ErrorCode::ACCOUNT_RESOURCES_EXCEEDED,
    ErrorCode::INSUFFICIENT_RESOURCES,
    ErrorCode::MEMORY_RESOURCES_EXCEEDED,
    ErrorCode::STORAGE_RESOURCES_EXCEEDED,
    ErrorCode::STREAM_STORE_FAILED,
];

/// Why the server stores nothing, if that is what it says.
fn reason(error: &PublishError) -> Option<String> {
    let answer = std::error::Error::source(error)?.downcast_ref::<Error>()?;
    NO_ROOM.contains(&answer.error_code()).then(|| format!("NATS stores nothing: {answer}"))
}

impl Refusal {
    /// Takes note, if this is one.
    pub(super) fn note(&self, error: &PublishError) {
        let Some(reason) = reason(error) else { return };
        let mut noted = self.lock();
        if noted.is_none() {
            warn!("{reason}");
        }
        *noted = Some(reason);
        self.noted.notify_one();
    }

    /// Waits until another one was noted.
    pub(super) async fn noted(&self) {
        self.noted.notified().await;
    }

    pub(super) fn stands(&self) -> bool {
        self.lock().is_some()
    }

    /// How the log is, as long as it can be reached.
    pub(super) fn health(&self) -> Health {
        self.lock().clone().map_or(Health::Ok, Health::Degraded)
    }

    fn lift(&self) {
        if self.lock().take().is_some() {
            info!("NATS stores messages again");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// Asks whether messages are stored again. The server tells of no room but by refusing, so something has to be
    /// stored: an empty message, once for each time the log recovers, which no gateway hands out.
    pub(super) async fn probe(&self) {
        let probe = self.coding.names.probe();
        let stored = match self.nats.context.publish(probe, Bytes::new()).await {
            Ok(answer) => answer.await,
            Err(error) => Err(error),
        };
        match stored {
            Ok(_) => self.refusal.lift(),
            Err(error) => self.refusal.note(&error),
        }
    }
}
