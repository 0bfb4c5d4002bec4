//! How databases are found: older, newer, damaged, held by another, missing their folder.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use domain::view::{NotificationId, NotificationState, NotificationView, Tone};
use domain::{Level, UnixMillis as Moment};
use realtime::persistence::{Bounds, Entry, StreamKey};
use realtime::wire::{Message, Position, UnixMillis};
use rusqlite::Connection;
use store::{Delivery, Opened, Outbox, Store, StoreErrorKind, Stored};

fn stream() -> StreamKey {
    StreamKey::profile("acme", None)
}

fn entry(id: &str) -> Entry {
    let message = Message::new("custom", &"x", UnixMillis(7), Some(id)).unwrap();
    Entry::new(stream(), message, UnixMillis(1), UnixMillis(2)).unwrap()
}

fn notification(id: i64) -> Stored {
    let view = NotificationView {
        id: NotificationId(id),
        tone: Tone::Error,
        title: "t".into(),
        message: "m".into(),
        timestamp: Moment(0),
        updated: Moment(0),
        read: false,
        action: None,
        auto_dismiss: None,
        severity: Level::Critical,
        vault: None,
        state: NotificationState::Firing,
        occurrences: 1,
        suppressed: 0,
        incident: None,
        acknowledged: None,
        snoozed_until: None,
        evidence: None,
        late: false,
        delivery: domain::view::DeliveryView::NotWanted,
    };
    Stored { view, condition: "feed".into(), delivery: Delivery::Wanted }
}

/// The steps of the main database, and what stood in it after each.
const VERSIONS: [(&str, &str); 4] = [
    (
        include_str!("../migrations/0001_notifications.sql"),
        "INSERT INTO settings VALUES ('theme', 'dark');",
    ),
    (
        include_str!("../migrations/0002_positions.sql"),
        "INSERT INTO positions VALUES ('p:acme', 'e', '18446744073709551615');",
    ),
    (
        include_str!("../migrations/0003_alert_log.sql"),
        "INSERT INTO alert_log (at, notification, condition, severity, title, message, change)
             VALUES (5, 1, 'feed', 3, 't', 'm', 'raised');",
    ),
    (
        include_str!("../migrations/0004_engine_memory.sql"),
        "INSERT INTO engine_memory VALUES ('f', '{}');",
    ),
];

/// A main database as an older version left it, after so many steps, with a notification in it.
fn older_version(path: &Path, steps: usize) {
    let connection = Connection::open(path).unwrap();
    for (step, content) in &VERSIONS[..steps] {
        connection.execute_batch(step).unwrap();
        connection.execute_batch(content).unwrap();
    }
    let view = serde_json::to_string(&notification(1).view).unwrap();
    connection
        .execute("INSERT INTO notifications VALUES (1, 'feed', ?1, 3, 0, 1, 0, 'wanted')", [view])
        .unwrap();
    connection.pragma_update(None, "user_version", i64::try_from(steps).unwrap()).unwrap();
}

#[tokio::test]
async fn an_older_database_is_copied_and_brought_up_to_date() {
    for steps in 1..=VERSIONS.len() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vaultwatch.db");
        older_version(&path, steps);
        let (store, opened) = Store::open(&path).unwrap();
        let Opened::Migrated(backup) = opened else { panic!("migrated: {opened:?}") };
        assert_eq!(store.notifications().await.unwrap(), [notification(1)]);
        assert_eq!(store.setting("theme").await.unwrap().as_deref(), Some("dark"));
        let old: i64 = Connection::open(&path)
            .unwrap()
            .query_row("SELECT count(*) FROM positions", [], |row| row.get(0))
            .unwrap();
        assert_eq!(old, i64::from(steps >= 2));
        assert_eq!(store.position(stream()).await.unwrap(), None);
        let log = store.log(store::LogQuery::default()).await.unwrap();
        assert_eq!(log.len(), usize::from(steps >= 3));
        // Of what was raised before messages were kept, none is.
        assert!(log.iter().all(|logged| logged.record.origin.is_none()));
        assert!(store.origins(vec![NotificationId(1)]).await.unwrap().is_empty());
        assert_eq!(store.memory().await.unwrap().len(), usize::from(steps >= 4));
        let copy = Connection::open(&backup).unwrap();
        let of_copy = |sql: &str| copy.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        let version = i64::try_from(steps).unwrap();
        assert_eq!(of_copy("PRAGMA user_version"), version, "the copy is as it was before");
        assert_eq!(of_copy("SELECT count(*) FROM settings"), 1);
        drop(store);
        assert_eq!(Store::open(&path).unwrap().1, Opened::Intact, "once");
    }
}

#[tokio::test]
async fn alerts_and_their_position_are_committed_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vaultwatch.db");
    let at = |offset| Position { epoch: "e".into(), offset };
    let (store, _) = Store::open(&path).unwrap();
    store.save_at(vec![notification(1)], stream(), at(5)).await.unwrap();
    // From here on positions cannot be written.
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "CREATE TRIGGER broken BEFORE UPDATE ON positions BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .unwrap();
    store.save_at(vec![notification(2)], stream(), at(6)).await.unwrap_err();
    assert_eq!(store.notifications().await.unwrap(), [notification(1)], "neither or both");
    assert_eq!(store.position(stream()).await.unwrap(), Some(at(5)));
}

#[test]
fn a_newer_database_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["vaultwatch.db", "outbox.db"] {
        let source = folder.path().join(name);
        let newer = Connection::open(&source).unwrap();
        newer.pragma_update(None, "journal_mode", "WAL").unwrap();
        newer.execute_batch("CREATE TABLE t (x); PRAGMA user_version = 99;").unwrap();
        // As a crash leaves it: part of it still in the log, which a connection that may write would move on closing.
        let folder = tempfile::tempdir().unwrap();
        let (path, log) = (folder.path().join(name), folder.path().join(format!("{name}-wal")));
        std::fs::copy(&source, &path).unwrap();
        std::fs::copy(source.with_file_name(format!("{name}-wal")), &log).unwrap();
        let before = (std::fs::read(&path).unwrap(), std::fs::read(&log).unwrap());
        assert!(!before.1.is_empty());
        let error = match name {
            "outbox.db" => Outbox::open(&path, Bounds::default()).unwrap_err(),
            _ => Store::open(&path).unwrap_err(),
        };
        assert_eq!(error.kind, StoreErrorKind::Newer);
        assert!(error.to_string().contains(name), "{error}");
        assert_eq!((std::fs::read(&path).unwrap(), std::fs::read(&log).unwrap()), before);
    }
}

#[tokio::test]
async fn a_damaged_outbox_is_set_aside_told_of_and_started_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let (outbox, opened) = Outbox::open(&path, Bounds::default()).unwrap();
    assert_eq!(opened, Opened::New);
    for i in 0..200 {
        outbox.enqueue(entry(&format!("item-{i}"))).await.unwrap();
    }
    drop(outbox);
    let mut bytes = std::fs::read(&path).unwrap();
    assert!(bytes.len() > 3 * 4096);
    // The pages of the tables, not the header: what only the integrity check finds.
    bytes[4096..].iter_mut().for_each(|byte| *byte ^= 0x5a);
    std::fs::write(&path, &bytes).unwrap();
    std::fs::write(folder.path().join("outbox.db-wal"), "a log").unwrap();
    let (outbox, opened) = Outbox::open(&path, Bounds::default()).unwrap();
    let Opened::SetAside(aside) = opened else { panic!("set aside: {opened:?}") };
    let name = aside.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("outbox.db.corrupt-"), "{name}");
    assert_eq!(std::fs::read(&aside).unwrap(), bytes, "nothing is deleted");
    assert!(outbox.unsettled(&stream(), None, 10).await.unwrap().is_empty());
    outbox.enqueue(entry("item-1")).await.unwrap();
}

#[test]
fn another_process_that_holds_the_database_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vaultwatch.db");
    let holder = Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE; CREATE TABLE t (x);").unwrap();
    let error = Store::open(&path).unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Busy);
    assert!(error.to_string().contains("other program"), "{error}");
}

#[test]
fn an_outbox_that_is_not_there_is_not_made_by_looking() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let error = Outbox::attach(&path, Bounds::default()).unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Open);
    assert!(!path.exists());
}
