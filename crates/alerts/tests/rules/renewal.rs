//! Rules that are changed while watching goes on.

use alerts::rule::RuleBook;
use domain::market::Market;
use domain::{ChainId, Vault};

use crate::{World, at, book, simple, told};

/// Puts other rules in place and holds what is known since second 0 against them.
fn renew(world: &mut World, book: RuleBook, market: Option<&Market>, now: i64) -> Vec<String> {
    world.watch.set_rules(book);
    let mut effects = Vec::new();
    let vaults: Vec<Vault> = world.vaults.0.values().cloned().collect();
    for vault in &vaults {
        world.watch.vault_known(vault, at(0), true, at(now), &mut effects);
    }
    if let Some(market) = market {
        world.watch.market_known(market, at(0), at(now), &mut effects);
    }
    told(effects)
}

#[test]
fn a_new_rule_waits_for_no_value() {
    let mut world = World::new("");
    assert!(world.vault("A", r#"{"ltv":"71"}"#, 0).is_empty());
    let told = renew(&mut world, book(&simple("ltv", "above", "70", "")), None, 5);
    assert_eq!(told, ["raise High [rule:r A] A: LTV 71.0 %"]);
    // Its age is counted from its last value, not from the change.
    let silent = simple("data_age", "above", "\"1m\"", "").replace("\"r\"", "\"silent\"");
    let told = renew(&mut world, book(&silent), None, 61);
    assert_eq!(told, ["raise High [rule:silent A] A: data age 61 s"]);
}

#[test]
fn an_alert_follows_its_rule_and_ends_with_it() {
    let mut world = World::new(&simple("ltv", "above", "70", ""));
    assert_eq!(world.vault("A", r#"{"ltv":"71"}"#, 0).len(), 1);
    let off = simple("ltv", "above", "70", "enabled = false");
    let told = renew(&mut world, book(&off), None, 5);
    assert_eq!(told, ["over High [rule:r A] A: rule r no longer applies"]);
    assert_eq!(renew(&mut world, book(&simple("ltv", "above", "70", "")), None, 6).len(), 1);
    let higher = book(&simple("ltv", "above", "80", ""));
    assert_eq!(
        renew(&mut world, higher, None, 7),
        ["over High [rule:r A] A recovered: LTV 71.0 %"]
    );
}

#[test]
fn a_market_s_alert_ends_with_its_rule() {
    let rule = |more: &str| simple("price", "below", "2000", &format!("token = \"WETH\"\n{more}"));
    let mut world = World::new(&rule(""));
    assert_eq!(world.market(1, r#"{"priceFeeds":{"WETH":"1900"}}"#, 0).len(), 1);
    let mut market = Market::unknown(ChainId(1));
    market.apply(serde_json::from_str(r#"{"priceFeeds":{"WETH":"1900"}}"#).unwrap());
    let mut over = renew(&mut world, book(&rule("enabled = false")), Some(&market), 5);
    over.extend(world.tick(6));
    assert_eq!(over, ["over High [rule:r@1] Alert: rule r@1 no longer applies"]);
    let again = renew(&mut world, book(&rule("")), Some(&market), 7);
    assert_eq!(again, ["raise High [rule:r@1] WETH $1,900 on Ethereum"]);
}

#[test]
fn a_change_over_a_window_is_not_begun_anew_by_another_rule() {
    let falls = simple("ltv", "above", "5", "change = \"absolute\"\nover = \"10m\"");
    let mut world = World::new(&falls);
    world.vault("A", r#"{"ltv":"60"}"#, 0);
    world.vault("A", r#"{"ltv":"64"}"#, 60);
    let other = simple("ltv", "above", "90", "").replace("\"r\"", "\"other\"");
    assert!(renew(&mut world, book(&format!("{falls}{other}")), None, 70).is_empty());
    let told = world.vault("A", r#"{"ltv":"65.5"}"#, 100);
    assert_eq!(told, ["raise High [rule:r A] A: LTV +5.5 points in 10 min"]);

    let falls =
        simple("price", "below", "-10", "token = \"WETH\"\nchange = \"percent\"\nover = \"30m\"");
    let mut world = World::new(&falls);
    world.market(1, r#"{"priceFeeds":{"WETH":"2000"}}"#, 0);
    renew(&mut world, book(&format!("{falls}{other}")), None, 70);
    assert_eq!(world.market(1, r#"{"priceFeeds":{"WETH":"1700"}}"#, 100).len(), 1);
}
