//! One vault and the platform's alerts over one connection, each loaded when it is used:
//! `cargo run -p monitor --example vault_monitor -- ws://localhost:3001 ETH-001`
#![expect(clippy::print_stdout, reason = "an example for a terminal")]

use std::error::Error;

use domain::VaultId;
use monitor::Streams;
use realtime::Options;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let url = args.next().unwrap_or_else(|| "ws://localhost:3001".to_owned());
    let id = VaultId::new(&args.next().unwrap_or_else(|| "ETH-001".to_owned()))?;

    let streams = Streams::open(Options::new(url), &[])?;
    let mut vault = streams.vault_updates(&id)?;
    let alerts = streams.risk_alerts();
    // Before connecting, so that the first one is not missed.
    let (_, mut told) = alerts.subscribe();
    vault.connect()?;
    alerts.connect()?;
    loop {
        tokio::select! {
            () = vault.changed() => {
                let state = vault.state();
                let ltv = state.data.as_ref().and_then(|vault| vault.ltv);
                let ltv = ltv.map_or("unknown".to_owned(), |ltv| ltv.value().to_string());
                println!("{id}: LTV {ltv} % ({})", state.connection_state.name());
            }
            Some(alert) = told.recv() => println!("Risk alert: {}", alert.message),
        }
    }
}
