use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::Connection;

use crate::{StoreError, StoreErrorKind};

/// Each applied once, in order; the number of those applied is the database's `user_version`.
const MIGRATIONS: [(i64, &str); 1] = [(1, include_str!("../migrations/0001_notifications.sql"))];

/// How a database was found.
#[derive(Debug, PartialEq, Eq)]
pub enum Opened {
    New,
    Intact,
    /// It was damaged. It lies where the path says, and an empty one took its place.
    SetAside(PathBuf),
}

/// Opens or makes the database at `path`, checks it and brings it up to date. A damaged one is moved aside,
/// never deleted.
pub(crate) fn open(path: &Path) -> Result<(Connection, Opened), StoreError> {
    let fault = |e: std::io::Error| StoreError::because(StoreErrorKind::Open, e).at(path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fault)?;
        private(folder, 0o700).map_err(fault)?;
    }
    let existed = path.exists();
    match try_open(path) {
        Ok(connection) => {
            private(path, 0o600).map_err(fault)?;
            Ok((connection, if existed { Opened::Intact } else { Opened::New }))
        }
        Err(error) if existed && damaged(&error) => {
            let aside = set_aside(path).map_err(fault)?;
            tracing::error!(%error, aside = %aside.display(), "the database is damaged; set aside, starting with an empty one");
            let connection = try_open(path).map_err(|e| e.at(path))?;
            Ok((connection, Opened::SetAside(aside)))
        }
        Err(error) => Err(error.at(path)),
    }
}

pub(crate) fn in_memory() -> Result<Connection, StoreError> {
    let mut connection = Connection::open_in_memory()?;
    migrate(&mut connection)?;
    Ok(connection)
}

fn try_open(path: &Path) -> Result<Connection, StoreError> {
    let mut connection = Connection::open(path)?;
    // WAL with NORMAL: a commit survives a crash of the program; FULL also survives a power cut, at one sync each.
    // Alerts are rare, so they can afford it.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    let check: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if check != "ok" {
        return Err(StoreError::because(StoreErrorKind::Malformed, check));
    }
    migrate(&mut connection)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let applied: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if MIGRATIONS.last().is_some_and(|(newest, _)| applied > *newest) {
        return Err(StoreError::new(StoreErrorKind::Newer));
    }
    for (number, sql) in MIGRATIONS.iter().filter(|(number, _)| *number > applied) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}

fn damaged(error: &StoreError) -> bool {
    let code = error
        .source
        .as_deref()
        .and_then(|source| source.downcast_ref::<rusqlite::Error>())
        .and_then(rusqlite::Error::sqlite_error_code);
    error.kind == StoreErrorKind::Malformed
        || matches!(
            code,
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase)
        )
}

fn set_aside(path: &Path) -> std::io::Result<PathBuf> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".damaged-{seconds}"));
    let aside = PathBuf::from(name);
    std::fs::rename(path, &aside)?;
    for suffix in ["-wal", "-shm"] {
        let mut companion = path.as_os_str().to_owned();
        companion.push(suffix);
        match std::fs::remove_file(PathBuf::from(companion)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(aside)
}

/// Only the owner may read what somebody owes.
#[cfg(unix)]
fn private(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn private(_path: &Path, _mode: u32) -> std::io::Result<()> {
    Ok(())
}
