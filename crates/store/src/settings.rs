use rusqlite::{Connection, OptionalExtension};

use crate::StoreError;

pub(crate) fn get(connection: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    let mut query = connection.prepare_cached("SELECT value FROM settings WHERE name = ?1")?;
    Ok(query.query_row([name], |row| row.get(0)).optional()?)
}

pub(crate) fn set(connection: &Connection, name: &str, value: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO settings (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = ?2",
        )?
        .execute([name, value])?;
    Ok(())
}
