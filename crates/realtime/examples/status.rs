//! The platform's health and the connection's, once a change:
//! `cargo run -p realtime --example status -- ws://localhost:3001`
#![expect(clippy::print_stdout, reason = "an example for a terminal")]

use std::error::Error;

use realtime::{Builder, Options, Pool, RealTimeData, Topic};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "ws://localhost:3001".to_owned());
    // Whoever asks this pool for the same address gets the same connection.
    let pool = Pool::new();
    let hub = pool.hub("default", Builder::new(Options::new(url).validate()?));

    let mut status = RealTimeData::<Value>::json(&hub, Topic::parse("system_status")?);
    status.connect()?;
    loop {
        status.changed().await;
        let state = status.state();
        let running = state.data.as_ref().and_then(|data| data.get("isRunning")?.as_bool());
        println!(
            "connection {}, platform {}, {} reports, round trip {:?} ms",
            state.connection_state.name(),
            running.map_or("unknown", |running| if running { "running" } else { "stopped" }),
            state.message_count,
            hub.handle().metrics().rtt.last,
        );
    }
}
