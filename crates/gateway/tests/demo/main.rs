//! What a gateway plays by itself: scenarios and recordings, over real sockets.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

mod plain;
mod program;
mod replay;
mod script;
mod session;

use gateway::Gateway;
use proving::patience::until_so;

/// Waits until so much was published.
async fn published(gateway: &Gateway, least: u64) {
    until_so("so many messages", async || gateway.stats().published >= least).await;
}
