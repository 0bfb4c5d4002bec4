use realtime::persistence::{Bounds, Entry, Settlement, StreamKey};
use realtime::wire::{Message, UnixMillis};

use super::*;

fn entry(id: &str, size: usize) -> Entry {
    let message = Message::new("custom", &"x".repeat(size), UnixMillis(7), Some(id)).unwrap();
    let stream = StreamKey::profile("p", None);
    Entry::new(stream, message, UnixMillis(1), UnixMillis(2)).unwrap()
}

/// A database that may not grow stands for a disk that is full: SQLite answers both alike.
#[tokio::test]
async fn without_room_what_is_told_as_kept_is_and_it_works_again_with_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let (connection, _) = database::open(&path, migration::OUTBOX).unwrap();
    let _: i64 = connection.query_row("PRAGMA max_page_count = 40", [], |row| row.get(0)).unwrap();
    let outbox = Outbox::start(connection, Bounds::default(), None).unwrap();
    // All at once, so that groups fail as a whole.
    let asked: Vec<_> =
        (0..100).map(|i| (i, outbox.enqueue(entry(&format!("{i}"), 3_000)))).collect();
    let (mut kept, mut refused) = (Vec::new(), 0);
    for (i, answer) in asked {
        match answer.await {
            Ok(_) => kept.push(i.to_string()),
            Err(error) => {
                assert_eq!(error.kind, StoreErrorKind::Full);
                refused += 1;
            }
        }
    }
    assert!(kept.len() > 10 && refused > 10, "{} kept, {refused} refused", kept.len());
    let found = outbox.unsettled(&StreamKey::profile("p", None), None, 1_000).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|item| item.id.to_string()).collect();
    assert_eq!(found, kept, "kept is what was told as kept");
    assert_eq!(outbox.depth().messages, kept.len() as u64);
    // Acknowledgements make room.
    let settled = kept.iter().map(|id| (id.into(), Settlement::Acked)).collect();
    outbox.settle(settled).await.unwrap();
    outbox.enqueue(entry("again", 3_000)).await.unwrap();
}

struct Nothing;

impl writer::Request for Nothing {
    fn run(&mut self, _: &mut Rows) -> Result<(), StoreError> {
        Ok(())
    }

    fn finish(self: Box<Self>, _: Result<(), StoreError>) {}
}

#[test]
fn a_group_is_as_large_as_the_last_one_and_never_larger_than_64() {
    let (requests, queue) = sync_channel::<Boxed>(1_000);
    let ask = |count: usize| (0..count).for_each(|_| requests.try_send(Box::new(Nothing)).unwrap());
    let gathered = |company| writer::gather(&queue, company).map(|group| group.len());
    ask(1);
    assert_eq!(gathered(1), Some(1), "a lone caller does not wait");
    ask(100);
    assert_eq!(gathered(1), Some(64));
    assert_eq!(gathered(64), Some(36), "who does not come is not waited for for ever");
    std::thread::scope(|scope| {
        ask(1);
        // Asked within the patience or after it: the group has one or two, and nothing is lost.
        scope.spawn(|| ask(1));
        let first = gathered(2).unwrap();
        assert_eq!(first + if first == 1 { gathered(1).unwrap() } else { 0 }, 2);
    });
    drop(requests);
    assert_eq!(gathered(1), None);
}

#[test]
fn who_came_the_last_time_is_waited_for_for_5_ms_at_most() {
    let (requests, queue) = sync_channel::<Boxed>(10);
    requests.try_send(Box::new(Nothing)).unwrap();
    let begun = std::time::Instant::now();
    assert_eq!(writer::gather(&queue, 64).map(|group| group.len()), Some(1));
    let waited = begun.elapsed();
    // Never less; and on a busy machine some more, but not for ever.
    assert!((5..5_000).contains(&waited.as_millis()), "{waited:?}");
}

/// Transactions in the log beside a database: a frame that ends one tells how large the database is after it, others 0
/// (SQLite's file format, section 4).
fn commits(database: &Path) -> usize {
    let mut path = database.as_os_str().to_owned();
    path.push("-wal");
    let log = std::fs::read(path).unwrap();
    let word = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
    if log.len() < 32 {
        return 0;
    }
    let page = word(8) as usize;
    (32..log.len()).step_by(24 + page).filter(|&frame| word(frame + 4) != 0).count()
}

#[tokio::test]
async fn up_to_64_messages_share_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let (outbox, _) = Outbox::open(&path, Bounds::default()).unwrap();
    let mut id = 0;
    for (messages, expected) in [(1, 1), (64, 1), (65, 2), (200, 4)] {
        // Whoever was waited for is forgotten.
        outbox.settle(Vec::new()).await.unwrap();
        let before = commits(&path);
        // The disk is busy until all of them were asked.
        let (runs, running) = sync_channel::<()>(1);
        let (free, busy) = sync_channel::<()>(0);
        let held = outbox.ask(move |_| {
            let _ = runs.send(());
            // Until nobody holds the other end any more.
            let _ = busy.recv();
            Ok(())
        });
        running.recv().unwrap();
        let asked: Vec<_> = (0..messages)
            .map(|_| {
                id += 1;
                outbox.enqueue(entry(&format!("{id}"), 10))
            })
            .collect();
        drop(free);
        held.await.unwrap();
        for answer in asked {
            answer.await.unwrap();
        }
        assert_eq!(commits(&path) - before, expected, "of {messages} messages");
    }
}
