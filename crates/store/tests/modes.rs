//! What is kept is its owner's alone, from its first moment on.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use realtime::persistence::Bounds;
use store::{History, HistoryRetention, Outbox, Store};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn databases_their_logs_and_the_folders_made_for_them_are_private() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let profile = data.join("profiles/acme");
    let (store, _) = Store::open(&profile.join("vaultwatch.db")).unwrap();
    let (_outbox, _) = Outbox::open(&profile.join("outbox.db"), Bounds::default()).unwrap();
    let history = History::open(&profile.join("history.db"), HistoryRetention::default()).unwrap();
    store.set_setting("theme", "dark".to_owned()).await.unwrap();
    history.clear().await.unwrap();
    for made in [&data, &data.join("profiles"), &profile] {
        assert_eq!(mode(made), 0o700, "{}", made.display());
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&profile).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    // While they are open they have a log beside them, in which the newest figures stand.
    for name in ["vaultwatch.db", "vaultwatch.db-wal", "outbox.db", "history.db"] {
        assert!(names.iter().any(|there| there == name), "{name} in {names:?}");
    }
}
