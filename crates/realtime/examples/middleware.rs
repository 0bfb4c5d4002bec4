//! Stages between the socket and the reader: one that counts by type, one that limits the rate of state.
//! `cargo run -p realtime --example middleware -- ws://localhost:3001`
#![expect(clippy::print_stdout, reason = "an example for a terminal")]

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use realtime::wire::Message;
use realtime::{Builder, Middleware, Options, RateLimit, Topic, Verdict};

#[derive(Debug, Default)]
struct CountByType(Mutex<BTreeMap<String, u64>>);

impl Middleware for CountByType {
    fn name(&self) -> &str {
        "count-by-type"
    }

    fn inbound(&self, message: &Message) -> Verdict {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(message.ty().to_string()).or_default() += 1;
        Verdict::Pass
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "ws://localhost:3001".to_owned());
    let counts = Arc::new(CountByType::default());
    let limit = RateLimit::new().state(Topic::parse("vault_update_*")?, 2, 2);

    // The first stage is next to the socket: it counts what came, not what the second one lets through.
    let options = Options::new(url).validate()?;
    let builder = Builder::new(options).stage(counts.clone()).stage(Arc::new(limit));
    let (handle, mut messages) = builder.open();
    handle.connect()?;
    let mut passed = 0;
    while let Some(delivery) = messages.recv().await {
        passed += delivery.messages.len();
        let came: u64 = counts.0.lock().unwrap_or_else(PoisonError::into_inner).values().sum();
        println!("{came} came, {passed} passed: {:?}", handle.stages()[1].inbound);
    }
    Ok(())
}
