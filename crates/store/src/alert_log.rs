//! What became of every alert, append-only.

use std::time::Duration;

use domain::view::{NotificationId, Origin};
use domain::{Level, UnixMillis, VaultId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::notifications::severity;
use crate::{Retention, StoreError, StoreErrorKind};

/// New figures of one alert are recorded at most this often. What they were in between, the history tells.
const UPDATES_EVERY: Duration = Duration::from_secs(60);

/// One change of one alert, with what was known then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertRecord {
    pub at: UnixMillis,
    pub notification: NotificationId,
    /// The notification of the incident it belongs to.
    pub incident: Option<NotificationId>,
    /// `None`: the platform as a whole, or the feed.
    pub vault: Option<VaultId>,
    /// What it is about, in the alert engine's notation.
    pub condition: String,
    pub severity: Level,
    /// The words as they were shown then.
    pub title: String,
    pub message: String,
    #[serde(flatten)]
    pub change: AlertChange,
    /// The figures that led to it; decimals as strings.
    pub evidence: Option<serde_json::Value>,
    /// The message that led to it, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// What happened to an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum AlertChange {
    Raised,
    Worsened,
    /// Its figures changed. Recorded at most once a minute for each alert.
    Updated,
    /// It was told again, because nobody acknowledged it.
    Repeated,
    Acknowledged {
        by: SmolStr,
    },
    /// Taken back by hand, or lapsed.
    Unacknowledged {
        by: SmolStr,
    },
    Snoozed {
        until: UnixMillis,
    },
    Unsnoozed,
    /// Handed to another channel, because nobody acknowledged it.
    Escalated {
        channel: SmolStr,
    },
    Delivered {
        channel: SmolStr,
    },
    Undelivered {
        channel: SmolStr,
        cause: String,
    },
    Resolved,
    /// Removed from the center by hand.
    Dismissed,
}

/// A change as a row holds it.
#[derive(Default)]
struct Columns {
    party: Option<SmolStr>,
    until: Option<i64>,
    cause: Option<String>,
}

impl AlertChange {
    /// The word for it, as it is stored and exported.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Worsened => "worsened",
            Self::Updated => "updated",
            Self::Repeated => "repeated",
            Self::Acknowledged { .. } => "acknowledged",
            Self::Unacknowledged { .. } => "unacknowledged",
            Self::Snoozed { .. } => "snoozed",
            Self::Unsnoozed => "unsnoozed",
            Self::Escalated { .. } => "escalated",
            Self::Delivered { .. } => "delivered",
            Self::Undelivered { .. } => "undelivered",
            Self::Resolved => "resolved",
            Self::Dismissed => "dismissed",
        }
    }

    /// By whom, or through which channel.
    #[must_use]
    pub fn party(&self) -> Option<&str> {
        match self {
            Self::Acknowledged { by: party }
            | Self::Unacknowledged { by: party }
            | Self::Escalated { channel: party }
            | Self::Delivered { channel: party }
            | Self::Undelivered { channel: party, .. } => Some(party),
            _ => None,
        }
    }

    /// The end of a snooze.
    #[must_use]
    pub fn until(&self) -> Option<UnixMillis> {
        match self {
            Self::Snoozed { until } => Some(*until),
            _ => None,
        }
    }

    /// Why it was not delivered.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        match self {
            Self::Undelivered { cause, .. } => Some(cause),
            _ => None,
        }
    }

    /// `None` when the columns do not make a change.
    fn of(word: &str, columns: Columns) -> Option<Self> {
        let Columns { party, until, cause } = columns;
        Some(match word {
            "raised" => Self::Raised,
            "worsened" => Self::Worsened,
            "updated" => Self::Updated,
            "repeated" => Self::Repeated,
            "acknowledged" => Self::Acknowledged { by: party? },
            "unacknowledged" => Self::Unacknowledged { by: party? },
            "snoozed" => Self::Snoozed { until: UnixMillis(until?) },
            "unsnoozed" => Self::Unsnoozed,
            "escalated" => Self::Escalated { channel: party? },
            "delivered" => Self::Delivered { channel: party? },
            "undelivered" => Self::Undelivered { channel: party?, cause: cause? },
            "resolved" => Self::Resolved,
            "dismissed" => Self::Dismissed,
            _ => return None,
        })
    }
}

/// A record with its place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    pub seq: LogSequence,
    pub record: AlertRecord,
}

/// Rises with each record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogSequence(pub i64);

/// Which records, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogQuery {
    /// From this moment on; `None`: from the first.
    pub since: Option<UnixMillis>,
    /// Before this moment; `None`: to the last.
    pub until: Option<UnixMillis>,
    pub vault: Option<VaultId>,
    pub notification: Option<NotificationId>,
    /// Those after this one: the next page.
    pub after: LogSequence,
    /// At most so many.
    pub limit: u32,
}

impl Default for LogQuery {
    /// The first 500.
    fn default() -> Self {
        Self {
            since: None,
            until: None,
            vault: None,
            notification: None,
            after: LogSequence::default(),
            limit: 500,
        }
    }
}

/// Within the caller's transaction.
pub(crate) fn append(transaction: &Connection, records: &[AlertRecord]) -> Result<(), StoreError> {
    for record in records {
        if record.change == AlertChange::Updated && is_too_soon(transaction, record)? {
            continue;
        }
        let evidence = record.evidence.as_ref().map(serde_json::Value::to_string);
        transaction
            .prepare_cached(
                "INSERT INTO alert_log (at, notification, incident, vault, condition, severity, title, message,
                     change, party, until, cause, evidence)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute(params![
                record.at.0,
                record.notification.0,
                record.incident.map(|incident| incident.0),
                record.vault.as_ref().map(VaultId::as_str),
                record.condition,
                severity(record.severity),
                record.title,
                record.message,
                record.change.word(),
                record.change.party(),
                record.change.until().map(|until| until.0),
                record.change.cause(),
                evidence,
            ])?;
        if let Some(Origin { text, bytes }) = &record.origin {
            transaction
                .prepare_cached("INSERT INTO alert_origins (seq, text, bytes) VALUES (?1, ?2, ?3)")?
                .execute(params![transaction.last_insert_rowid(), text, bytes.cast_signed()])?;
        }
    }
    Ok(())
}

/// Whether this alert was recorded less than [`UPDATES_EVERY`] ago. A clock that was set back does not silence it.
fn is_too_soon(transaction: &Connection, record: &AlertRecord) -> Result<bool, StoreError> {
    let last: Option<i64> = transaction
        .prepare_cached(
            "SELECT at FROM alert_log WHERE notification = ?1 ORDER BY seq DESC LIMIT 1",
        )?
        .query_row([record.notification.0], |row| row.get(0))
        .optional()?;
    Ok(last.is_some_and(|last| {
        record.at.0 >= last && record.at.since(UnixMillis(last)) < UPDATES_EVERY
    }))
}

pub(crate) fn load(connection: &Connection, query: &LogQuery) -> Result<Vec<Logged>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, at, notification, incident, vault, condition, severity, title, message, change, party, until,
             cause, evidence, text, bytes
         FROM alert_log LEFT JOIN alert_origins USING (seq)
         WHERE seq > ?1 AND at >= ?2 AND at < ?3 AND (?4 IS NULL OR vault = ?4)
             AND (?5 IS NULL OR notification = ?5)
         ORDER BY seq LIMIT ?6",
    )?;
    let parameters = params![
        query.after.0,
        query.since.map_or(i64::MIN, |since| since.0),
        query.until.map_or(i64::MAX, |until| until.0),
        query.vault.as_ref().map(VaultId::as_str),
        query.notification.map(|notification| notification.0),
        query.limit,
    ];
    let mut rows = statement.query(parameters)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(read(row)?);
    }
    Ok(all)
}

fn read(row: &Row<'_>) -> Result<Logged, StoreError> {
    let malformed = || StoreError::new(StoreErrorKind::Malformed);
    let vault: Option<String> = row.get(4)?;
    let vault = vault.map(|id| VaultId::new(&id)).transpose().map_err(|_| malformed())?;
    let party: Option<String> = row.get(10)?;
    let columns =
        Columns { party: party.map(SmolStr::from), until: row.get(11)?, cause: row.get(12)? };
    let evidence: Option<String> = row.get(13)?;
    let evidence = evidence.map(|json| serde_json::from_str(&json)).transpose();
    let severity = usize::try_from(row.get::<_, i64>(6)?).ok();
    Ok(Logged {
        seq: LogSequence(row.get(0)?),
        record: AlertRecord {
            at: UnixMillis(row.get(1)?),
            notification: NotificationId(row.get(2)?),
            incident: row.get::<_, Option<i64>>(3)?.map(NotificationId),
            vault,
            condition: row.get(5)?,
            severity: *severity.and_then(|at| Level::ALL.get(at)).ok_or_else(malformed)?,
            title: row.get(7)?,
            message: row.get(8)?,
            change: AlertChange::of(&row.get::<_, String>(9)?, columns).ok_or_else(malformed)?,
            evidence: evidence.map_err(|e| StoreError::because(StoreErrorKind::Malformed, e))?,
            origin: origin(row.get(14)?, row.get(15)?),
        },
    })
}

fn origin(text: Option<String>, bytes: Option<i64>) -> Option<Origin> {
    Some(Origin { text: text?, bytes: bytes?.cast_unsigned() })
}

/// The message that raised each of these last, or made it worse, as far as it is kept.
pub(crate) fn origins(
    connection: &Connection,
    ids: &[NotificationId],
) -> Result<Vec<(NotificationId, Origin)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT text, bytes FROM alert_log JOIN alert_origins USING (seq)
         WHERE notification = ?1 ORDER BY seq DESC LIMIT 1",
    )?;
    let mut all = Vec::new();
    for id in ids {
        let found = statement.query_row([id.0], |row| Ok(origin(row.get(0)?, row.get(1)?)));
        all.extend(found.optional()?.flatten().map(|origin| (*id, origin)));
    }
    Ok(all)
}

/// Removes what has been kept long enough, and the oldest of too many.
pub(crate) fn clean(
    connection: &Connection,
    now: UnixMillis,
    retention: &Retention,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM alert_log WHERE at < ?1")?
        .execute([now.minus(retention.log).0])?;
    connection
        .prepare_cached("DELETE FROM alert_log WHERE seq <= (SELECT max(seq) FROM alert_log) - ?1")?
        .execute([Retention::LOG_LIMIT])?;
    connection
        .prepare_cached(
            "DELETE FROM alert_origins WHERE seq <=
                 (SELECT seq FROM alert_origins ORDER BY seq DESC LIMIT 1 OFFSET ?1)",
        )?
        .execute([Retention::ORIGIN_LIMIT])?;
    Ok(())
}
