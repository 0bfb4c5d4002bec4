//! Who gets into a gateway, what they may do there, and what becomes of those who do too much: over real sockets.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

mod charges;
mod guest;
mod independent;
mod limits;
mod metrics;
mod program;
mod restart;
#[cfg(unix)]
mod service;
mod tls;
mod tokens;

use std::time::Duration;

use proving::patience::PATIENCE;

/// Polls a condition until it holds.
#[track_caller]
fn until(what: &str, mut reached: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + PATIENCE;
    while !reached() {
        assert!(std::time::Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
