//! The market of every chain, the newest figures of each:
//! `cargo run -p realtime --example market -- ws://localhost:3001`
#![expect(clippy::print_stdout, reason = "an example for a terminal")]

use std::collections::BTreeMap;
use std::error::Error;

use realtime::wire::{Invalid, InvalidKind};
use realtime::{Builder, Hub, Options, RealTimeData, Topic};
use serde::Deserialize;
use serde_json::Number;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Market {
    gas_price: Option<Number>,
    #[serde(default)]
    price_feeds: BTreeMap<String, Number>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "ws://localhost:3001".to_owned());
    let hub = Hub::new(Builder::new(Options::new(url).validate()?));

    let markets = RealTimeData::decoded(&hub, Topic::parse("market_data_*")?, |message| {
        let market: Market = message.decode().map_err(|error| {
            Invalid::new(InvalidKind::Payload, error.to_string(), message.data())
        })?;
        Ok((message.ty().to_owned(), market))
    });
    // A reader that is slow gets the newest of each chain.
    let (_, mut stream) = markets.subscribe_conflated();
    markets.connect()?;
    while let Some(update) = stream.recv().await {
        let (chain, market) = &*update;
        let gas = market.gas_price.as_ref().map_or("unknown".into(), Number::to_string);
        let prices: Vec<_> =
            market.price_feeds.iter().map(|(token, usd)| format!("{token} {usd}")).collect();
        println!("{chain}: gas {gas}, {}", prices.join(", "));
    }
    Ok(())
}
