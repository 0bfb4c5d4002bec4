//! A disk that is really full. Where nothing may be mounted, `outbox::tests` does the same with a database that may not grow.

use std::io::Write as _;
use std::path::Path;

use proving::small_disk;
use realtime::persistence::{Entry, ErrorKind, Persistence, Settlement};
use realtime::wire::{Message, UnixMillis};
use store::{Durable, History, HistoryRetention, HistoryState, Outbox, Store, StoreErrorKind};

use super::{bounds, history, stream, survivors};

#[test]
fn with_a_full_disk_nothing_is_told_as_kept_that_is_not() {
    small_disk::run("2m", "full::on_the_small_disk");
}

#[test]
fn with_a_full_disk_the_history_loses_resolution_and_no_spike() {
    small_disk::run("2m", "full::history_on_the_small_disk");
}

/// No test: the body of the first one above. Run by hand it does nothing.
#[tokio::test]
#[ignore = "started by the test beside it"]
async fn on_the_small_disk() {
    let Some(folder) = small_disk::path() else { return };
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
    fill_up(&folder.join("rest"));
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
    std::fs::remove_file(folder.join("rest")).unwrap();
    outbox.enqueue(entry("with-room")).await.unwrap();
    kept.push("with-room".to_owned());
    outbox.settle(vec![(kept.remove(0).into(), Settlement::Acked)]).await.unwrap();
    drop(outbox);
    let (_outbox, found) = survivors(&path).await;
    assert_eq!(found, kept.into_iter().collect());
}

/// No test: the body of the second one above. Run by hand it does nothing.
#[tokio::test]
#[ignore = "started by the test beside it"]
async fn history_on_the_small_disk() {
    let Some(folder) = small_disk::path() else { return };
    let (path, ballast) = (folder.join("history.db"), folder.join("ballast"));
    let history = History::open(&path, HistoryRetention::default()).unwrap();
    let minute = async |n: i64, reading: i64| {
        let batch: Vec<_> = (0..200).map(|vault| history::recorded(vault, n, reading)).collect();
        history.record(batch, history::minute(n)).unwrap().await
    };
    minute(0, 100).await.unwrap();
    fill_up(&ballast);
    let mut full = 0;
    // At first there is room in the log.
    for n in 1..60 {
        match minute(n, if n == 30 { 999 } else { 100 }).await {
            Ok(()) => assert_eq!(full, 0),
            Err(error) => {
                assert_eq!(error.kind, StoreErrorKind::Full, "{error:?}");
                full += 1;
            }
        }
    }
    assert!(full > 30, "{full} minutes found the disk full");
    assert_eq!(*history.state().borrow(), HistoryState::Failing(StoreErrorKind::Full));
    assert!(history.statistics().coarse > 0, "it is counted");
    std::fs::remove_file(&ballast).unwrap();
    minute(60, 100).await.unwrap();
    assert!(matches!(*history.state().borrow(), HistoryState::Writing(_)));
    for vault in [0, 199] {
        let whole = history::minute(0)..history::minute(61);
        let points = history.samples(history::key(vault), whole).await.unwrap();
        let most = points.iter().map(|point| history::reading(point).max).max();
        assert_eq!(most, Some(999), "the spike of the time without room");
        assert!(points.len() < 60, "what the minutes between were is lost");
    }
}

/// Takes all the room there is, to the last page.
fn fill_up(path: &Path) {
    let mut file = std::fs::File::create(path).unwrap();
    loop {
        match file.write_all(&[0; 4_096]) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::StorageFull => return,
            Err(error) => panic!("{error}"),
        }
    }
}

fn entry(id: &str) -> Entry {
    let message = Message::new("custom", &"x".repeat(4_000), UnixMillis(1), Some(id)).unwrap();
    Entry::new(stream(), message, UnixMillis(1), UnixMillis(2)).unwrap()
}
