//! Prints what a server sends: `cargo run --example tail -- ws://localhost:3001 'vault_update_*'`
#![expect(clippy::print_stdout, reason = "an example for a terminal")]

use std::error::Error;

use realtime::{Inbound, Options, Topic};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let url = args.next().unwrap_or_else(|| "ws://localhost:3001".to_owned());
    let topic = Topic::parse(&args.next().unwrap_or_else(|| "*".to_owned()))?;

    let (handle, mut messages) = realtime::open(Options::new(url).validate()?);
    let mut events = handle.subscribe_events();
    handle.connect()?;
    loop {
        tokio::select! {
            Some(event) = events.recv() => println!("# {}", serde_json::to_string(&event)?),
            Some(delivery) = messages.recv() => {
                for inbound in delivery.messages {
                    match inbound {
                        Inbound::Message(message) if topic.matches(message.ty()) => {
                            println!("{}", message.to_json());
                        }
                        Inbound::Message(_) => {}
                        Inbound::Invalid(invalid) => println!("# invalid: {invalid}"),
                        Inbound::SnapshotEnd(end) => println!("# snapshot of {}", end.keys.len()),
                    }
                }
            }
            else => return Ok(()),
        }
    }
}
