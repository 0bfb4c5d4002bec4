//! What is written survives, what is old goes, what is damaged is set aside.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use domain::view::{NotificationId, NotificationState, NotificationView, Tone};
use domain::{Level, UnixMillis, VaultId};
use store::{Delivery, Opened, Store, StoreErrorKind, Stored};

const DAY: i64 = 24 * 3600 * 1000;

fn notification(id: i64, severity: Level, updated: i64) -> Stored {
    let view = NotificationView {
        id: NotificationId(id),
        tone: Tone::Error,
        title: format!("n{id}"),
        message: "m".into(),
        timestamp: UnixMillis(0),
        updated: UnixMillis(updated),
        read: true,
        action: None,
        auto_dismiss: None,
        severity,
        vault: Some(VaultId::new("V").unwrap()),
        state: NotificationState::Resolved,
        occurrences: 1,
        suppressed: 0,
        incident: None,
        acknowledged: None,
        snoozed_until: None,
        evidence: None,
        late: false,
        delivery: domain::view::DeliveryView::NotWanted,
    };
    Stored { view, condition: "solvency V".into(), delivery: Delivery::Wanted }
}

#[tokio::test]
async fn what_was_saved_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/vaultwatch.db");
    let mut one = notification(1, Level::Critical, 5);
    {
        let (store, opened) = Store::open(&path).unwrap();
        assert_eq!(opened, Opened::New);
        store.save(vec![one.clone(), notification(2, Level::High, 5)]).await.unwrap();
        one.delivery = Delivery::Done;
        one.view.read = false;
        store.save(vec![one.clone()]).await.unwrap();
        store.remove(vec![NotificationId(2)]).await.unwrap();
        store.set_setting("theme", "dark".into()).await.unwrap();
    }
    let (store, opened) = Store::open(&path).unwrap();
    assert_eq!(opened, Opened::Intact);
    assert_eq!(store.notifications().await.unwrap(), [one]);
    assert_eq!(store.setting("theme").await.unwrap().as_deref(), Some("dark"));
    assert_eq!(
        store.last_id().await.unwrap(),
        NotificationId(2),
        "a dismissed id is not given again"
    );
}

#[tokio::test]
async fn retention_spares_what_is_unread_critical_or_open() {
    let store = Store::in_memory().unwrap();
    let mut unread = notification(3, Level::Low, 0);
    unread.view.read = false;
    let mut open = notification(4, Level::Low, 0);
    open.view.state = NotificationState::Firing;
    store
        .save(vec![
            notification(1, Level::High, 0),
            notification(2, Level::Critical, 0),
            unread,
            open,
        ])
        .await
        .unwrap();
    let ids = |ids: &[i64]| ids.iter().copied().map(NotificationId).collect::<Vec<_>>();
    assert_eq!(store.clean(UnixMillis(DAY)).await.unwrap(), ids(&[]), "24 h are not over yet");
    assert_eq!(store.clean(UnixMillis(DAY + 1)).await.unwrap(), ids(&[1]));
    assert_eq!(store.clean(UnixMillis(30 * DAY + 1)).await.unwrap(), ids(&[2, 3]));
    assert_eq!(store.notifications().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vaultwatch.db");
    std::fs::write(&path, vec![b'x'; 8192]).unwrap();
    let (store, opened) = Store::open(&path).unwrap();
    let Opened::SetAside(aside) = opened else { panic!("set aside: {opened:?}") };
    assert_eq!(std::fs::read(aside).unwrap(), vec![b'x'; 8192], "nothing is deleted");
    assert!(store.notifications().await.unwrap().is_empty());
}

#[test]
fn a_newer_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vaultwatch.db");
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert_eq!(Store::open(&path).unwrap_err().kind, StoreErrorKind::Newer);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let error = Store::open(&folder.path().join("file/vaultwatch.db")).unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Open);
    assert!(error.to_string().contains("file/vaultwatch.db"), "{error}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p/vaultwatch.db");
    let _store = Store::open(&path).unwrap();
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
}
