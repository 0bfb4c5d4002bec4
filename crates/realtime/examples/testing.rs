//! A program's test against a server that follows a script and a network that breaks, without either:
//! `cargo run -p realtime --example testing`
#![expect(clippy::print_stdout, reason = "an example for a terminal")]

use std::error::Error;

use realtime::testing::{Fault, FaultPlan, FaultProxy, LogServer, Script, ScriptedServer, options};
use realtime::{Builder, Hub, Options, RealTimeData, StateKind, Topic};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // A conversation known beforehand: the second connection goes on where the first one broke.
    let server = ScriptedServer::new([
        Script::plain().send("vault_update_1", &json!({"ltv": 75})).hang_up(),
        Script::plain().send("vault_update_1", &json!({"ltv": 76})),
    ]);
    let hub = Hub::new(Builder::new(options()).dial(server.dial()));
    let mut vault = RealTimeData::<Value>::json(&hub, Topic::parse("vault_update_1")?);
    vault.connect()?;
    while vault.state().message_count < 2 {
        vault.changed().await;
        println!("{:?}", vault.state());
    }
    server.finished().await?;

    // A real socket, and a network that resets it.
    let server = LogServer::start().await?;
    let proxy = FaultProxy::start(server.address(), FaultPlan::none()).await?;
    let url = format!("ws://{}/", proxy.address());
    let (handle, _messages) = realtime::open(Options::new(url).validate()?);
    handle.connect()?;
    handle.connected().await?;
    let (_, mut state) = handle.subscribe_state();
    proxy.inject(Fault::Reset);
    state.wait_for(|state| state.kind() == StateKind::Backoff).await?;
    handle.connected().await?;
    println!("{}", serde_json::to_string(&proxy.log())?);
    Ok(())
}
