//! The plugins that ship, run over messages as a feed sends them.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use domain::{ChainId, Level, VaultId};
use plugins::{AlertStage, AlertView, Hook, Limits, Outcome, Plugin, Report, VaultProtection};
use serde_json::value::RawValue;
use wire::{Message, UnixMillis};

const DEPEG: &str = include_str!("../../../plugins/depeg-watch.rhai");
const ROUTER: &str = include_str!("../../../plugins/alert-router.rhai");

fn plugin(name: &str, source: &str) -> Plugin {
    // Operations are the limit here: a busy machine must not fail this.
    let limits = Limits { time: Duration::from_secs(600), ..Limits::default() };
    Plugin::load(name, source, limits).unwrap()
}

fn market(ty: &str, data: &str, at: i64) -> Message {
    let data = RawValue::from_string(data.to_owned()).unwrap();
    Message::new(ty, &data, UnixMillis(at), None).unwrap()
}

/// Shows messages one minute apart; returns the titles told.
fn titles(plugin: &mut Plugin, messages: &[(&str, &str)]) -> Vec<String> {
    let mut titles = Vec::new();
    for (i, (ty, data)) in messages.iter().enumerate() {
        let now = UnixMillis(1_763_800_000_000 + 60_000 * i as i64);
        let report = plugin.on_message(&market(ty, data, now.0), &VaultProtection, now).unwrap();
        assert_eq!(report.error, None);
        assert_eq!(report.outcome, Outcome::Unchanged, "it only looks");
        titles.extend(report.notifications.into_iter().map(|n| n.title));
    }
    titles
}

const GOOD: (&str, &str) =
    ("market_data_1", r#"{"chainId":1,"priceFeeds":{"ETH":1936.21,"USDC":0.9998,"DAI":"1.0001"}}"#);
const OFF: (&str, &str) =
    ("market_data_1", r#"{"chainId":1,"priceFeeds":{"ETH":1936.21,"USDC":0.9712}}"#);
const NEAR: (&str, &str) = ("market_data_1", r#"{"priceFeeds":{"USDC":0.9965}}"#);

#[test]
fn a_depeg_is_told_once_after_three_messages() {
    let mut depeg = plugin("depeg-watch", DEPEG);
    assert_eq!(depeg.hooks(), [Hook::OnMessage]);
    assert_eq!(titles(&mut depeg, &[GOOD, OFF, OFF]), [""; 0]);
    assert_eq!(titles(&mut depeg, &[OFF]), ["USDC is off its dollar: $0.9712"]);
    assert_eq!(titles(&mut depeg, &[OFF, OFF, OFF, OFF]), [""; 0]);
    // Nearer, but not back: it may leave again without another call.
    assert_eq!(titles(&mut depeg, &[NEAR, OFF, OFF, OFF, OFF]), [""; 0]);
    assert_eq!(titles(&mut depeg, &[GOOD]), ["USDC is back at $0.9998"]);
    assert_eq!(titles(&mut depeg, &[OFF, OFF, OFF]), ["USDC is off its dollar: $0.9712"]);
}

#[test]
fn a_glitch_is_no_depeg_and_chains_are_told_apart() {
    let mut depeg = plugin("depeg-watch", DEPEG);
    assert_eq!(titles(&mut depeg, &[OFF, OFF, GOOD, OFF, OFF, GOOD]), [""; 0]);
    let polygon = ("market_data_137", r#"{"priceFeeds":{"USDC":"0.9"}}"#);
    let told = titles(&mut depeg, &[OFF, polygon, OFF, polygon, GOOD, polygon]);
    assert_eq!(told, ["USDC is off its dollar: $0.9"]);
}

#[test]
fn market_data_of_every_kind_are_no_error() {
    let mut depeg = plugin("depeg-watch", DEPEG);
    for data in [
        "{}",
        r#"{"chainId":"1","volatility":2.5}"#,
        r#"{"priceFeeds":null}"#,
        r#"{"priceFeeds":{"USDC":null,"DAI":"dear","USDT":[1]}}"#,
        r#"{"chainId":1,"priceFeeds":{"USDC":1e300,"DAI":123456789012345678901234567890.1}}"#,
        r#"{"priceFeeds":{"USDC":1,"DAI":1e0}}"#,
    ] {
        assert_eq!(titles(&mut depeg, &[("market_data_1", data)]), [""; 0], "{data}");
        assert_eq!(titles(&mut depeg, &[("market_data", data)]), [""; 0], "{data}");
    }
    let vault = market("vault_update_A", r#"{"ltv":76}"#, 0);
    assert!(!depeg.wants(&vault));
}

fn alert(severity: Level, vault: Option<&str>, chain: Option<u64>) -> AlertView {
    AlertView {
        stage: AlertStage::Raised,
        severity,
        condition: "solvency ETH-017".to_owned(),
        vault_id: vault.map(|id| VaultId::new(id).unwrap()),
        chain_id: chain.map(ChainId),
        title: "ETH-017: 7.9 % to liquidation".to_owned(),
        message: "WETH $1,936, liquidates $1,783. LTV 74.6 → 76.0 %.".to_owned(),
        raised: UnixMillis(1_763_800_000_000),
        suppressed: 0,
    }
}

fn route(router: &mut Plugin, alert: &AlertView) -> Report {
    let report = router.on_alert(alert, UnixMillis(1_763_800_000_123)).unwrap();
    assert_eq!(report.error, None);
    report
}

#[test]
fn alerts_go_to_the_desk_of_their_chain() {
    let mut router = plugin("alert-router", ROUTER);
    assert_eq!(router.hooks(), [Hook::OnAlert]);
    let report = route(&mut router, &alert(Level::Critical, Some("ETH-017"), Some(8_453)));
    let [message] = &report.emitted[..] else { panic!("one message: {report:?}") };
    assert_eq!(message.ty(), "desk_alert_layer2");
    assert_eq!(message.timestamp, UnixMillis(1_763_800_000_123));
    let data: serde_json::Value = message.decode().unwrap();
    assert_eq!(data["desk"], "layer2");
    assert_eq!(data["stage"], "raised");
    assert_eq!(data["severity"], "CRITICAL");
    assert_eq!(data["vaultId"], "ETH-017");
    assert_eq!(data["chainId"], 8_453);
    assert_eq!(data["raised"], 1_763_800_000_000_i64);
    assert!(report.notifications.is_empty());
}

#[test]
fn a_critical_alert_nobody_looks_after_is_told() {
    let mut router = plugin("alert-router", ROUTER);
    let stray = alert(Level::Critical, Some("ETH-017"), Some(56));
    let report = route(&mut router, &stray);
    assert_eq!(report.emitted[0].ty(), "desk_alert_risk");
    assert_eq!(report.notifications[0].title, "No desk for chain 56");
    let over = AlertView { stage: AlertStage::Resolved, ..stray };
    assert!(route(&mut router, &over).notifications.is_empty());
    let feed = route(&mut router, &alert(Level::Critical, None, None));
    assert_eq!(feed.emitted[0].ty(), "desk_alert_risk");
    assert!(feed.notifications.is_empty(), "the feed has no chain");
}
