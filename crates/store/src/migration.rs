use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use crate::{StoreError, StoreErrorKind};

/// The steps that make a database what the program expects. Each is applied once, in order; the database's
/// `user_version` is the number of those applied. A step that was released is never changed: add one.
pub(crate) type Migrations = &'static [&'static str];

/// `vaultwatch.db`.
pub(crate) const MAIN: Migrations = &[
    include_str!("../migrations/0001_notifications.sql"),
    include_str!("../migrations/0002_positions.sql"),
    include_str!("../migrations/0003_alert_log.sql"),
    include_str!("../migrations/0004_engine_memory.sql"),
    include_str!("../migrations/0005_alert_origins.sql"),
];

/// `history.db`.
pub(crate) const HISTORY: Migrations = &[include_str!("../migrations/history/0001_history.sql")];

/// `outbox.db`.
pub(crate) const OUTBOX: Migrations = &[include_str!("../migrations/outbox/0001_outbox.sql")];

/// How many steps the database has behind it.
///
/// # Errors
/// [`StoreErrorKind::Newer`] when it has more behind it than there are.
pub(crate) fn applied(
    connection: &Connection,
    migrations: Migrations,
) -> Result<usize, StoreError> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match usize::try_from(version) {
        Ok(applied) if applied <= migrations.len() => Ok(applied),
        Ok(_) => Err(StoreError::new(StoreErrorKind::Newer)),
        Err(_) => {
            Err(StoreError::because(StoreErrorKind::Malformed, format!("its version is {version}")))
        }
    }
}

/// Applies what is missing, all of it or none. With a `path`, a database that already holds something is copied beside
/// itself first; returns where to.
pub(crate) fn migrate(
    connection: &mut Connection,
    migrations: Migrations,
    path: Option<&Path>,
) -> Result<Option<PathBuf>, StoreError> {
    let found = applied(connection, migrations)?;
    if found == migrations.len() {
        return Ok(None);
    }
    let backup = match path {
        Some(path) if found > 0 => Some(back_up(connection, path, found)?),
        _ => None,
    };
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Looked at again: another process may have been faster.
    for step in &migrations[applied(&transaction, migrations)?..] {
        transaction.execute_batch(step)?;
    }
    let newest = i64::try_from(migrations.len()).expect("a handful of steps");
    transaction.pragma_update(None, "user_version", newest)?;
    transaction.commit()?;
    Ok(backup)
}

/// One copy for each version, `name.backup-v1`: what a step did wrong can be undone by hand.
fn back_up(connection: &Connection, path: &Path, version: usize) -> Result<PathBuf, StoreError> {
    let fault = |e: std::io::Error| StoreError::from(e).at(path);
    let target = super::files::beside(path, &format!(".backup-v{version}"));
    // Under another name until it is whole, or half a copy could pass for one.
    let unfinished = super::files::beside(path, ".backup-unfinished");
    super::files::remove(&unfinished).map_err(fault)?;
    connection.execute("VACUUM INTO ?1", [unfinished.to_string_lossy()])?;
    super::files::private(&unfinished, 0o600).map_err(fault)?;
    super::files::sync(&unfinished).map_err(fault)?;
    std::fs::rename(&unfinished, &target).map_err(fault)?;
    super::files::sync_folder_of(&target);
    Ok(target)
}
