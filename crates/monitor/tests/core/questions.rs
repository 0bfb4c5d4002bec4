//! What the window asks beside what it is told: about all vaults, prices over a day, and the own connection.

use domain::ChainId;
use domain::view::{CircuitView, PriceChange, PriceTrend, Shock};
use proving::patience::{until, until_so};
use store::{History, HistoryRetention};

use crate::watch::*;

impl Watch {
    fn lent(&self, id: &str, token: &str, debt: u32) {
        let data = format!(
            r#"{{"liquidationThreshold":80,"chainId":1,
                "collateral":[{{"token":"{token}","amount":"1","valueUSD":"1000"}}],
                "debt":[{{"token":"USDC","amount":"{debt}","valueUSD":"{debt}"}}]}}"#
        );
        self.send(&format!("vault_update_{id}"), &data);
    }
}

fn shock(token: &str, permille: i32) -> Shock {
    Shock { token: token.into(), change: PriceChange::try_from(permille).unwrap() }
}

#[tokio::test]
async fn a_shock_is_answered_from_what_came_in_and_lets_it_be() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    for (id, token, debt) in [("ETH-1", "WETH", 700), ("ETH-2", "WETH", 600), ("ARB-1", "ARB", 700)]
    {
        watch.lent(id, token, debt);
    }
    watch.settled().await;
    let view = watch.monitor.what_if(vec![shock("WETH", -200)]).await.unwrap();
    // $700 are lent on what carries $800: an eighth less, and it falls. $600 stand until a quarter is gone.
    let falls: Vec<_> = view.falls.iter().map(|fall| (fall.id.as_str(), fall.at)).collect();
    assert_eq!(falls, [("ETH-1", domain::Percent("62.5".parse().unwrap()))]);
    assert_eq!((view.vaults, view.fallen, view.stale), (3, 1, 0));
    let deeper = watch.monitor.what_if(vec![shock("WETH", -300)]).await.unwrap();
    let order: Vec<_> = deeper.falls.iter().map(|fall| fall.id.as_str()).collect();
    assert_eq!(order, ["ETH-1", "ETH-2"], "in the order in which they fall");
    assert_eq!(watch.monitor.what_if(Vec::new()).await.unwrap().fallen, 0);
    watch.monitor.shutdown().await;
    assert!(watch.monitor.what_if(Vec::new()).await.is_none());
}

#[tokio::test]
async fn a_vault_is_found_among_all_of_them() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    for n in 0..300 {
        watch.lent(&format!("ETH-{n:03}"), "WETH", 100);
    }
    watch.lent("ARB-250", "ARB", 790);
    watch.settled().await;
    let found = watch.monitor.find_vaults("eth 250".to_owned(), 3).await;
    assert_eq!(found[0].id.as_str(), "ETH-250");
    let worst = watch.monitor.find_vaults(String::new(), 5).await;
    assert_eq!((worst.len(), worst[0].id.as_str()), (5, "ARB-250"));
    assert!(watch.monitor.find_vaults("no such vault".to_owned(), 5).await.is_empty());
}

#[tokio::test]
async fn prices_are_told_as_they_were_recorded() {
    let history = History::in_memory(HistoryRetention::default()).unwrap();
    let kept = history.clone();
    let mut watch = Watch::start_with(acme(), Store::in_memory().unwrap(), |options| {
        options.history = Some(kept);
    })
    .await;
    watch.send("market_data_1", r#"{"chainId":1,"priceFeeds":{"WETH":1936.12}}"#);
    watch.settled().await;
    // It is written when its minute is over.
    watch.clock.advance(Duration::from_secs(120));
    let asked = async || {
        let tokens = vec!["WETH".into(), "NONE".into()];
        let trends = watch.monitor.price_trends(ChainId(1), tokens).await.unwrap();
        trends[0].points.iter().any(Option::is_some).then_some(trends)
    };
    let trends = until("the price to be written", asked).await;
    assert_eq!(trends[0].points.iter().flatten().collect::<Vec<_>>(), [&0]);
    let nothing = PriceTrend { token: "NONE".into(), points: vec![None; PriceTrend::POINTS] };
    assert_eq!(trends[1], nothing);
    assert_eq!(trends[0].change(), None, "one price is no change");
}

#[tokio::test]
async fn prices_that_nobody_keeps_are_an_error() {
    let watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    assert!(watch.monitor.price_trends(ChainId(1), vec!["WETH".into()]).await.is_err());
}

#[tokio::test]
async fn the_own_connection_is_told_in_figures_and_by_what_happened_to_it() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.server.send("no JSON, but 76.54321".to_owned()).unwrap();
    watch.settled().await;
    let system = watch.monitor.system().await.unwrap();
    let now: Vec<_> = system.states.iter().filter(|state| state.now).collect();
    assert_eq!((now.len(), now[0].name.as_str()), (1, "connected"));
    let [endpoint] = &system.endpoints[..] else { panic!("one: {:?}", system.endpoints) };
    assert!(endpoint.current && endpoint.circuit == CircuitView::Closed && endpoint.failures == 0);
    assert!(!system.groups.is_empty() && system.last_event.is_some());
    let events = watch.monitor.connection_events().await;
    let invalid = events.iter().find(|event| event.kind == "invalid").unwrap();
    assert!(invalid.trouble && !invalid.text.contains("76.54321"), "{}", invalid.text);
    let connected = events.iter().position(|event| event.text.contains("→ connected")).unwrap();
    let told = events.iter().position(|event| event.kind == "invalid").unwrap();
    assert!(told < connected, "the newest first");
    // A second later it has a pulse.
    let beats = async || !watch.monitor.system().await.unwrap().pulse.is_empty();
    until_so("a pulse", beats).await;
}
