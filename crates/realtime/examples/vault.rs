//! One vault, made of full and partial updates:
//! `cargo run -p realtime --example vault -- ws://localhost:3001 ETH-001`
#![expect(clippy::print_stdout, reason = "an example for a terminal")]

use std::error::Error;

use realtime::wire::{Invalid, InvalidKind, Message};
use realtime::{Builder, Hub, Options, RealTimeData, Topic};
use serde_json::{Map, Value};

type Vault = Map<String, Value>;

/// A missing field has not changed.
fn fold(before: Option<&Vault>, message: &Message) -> Result<Vault, Invalid> {
    let part: Vault = message
        .decode()
        .map_err(|error| Invalid::new(InvalidKind::Payload, error.to_string(), message.data()))?;
    let mut vault = before.cloned().unwrap_or_default();
    vault.extend(part);
    Ok(vault)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let url = args.next().unwrap_or_else(|| "ws://localhost:3001".to_owned());
    let id = args.next().unwrap_or_else(|| "ETH-001".to_owned());

    let hub = Hub::new(Builder::new(Options::new(url).validate()?));
    let topic = Topic::parse(&format!("vault_update_{id}"))?;
    let mut vault = RealTimeData::folded(&hub, topic, fold);
    vault.connect()?;
    loop {
        vault.changed().await;
        let state = vault.state();
        match (&state.data, &state.error) {
            (_, Some(error)) => println!("{}: {error}", state.connection_state.name()),
            (Some(vault), None) => {
                let figure = |name| vault.get(name).map_or("unknown".into(), Value::to_string);
                println!("{id}: LTV {} %, health factor {}", figure("ltv"), figure("healthFactor"));
            }
            (None, None) => println!("{}", state.connection_state.name()),
        }
    }
}
