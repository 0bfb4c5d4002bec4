//! What the outbox, the history and the alert log told as kept is there after `kill -9`, after a power cut, and with a
//! full disk.
//!
//! The full numbers, in a report: `cargo xtask soak`.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::print_stdout, reason = "a soak tells its figures, and a child its parent")]

mod alerts;
mod child;
#[cfg(target_os = "linux")]
mod full;
mod history;
mod kill;
#[cfg(target_os = "linux")]
mod power;
mod told;

use std::collections::BTreeSet;
use std::path::Path;

use realtime::persistence::{Bounds, StreamKey};
use store::{Opened, Outbox};

fn stream() -> StreamKey {
    StreamKey::profile("crash", None)
}

fn bounds() -> Bounds {
    Bounds { messages: 1_000_000, bytes: 1 << 30 }
}

/// The figures of a run as JSON on a line of their own, for whoever collects them.
fn tell(figures: &serde_json::Value) {
    println!("{figures}");
}

/// What an outbox holds after a crash; it must not have been damaged.
async fn survivors(path: &Path) -> (Outbox, BTreeSet<String>) {
    let (outbox, opened) = Outbox::open(path, bounds()).unwrap();
    assert!(matches!(opened, Opened::New | Opened::Intact), "{opened:?}");
    let items = outbox.unsettled(&stream(), None, usize::MAX).await.unwrap();
    (outbox, items.into_iter().map(|item| item.id.to_string()).collect())
}
