use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::migration::{self, Migrations};
use crate::{StoreError, StoreErrorKind, files};

/// How a database was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    New,
    Intact,
    /// It was of an older version and is up to date now. The copy made before lies where the path says.
    Migrated(PathBuf),
    /// It was damaged. It lies where the path says, and an empty one took its place: tell the person.
    SetAside(PathBuf),
}

/// Pages that a database holds in memory, as SQLite wants it: negative, so in KiB.
const CACHE: i64 = -512;
/// How long a statement waits for another process to let go of the database.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens or makes the database at `path`, checks it and brings it up to date. A damaged one is moved aside, never
/// deleted; one of a newer version is not touched.
pub(crate) fn open(
    path: &Path,
    migrations: Migrations,
) -> Result<(Connection, Opened), StoreError> {
    let fault = |e: std::io::Error| StoreError::because(StoreErrorKind::Open, e).at(path);
    files::make_folder_of(path).map_err(|e| StoreError::from(e).at(path))?;
    let existed = path.exists();
    files::make_private(path).map_err(|e| StoreError::from(e).at(path))?;
    match try_open(path, migrations) {
        Ok((connection, backup)) => {
            files::private(path, 0o600).map_err(fault)?;
            let opened = match backup {
                Some(backup) => Opened::Migrated(backup),
                None if existed => Opened::Intact,
                None => Opened::New,
            };
            Ok((connection, opened))
        }
        Err(error) if existed && damaged(&error) => {
            let aside = files::set_aside(path).map_err(fault)?;
            tracing::error!(%error, aside = %aside.display(), "the database is damaged; set aside, starting with an empty one");
            files::make_private(path).map_err(fault)?;
            let (connection, _) = try_open(path, migrations).map_err(|e| e.at(path))?;
            files::private(path, 0o600).map_err(fault)?;
            Ok((connection, Opened::SetAside(aside)))
        }
        Err(error) => Err(error.at(path)),
    }
}

/// Opens a database that another process owns, to look at it or change a row. It is neither made nor migrated nor
/// moved aside.
pub(crate) fn attach(path: &Path, migrations: Migrations) -> Result<Connection, StoreError> {
    let attach = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        configure(&connection)?;
        if migration::applied(&connection, migrations)? < migrations.len() {
            return Err(StoreError::because(StoreErrorKind::InUse, "by an older version"));
        }
        Ok(connection)
    };
    attach().map_err(|error| error.at(path))
}

/// Opens a database to look at it, beside the process that may own it: nothing is made, changed or moved aside.
pub(crate) fn read(path: &Path, migrations: Migrations) -> Result<Connection, StoreError> {
    let read = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        if migration::applied(&connection, migrations)? < migrations.len() {
            return Err(StoreError::new(StoreErrorKind::Older));
        }
        Ok(connection)
    };
    read().map_err(|error| error.at(path))
}

pub(crate) fn in_memory(migrations: Migrations) -> Result<Connection, StoreError> {
    let mut connection = Connection::open_in_memory()?;
    migration::migrate(&mut connection, migrations, None)?;
    Ok(connection)
}

fn try_open(
    path: &Path,
    migrations: Migrations,
) -> Result<(Connection, Option<PathBuf>), StoreError> {
    if path.exists() {
        refuse_newer(path, migrations)?;
    }
    let mut connection = Connection::open(path)?;
    configure(&connection)?;
    let check: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if check != "ok" {
        return Err(StoreError::because(StoreErrorKind::Corrupt, check));
    }
    let backup = migration::migrate(&mut connection, migrations, Some(path))?;
    Ok((connection, backup))
}

fn configure(connection: &Connection) -> Result<(), StoreError> {
    // First, or the next line would not wait.
    connection.busy_timeout(PATIENCE)?;
    // WAL with NORMAL: a commit survives a crash of the program; FULL also survives a power cut, at one sync each.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // macOS: its fsync leaves the data in the drive's cache.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    // SQLite's own 2 MB for each of three databases would be most of what the watch has. What is read again and again is
    // in memory anyway.
    connection.pragma_update(None, "cache_size", CACHE)?;
    // After a flood the log shrinks again.
    let _: i64 =
        connection.query_row("PRAGMA journal_size_limit = 4194304", [], |row| row.get(0))?;
    Ok(())
}

/// Asked on a connection that cannot write: even closing another kind would move the log into the database.
fn refuse_newer(path: &Path, migrations: Migrations) -> Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let looked = Connection::open_with_flags(path, flags).map_err(StoreError::from);
    let looked = looked.and_then(|connection| migration::applied(&connection, migrations));
    match looked {
        Err(error) if error.kind == StoreErrorKind::Newer => Err(error),
        // What else may be wrong will be found by who opens it for writing.
        _ => Ok(()),
    }
}

fn damaged(error: &StoreError) -> bool {
    matches!(error.kind, StoreErrorKind::Corrupt | StoreErrorKind::Malformed)
}
