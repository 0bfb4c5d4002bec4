use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction};
use smol_str::SmolStr;

use super::alert::Alert;
use super::error::EscalationError;
use crate::private;

/// Who is to be called and who was, on disk: a restart neither forgets an alert nor calls twice.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    connection: Arc<Mutex<Connection>>,
    /// This gateway among others that share a log; as old as the file.
    pub(super) name: SmolStr,
}

/// An epoch and an offset in it.
pub(super) type Position = (SmolStr, u64);
/// Alerts by their keys; `None` for those that are gone.
pub(super) type Changes = Vec<(SmolStr, Option<Alert>)>;

/// What was kept of a tenant.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) position: Option<Position>,
    pub(super) alerts: BTreeMap<SmolStr, Alert>,
}

/// Another gateway that stops is done with the file within this time.
const BUSY: Duration = Duration::from_secs(5);

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS gateway (name TEXT NOT NULL);
    -- Up to where each tenant's log was read.
    CREATE TABLE IF NOT EXISTS position (tenant TEXT PRIMARY KEY, epoch TEXT NOT NULL, offset INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS alert (
        tenant TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (tenant, key)
    ) WITHOUT ROWID;
    PRAGMA user_version = 1;
";

impl Ledger {
    /// Opens or makes the file, and keeps it for this process alone.
    pub(super) fn open(path: &Path) -> Result<Self, EscalationError> {
        let fault = |source| EscalationError::Ledger { path: path.to_owned(), source };
        // Why it cannot be made, if it cannot, SQLite says next.
        let _ = private::make(path);
        let connection = Connection::open(path).map_err(fault)?;
        connection.busy_timeout(BUSY).map_err(fault)?;
        let name = Self::prepare(&connection).map_err(fault)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), name })
    }

    fn prepare(connection: &Connection) -> rusqlite::Result<SmolStr> {
        // Two processes with one ledger would each take the other's calls for made.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // What was kept is kept, power cut or not: it is written some times for each critical alert.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(&format!("BEGIN IMMEDIATE; {SCHEMA} COMMIT;"))?;
        let name = connection.query_row("SELECT name FROM gateway", [], |row| row.get(0));
        if let Some(name) = name.optional()? {
            let name: String = name;
            return Ok(name.into());
        }
        let name = format!("gw-{:016x}", fastrand::u64(..));
        connection.execute("INSERT INTO gateway VALUES (?1)", [&name])?;
        Ok(name.into())
    }

    pub(super) async fn load(&self, tenant: &SmolStr) -> rusqlite::Result<Kept> {
        let tenant = tenant.clone();
        self.run(move |transaction| {
            let position = transaction
                .query_row(
                    "SELECT epoch, offset FROM position WHERE tenant = ?1",
                    [tenant.as_str()],
                    |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)),
                )
                .optional()?;
            let position =
                position.map(|(epoch, at)| (epoch.into(), u64::try_from(at).unwrap_or(0)));
            let mut rows = transaction.prepare("SELECT key, state FROM alert WHERE tenant = ?1")?;
            let rows = rows.query_map([tenant.as_str()], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
            })?;
            let mut alerts = BTreeMap::new();
            for row in rows {
                let (key, state) = row?;
                match serde_json::from_str(&state) {
                    Ok(alert) => {
                        alerts.insert(key.into(), alert);
                    }
                    // Better one alert unknown than none escalated.
                    Err(error) => tracing::error!(%key, %error, "a kept alert cannot be read"),
                }
            }
            Ok(Kept { position, alerts })
        })
        .await
    }

    pub(super) async fn save(
        &self,
        tenant: &SmolStr,
        position: &Position,
        changes: &Changes,
    ) -> rusqlite::Result<()> {
        let (tenant, (epoch, offset), changes) =
            (tenant.clone(), position.clone(), changes.clone());
        self.run(move |transaction| {
            transaction.execute(
                "INSERT OR REPLACE INTO position VALUES (?1, ?2, ?3)",
                (tenant.as_str(), epoch.as_str(), i64::try_from(offset).unwrap_or(i64::MAX)),
            )?;
            for (key, alert) in &changes {
                let place = (tenant.as_str(), key.as_str());
                match alert {
                    None => {
                        transaction
                            .execute("DELETE FROM alert WHERE tenant = ?1 AND key = ?2", place)?;
                    }
                    Some(alert) => {
                        let state = serde_json::to_string(alert).expect("string keys only");
                        transaction.execute(
                            "INSERT OR REPLACE INTO alert VALUES (?1, ?2, ?3)",
                            (place.0, place.1, state),
                        )?;
                    }
                }
            }
            Ok(())
        })
        .await
    }

    /// On a thread that may wait for the disk.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> rusqlite::Result<T> {
        let connection = Arc::clone(&self.connection);
        let done = tokio::task::spawn_blocking(move || {
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction = connection.transaction()?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        });
        done.await.unwrap_or_else(|_| Err(rusqlite::Error::InvalidQuery))
    }
}
