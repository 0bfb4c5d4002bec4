//! What a gateway plays by itself: scenarios and recordings, over real sockets.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

mod plain;
mod program;
mod replay;
mod script;
mod session;

use std::time::{Duration, Instant};

use gateway::Gateway;

/// Waits until so much was published.
async fn published(gateway: &Gateway, least: u64) {
    let begun = Instant::now();
    while gateway.stats().published < least {
        assert!(begun.elapsed() < plain::PATIENCE, "{:?}", gateway.stats());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
