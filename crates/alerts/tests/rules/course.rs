use crate::{World, simple};

const LADDER: &str = r#"
[[rule]]
name = "r"
metric = "ltv"
when = "above"
recovery = "60s"
note = "Ask Ada."
levels.medium = { enter = 70, exit = 68 }
levels.critical = { enter = 90, exit = 88, for = "5s" }
"#;

fn ltv(world: &mut World, ltv: &str, second: i64) -> Vec<String> {
    world.vault("A", &format!("{{\"ltv\":\"{ltv}\"}}"), second)
}

#[test]
fn a_whole_life() {
    let mut world = World::new(LADDER);
    assert!(ltv(&mut world, "69.99", 0).is_empty());
    assert_eq!(world.watch.size(), (1, 0), "nothing to remember");
    assert!(ltv(&mut world, "70", 10).is_empty(), "the policy's 60 s for medium");
    assert!(world.watch.has_timers() && world.tick(69).is_empty());
    assert_eq!(world.tick(70), ["raise Medium [rule:r A] A: LTV 70.0 %"]);
    assert!(ltv(&mut world, "90", 75).is_empty(), "its own 5 s for critical, figures wait for 10");
    assert_eq!(world.tick(80), ["worse Critical [rule:r A] A: LTV 90.0 %, was 70.0 %"]);
    assert!(ltv(&mut world, "88", 86).is_empty(), "not left yet");
    assert_eq!(world.tick(95), ["update Critical [rule:r A] A: LTV 88.0 %"]);
    assert!(ltv(&mut world, "87.9", 100).is_empty());
    assert_eq!(world.tick(105), ["update Critical [rule:r A] A: LTV 87.9 %"]);
    assert_eq!(world.tick(160), ["update Medium [rule:r A] A: LTV 87.9 %"], "eased");
    assert!(ltv(&mut world, "67.9", 161).is_empty());
    assert_eq!(world.tick(171), ["update Medium [rule:r A] A: LTV 67.9 %"]);
    assert_eq!(world.tick(221), ["over Medium [rule:r A] A recovered: LTV 67.9 %"]);
    assert_eq!(world.watch.size(), (1, 0));
    assert!(!world.watch.has_timers());
}

#[test]
fn what_it_says() {
    let mut world = World::new(LADDER);
    let mut effects = Vec::new();
    let json = r#"{"ltv":"91","liquidationThreshold":"95","collateral":[{"token":"WETH","amount":"10","valueUSD":"20000"}],
        "debt":[{"token":"USDC","amount":"18200","valueUSD":"18200"}]}"#;
    world.vault("A", json, 0);
    world.watch.tick(&world.vaults, true, crate::at(5), &mut effects);
    let alert = effects[0].alert();
    assert_eq!(alert.title, "A: LTV 91.0 %");
    assert!(
        alert.message.starts_with("Rule r: LTV from 90 % is critical. Ask Ada. WETH $2,000"),
        "{}",
        alert.message
    );
    assert!(alert.message.contains("Repay "), "{}", alert.message);
    let evidence = alert.evidence.as_deref().unwrap();
    assert_eq!(evidence.rule, "r");
    assert_eq!(evidence.threshold.as_deref(), Some("LTV from 90 % is critical"));
    assert_eq!((evidence.previous.as_deref(), evidence.current.as_deref()), (None, Some("91.0 %")));
    assert!(evidence.cure.is_some() && evidence.liquidation_price.is_some(), "{evidence:?}");
    assert_eq!(alert.facts.causes.len(), 1, "the token, for incidents");
    effects.clear();
    world.vault("A", r#"{"ltv":"50"}"#, 10);
    world.watch.tick(&world.vaults, true, crate::at(70), &mut effects);
    let over = effects.last().unwrap().alert();
    assert_eq!(over.message, "Rule r: Critical for 65 s, worst 91.0 %. Nothing to do.");
}

#[test]
fn a_value_flapping_for_an_hour_is_one_alert() {
    let mut world = World::new(LADDER);
    let mut told = Vec::new();
    for second in 0..3_600 {
        told.extend(ltv(&mut world, if second % 20 < 10 { "90.5" } else { "89" }, second));
        told.extend(world.tick(second));
    }
    let loud: Vec<_> = told.iter().filter(|effect| !effect.starts_with("update")).collect();
    assert_eq!(loud, ["raise Critical [rule:r A] A: LTV 90.5 %"]);
}

#[test]
fn a_break_begins_the_wait_anew() {
    let mut world =
        World::new(&simple("ltv", "above", "70", "").replace("for = \"0s\"", "for = \"30s\""));
    assert!(ltv(&mut world, "71", 0).is_empty());
    assert!(ltv(&mut world, "69", 20).is_empty());
    assert!(ltv(&mut world, "71", 21).is_empty());
    assert!(world.tick(50).is_empty());
    assert_eq!(world.tick(51), ["raise High [rule:r A] A: LTV 71.0 %"]);
}

#[test]
fn outside_its_hours_a_rule_raises_nothing_and_ends_what_it_raised() {
    // at(0) is 2025-11-26 09:40:00 UTC.
    let hours = "schedule = { from = \"09:00\", to = \"10:00\", zone = \"UTC\" }";
    let mut world = World::new(&simple("ltv", "above", "70", hours));
    assert_eq!(ltv(&mut world, "71", 0), ["raise High [rule:r A] A: LTV 71.0 %"]);
    assert!(world.vault("B", r#"{"ltv":"71"}"#, 1_200).is_empty(), "10:00");
    assert!(world.tick(1_201).is_empty(), "what is open stays");
    assert_eq!(ltv(&mut world, "69", 1_300), ["over High [rule:r A] A recovered: LTV 69.0 %"]);
    assert!(world.tick(83_940).is_empty(), "08:59 of the next day");
    assert_eq!(
        world.tick(84_000),
        ["raise High [rule:r B] B: LTV 71.0 %"],
        "when its hours begin it looks at what is there"
    );
}

#[test]
fn a_rule_that_no_longer_applies_ends_its_alert() {
    let mut world = World::new(&simple("ltv", "above", "70", "scope.chains = [1]"));
    assert_eq!(world.vault("A", r#"{"ltv":"71","chainId":1}"#, 0).len(), 1);
    assert_eq!(
        world.vault("A", r#"{"chainId":10}"#, 1),
        ["over High [rule:r A] A: rule r no longer applies"]
    );
}

#[test]
fn rules_put_in_place_while_it_runs() {
    let mut world = World::new(&format!(
        "{}{}{}",
        simple("ltv", "above", "70", ""),
        simple("debt", "above", "1", "").replace("\"r\"", "\"gone\""),
        simple("volatility", "above", "1", "").replace("\"r\"", "\"market\""),
    ));
    let json = r#"{"ltv":"75","debt":[{"token":"USDC","amount":"5","valueUSD":"5"}]}"#;
    assert_eq!(world.vault("A", json, 0).len(), 2);
    assert_eq!(world.market(1, r#"{"volatility":"5"}"#, 0).len(), 1);
    world.watch.set_rules(crate::book(&simple("ltv", "above", "74", "")));
    assert_eq!(
        world.tick(1),
        [
            "over High [rule:gone A] A: rule gone no longer applies",
            "over High [rule:market@1] Alert: rule market@1 no longer applies",
        ]
    );
    assert_eq!(world.watch.size(), (1, 1), "the other goes on");
    world.watch.set_rules(crate::book(&simple("ltv", "above", "80", "")));
    assert_eq!(
        world.tick(2),
        ["over High [rule:r A] A recovered: LTV 75.0 %"],
        "by the new threshold"
    );
}
