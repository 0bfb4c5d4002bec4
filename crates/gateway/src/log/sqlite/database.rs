use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::super::LogError;
use crate::private;

/// The steps that make a file what is expected. Each is applied once, in order; `user_version` is the number of those
/// applied. A step that was released is never changed: add one.
const MIGRATIONS: &[&str] = &[include_str!("../../../migrations/0001_log.sql")];

/// Tells our file from any other: `VWlg`.
const APPLICATION: i32 = 0x5657_6c67;

/// How long a statement waits for another one.
const PATIENCE: Duration = Duration::from_secs(5);

/// The right to write to a file. The operating system takes it back from a process that dies, however it dies.
///
/// It is a file of its own: whoever opens and closes a database's file by itself takes away SQLite's own locks on it.
#[derive(Debug)]
pub(super) struct OwnerLock {
    _file: File,
}

impl OwnerLock {
    /// Before the file is opened: another gateway's is not even looked into.
    ///
    /// # Errors
    /// [`LogError::Unsuitable`] when another process has it, or the folder cannot be made.
    pub(super) fn take(database: &Path) -> Result<Self, LogError> {
        if let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            private::make_folder(folder).map_err(|error| unsuitable(folder, &error))?;
        }
        let path = beside(database, ".lock");
        // Whoever may open it may lock it.
        let file = private::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|error| unsuitable(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(unsuitable(database, &"another gateway uses it; each needs a file of its own"))
            }
            Err(TryLockError::Error(error)) => Err(unsuitable(
                &path,
                &format!("no lock is to be had there ({error}); use a local disk"),
            )),
        }
    }
}

/// Opens or makes the file, checks it and brings it up to date.
pub(super) fn open(path: &Path) -> Result<Connection, LogError> {
    let fault = |error: &dyn std::fmt::Display| unsuitable(path, error);
    private::make(path).map_err(|error| fault(&error))?;
    let mut connection = Connection::open(path).map_err(|error| fault(&error))?;
    lock_away(path).map_err(|error| fault(&error))?;
    let damaged = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            fault(&"it is damaged or no database; move it aside to begin with a new one")
        }
        Some(ErrorCode::DiskFull) => LogError::Full,
        _ => fault(&error),
    };
    configure(&connection).map_err(damaged)?;
    let check = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    if check.map_err(damaged)? != "ok" {
        return Err(fault(&"it is damaged; move it aside to begin with a new one"));
    }
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, version) = (number("application_id"), number("user_version"));
    let (application, version) = (application.map_err(damaged)?, version.map_err(damaged)?);
    let applied = usize::try_from(version).unwrap_or(usize::MAX);
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = connection.query_row(tables, [], |row| row.get(0)).map_err(damaged)?;
    if application != APPLICATION && tables > 0 {
        return Err(fault(&"it is the database of another program; name another file"));
    }
    if applied > MIGRATIONS.len() {
        return Err(fault(&"it is of a newer version; install that one, or name another file"));
    }
    migrate(&mut connection, applied).map_err(damaged)?;
    Ok(connection)
}

/// A second connection, which only reads.
pub(super) fn open_reader(path: &Path) -> Result<Connection, LogError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        Ok(connection)
    };
    open().map_err(|error: rusqlite::Error| unsuitable(path, &error))
}

fn configure(connection: &Connection) -> Result<(), rusqlite::Error> {
    // First, or the next line would not wait.
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A commit survives a power cut, at one sync each. All that waits goes into one commit.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // macOS: its fsync leaves the data in the drive's cache.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    // After a flood the write-ahead log shrinks again.
    connection.query_row("PRAGMA journal_size_limit = 67108864", [], |_| Ok(()))
}

fn migrate(connection: &mut Connection, applied: usize) -> Result<(), rusqlite::Error> {
    if applied == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in &MIGRATIONS[applied..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    let newest = i32::try_from(MIGRATIONS.len()).expect("a handful of steps");
    transaction.pragma_update(None, "user_version", newest)?;
    transaction.commit()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn unsuitable(path: &Path, reason: &dyn std::fmt::Display) -> LogError {
    LogError::Unsuitable(format!("{}: {reason}", path.display()))
}

/// Only the owner may read what somebody owes, whoever made the file and how.
#[cfg(unix)]
fn lock_away(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn lock_away(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// `SQLITE_IOERR_SHMSIZE`: no room for the index of the write-ahead log, which is how a full disk shows first.
const NO_ROOM_FOR_INDEX: i32 = 10 | (19 << 8);

impl From<rusqlite::Error> for LogError {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error().map(|code| (code.code, code.extended_code));
        match code {
            Some((ErrorCode::DiskFull, _) | (_, NO_ROOM_FOR_INDEX)) => Self::Full,
            _ => Self::Unavailable(format!("its file failed: {error}")),
        }
    }
}
