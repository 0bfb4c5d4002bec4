//! The four streams over a real gateway: what they make of messages, and that nothing is asked for before it is used
//! or after.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod platform;

use domain::platform_alert::Category;
use domain::{ChainId, Level, VaultId};
use monitor::Streams;
use realtime::{InvalidTopic, Mode, Offer, Options, RealTimeData, RealTimeState, StreamError};
use serde_json::json;

use crate::platform::{PATIENCE, Platform};

fn streams(platform: &Platform, protocol: Offer) -> Streams {
    let mut options = Options::new(platform.gateway.url());
    options.protocol = protocol;
    // The profile's own choice is not what streams go by.
    options.topics = vec!["*".parse().unwrap()];
    Streams::open(options, &[]).unwrap()
}

async fn until<T: Send + Sync + 'static>(
    stream: &mut RealTimeData<T>,
    wanted: impl Fn(&RealTimeState<T>) -> bool,
) -> RealTimeState<T> {
    let wait = async {
        loop {
            let state = stream.state();
            if wanted(&state) {
                return state;
            }
            stream.changed().await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("the stream gets so far")
}

fn id(text: &str) -> VaultId {
    VaultId::new(text).unwrap()
}

fn received(streams: &Streams) -> u64 {
    streams.hub().handle().metrics().messages
}

#[tokio::test]
async fn the_server_sends_what_is_used_from_its_first_use_to_its_last() {
    let platform = Platform::start().await;
    for vault in ["A", "B", "C"] {
        let data = json!({"ltv": 70, "liquidationThreshold": 82.5, "full": true});
        platform.publish(&format!("vault_update_{vault}"), data).await;
    }
    let streams = streams(&platform, Offer::V1);
    let mut vault = streams.vault_updates(&id("A")).unwrap();
    tokio::task::yield_now().await;
    assert_eq!(platform.gateway.stats().clients, 1, "a stream that nobody uses asks for nothing");

    vault.connect().unwrap();
    let state = until(&mut vault, |state| state.data.is_some()).await;
    assert_eq!(streams.hub().handle().metrics().mode, Mode::V1);
    assert_eq!(state.data.unwrap().ltv.unwrap().value().to_string(), "70");
    for round in 0..50 {
        platform.publish("vault_update_B", json!({"ltv": round})).await;
        platform.publish("risk_alert", json!({"message": "of another"})).await;
    }
    platform.publish("vault_update_A", json!({"ltv": 75})).await;
    let state = until(&mut vault, |state| state.message_count == 2).await;
    let known = state.data.unwrap();
    assert_eq!(known.ltv.unwrap().value().to_string(), "75");
    assert_eq!(
        known.liquidation_threshold.unwrap().to_string(),
        "82.5",
        "a part goes over the rest"
    );
    assert_eq!(received(&streams), 2, "of one vault among three, and none of the alerts");

    // A second stream shares the connection; the first one's topic is given back while it stays.
    let mut status = streams.system_status();
    status.connect().unwrap();
    platform.publish("system_status", json!({"isRunning": true, "region": "north"})).await;
    let state = until(&mut status, |state| state.data.is_some()).await;
    let view = state.data.unwrap();
    assert!(view.is_running);
    assert_eq!(view.extra[0], ("region".into(), "north".into()));
    assert_eq!(platform.gateway.stats().clients, 2);
    let second_user = streams.vault_updates(&id("A")).unwrap();
    second_user.connect().unwrap();
    drop(vault);
    platform.publish("vault_update_A", json!({"ltv": 76})).await;
    let mut vault = second_user;
    until(&mut vault, |state| state.message_count == 3).await;
    vault.disconnect().await;
    platform.publish("vault_update_A", json!({"ltv": 77})).await;
    platform.publish("system_status", json!({"isRunning": false})).await;
    until(&mut status, |state| state.message_count == 2).await;
    assert_eq!(received(&streams), 5, "77 was sent to nobody");
    assert_eq!(vault.state().data.unwrap().ltv.unwrap().value().to_string(), "76");

    // Asked for again, it begins with what there is.
    vault.connect().unwrap();
    let is_77 = |state: &RealTimeState<domain::Vault>| {
        state.data.as_ref().is_some_and(|v| v.ltv.unwrap().value().to_string() == "77")
    };
    until(&mut vault, is_77).await;
    drop((vault, status));
    platform.clients(1).await;
}

#[tokio::test]
async fn whoever_comes_second_knows_what_the_first_one_knows() {
    let platform = Platform::start().await;
    let streams = streams(&platform, Offer::V1);
    let mut first = streams.vault_updates(&id("A")).unwrap();
    first.connect().unwrap();
    until(&mut first, |state| state.is_connected).await;
    platform.publish("vault_update_A", json!({"ltv": 70, "liquidationThreshold": 80})).await;
    until(&mut first, |state| state.message_count == 1).await;

    let mut second = streams.vault_updates(&id("A")).unwrap();
    assert!(second.state().data.is_some() && !second.state().is_connected);
    second.connect().unwrap();
    first.disconnect().await;
    platform.publish("vault_update_A", json!({"ltv": 75})).await;
    let state = until(&mut second, |state| state.message_count == 2).await;
    assert!(state.data.unwrap().liquidation_threshold.is_some());
    assert_eq!(streams.vault_updates(&id("A*")).unwrap_err(), InvalidTopic::InnerWildcard);
}

#[tokio::test]
async fn alerts_are_all_there_and_what_is_none_is_told() {
    let platform = Platform::start().await;
    let streams = streams(&platform, Offer::V1);
    let mut alerts = streams.risk_alerts();
    let (_, mut updates) = alerts.subscribe();
    alerts.connect().unwrap();
    until(&mut alerts, |state| state.is_connected).await;
    for n in 0..20 {
        let data = json!({"vaultId": format!("V-{n}"), "category": "LTV", "severity": "HIGH", "message": "m"});
        platform.publish("risk_alert", data).await;
    }
    for n in 0..20 {
        let alert = updates.recv().await.unwrap();
        assert_eq!(alert.vault_id.as_ref().unwrap().as_str(), format!("V-{n}"));
        assert_eq!((alert.category, alert.severity), (Some(Category::Ltv), Some(Level::High)));
    }
    platform.publish("risk_alert", json!({"severity": "HIGH"})).await;
    let state = until(&mut alerts, |state| state.error.is_some()).await;
    match state.error.unwrap() {
        StreamError::Invalid(invalid) => {
            assert!(invalid.to_string().contains("message"), "{invalid}");
        }
        other => panic!("{other}"),
    }
    assert_eq!(
        state.data.unwrap().vault_id.as_ref().unwrap().as_str(),
        "V-19",
        "the last good one"
    );
}

#[tokio::test]
async fn markets_are_merged_and_the_four_controls_work() {
    let platform = Platform::start().await;
    let streams = streams(&platform, Offer::V1);
    let mut market = streams.market_data(ChainId(1));
    market.connect().unwrap();
    until(&mut market, |state| state.is_connected).await;
    // What a stream sends, its own topic brings back.
    market.send_message(&json!({"priceFeeds": {"WETH": 1936.12}, "gasPrice": 12})).unwrap();
    until(&mut market, |state| state.message_count == 1).await;
    platform.publish("market_data_137", json!({"priceFeeds": {"POL": 0.33}})).await;
    platform.publish("market_data_1", json!({"priceFeeds": {"WBTC": 61240.55}})).await;
    let state = until(&mut market, |state| state.message_count == 2).await;
    let known = state.data.unwrap();
    let prices: Vec<_> =
        known.price_feeds.iter().map(|(token, price)| format!("{token} {price}")).collect();
    assert_eq!(prices, ["WBTC 61240.55", "WETH 1936.12"]);
    assert!(known.gas_price.is_some());
    market.clear_data();
    let state = market.state();
    assert!(state.data.is_none() && state.last_message.is_none() && state.is_connected);
    market.disconnect().await;
    assert!(!market.state().is_connected);
    platform.clients(1).await;
}

/// The seed's own example, `sendTyped('vault_update', { vaultId: '123', ltv: 75 })`, from servers of both modes.
#[tokio::test]
async fn a_vault_named_in_the_data_alone_reaches_its_stream() {
    for protocol in [Offer::Plain, Offer::V1] {
        let platform = Platform::start().await;
        let streams = streams(&platform, protocol);
        let mut vault = streams.vault_updates(&id("123")).unwrap();
        vault.connect().unwrap();
        until(&mut vault, |state| state.is_connected).await;
        platform.publish("vault_update", json!({"vaultId": "124", "ltv": 1})).await;
        platform.publish("vault_update", json!({"vaultId": "123", "ltv": 75})).await;
        let state = until(&mut vault, |state| state.message_count == 1).await;
        assert_eq!(state.data.unwrap().ltv.unwrap().value().to_string(), "75", "{protocol:?}");
    }
}
