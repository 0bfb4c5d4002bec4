//! A disk that is really full: a file system of 2 MB in a mount namespace of its own.

use std::path::Path;
use std::process::Command;

use realtime::persistence::{Entry, ErrorKind, Persistence, Settlement};
use realtime::wire::{Message, UnixMillis};
use store::{Durable, Outbox, Store, StoreErrorKind};

use super::{bounds, stream, survivors};

const FOLDER: &str = "OUTBOX_FULL_FOLDER";

/// Starts the body below where it may mount something. The namespace ends with it, and with that the mount.
#[test]
fn with_a_full_disk_nothing_is_told_as_kept_that_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=2m none \"$OUTBOX_FULL_FOLDER\" || exit 77; exec \"$@\"";
    let mut command = Command::new("unshare");
    // A user namespace, too: then no root is needed, where the kernel allows it.
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]);
    command.arg(std::env::current_exe().unwrap());
    command.args(["--exact", "full::on_the_small_disk", "--ignored", "--nocapture"]);
    let output =
        command.env(FOLDER, folder.path()).output().expect("unshare is part of util-linux");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.code() == Some(77) || said.contains("unshare failed") {
        // `outbox::tests` does the same with a database that may not grow.
        println!("not permitted to mount here: {said}");
        return;
    }
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}\n{said}");
}

/// No test: the body of the one above. Run by hand it does nothing.
#[tokio::test]
#[ignore = "started by the test beside it"]
async fn on_the_small_disk() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let (path, ballast) = (folder.join("outbox.db"), folder.join("ballast"));
    let (outbox, _) = Outbox::open(&path, bounds()).unwrap();
    let mut kept = Vec::new();
    let fill = async |outbox: &Outbox, kept: &mut Vec<String>, prefix: &str| {
        let asked: Vec<_> = (0..400)
            .map(|i| format!("{prefix}-{i:03}"))
            .map(|id| (outbox.enqueue(entry(&id)), id))
            .collect();
        let mut refused = 0;
        for (answer, id) in asked {
            match answer.await {
                Ok(_) => kept.push(id),
                Err(error) => {
                    assert_eq!(error.kind, StoreErrorKind::Full, "{error:?}");
                    refused += 1;
                }
            }
        }
        refused
    };
    std::fs::write(&ballast, vec![0; 600_000]).unwrap();
    assert!(fill(&outbox, &mut kept, "a").await > 0, "the disk was full");
    assert!(!kept.is_empty());

    // The main database beside it says the same, in the words of `realtime`.
    let store = Store::open(&folder.join("vaultwatch.db"));
    assert_eq!(store.unwrap_err().kind, StoreErrorKind::Full);
    let durable = Durable::new(Store::in_memory().unwrap(), outbox.clone());
    assert_eq!(durable.enqueue(entry("b")).await.unwrap_err().kind(), ErrorKind::DiskFull);
    drop(durable);

    let found = outbox.unsettled(&stream(), None, usize::MAX).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|item| item.id.to_string()).collect();
    assert_eq!(found, kept, "kept is what was told as kept");

    // Room again: it goes on by itself.
    std::fs::remove_file(&ballast).unwrap();
    outbox.enqueue(entry("with-room")).await.unwrap();
    kept.push("with-room".to_owned());
    outbox.settle(vec![(kept.remove(0).into(), Settlement::Acked)]).await.unwrap();
    drop(outbox);
    let (_outbox, found) = survivors(&path).await;
    assert_eq!(found, kept.into_iter().collect());
}

fn entry(id: &str) -> Entry {
    let message = Message::new("custom", &"x".repeat(4_000), UnixMillis(1), Some(id)).unwrap();
    Entry::new(stream(), message, UnixMillis(1), UnixMillis(2)).unwrap()
}
