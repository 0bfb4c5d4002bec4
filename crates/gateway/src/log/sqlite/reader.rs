use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row, params};
use smol_str::SmolStr;
use tokio::sync::mpsc;

use super::super::{Change, Counts, Entry, EntryKind, History, LogError, PAGE_BYTES, Part};
use super::{offset, place};

pub(super) type ReadJob = Box<dyn FnOnce(&Connection) + Send>;

pub(super) fn run(connection: Connection, mut jobs: mpsc::Receiver<ReadJob>) {
    while let Some(job) = jobs.blocking_recv() {
        job(&connection);
    }
}

/// The messages, each of them, or [`LogError::Trimmed`].
pub(super) fn read(
    connection: &Connection,
    tenant: i64,
    after: u64,
    upto: u64,
    count: usize,
) -> Result<Vec<Arc<Entry>>, LogError> {
    // One view of the file for both, whatever is removed meanwhile.
    let view = connection.unchecked_transaction()?;
    let trimmed = column(&view, tenant, "trimmed")?;
    if after < trimmed {
        return Err(LogError::Trimmed(after));
    }
    let sql = "SELECT place, type, part, key, text FROM messages
               WHERE place > ?1 AND place <= ?2 ORDER BY place LIMIT ?3";
    entries(&view, sql, tenant, after, upto, count)
}

pub(super) fn events(
    connection: &Connection,
    tenant: i64,
    after: u64,
    upto: u64,
    count: usize,
) -> Result<Vec<Arc<Entry>>, LogError> {
    let sql = "SELECT place, type, part, key, text FROM messages
               WHERE part IS NULL AND place > ?1 AND place <= ?2 ORDER BY place LIMIT ?3";
    entries(connection, sql, tenant, after, upto, count)
}

/// What is left after an offset, whether or not something is missing there.
pub(super) fn tail(
    connection: &Connection,
    tenant: i64,
    after: u64,
    count: usize,
) -> Result<Vec<Arc<Entry>>, LogError> {
    let sql = "SELECT place, type, part, key, text FROM messages
               WHERE place > ?1 AND place <= ?2 ORDER BY place LIMIT ?3";
    entries(connection, sql, tenant, after, u64::MAX, count)
}

/// The offset before the last messages, as many of them as are to be at hand.
pub(super) fn before_last(
    connection: &Connection,
    tenant: i64,
    history: History,
) -> Result<u64, LogError> {
    let sql = "SELECT place, octet_length(text) FROM messages
               WHERE place > ?1 AND place <= ?2 ORDER BY place DESC LIMIT ?3";
    let count = i64::try_from(history.messages).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![place(tenant, 0), place(tenant, u64::MAX), count])?;
    let (mut before, mut bytes) = (u64::MAX, 0);
    while let Some(row) = rows.next()? {
        bytes += usize::try_from(row.get::<_, i64>(1)?).unwrap_or(0);
        if bytes > history.bytes {
            break;
        }
        before = offset(row.get(0)?) - 1;
    }
    Ok(before)
}

fn entries(
    connection: &Connection,
    sql: &str,
    tenant: i64,
    after: u64,
    upto: u64,
    count: usize,
) -> Result<Vec<Arc<Entry>>, LogError> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(sql)?;
    let range = params![place(tenant, after), place(tenant, upto), count];
    let mut rows = statement.query(range)?;
    let (mut found, mut bytes) = (Vec::new(), 0);
    while bytes < PAGE_BYTES
        && let Some(row) = rows.next()?
    {
        let entry = entry(row)?;
        bytes += entry.kind.text.len();
        found.push(entry);
    }
    Ok(found)
}

fn entry(row: &Row<'_>) -> Result<Arc<Entry>, rusqlite::Error> {
    let ty: SmolStr = row.get_ref(1)?.as_str()?.into();
    let part = match row.get_ref(2)?.as_str_or_null()? {
        None => None,
        Some(name) => Some(Part::named(name).ok_or(rusqlite::Error::InvalidQuery)?),
    };
    let change = match part {
        None => None,
        Some(part) => {
            let key = row.get_ref(3)?.as_str_or_null()?.map_or_else(|| ty.clone(), SmolStr::new);
            Some(Change { key, part })
        }
    };
    let text: String = row.get(4)?;
    let kind = EntryKind { ty, change, text: text.into() };
    Ok(Arc::new(Entry::new(offset(row.get(0)?), kind, None)))
}

pub(super) fn gone(
    connection: &Connection,
    tenant: i64,
    after: u64,
) -> Result<Option<Counts>, LogError> {
    let view = connection.unchecked_transaction()?;
    if after < column(&view, tenant, "forgotten")? {
        return Ok(None);
    }
    let sql = "SELECT type, count(*) FROM gone WHERE place > ?1 AND place <= ?2 GROUP BY type";
    let mut statement = view.prepare_cached(sql)?;
    let range = params![place(tenant, after), place(tenant, u64::MAX)];
    let counts = statement.query_map(range, |row| {
        let count: i64 = row.get(1)?;
        Ok((row.get_ref(0)?.as_str()?.into(), u64::try_from(count).unwrap_or(0)))
    })?;
    Ok(Some(counts.collect::<Result<_, _>>()?))
}

pub(super) fn head(connection: &Connection, tenant: i64) -> Result<u64, LogError> {
    column(connection, tenant, "head")
}

fn column(connection: &Connection, tenant: i64, name: &'static str) -> Result<u64, LogError> {
    let sql = format!("SELECT {name} FROM tenants WHERE id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_row([tenant], |row| row.get::<_, i64>(0)).optional()?;
    Ok(u64::try_from(found.unwrap_or(0)).unwrap_or(0))
}
