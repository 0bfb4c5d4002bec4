//! Every alert, none left out, and what the connection goes through:
//! `cargo run -p realtime --example alerts -- ws://localhost:3001`
#![expect(clippy::print_stdout, reason = "an example for a terminal")]

use std::error::Error;

use realtime::{Builder, Hub, Options, RealTimeData, Topic};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Alert {
    severity: Option<String>,
    #[serde(rename = "vaultId")]
    vault_id: Option<String>,
    message: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "ws://localhost:3001".to_owned());
    let hub = Hub::new(Builder::new(Options::new(url).validate()?));

    // Dropping one of these ends it.
    let _handlers = (
        hub.on_connect(|| println!("connected")),
        hub.on_disconnect(|cause| println!("disconnected: {cause:?}")),
        hub.on_error(|error| println!("{error}")),
        hub.on_max_attempts_reached(|attempts| println!("gave up after {attempts} attempts")),
    );

    let alerts = RealTimeData::<Alert>::json(&hub, Topic::parse("risk_alert")?);
    // Before connecting, so that the first one is not missed.
    let (_, mut stream) = alerts.subscribe();
    alerts.connect()?;
    while let Some(alert) = stream.recv().await {
        let severity = alert.severity.as_deref().unwrap_or("MEDIUM");
        let vault = alert.vault_id.as_deref().unwrap_or("platform");
        println!("{severity} {vault}: {}", alert.message);
    }
    Ok(())
}
