use std::time::Duration;

use alerts::rule::{Nearness, RuleBook, Verdict};
use domain::Vault;
use domain::vault::VaultPatch;

use crate::{World, book, id};

fn vault(name: &str, json: &str) -> Vault {
    let mut vault = Vault::unknown(id(name));
    vault.apply(serde_json::from_str::<VaultPatch>(json).unwrap());
    vault
}

const WETH_ON_BASE: &str =
    r#"{"chainId":8453,"collateral":[{"token":"WETH","amount":"1","valueUSD":"1"}]}"#;

/// Variants for everything, a chain, a token, a label, a pattern of ids and a vault, each with an LTV of its own.
fn variants() -> String {
    let variant = |enter: u32, scope: &str| {
        format!(
            "[[rule]]\nname = \"r\"\nmetric = \"ltv\"\nwhen = \"above\"\nenter = {enter}\n\
             severity = \"high\"\nfor = \"0s\"\n{scope}\n"
        )
    };
    [
        "[labels]\ntreasury = [\"DAO-*\"]\n".to_owned(),
        variant(10, ""),
        variant(15, "scope.profiles = [\"acme\"]"),
        variant(20, "scope.chains = [8453]"),
        variant(30, "scope.tokens = [\"weth\"]"),
        variant(40, "scope.labels = [\"treasury\"]"),
        variant(45, "scope.vaults = [\"DAO-*\"]"),
        variant(50, "scope.vaults = [\"DAO-1\"]"),
        variant(60, "scope.vaults = [\"DAO-2\"]\nenabled = false"),
        variant(70, "scope.profiles = [\"other\"]\nscope.chains = [8453]"),
    ]
    .concat()
}

#[test]
fn the_nearest_variant_applies() {
    let book = book(&variants());
    for (name, json, scope, nearness) in [
        ("A", "{}", "profile acme", Nearness::Profile),
        ("A", r#"{"chainId":8453}"#, "chain 8453", Nearness::Chain),
        ("A", WETH_ON_BASE, "token weth", Nearness::Token),
        ("DAO-7", WETH_ON_BASE, "label treasury", Nearness::Label),
        ("DAO-1", WETH_ON_BASE, "vault DAO-1", Nearness::Vault),
    ] {
        let explained = book.explain(&vault(name, json));
        let [(rule, Verdict::Applies { variant, nearness: near, of: 8 })] = &explained.rules[..]
        else {
            panic!("{name} {json}: {explained:?}")
        };
        assert_eq!(rule, "r");
        assert_eq!((variant.words().as_str(), *near), (scope, nearness), "{name} {json}");
    }
    let exempt = book.explain(&vault("DAO-2", WETH_ON_BASE));
    assert!(
        matches!(&exempt.rules[0].1, Verdict::Disabled { variant, .. } if variant.words() == "vault DAO-2")
    );
}

#[test]
fn one_alert_whichever_variant_applies() {
    let mut world = World::new(&variants());
    assert!(world.vault("DAO-7", r#"{"ltv":"39"}"#, 0).is_empty(), "40 for the treasury");
    assert_eq!(world.vault("A", r#"{"ltv":"39"}"#, 0).len(), 1, "15 for the others");
    assert_eq!(
        world.vault("DAO-7", r#"{"ltv":"40"}"#, 1),
        ["raise High [rule:r DAO-7] DAO-7: LTV 40.0 %"]
    );
    assert!(world.vault("DAO-2", r#"{"ltv":"99"}"#, 0).is_empty(), "exempt");
    // It becomes known that the vault's collateral is WETH: from 15 to 30 %, which it is beyond, too.
    assert!(world.vault("A", WETH_ON_BASE, 2).is_empty(), "the same alert");
    assert_eq!(world.watch.size().1, 2);
}

const POLICIES: &str = r#"
[labels]
treasury = ["DAO-*"]
[[rule]]
name = "r"
metric = "ltv"
when = "above"
enter = 10
severity = "high"
[[policy]]
hold = { medium = "90s", high = "90s" }
recovery = "5m"
[[policy]]
profile = "other"
recovery = "9h"
[[policy]]
chain = 8453
hold = { high = "30s" }
rules = { r = false }
[[policy]]
token = "WETH"
hold = { high = "20s" }
[[policy]]
label = "treasury"
hold = { high = "10s" }
[[policy]]
label = "treasury"
hold = { high = "11s" }
recovery = "4m"
[[policy]]
vault = "DAO-1"
hold = { high = "0s" }
rules = { r = true }
"#;

#[track_caller]
fn holds(book: &RuleBook, vault: &Vault, medium: u64, high: u64, critical: u64, recovery: u64) {
    let policy = book.policies().of(vault);
    let times = [policy.hold.medium, policy.hold.high, policy.hold.critical, policy.recovery];
    assert_eq!(times, [medium, high, critical, recovery].map(Duration::from_secs));
    // What is explained is what holds.
    let explained = book.policies().settings(vault).into_iter().take(4);
    assert_eq!(explained.filter_map(|s| s.time).collect::<Vec<_>>(), times);
}

#[test]
fn the_nearest_policy_wins_setting_by_setting() {
    let book = book(POLICIES);
    holds(&book, &vault("A", "{}"), 90, 90, 0, 300);
    holds(&book, &vault("A", r#"{"chainId":8453}"#), 90, 30, 0, 300);
    holds(&book, &vault("A", WETH_ON_BASE), 90, 20, 0, 300);
    holds(&book, &vault("DAO-7", WETH_ON_BASE), 90, 10, 0, 240);
    holds(&book, &vault("DAO-1", WETH_ON_BASE), 90, 0, 0, 240);
    assert_eq!(book.policies().general().recovery, Duration::from_secs(300));
    let from: Vec<_> = book
        .explain(&vault("DAO-1", WETH_ON_BASE))
        .settings
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        from,
        [
            "hold.medium = 90 s (everything)",
            "hold.high = 0 s (vault DAO-1)",
            "hold.critical = 0 s (built in)",
            "recovery = 4 min (label treasury)",
            "repeat.critical = 2 min, 5 min, 10 min (built in)",
            "repeat.critical_after = 15 min (built in)",
            "repeat.high = 1 h (built in)",
            "quiet_hours = none (built in)",
            "notify_from = critical (built in)",
            "sound_after = 2 min (built in)",
            "call_out_after = 4 min (built in)",
            "ack_lapse = 30 min (built in)",
        ]
    );
}

#[test]
fn how_alerts_are_told_is_a_policys_to_say_too() {
    let book = book(
        r#"
[labels]
treasury = ["DAO-*"]
[[policy]]
quiet_hours = { from = "22:00", to = "06:30", zone = "Europe/Berlin" }
repeat = { high = "30m" }
[[policy]]
label = "treasury"
repeat = { critical = ["1m", "3m"], critical_after = "5m", high = "10m" }
notify_from = "high"
sound_after = "30s"
call_out_after = "1m"
ack_lapse = "10m"
[[policy]]
vault = "DAO-1"
quiet_hours = "none"
"#,
    );
    let settings = |name: &str| -> Vec<String> {
        let explained = book.explain(&vault(name, "{}"));
        explained.settings.iter().skip(4).map(ToString::to_string).collect()
    };
    assert_eq!(
        settings("DAO-1"),
        [
            "repeat.critical = 1 min, 3 min (label treasury)",
            "repeat.critical_after = 5 min (label treasury)",
            "repeat.high = 10 min (label treasury)",
            "quiet_hours = none (vault DAO-1)",
            "notify_from = high (label treasury)",
            "sound_after = 30 s (label treasury)",
            "call_out_after = 1 min (label treasury)",
            "ack_lapse = 10 min (label treasury)",
        ]
    );
    assert_eq!(settings("A")[2], "repeat.high = 30 min (everything)");
    assert_eq!(settings("A")[3], "quiet_hours = 22:00 to 06:30, Europe/Berlin (everything)");
    let policy = book.policies().of(&vault("DAO-1", "{}")).into_owned();
    assert_eq!(policy.repeat(domain::Level::Critical, 2), Some(Duration::from_secs(8 * 60)));
    assert_eq!(policy.quiet_hours, None);
}

#[test]
fn policies_switch_rules() {
    let book = book(POLICIES);
    let verdict = |vault: &Vault| book.explain(vault).rules.remove(0).1;
    assert!(verdict(&vault("A", "{}")).applies());
    let off = verdict(&vault("A", r#"{"chainId":8453}"#));
    assert!(matches!(off, Verdict::OffByPolicy { .. }), "{off:?}");
    assert_eq!(off.to_string(), "off: switched off by the policy for chain 8453");
    let german = "ausgeschaltet durch die Richtlinie für Chain 8453";
    assert_eq!(off.why(domain::Language::German), german);
    assert!(verdict(&vault("DAO-1", WETH_ON_BASE)).applies(), "switched on again, nearer");
    let mut world = World::new(POLICIES);
    world.vault("A", r#"{"chainId":8453,"ltv":"50"}"#, 0);
    assert_eq!(world.watch.size(), (1, 0));
    assert_eq!(world.vault("DAO-1", r#"{"ltv":"50"}"#, 0).len(), 1, "at once, by its policy");
}

#[test]
fn why_a_rule_does_not_apply() {
    let scoped = crate::simple("ltv", "above", "5", "scope.chains = [1]\nscope.vaults = [\"A\"]");
    let market = crate::simple("volatility", "above", "5", "").replace("\"r\"", "\"m\"");
    let book = book(&format!("{scoped}{market}"));
    let words = |name: &str, json: &str| {
        let explained = book.explain(&vault(name, json));
        explained.rules.iter().map(|(_, verdict)| verdict.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(words("A", r#"{"chainId":1}"#)[0], "applies: for chain 1, vault A");
    let elsewhere = "does not apply: for chain 1, vault A (the vault is on another chain, or on none that is known)";
    assert_eq!(words("A", "{}")[0], elsewhere);
    assert_eq!(
        words("B", r#"{"chainId":1}"#)[0],
        "does not apply: for chain 1, vault A (another vault)"
    );
    assert_eq!(words("A", "{}")[1], "is about markets or the platform");
    let explained = book.explain(&vault("A", "{}"));
    let german = explained.rules.iter().map(|(_, verdict)| verdict.why(domain::Language::German));
    let elsewhere =
        "für Chain 1, Vault A (der Vault liegt auf einer anderen Chain, oder auf keiner bekannten)";
    assert_eq!(german.collect::<Vec<_>>(), [elsewhere, "betrifft Märkte oder die Plattform"]);
}
