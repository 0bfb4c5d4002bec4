//! Many rows with one statement.

use std::sync::LazyLock;

use realtime::persistence::{Entry, EntryState, Sequence};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement, ToSql};

use crate::StoreError;

/// Rows of one statement. A group of 64 takes four.
const ROWS: usize = 16;
/// Columns that an insert fills.
const FIELDS: usize = 10;

/// Inserts these items, as many as possible with one statement: what a statement costs beside its rows is as much as a row.
pub(super) fn all(connection: &Connection, items: &[(Sequence, Entry)]) -> Result<(), StoreError> {
    let (many, few) = items.split_at(items.len() - items.len() % ROWS);
    in_groups(connection, many, ROWS)?;
    in_groups(connection, few, 1)
}

fn in_groups(
    connection: &Connection,
    items: &[(Sequence, Entry)],
    size: usize,
) -> Result<(), StoreError> {
    if items.is_empty() {
        return Ok(());
    }
    let mut insert = connection.prepare_cached(inserting(size))?;
    for group in items.chunks_exact(size) {
        for (row, (sequence, entry)) in group.iter().enumerate() {
            bind(&mut insert, row * FIELDS, *sequence, entry)?;
        }
        insert.raw_execute()?;
    }
    Ok(())
}

/// An insert of so many rows.
fn inserting(rows: usize) -> &'static str {
    static ONE: LazyLock<String> = LazyLock::new(|| statement(1));
    static MANY: LazyLock<String> = LazyLock::new(|| statement(ROWS));
    if rows == 1 { &ONE } else { &MANY }
}

fn statement(rows: usize) -> String {
    let row = format!("({})", ["?"; FIELDS].join(", "));
    format!(
        "INSERT INTO outbox (seq, id, stream, type, data, timestamp, bytes, queued, expires, sent) VALUES {}",
        vec![row; rows].join(", ")
    )
}

/// Binds an item's row behind `before` other values.
fn bind(
    insert: &mut Statement<'_>,
    before: usize,
    sequence: Sequence,
    entry: &Entry,
) -> Result<(), StoreError> {
    let message = entry.message();
    let sent = match entry.state() {
        EntryState::Sent { first } => Some(first.0),
        EntryState::Queued | EntryState::Parked(_) => None,
    };
    let mut at = before;
    let mut put = |value: &dyn ToSql| {
        at += 1;
        insert.raw_bind_parameter(at, value)
    };
    put(&sequence.0)?;
    put(&entry.id().as_str())?;
    put(&entry.stream().as_str())?;
    put(&message.ty())?;
    // JSON, and so UTF-8: not looked at once more.
    put(&ToSqlOutput::Borrowed(ValueRef::Text(message.data())))?;
    put(&message.timestamp.0)?;
    put(&i64::try_from(entry.bytes()).unwrap_or(i64::MAX))?;
    put(&entry.queued().0)?;
    put(&entry.expires().0)?;
    put(&sent)?;
    Ok(())
}
