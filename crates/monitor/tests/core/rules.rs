//! The user's rules in the running program.

use alerts::Policy;
use alerts::rule::{RuleBook, RulesOptions};
use domain::view::{LanguageChoice, Preferences};

use crate::watch::*;

fn book(toml: &str) -> RuleBook {
    let options: RulesOptions = toml::from_str(toml).unwrap();
    RuleBook::new(&options, Policy::default(), "acme").unwrap()
}

const RULES: &str = r#"
[[rule]]
name = "ltv"
metric = "ltv"
when = "above"
severity = "critical"
enter = 50
exit = 45
recovery = "0s"

[[rule]]
name = "weth"
metric = "price"
token = "WETH"
when = "below"
severity = "critical"
enter = 2000
recovery = "0s"

[[rule]]
name = "mode"
metric = "status"
field = "mode"
is = ["degraded"]
severity = "critical"
recovery = "0s"

[[rule]]
name = "silent"
metric = "data_age"
when = "above"
severity = "critical"
enter = "2m"
recovery = "0s"
"#;

#[tokio::test]
async fn vaults_markets_and_the_status_are_held_against_the_rules() {
    let mut watch = Watch::start_with(acme(), Store::in_memory().unwrap(), |options| {
        options.rules = book(RULES);
    })
    .await;
    watch.vault("A", "49");
    watch.vault("A", "51");
    let shown = watch.notified().await;
    assert_eq!((shown.title.as_str(), shown.urgency), ("A: LTV 51.0 %", Urgency::Critical));
    assert_eq!(shown.target, Target::Vault(VaultId::new("A").unwrap()));
    watch.send("market_data_1", r#"{"priceFeeds":{"WETH":1999}}"#);
    assert_eq!(watch.notified().await.title, "WETH $1,999 on Ethereum");
    watch.send("system_status", r#"{"isRunning":true,"mode":"degraded"}"#);
    assert_eq!(watch.notified().await.title, "Platform: mode is degraded");
    let all = watch.monitor.notifications().await;
    let of_vault = all.iter().find(|view| view.vault.is_some()).unwrap();
    let evidence = of_vault.evidence.as_deref().unwrap();
    assert_eq!((evidence.rule.as_str(), evidence.current.as_deref()), ("ltv", Some("51.0 %")));
    watch.vault("A", "44");
    watch
        .until("its end", |call| match call {
            Call::Window(WindowEvent::Notification(view))
                if view.state == NotificationState::Resolved =>
            {
                Some(view.title.clone())
            }
            _ => None,
        })
        .await;
}

#[tokio::test]
async fn what_watches_a_vault_is_explained_by_what_is_known_of_it() {
    const SCOPED: &str = r#"
[[rule]]
name = "ether"
metric = "ltv"
when = "above"
severity = "high"
enter = 50
scope.tokens = ["WETH"]

[[policy]]
token = "WETH"
hold.high = "5s"
"#;
    let mut watch = Watch::start_with(acme(), Store::in_memory().unwrap(), |options| {
        options.rules = book(SCOPED);
    })
    .await;
    let held = |token: &str| {
        format!(
            r#"{{"ltv":10,"chainId":1,"collateral":[{{"token":"{token}","amount":"1","valueUSD":"2000"}}]}}"#
        )
    };
    watch.send("vault_update_A", &held("WETH"));
    watch.send("vault_update_B", &held("WBTC"));
    watch.settled().await;
    let vault = |id: &str| VaultId::new(id).unwrap();
    let explained = async |watch: &Watch, id: &str| {
        let explained = watch.monitor.explain(vault(id)).await.expect("it is known");
        let hold = explained.settings.into_iter().find(|one| one.name == "hold.high").unwrap();
        let rule = explained.rules.into_iter().find(|one| one.rule == "ether");
        (hold.value, hold.from, rule.map(|rule| (rule.applies, rule.why)))
    };
    let (value, from, rule) = explained(&watch, "A").await;
    assert_eq!((value.as_str(), from.as_str()), ("5 s", "token WETH"));
    assert!(rule.unwrap().0);
    let (value, from, rule) = explained(&watch, "B").await;
    assert_eq!((value.as_str(), from.as_str()), ("15 s", "built in"));
    let (applies, why) = rule.unwrap();
    assert!(!applies && why.contains("no such collateral"), "{why}");
    assert_eq!(watch.monitor.explain(vault("NOBODY")).await, None);
    let language = LanguageChoice::German;
    watch.monitor.set_preferences(Preferences { language, ..Preferences::default() });
    let (_, why) = explained(&watch, "B").await.2.unwrap();
    assert_eq!(why, "für Token WETH (diese Sicherheit hat er nicht)");

    // It is about the vault as it is by now, and about the rules in force.
    watch.send("vault_update_B", &held("WETH"));
    watch.settled().await;
    assert!(explained(&watch, "B").await.2.unwrap().0);
    watch.monitor.set_rules(book("")).await.unwrap();
    let (value, _, rule) = explained(&watch, "B").await;
    assert_eq!((value.as_str(), rule), ("15 s", None));
}

#[tokio::test]
async fn time_alone_raises_what_waits_for_it() {
    let mut watch = Watch::start_with(acme(), Store::in_memory().unwrap(), |options| {
        options.rules = book(RULES);
    })
    .await;
    watch.vault("A", "10");
    watch.vault("B", "10");
    watch.settled().await;
    watch.clock.advance(Duration::from_secs(121));
    let shown = watch.notified().await;
    assert!(shown.title.contains("data age 2 min"), "{}", shown.title);
}

#[tokio::test]
async fn a_restart_neither_repeats_nor_forgets() {
    let store = Store::in_memory().unwrap();
    let mut first = Watch::start_with(acme(), store.clone(), |options| {
        options.rules = book(RULES);
    })
    .await;
    first.vault("A", "51");
    let shown = first.notified().await;
    first.monitor.delivered(shown.id);
    first.settled().await;
    first.monitor.shutdown().await;

    let mut second = Watch::start_with(acme(), store.clone(), |options| {
        options.rules = book(RULES);
    })
    .await;
    second.vault("A", "52");
    assert_eq!(notifications(&second.settled().await), 0, "not told again");
    second.vault("A", "40");
    let over = second
        .until("its end", |call| match call {
            Call::Window(WindowEvent::Notification(view)) if view.id == shown.id => {
                (view.state == NotificationState::Resolved).then(|| view.title.clone())
            }
            _ => None,
        })
        .await;
    assert_eq!(over, "A recovered: LTV 40.0 %");
    second.monitor.shutdown().await;

    // Without the rule nobody would ever end what it raised.
    let mut third =
        Watch::start_with(acme(), store.clone(), |options| options.rules = book(RULES)).await;
    third.vault("A", "60");
    let shown = third.notified().await;
    third.monitor.delivered(shown.id);
    third.settled().await;
    third.monitor.shutdown().await;
    // Not waiting for the connection: it may end before that is there.
    let mut fourth = Watch::begin(acme(), store, |_| {}).await;
    fourth
        .until("its end", |call| match call {
            Call::Window(WindowEvent::Notification(view)) if view.id == shown.id => {
                (view.state == NotificationState::Resolved).then_some(())
            }
            _ => None,
        })
        .await;
}
