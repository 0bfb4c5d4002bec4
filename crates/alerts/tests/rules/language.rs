//! What rules say in German. They know no policy's language: the watch is told it.

use alerts::rule::DryRun;
use alerts::rule::Moment;
use domain::{Language, Vault};

use crate::{World, at, book, id, simple};

fn german(toml: &str) -> World {
    let mut world = World::new(toml);
    world.watch.set_language(Language::German);
    world
}

#[test]
fn a_whole_life_in_german() {
    let ladder = r#"
[[rule]]
name = "r"
metric = "ltv"
when = "above"
recovery = "60s"
note = "Ask Ada."
levels.high = { enter = 82.5, exit = 80, for = "0s" }
levels.critical = { enter = 90, exit = 88, for = "0s" }
"#;
    let mut world = german(ladder);
    let mut effects = Vec::new();
    let vault = |world: &mut World, ltv: &str, second| {
        let json = format!(
            r#"{{"ltv":"{ltv}","liquidationThreshold":"95","collateral":[{{"token":"WETH","amount":"10","valueUSD":"20000"}}],
            "debt":[{{"token":"USDC","amount":"18200","valueUSD":"18200"}}]}}"#
        );
        world.vault("A", &json, second)
    };
    assert_eq!(vault(&mut world, "83", 0), ["raise High [rule:r A] A: LTV 83,0 %"]);
    assert_eq!(
        vault(&mut world, "91", 20),
        ["worse Critical [rule:r A] A: LTV 91,0 %, zuvor 83,0 %"]
    );
    vault(&mut world, "92", 21);
    world.watch.tick(&world.vaults, true, at(40), &mut effects);
    let alert = effects.pop().unwrap();
    let alert = alert.alert();
    assert!(
        alert.message.starts_with("Regel r: LTV ab 90 % ist kritisch. Ask Ada. WETH $1.978, Liqu"),
        "{}",
        alert.message
    );
    let evidence = alert.evidence.as_deref().unwrap();
    assert_eq!(evidence.threshold.as_deref(), Some("LTV ab 90 % ist kritisch"));
    assert_eq!(evidence.current.as_deref(), Some("92,0 %"));
    assert!(!evidence.built_in);
    effects.clear();
    vault(&mut world, "50", 85);
    world.watch.tick(&world.vaults, true, at(145), &mut effects);
    let over = effects.last().unwrap().alert();
    assert_eq!(over.title, "A erholt: LTV 50,0 %");
    assert_eq!(over.message, "Regel r: 2 min lang kritisch, am schlimmsten 92,0 %. Nichts zu tun.");
}

#[test]
fn each_kind_of_figure_in_german() {
    #[track_caller]
    fn check(rule: &str, vault: &str, expected: &str) {
        assert_eq!(
            german(rule).vault("A", vault, 0),
            [format!("raise High [rule:r A] {expected}")]
        );
    }
    let debt = r#"{"debt":[{"token":"USDC","amount":"5","valueUSD":"5000.5"}],"ltv":"10"}"#;
    check(&simple("debt", "above", "1000", ""), debt, "A: Schulden $5.001");
    check(
        &simple("health_factor", "below", "1.5", ""),
        r#"{"ltv":"70","liquidationThreshold":"75"}"#,
        "A: Health-Faktor 1,071",
    );
    let status = "[[rule]]\nname = \"r\"\nmetric = \"vault_status\"\nis = [\"SUSPENDED\"]\nseverity = \"high\"\n\
                  for = \"0s\"\nrecovery = \"0s\"\n";
    check(status, r#"{"status":"SUSPENDED"}"#, "A ist ausgesetzt");
    let mut world = german(status);
    world.vault("A", r#"{"status":"SUSPENDED"}"#, 0);
    assert_eq!(
        world.vault("A", r#"{"status":"ACTIVE"}"#, 1),
        ["over High [rule:r A] A ist wieder aktiv"]
    );
    let mut market = german(&simple("volatility", "above", "1", ""));
    assert_eq!(
        market.market(1, r#"{"volatility":"5.5"}"#, 0),
        ["raise High [rule:r@1] Volatilität 5,5 % auf Ethereum"]
    );
    assert_eq!(
        market.market(1, r#"{"volatility":"0.5"}"#, 1),
        ["over High [rule:r@1] Erholt: Volatilität 0,5 % auf Ethereum"]
    );
}

#[test]
fn which_values_are_too_low_is_said_in_german() {
    let mut watch = german(&simple("room", "below", "8", "")).watch;
    let mut vault = Vault::unknown(id("A"));
    let json = r#"{"ltv":"77","liquidationThreshold":"82.5"}"#;
    vault.apply(serde_json::from_str(json).unwrap());
    let mut effects = Vec::new();
    watch.vault_changed(&vault, at(0), &mut effects);
    let message = &effects[0].alert().message;
    assert_eq!(message, "Regel r: Abstand zur Liquidation ab 8 % abwärts ist hoch. LTV 77,0 %.");
}

#[test]
fn a_rule_that_is_gone_says_so_in_german() {
    let mut world = german(&simple("ltv", "above", "70", "scope.chains = [1]"));
    world.vault("A", r#"{"ltv":"71","chainId":1}"#, 0);
    assert_eq!(
        world.vault("A", r#"{"chainId":10}"#, 1),
        ["over High [rule:r A] A: Regel r gilt nicht mehr"]
    );
}

#[test]
fn the_past_is_played_in_the_language_that_is_asked_for() {
    let played = |language: Option<Language>| {
        let run = DryRun::new(book(&simple("ltv", "above", "70", "")));
        let mut run = match language {
            Some(language) => run.speaking(language),
            None => run,
        };
        let mut vault = Vault::unknown(id("A"));
        vault.apply(serde_json::from_str(r#"{"ltv":"71.5"}"#).unwrap());
        run.vault(at(0), vault);
        match run.finish(at(1)).timeline.remove(0) {
            Moment::Raised { title, .. } => title,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(played(None), "A: LTV 71.5 %");
    assert_eq!(played(Some(Language::German)), "A: LTV 71,5 %");
}
