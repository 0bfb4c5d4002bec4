//! Durable enqueueing by many callers, who share commits, against one commit for each message.
//!
//! Both sides use the same outbox, file and settings; the only difference is whether a caller waits for the answer
//! before the next message is handed over. So the ratio is what group commit is worth on this disk.

use std::time::Instant;

use anyhow::Result;
use bench::{Bar, Limit, Report, Series};
use realtime::persistence::{Bounds, Entry, StreamKey};
use realtime::wire::{Message, UnixMillis};
use store::Outbox;

use crate::{runtime, scratch};

pub(crate) const NAME: &str = "outbox";

/// Callers at a time.
const CALLERS: usize = 256;
const ROUNDS: usize = 7;
/// Messages of one caller, made before the clock starts: alone it needs as many syncs.
const ALONE: usize = 600;
const EACH: usize = 150;

pub(crate) fn run() -> Result<Report> {
    let mut report = Report::new(
        NAME,
        format!(
            "durable messages of 180 bytes by {CALLERS} callers, who share commits, against one commit each"
        ),
    );
    let mut single = Series::new("one commit each", "messages/s");
    let mut grouped = Series::new("group commit", "messages/s");
    for round in 1..=ROUNDS {
        let alone = runtime()?.block_on(rate(1, ALONE))?;
        let together = runtime()?.block_on(rate(CALLERS, EACH))?;
        println!(
            "{round}: one by one {alone:>7.0}/s   group commit {together:>7.0}/s   ratio {:.1}",
            together / alone
        );
        single.push(alone);
        grouped.push(together);
    }
    let ratio = grouped.over(&single);
    report.bars.push(Bar::of("group commit / one commit each", &ratio, Limit::AtLeast(30.0)));
    report.series = vec![single, grouped];
    report.detail("callers", CALLERS);
    Ok(report)
}

/// Durable messages per second of so many callers, each of whom waits for its answer before the next message.
async fn rate(callers: usize, each: usize) -> Result<f64> {
    let folder = tempfile::Builder::new().prefix("outbox-bench").tempdir_in(scratch())?;
    let bounds = Bounds { messages: u64::MAX, bytes: u64::MAX };
    let (outbox, _) = Outbox::open(&folder.path().join("outbox.db"), bounds)?;
    let entries: Vec<Vec<Entry>> =
        (0..callers).map(|caller| (0..each).map(|n| entry(caller, n)).collect()).collect();
    let begun = Instant::now();
    let tasks: Vec<_> = entries
        .into_iter()
        .map(|entries| {
            let outbox = outbox.clone();
            tokio::spawn(async move {
                for entry in entries {
                    outbox.enqueue(entry).await?;
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok((callers * each) as f64 / begun.elapsed().as_secs_f64())
}

fn entry(caller: usize, n: usize) -> Entry {
    let id = format!("caller-{caller:04}-message-{n:08}");
    let data = serde_json::json!({ "note": "x".repeat(80) });
    let now = UnixMillis(1_763_800_000_000);
    let message = Message::new("custom", &data, now, Some(&id)).expect("it is valid");
    Entry::new(StreamKey::profile("bench", None), message, now, now).expect("it has an id")
}
