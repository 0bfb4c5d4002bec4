use alerts::rule::RuleWatch;
use alerts::{Condition, Finding};
use domain::Level;

use crate::{World, at, simple, told};

/// The same world in another process: everything that was kept, and nothing else.
fn restarted(world: &mut World, toml: &str, kept: &mut Vec<(String, String)>) {
    keep(world, kept);
    let mut watch = RuleWatch::new(crate::book(toml));
    for (key, value) in kept.iter() {
        watch.remember(key, value);
    }
    world.watch = watch;
}

fn keep(world: &mut World, kept: &mut Vec<(String, String)>) {
    for (key, value) in world.watch.take_memory() {
        kept.retain(|(known, _)| known != key.as_str());
        if !value.is_empty() {
            kept.push((key.to_string(), value));
        }
    }
}

#[test]
fn what_is_pending_is_not_begun_anew() {
    let toml = simple("ltv", "above", "70", "").replace("for = \"0s\"", "for = \"60s\"");
    let mut world = World::new(&toml);
    let mut kept = Vec::new();
    assert!(world.vault("A", r#"{"ltv":"71"}"#, 0).is_empty());
    restarted(&mut world, &toml, &mut kept);
    assert!(world.vault("A", "{}", 30).is_empty());
    assert_eq!(world.tick(60), ["raise High [rule:r A] A: LTV 71.0 %"]);
    restarted(&mut world, &toml, &mut kept);
    assert!(world.vault("A", r#"{"ltv":"72"}"#, 61).is_empty(), "not raised again");
    let over = world.vault("A", r#"{"ltv":"60"}"#, 62);
    assert_eq!(over, ["over High [rule:r A] A recovered: LTV 60.0 %"]);
    keep(&mut world, &mut kept);
    assert!(kept.is_empty(), "{kept:?}");
}

#[test]
fn a_fall_counts_from_the_same_value_as_before() {
    let toml =
        simple("price", "below", "-10", "token = \"WETH\"\nchange = \"percent\"\nover = \"30m\"");
    let mut world = World::new(&toml);
    let mut kept = Vec::new();
    let price = |usd: &str| format!("{{\"priceFeeds\":{{\"WETH\":\"{usd}\"}}}}");
    assert!(world.market(1, &price("2000"), 0).is_empty());
    assert_eq!(world.market(1, &price("1700"), 60).len(), 1);
    restarted(&mut world, &toml, &mut kept);
    let still = world.market(1, &price("1701"), 120);
    assert_eq!(still, ["update High [rule:r@1] WETH −15.0 % in 30 min on Ethereum"]);
    let over = world.market(1, &price("1900"), 700);
    assert_eq!(over, ["over High [rule:r@1] Recovered: WETH −5.0 % in 30 min on Ethereum"]);

    let toml = simple("ltv", "above", "5", "change = \"absolute\"\nover = \"10m\"");
    let mut world = World::new(&toml);
    kept.clear();
    world.vault("A", r#"{"ltv":"60"}"#, 0);
    assert_eq!(world.vault("A", r#"{"ltv":"66"}"#, 60).len(), 1);
    restarted(&mut world, &toml, &mut kept);
    let still = world.vault("A", r#"{"ltv":"65.5"}"#, 100);
    assert_eq!(still, ["update High [rule:r A] A: LTV +5.5 points in 10 min"]);
    assert_eq!(world.vault("A", r#"{"ltv":"64"}"#, 200).len(), 1, "over");
}

#[test]
fn an_alert_without_memory_goes_on_and_one_without_a_rule_ends() {
    let mut world = World::new(&simple("ltv", "above", "70", ""));
    let restore = |watch: &mut RuleWatch, condition: &str| {
        let condition: Condition = condition.parse().unwrap();
        watch.restore(&condition, Level::High, at(-60));
    };
    restore(&mut world.watch, "rule:r A");
    restore(&mut world.watch, "rule:gone A");
    restore(&mut world.watch, "rule:r@1"); // was about markets, in another configuration
    let told = world.vault("A", r#"{"ltv":"71"}"#, 0);
    assert_eq!(told, ["update High [rule:r A] A: LTV 71.0 %"], "not raised again");
    let ended = [
        "over High [rule:gone A] A: rule gone no longer applies",
        "over High [rule:r@1] Alert: rule r@1 no longer applies",
    ];
    let ticked = world.tick(1);
    let over: Vec<_> = ticked.iter().filter(|t| t.starts_with("over")).collect();
    assert_eq!(over, ended.iter().collect::<Vec<_>>());
    assert_eq!(world.vault("A", r#"{"ltv":"60"}"#, 20).len(), 1, "over");
}

#[test]
fn what_cannot_be_understood_is_left_out() {
    let mut watch = RuleWatch::new(crate::book(&simple("ltv", "above", "70", "")));
    for (key, value) in
        [("nonsense", "{}"), ("rule:r A", "nonsense"), ("rule:gone A", "{}"), ("solvency A", "{}")]
    {
        watch.remember(key, value);
    }
    assert_eq!(watch.size(), (0, 0));
    let mut effects: Vec<Finding> = Vec::new();
    watch.tick(&crate::Known::default(), true, at(0), &mut effects);
    assert!(told(effects).is_empty());
}
