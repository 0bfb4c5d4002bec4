//! The alert log: everything is there in order, nothing is changed, what is old goes.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use domain::view::{NotificationId, Origin};
use domain::{Level, UnixMillis, VaultId};
use realtime::persistence::StreamKey;
use realtime::wire::Position;
use rusqlite::Connection;
use store::{
    AlertChange, AlertRecord, Batch, LogQuery, LogReader, Retention, Store, StoreErrorKind,
};

fn record(at: i64, notification: i64, change: AlertChange) -> AlertRecord {
    AlertRecord {
        at: UnixMillis(at),
        notification: NotificationId(notification),
        incident: (notification == 2).then_some(NotificationId(7)),
        vault: Some(VaultId::new(&format!("V-{notification}")).unwrap()),
        condition: format!("solvency V-{notification}"),
        severity: Level::Critical,
        title: "ETH-017: 7.9 % to liquidation".into(),
        message: "WETH $1,936, liquidates $1,783.".into(),
        change,
        evidence: Some(serde_json::json!({"ltv": "76.0", "room": "7.878787"})),
        origin: None,
    }
}

fn raised_by(at: i64, notification: i64, envelope: &str) -> AlertRecord {
    let origin = Some(Origin::new(envelope.to_owned()));
    AlertRecord { origin, ..record(at, notification, AlertChange::Raised) }
}

fn every_change() -> Vec<AlertChange> {
    vec![
        AlertChange::Raised,
        AlertChange::Worsened,
        AlertChange::Updated,
        AlertChange::Repeated,
        AlertChange::Acknowledged { by: "anna".into() },
        AlertChange::Unacknowledged { by: "anna".into() },
        AlertChange::Snoozed { until: UnixMillis(9_000_000) },
        AlertChange::Unsnoozed,
        AlertChange::Escalated { channel: "ntfy".into() },
        AlertChange::Delivered { channel: "os".into() },
        AlertChange::Undelivered { channel: "webhook".into(), cause: "503".into() },
        AlertChange::Resolved,
        AlertChange::Dismissed,
    ]
}

async fn log(store: &Store) -> Vec<AlertRecord> {
    let logged = store.log(LogQuery::default()).await.unwrap();
    logged.into_iter().map(|logged| logged.record).collect()
}

fn records(records: Vec<AlertRecord>) -> Batch {
    Batch { records, ..Batch::default() }
}

#[tokio::test]
async fn every_change_is_read_back_in_order_by_anybody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vaultwatch.db");
    let (store, _) = Store::open(&path).unwrap();
    let all: Vec<_> = (0..)
        .zip(every_change())
        .map(|(n, change)| record(n * 60_000, 1 + n % 3, change))
        .collect();
    store.commit(records(all.clone())).await.unwrap();
    assert_eq!(log(&store).await, all);
    // While the app has it open, and page by page.
    let reader = LogReader::open(&path).unwrap();
    let (mut after, mut read) = (store::LogSequence::default(), Vec::new());
    loop {
        let page = reader.read(&LogQuery { after, limit: 5, ..LogQuery::default() }).unwrap();
        let Some(last) = page.last() else { break };
        after = last.seq;
        read.extend(page.into_iter().map(|logged| logged.record));
    }
    assert_eq!(read, all);
    let of = |query: LogQuery| reader.read(&query).unwrap().len();
    let vault = VaultId::new("V-2").ok();
    assert_eq!(of(LogQuery { vault, ..LogQuery::default() }), 4);
    let (since, until) = (Some(UnixMillis(60_000)), Some(UnixMillis(180_000)));
    assert_eq!(of(LogQuery { since, until, ..LogQuery::default() }), 2);
    // As JSON, too.
    let json = serde_json::to_string(&all).unwrap();
    assert_eq!(serde_json::from_str::<Vec<AlertRecord>>(&json).unwrap(), all);
}

#[tokio::test]
async fn new_figures_are_recorded_once_a_minute_and_after_a_clock_was_set_back() {
    let store = Store::in_memory().unwrap();
    let updates = [(1, 0), (1, 59_999), (1, 60_000), (1, 61_000), (2, 61_000), (1, 30_000)];
    for (notification, at) in updates {
        store.commit(records(vec![record(at, notification, AlertChange::Updated)])).await.unwrap();
    }
    let kept: Vec<_> = log(&store).await.iter().map(|r| (r.notification.0, r.at.0)).collect();
    assert_eq!(kept, [(1, 0), (1, 60_000), (2, 61_000), (1, 30_000)]);
    store.commit(records(vec![record(30_001, 1, AlertChange::Worsened)])).await.unwrap();
    assert_eq!(log(&store).await.len(), 5, "whatever else happens is always recorded");
}

#[tokio::test]
async fn a_batch_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vaultwatch.db");
    let (store, _) = Store::open(&path).unwrap();
    let stream = StreamKey::profile("acme", None);
    let at = |offset| Position { epoch: "e".into(), offset };
    let batch = |offset: u64| Batch {
        records: vec![record(offset.cast_signed(), 1, AlertChange::Raised)],
        memory: vec![("life".into(), offset.to_string())],
        place: Some((stream.clone(), at(offset))),
        ..Batch::default()
    };
    store.commit(batch(5)).await.unwrap();
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "CREATE TRIGGER broken BEFORE UPDATE ON positions BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .unwrap();
    store.commit(batch(6)).await.unwrap_err();
    assert_eq!(log(&store).await.len(), 1);
    assert_eq!(store.memory().await.unwrap(), [("life".into(), "5".to_owned())]);
    assert_eq!(store.position(stream.clone()).await.unwrap(), Some(at(5)));
    let forget = Batch { memory: vec![("life".into(), String::new())], ..Batch::default() };
    store.commit(forget).await.unwrap();
    assert!(store.memory().await.unwrap().is_empty());
}

#[tokio::test]
async fn nobody_rewrites_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vaultwatch.db");
    let (store, _) = Store::open(&path).unwrap();
    store.commit(records(vec![raised_by(1, 1, "{}")])).await.unwrap();
    for rewrite in ["UPDATE alert_log SET at = 0", "UPDATE alert_origins SET text = ''"] {
        let error = Connection::open(&path).unwrap().execute(rewrite, []);
        assert!(error.unwrap_err().to_string().contains("append-only"), "{rewrite}");
    }
}

#[tokio::test]
async fn the_message_that_raised_an_alert_is_kept_beside_its_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vaultwatch.db");
    let (store, _) = Store::open(&path).unwrap();
    let envelope = |ltv: &str| format!(r#"{{"type":"vault_update_V-1","data":{{"ltv":{ltv}}}}}"#);
    let long = format!(r#"{{"type":"risk_alert","data":"{}"}}"#, "x".repeat(10_000));
    let all = vec![
        raised_by(1, 1, &envelope("75.9700")),
        raised_by(2, 2, &long),
        record(3, 3, AlertChange::Raised),
        AlertRecord {
            change: AlertChange::Worsened,
            ..raised_by(4, 1, &envelope("80.0000000000000000001"))
        },
        record(5, 1, AlertChange::Resolved),
    ];
    store.commit(records(all.clone())).await.unwrap();
    assert_eq!(log(&store).await, all);
    let read = LogReader::open(&path).unwrap().read(&LogQuery::default()).unwrap();
    assert_eq!(read.into_iter().map(|logged| logged.record).collect::<Vec<_>>(), all);
    let ids = [3, 2, 1, 99].map(NotificationId).to_vec();
    let found = store.origins(ids).await.unwrap();
    let (second, first) = (&found[0], &found[1]);
    assert_eq!(found.len(), 2, "none of what has none: {found:?}");
    assert_eq!(
        (first.0, first.1.text.as_str()),
        (NotificationId(1), &*envelope("80.0000000000000000001"))
    );
    assert!(second.1.is_cut() && second.1.text.len() == Origin::LIMIT, "{}", second.1.bytes);
    assert_eq!(second.1.bytes, long.len() as u64);
    // As JSON, too.
    let json = serde_json::to_string(&all).unwrap();
    assert_eq!(serde_json::from_str::<Vec<AlertRecord>>(&json).unwrap(), all);

    // It goes with its record.
    let short = Retention { log: Duration::from_millis(1), ..Retention::default() };
    store.clone().keeping(short).clean(UnixMillis(5)).await.unwrap();
    assert_eq!(log(&store).await.len(), 2, "those of the last millisecond");
    let left = |sql: &str| {
        Connection::open(&path).unwrap().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(left("SELECT count(*) FROM alert_origins"), 1);
    store.clear().await.unwrap();
    assert_eq!(left("SELECT count(*) FROM alert_origins"), 0);
}

#[tokio::test]
async fn records_outlive_their_notification_and_go_with_age() {
    let retention = Retention { log: Duration::from_millis(1_000), ..Retention::default() };
    let store = Store::in_memory().unwrap().keeping(retention);
    for at in [0, 500, 1_500] {
        store.commit(records(vec![record(at, at, AlertChange::Raised)])).await.unwrap();
    }
    store.clean(UnixMillis(1_000)).await.unwrap();
    assert_eq!(log(&store).await.len(), 3);
    store.clean(UnixMillis(1_501)).await.unwrap();
    assert_eq!(log(&store).await.len(), 1);
    store.clear().await.unwrap();
    assert!(log(&store).await.is_empty());
}

#[test]
fn a_log_of_an_older_version_is_not_read_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vaultwatch.db");
    assert_eq!(LogReader::open(&path).unwrap_err().kind, StoreErrorKind::Open);
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../migrations/0001_notifications.sql")).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    assert_eq!(LogReader::open(&path).unwrap_err().kind, StoreErrorKind::Older);
    let version: i64 = old.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 1);
}
