use rusqlite::{Connection, params};
use smol_str::SmolStr;

use crate::StoreError;

pub(crate) fn load(connection: &Connection) -> Result<Vec<(SmolStr, String)>, StoreError> {
    let mut query = connection.prepare_cached("SELECT key, value FROM engine_memory")?;
    let rows =
        query.query_map([], |row| Ok((SmolStr::from(row.get::<_, String>(0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Within the caller's transaction. An empty value forgets the key.
pub(crate) fn write(
    transaction: &Connection,
    memory: &[(SmolStr, String)],
) -> Result<(), StoreError> {
    for (key, value) in memory {
        if value.is_empty() {
            transaction
                .prepare_cached("DELETE FROM engine_memory WHERE key = ?1")?
                .execute([key.as_str()])?;
            continue;
        }
        transaction
            .prepare_cached(
                "INSERT INTO engine_memory (key, value) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET value = ?2",
            )?
            .execute(params![key.as_str(), value])?;
    }
    Ok(())
}
