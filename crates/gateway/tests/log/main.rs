//! Logs that outlive a gateway, on the real thing: the program, killed; real files; NATS servers, stopped and killed.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

mod cluster;
mod escalation;
mod jetstream;
mod nats;
mod operator;
#[cfg(target_os = "linux")]
mod power;
#[cfg(unix)]
mod private;
mod program;
mod publisher;
mod refusal;
mod replay;
mod retention;
mod sqlite;
mod watcher;

use std::time::Duration;

use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_secs(60);

/// Asks again and again until it is so.
async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so().await {
        assert!(Instant::now() < deadline, "never: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// A port nobody has right now.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
