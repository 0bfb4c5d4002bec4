use realtime::persistence::StreamKey;
use realtime::wire::Position;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{StoreError, StoreErrorKind};

pub(crate) fn load(
    connection: &Connection,
    stream: &StreamKey,
) -> Result<Option<Position>, StoreError> {
    let mut query =
        connection.prepare_cached("SELECT epoch, \"offset\" FROM positions WHERE stream = ?1")?;
    let found = query
        .query_row([stream.as_str()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })
        .optional()?;
    found
        .map(|(epoch, offset)| {
            let offset =
                offset.parse().map_err(|e| StoreError::because(StoreErrorKind::Malformed, e))?;
            Ok(Position { epoch: epoch.into(), offset })
        })
        .transpose()
}

pub(crate) fn save(
    connection: &Connection,
    stream: &StreamKey,
    position: &Position,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO positions (stream, epoch, \"offset\") VALUES (?1, ?2, ?3)
             ON CONFLICT (stream) DO UPDATE SET epoch = ?2, \"offset\" = ?3",
        )?
        .execute(params![stream.as_str(), position.epoch.as_str(), position.offset.to_string()])?;
    Ok(())
}
