use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior, params};
use wire::UnixMillis;

use super::super::{LogError, Retention};
use super::tenant::TenantLog;
use super::writer::Writer;
use super::{offset, place};

/// Spent on tidying up at a time: publishers wait meanwhile.
const BUDGET: Duration = Duration::from_millis(200);
/// Removed or kept in one transaction.
const CHUNK: usize = 2_000;
/// Values are kept again when so much came since.
const FOLD_AFTER: u64 = 10_000;
/// About 2 MiB per tenant. Who was away for longer is told that nobody knows.
const GONE_LIMIT: i64 = 65_536;

/// Which messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    State,
    Event,
}

impl Writer {
    /// Keeps values and removes what is too old or too much, for a while.
    pub(super) fn retain(&mut self, now: UnixMillis) -> Result<(), LogError> {
        let begin = Instant::now();
        let Self { connection, retention, tenants, .. } = self;
        for log in tenants.values_mut() {
            while begin.elapsed() < BUDGET && log.tidy(connection, retention, now)? {}
        }
        Ok(())
    }
}

impl TenantLog {
    /// One step. Whether there may be another.
    fn tidy(
        &mut self,
        connection: &mut Connection,
        retention: &Retention,
        now: UnixMillis,
    ) -> Result<bool, LogError> {
        let forgotten = self.forget_ids(connection, retention, now)?;
        let folded = self.fold(connection, retention)?;
        let state = self.trim(connection, retention, now, Class::State)?;
        let events = self.trim(connection, retention, now, Class::Event)?;
        Ok([forgotten, folded, state, events].contains(&CHUNK))
    }

    fn forget_ids(
        &mut self,
        connection: &Connection,
        retention: &Retention,
        now: UnixMillis,
    ) -> Result<usize, LogError> {
        let sql = "DELETE FROM ids WHERE tenant = ?1 AND id IN
                   (SELECT id FROM ids WHERE tenant = ?1 AND at < ?2 LIMIT ?3)";
        let row = params![self.id, now.minus(retention.dedup).0, CHUNK as i64];
        let count = connection.prepare_cached(sql)?.execute(row)?;
        self.marks.ids = self.marks.ids.saturating_sub(count);
        Ok(count)
    }

    /// Keeps the values that changed, so that the messages they came from may go. Answers how many.
    fn fold(
        &mut self,
        connection: &mut Connection,
        retention: &Retention,
    ) -> Result<usize, LogError> {
        let behind = self.marks.head - self.marks.folded;
        let too_much = self.marks.state_bytes > retention.bytes as u64 && behind > 0;
        if self.folding.is_none() && (behind >= FOLD_AFTER || too_much) {
            self.folding = Some((self.touched.drain().collect(), self.marks.head));
        }
        let Some((keys, upto)) = &mut self.folding else { return Ok(0) };
        let Some(deliver) = self.deliver.upgrade() else { return Ok(0) };
        let chunk = &keys[keys.len().saturating_sub(CHUNK)..];
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for kept in deliver.keep(chunk) {
            let sql = "INSERT OR REPLACE INTO kept (tenant, key, value) VALUES (?1, ?2, ?3)";
            let value = serde_json::to_string(&kept).expect("numbers and strings");
            let row = params![self.id, kept.key.as_str(), value];
            transaction.prepare_cached(sql)?.execute(row)?;
        }
        let (count, done) = (chunk.len(), chunk.len() == keys.len());
        let mut marks = self.marks;
        if done {
            marks.folded = *upto;
            marks.store(&transaction, self.id)?;
        }
        transaction.commit()?;
        self.marks = marks;
        keys.truncate(keys.len() - count);
        if done {
            self.folding = None;
        }
        Ok(count)
    }

    /// Removes the oldest messages while they are too old or too much. State stays until its values are kept.
    fn trim(
        &mut self,
        connection: &mut Connection,
        retention: &Retention,
        now: UnixMillis,
        class: Class,
    ) -> Result<usize, LogError> {
        let (condition, age, upto) = match class {
            Class::State => ("part IS NOT NULL", retention.age, self.marks.folded),
            Class::Event => ("part IS NULL", retention.event_age, self.marks.head),
        };
        let oldest = now.minus(age).0;
        let limit = retention.bytes as u64;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = format!(
            "SELECT place, at, octet_length(text), type FROM messages
             WHERE {condition} AND place > ?1 AND place <= ?2 ORDER BY place LIMIT ?3"
        );
        let mut marks = self.marks;
        let mut removed = 0;
        {
            let mut statement = transaction.prepare_cached(&sql)?;
            let range = params![place(self.id, 0), place(self.id, upto), CHUNK as i64];
            let mut rows = statement.query(range)?;
            while let Some(row) = rows.next()? {
                let (at, size) = (row.get::<_, i64>(0)?, row.get::<_, i64>(2)?);
                let bytes = match class {
                    Class::State => &mut marks.state_bytes,
                    Class::Event => &mut marks.event_bytes,
                };
                if row.get::<_, i64>(1)? >= oldest && *bytes <= limit {
                    break;
                }
                *bytes = bytes.saturating_sub(u64::try_from(size).unwrap_or(0));
                if class == Class::Event {
                    let sql = "INSERT INTO gone (place, type) VALUES (?1, ?2)";
                    let row = params![at, row.get::<_, String>(3)?];
                    transaction.prepare_cached(sql)?.execute(row)?;
                }
                marks.trimmed = marks.trimmed.max(offset(at));
                removed += 1;
            }
        }
        if removed == 0 {
            return Ok(0);
        }
        let sql = format!(
            "DELETE FROM messages WHERE place IN (SELECT place FROM messages
             WHERE {condition} AND place > ?1 AND place <= ?2 ORDER BY place LIMIT ?3)"
        );
        let range = params![place(self.id, 0), place(self.id, upto), removed as i64];
        transaction.prepare_cached(&sql)?.execute(range)?;
        if class == Class::Event {
            let sql = "DELETE FROM gone WHERE place > ?1 AND place <=
                       (SELECT place FROM gone WHERE place > ?1 AND place <= ?2
                        ORDER BY place DESC LIMIT 1 OFFSET ?3) RETURNING place";
            let mut statement = transaction.prepare_cached(sql)?;
            let range = params![place(self.id, 0), place(self.id, u64::MAX), GONE_LIMIT];
            let mut rows = statement.query(range)?;
            while let Some(row) = rows.next()? {
                marks.forgotten = marks.forgotten.max(offset(row.get(0)?));
            }
        }
        marks.store(&transaction, self.id)?;
        transaction.commit()?;
        self.marks = marks;
        Ok(removed)
    }
}
