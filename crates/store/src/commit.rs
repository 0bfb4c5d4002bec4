use realtime::persistence::StreamKey;
use realtime::wire::Position;
use rusqlite::Connection;
use smol_str::SmolStr;

use crate::{AlertRecord, StoreError, Stored, alert_log, memory, notifications, positions};

/// What one step of the watch leaves behind. All of it is written, or none.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub notifications: Vec<Stored>,
    /// What became of alerts, in order.
    pub records: Vec<AlertRecord>,
    /// What the alert engine must still know after a restart, by key; an empty value forgets the key.
    pub memory: Vec<(SmolStr, String)>,
    /// How far the stream was read whose messages led to the rest.
    pub place: Option<(StreamKey, Position)>,
}

impl Batch {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.notifications.is_empty()
            && self.records.is_empty()
            && self.memory.is_empty()
            && self.place.is_none()
    }
}

pub(crate) fn write(connection: &mut Connection, batch: &Batch) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    notifications::write(&transaction, &batch.notifications)?;
    alert_log::append(&transaction, &batch.records)?;
    memory::write(&transaction, &batch.memory)?;
    if let Some((stream, position)) = &batch.place {
        positions::save(&transaction, stream, position)?;
    }
    Ok(transaction.commit()?)
}
