use std::path::Path;

use domain::Level;
use monitor::Notice;
use store::{Opened, Store, StoreError, StoreErrorKind};

use crate::say::notices as say;

/// The profile's database, and what the person should know of it. On a full disk the watch goes on with one in memory:
/// seeing a vault fall matters more than remembering it.
///
/// # Errors
/// Those of [`Store::open`], but [`StoreErrorKind::Full`].
pub(crate) fn open(path: &Path) -> Result<(Store, Option<Notice>), StoreError> {
    match Store::open(path) {
        Ok((store, opened)) => {
            tracing::info!(store = ?opened, "the notifications are open");
            Ok((store, set_aside(&opened)))
        }
        Err(error) if error.kind == StoreErrorKind::Full => {
            tracing::error!(%error, "nothing is kept");
            Ok((Store::in_memory()?, Some(full(&error))))
        }
        Err(error) => Err(error),
    }
}

fn set_aside(opened: &Opened) -> Option<Notice> {
    let Opened::SetAside(aside) = opened else { return None };
    let path = aside.display().to_string();
    Some(Notice::system(Level::High, |language| {
        (say::database_damaged(language), say::database_damaged_how(language, &path))
    }))
}

/// Critical: what is told now may be told again, or be forgotten, after the next start.
fn full(error: &StoreError) -> Notice {
    let reason = error.to_string();
    Notice::system(Level::Critical, |language| {
        (say::disk_full(language), say::disk_full_how(language, &reason))
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Write as _;

    use proving::small_disk;

    use super::*;

    #[test]
    fn on_a_full_disk_the_watch_begins_without_storing() {
        small_disk::run("64k", "storage::tests::on_the_small_disk");
    }

    /// No test: the body of the one above. Run by hand it does nothing.
    #[tokio::test]
    #[ignore = "started by the test beside it"]
    async fn on_the_small_disk() {
        let Some(folder) = small_disk::path() else { return };
        let mut ballast = std::fs::File::create(folder.join("ballast")).unwrap();
        while ballast.write_all(&[0; 4_096]).is_ok() {}
        let (store, notice) = open(&folder.join("profiles/acme/vaultwatch.db")).unwrap();
        let notice = notice.unwrap();
        assert_eq!(notice.severity, Level::Critical);
        let message = notice.said.message(domain::Language::English);
        assert!(message.contains("the disk is full; free some space"), "{message}");
        assert!(store.notifications().await.unwrap().is_empty(), "it can be worked with");
    }

    #[test]
    fn what_else_is_wrong_is_no_reason_to_forget() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("profiles"), "a file").unwrap();
        let error = open(&folder.path().join("profiles/acme/vaultwatch.db")).unwrap_err();
        assert_eq!(error.kind, StoreErrorKind::Open);
    }
}
