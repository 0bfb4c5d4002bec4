use domain::view::{NotificationId, NotificationState, NotificationView};
use domain::{Level, UnixMillis};
use rusqlite::{Connection, params};

use crate::{Retention, StoreError, StoreErrorKind};

/// A notification as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub view: NotificationView,
    /// What it is about, in the alert engine's notation.
    pub condition: String,
    pub delivery: Delivery,
}

/// Whether the operating system has been told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    NotWanted,
    /// To be shown, again after a restart: better twice than never.
    Wanted,
    Done,
}

impl Delivery {
    const NAMES: [(Self, &str); 3] =
        [(Self::NotWanted, "not_wanted"), (Self::Wanted, "wanted"), (Self::Done, "done")];

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(d, _)| *d == self).expect("every delivery has a name").1
    }
}

pub(crate) fn load(connection: &Connection) -> Result<Vec<Stored>, StoreError> {
    let mut query =
        connection.prepare("SELECT view, condition, delivery FROM notifications ORDER BY id")?;
    let rows = query.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })?;
    let mut all = Vec::new();
    for row in rows {
        let (view, condition, delivery) = row?;
        let view = serde_json::from_str(&view)
            .map_err(|e| StoreError::because(StoreErrorKind::Malformed, e))?;
        let delivery = Delivery::NAMES.iter().find(|(_, name)| *name == delivery);
        let delivery = delivery.ok_or_else(|| StoreError::new(StoreErrorKind::Malformed))?.0;
        all.push(Stored { view, condition, delivery });
    }
    Ok(all)
}

/// Writes all of them or none.
pub(crate) fn save(connection: &mut Connection, all: &[Stored]) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    write(&transaction, all)?;
    transaction.commit()?;
    Ok(())
}

/// Within the caller's transaction.
pub(crate) fn write(transaction: &Connection, all: &[Stored]) -> Result<(), StoreError> {
    for Stored { view, condition, delivery } in all {
        let json = serde_json::to_string(view)
            .map_err(|e| StoreError::because(StoreErrorKind::Malformed, e))?;
        transaction.prepare_cached(
            "INSERT INTO notifications (id, condition, view, severity, read, open, updated, delivery)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (id) DO UPDATE SET condition = ?2, view = ?3, severity = ?4, read = ?5, open = ?6,
                 updated = ?7, delivery = ?8",
        )?
        .execute(params![
            view.id.0,
            condition,
            json,
            severity(view.severity),
            view.read,
            view.state != NotificationState::Resolved,
            view.updated.0,
            delivery.name(),
        ])?;
        keep_last_id(transaction, view.id)?;
    }
    Ok(())
}

pub(crate) fn remove(connection: &Connection, ids: &[NotificationId]) -> Result<(), StoreError> {
    for id in ids {
        connection.execute("DELETE FROM notifications WHERE id = ?1", [id.0])?;
    }
    Ok(())
}

pub(crate) fn clear(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(
        "DELETE FROM notifications; DELETE FROM alert_log; DELETE FROM engine_memory;",
    )?;
    Ok(transaction.commit()?)
}

/// Removes what has been kept long enough. What still holds stays. Returns what was removed.
pub(crate) fn clean(
    connection: &Connection,
    now: UnixMillis,
    retention: &Retention,
) -> Result<Vec<NotificationId>, StoreError> {
    let mut delete = connection.prepare_cached(
        "DELETE FROM notifications WHERE open = 0
             AND updated < CASE WHEN read = 1 AND severity < 3 THEN ?1 ELSE ?2 END
         RETURNING id",
    )?;
    let parameters = [now.minus(retention.read).0, now.minus(retention.kept).0];
    let removed = delete.query_map(parameters, |row| row.get(0))?;
    Ok(removed.map(|id| id.map(NotificationId)).collect::<Result<_, _>>()?)
}

/// The highest id ever given.
pub(crate) fn last_id(connection: &Connection) -> Result<NotificationId, StoreError> {
    let text = crate::settings::get(connection, LAST_ID)?;
    Ok(NotificationId(text.and_then(|text| text.parse().ok()).unwrap_or(0)))
}

const LAST_ID: &str = "last_notification_id";

fn keep_last_id(connection: &Connection, id: NotificationId) -> Result<(), StoreError> {
    if id > last_id(connection)? {
        crate::settings::set(connection, LAST_ID, &id.to_string())?;
    }
    Ok(())
}

pub(crate) fn severity(level: Level) -> i64 {
    match level {
        Level::Low => 0,
        Level::Medium => 1,
        Level::High => 2,
        Level::Critical => 3,
    }
}
