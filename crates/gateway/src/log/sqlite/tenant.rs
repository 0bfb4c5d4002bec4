use std::sync::{Arc, Weak};

use foldhash::HashSet;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use smol_str::SmolStr;
use wire::UnixMillis;

use super::super::logs::random_name;
use super::super::{Appended, Deliver, Entry, History, Kept, LogError, Record};
use super::{place, reader};

/// What the writer knows of one tenant.
#[derive(Debug)]
pub(super) struct TenantLog {
    pub(super) id: i64,
    pub(super) epoch: SmolStr,
    pub(super) deliver: Weak<dyn Deliver>,
    pub(super) marks: Marks,
    /// Keys whose values changed since they were last kept.
    pub(super) touched: HashSet<SmolStr>,
    /// Those being kept now, a part at a time, and the offset all are kept as of when it is done.
    pub(super) folding: Option<(Vec<SmolStr>, u64)>,
}

/// What is committed of a tenant, or will be with the transaction at hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) head: u64,
    pub(super) folded: u64,
    pub(super) trimmed: u64,
    pub(super) forgotten: u64,
    pub(super) state_bytes: u64,
    pub(super) event_bytes: u64,
    /// Not stored: counted when the tenant is opened.
    pub(super) ids: usize,
}

/// Delivered at a time while a log is opened.
const PAGE: usize = 1_000;

impl TenantLog {
    /// Finds or makes a tenant's log and delivers what is in it.
    pub(super) fn open(
        connection: &mut Connection,
        name: &str,
        deliver: Weak<dyn Deliver>,
        history: History,
    ) -> Result<Self, LogError> {
        let transaction = connection.transaction()?;
        let found =
            transaction.query_row("SELECT id, epoch FROM tenants WHERE name = ?1", [name], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
            });
        let (id, epoch) = if let Some((id, epoch)) = found.optional()? {
            (id, epoch.into())
        } else {
            let epoch = random_name()?;
            let sql = "INSERT INTO tenants (name, epoch) VALUES (?1, ?2)";
            transaction.execute(sql, [name, &epoch])?;
            (transaction.last_insert_rowid(), epoch)
        };
        transaction.commit()?;
        let marks = Marks::load(connection, id)?;
        let mut log =
            Self { id, epoch, deliver, marks, touched: HashSet::default(), folding: None };
        log.tell(connection, history)?;
        Ok(log)
    }

    /// Brings the tenant up to the head: the values that were kept, and what came after them, or more, where more is to be
    /// at hand. What a value has already is not applied to it again.
    fn tell(&mut self, connection: &Connection, history: History) -> Result<(), LogError> {
        let Some(deliver) = self.deliver.upgrade() else { return Ok(()) };
        let mut statement = connection.prepare("SELECT value FROM kept WHERE tenant = ?1")?;
        let values = statement.query_map([self.id], |row| row.get::<_, String>(0))?;
        let mut kept: Vec<Kept> = Vec::new();
        for value in values {
            let parsed = serde_json::from_str(&value?);
            kept.push(parsed.map_err(|error| LogError::Unavailable(error.to_string()))?);
        }
        let mut at = reader::before_last(connection, self.id, history)?.min(self.marks.folded);
        deliver.restore(kept, at);
        loop {
            let page = reader::tail(connection, self.id, at, PAGE)?;
            let Some(last) = page.last() else { break };
            at = last.offset;
            let kept = page.partition_point(|entry| entry.offset <= self.marks.folded);
            self.touch(&page[kept..]);
            deliver.deliver(&page, at);
        }
        deliver.deliver(&[], self.marks.head);
        Ok(())
    }

    pub(super) fn touch(&mut self, entries: &[Arc<Entry>]) {
        for key in entries.iter().filter_map(|entry| entry.kind.key()) {
            if !self.touched.contains(key) {
                self.touched.insert(key.clone());
            }
        }
    }
}

impl Marks {
    fn load(connection: &Connection, tenant: i64) -> Result<Self, LogError> {
        let sql = "SELECT head, folded, trimmed, forgotten, state_bytes, event_bytes,
                          (SELECT count(*) FROM ids WHERE tenant = ?1)
                   FROM tenants WHERE id = ?1";
        let marks = connection.query_row(sql, [tenant], |row| {
            let number = |column| row.get::<_, i64>(column).map(|n| u64::try_from(n).unwrap_or(0));
            Ok(Self {
                head: number(0)?,
                folded: number(1)?,
                trimmed: number(2)?,
                forgotten: number(3)?,
                state_bytes: number(4)?,
                event_bytes: number(5)?,
                ids: usize::try_from(number(6)?).unwrap_or(usize::MAX),
            })
        })?;
        Ok(marks)
    }

    pub(super) fn store(&self, transaction: &Transaction<'_>, tenant: i64) -> Result<(), LogError> {
        let number = |mark: u64| i64::try_from(mark).unwrap_or(i64::MAX);
        let sql = "UPDATE tenants SET head = ?2, folded = ?3, trimmed = ?4, forgotten = ?5,
                          state_bytes = ?6, event_bytes = ?7 WHERE id = ?1";
        transaction.prepare_cached(sql)?.execute(params![
            tenant,
            number(self.head),
            number(self.folded),
            number(self.trimmed),
            number(self.forgotten),
            number(self.state_bytes),
            number(self.event_bytes),
        ])?;
        Ok(())
    }

    /// Stores one message, unless its id is known.
    pub(super) fn append(
        &mut self,
        transaction: &Transaction<'_>,
        tenant: i64,
        record: Record,
        now: UnixMillis,
        stored: &mut Vec<Arc<Entry>>,
    ) -> Result<Appended, LogError> {
        let offset = self.head + 1;
        let number = i64::try_from(offset).unwrap_or(i64::MAX);
        if let Some(id) = &record.id {
            let sql = "INSERT INTO ids (tenant, id, offset, at) VALUES (?1, ?2, ?3, ?4)
                       ON CONFLICT DO NOTHING";
            let row = params![tenant, id.as_str(), number, now.0];
            if transaction.prepare_cached(sql)?.execute(row)? == 0 {
                let sql = "SELECT offset FROM ids WHERE tenant = ?1 AND id = ?2";
                let row = params![tenant, id.as_str()];
                let mut known = transaction.prepare_cached(sql)?;
                let known = known.query_row(row, |row| row.get::<_, i64>(0))?;
                return Ok(Appended::Duplicate(u64::try_from(known).unwrap_or(0)));
            }
            self.ids += 1;
        }
        let kind = record.entry;
        let (part, key) = match &kind.change {
            None => (None, None),
            Some(change) => {
                let key = (change.key != kind.ty).then_some(change.key.as_str());
                (Some(change.part.name()), key)
            }
        };
        let sql = "INSERT INTO messages (place, at, type, part, key, text)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let place = place(tenant, offset);
        let row = params![place, now.0, kind.ty.as_str(), part, key, kind.text.as_str()];
        transaction.prepare_cached(sql)?.execute(row)?;
        let bytes = kind.text.len() as u64;
        match &kind.change {
            Some(_) => self.state_bytes += bytes,
            None => self.event_bytes += bytes,
        }
        self.head = offset;
        stored.push(Arc::new(Entry::new(offset, kind, record.from)));
        Ok(Appended::Stored(offset))
    }
}
