//! Durable enqueueing by many callers, who share commits, against one commit for each message, in the same run.
//!
//! Both sides use the same outbox, file and settings; the only difference is whether a caller waits for the answer
//! before the next message is handed over. So the ratio is what group commit is worth on this disk.

#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]

use std::time::Instant;

use realtime::persistence::{Bounds, Entry, StreamKey};
use realtime::wire::{Message, UnixMillis};
use store::Outbox;

/// Callers at a time.
const CALLERS: usize = 256;
const PAIRS: usize = 5;
/// Messages of one caller, made before the clock starts: alone it needs as many syncs.
const ALONE: usize = 600;
const EACH: usize = 150;
/// The bar: this many times the messages of one commit each.
const BAR: f64 = 30.0;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(run());
}

async fn run() {
    println!("messages of 180 bytes, one caller against {CALLERS}");
    let mut ratios = Vec::new();
    for pair in 1..=PAIRS {
        let single = rate(1, ALONE).await;
        let grouped = rate(CALLERS, EACH).await;
        let ratio = grouped / single;
        println!(
            "pair {pair}: one by one {single:>7.0}/s   group commit {grouped:>7.0}/s   ratio {ratio:.1}"
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[PAIRS / 2];
    println!("outbox: median ratio {median:.1} (bar {BAR}), lowest {:.1}", ratios[0]);
    assert!(median >= BAR, "below the bar");
}

/// Durable messages per second of so many callers, each of whom waits for its answer before the next message.
async fn rate(callers: usize, each: usize) -> f64 {
    let folder = tempfile::Builder::new()
        .prefix("outbox-bench")
        // Not in the folder for temporary files, which may lie in memory, where a sync is free.
        .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
        .expect("a folder");
    let bounds = Bounds { messages: u64::MAX, bytes: u64::MAX };
    let (outbox, _) = Outbox::open(&folder.path().join("outbox.db"), bounds).expect("an outbox");
    let entries: Vec<Vec<Entry>> =
        (0..callers).map(|caller| (0..each).map(|n| entry(caller, n)).collect()).collect();
    let begun = Instant::now();
    let tasks: Vec<_> = entries
        .into_iter()
        .map(|entries| {
            let outbox = outbox.clone();
            tokio::spawn(async move {
                for entry in entries {
                    outbox.enqueue(entry).await.expect("it is kept");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no caller panics");
    }
    (callers * each) as f64 / begun.elapsed().as_secs_f64()
}

fn entry(caller: usize, n: usize) -> Entry {
    let id = format!("caller-{caller:04}-message-{n:08}");
    let data = serde_json::json!({ "note": "x".repeat(80) });
    let now = UnixMillis(1_763_800_000_000);
    let message = Message::new("custom", &data, now, Some(&id)).expect("valid");
    Entry::new(StreamKey::profile("bench", None), message, now, now).expect("it has an id")
}
