//! The ladder, the feed and the platform's own alerts.

use proptest::prelude::*;

use crate::desk::*;

const V: &str = "ETH-017";

fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.open(V, "60");
    desk
}

#[test]
fn a_crossing_into_critical_is_told_at_once_and_in_the_agreed_words() {
    let mut d = desk();
    assert_eq!(changes(&d.ltv(V, "74.6")), [], "high waits");
    let effects = d.ltv(V, "75.97");
    assert_eq!(changes(&effects), [("raise", Level::Critical)]);
    let alert = last(&effects);
    assert_eq!(alert.title, "ETH-017: 7.9 % to liquidation");
    assert_eq!(
        alert.message,
        "WETH $1,936, liquidates $1,783. LTV 74.6 → 76.0 %. Repay 13,600 USDC or add 10.1 WETH → 15 %."
    );
    let evidence = alert.evidence.clone().unwrap();
    assert_eq!(evidence.rule, "Room to liquidation");
    assert_eq!(evidence.threshold.as_deref(), Some("Critical at 8 % or less"));
    assert_eq!(
        (evidence.previous.as_deref(), evidence.current.as_deref()),
        (Some("9.5 %"), Some("7.9 %"))
    );
    assert_eq!(evidence.liquidation_price.as_deref(), Some("$1,783 (WETH)"));
    assert_eq!(evidence.cure.as_deref(), Some("Repay 13,600 USDC or add 10.1 WETH → 15 %."));
    assert_eq!(changes(&d.ltv(V, "76.2")), [], "the same condition is not raised again");
}

#[test]
fn high_waits_15_s_and_medium_60_s() {
    let mut d = desk();
    assert_eq!(changes(&d.ltv(V, "71")), []);
    assert_eq!(changes(&d.after(Duration::from_millis(14_999))), []);
    assert_eq!(changes(&d.after(Duration::from_millis(1))), [("raise", Level::High)]);
    let mut d = desk();
    assert_eq!(changes(&d.ltv(V, "63")), []);
    assert_eq!(changes(&d.after(Duration::from_secs(59))), []);
    let raised = d.after(SECOND);
    assert_eq!(changes(&raised), [("raise", Level::Medium)]);
    assert_eq!(shown(&raised), [] as [&alerts::Showing; 0], "only critical ones leave the window");
}

#[test]
fn a_spike_that_is_over_before_its_time_is_no_alert() {
    let mut d = desk();
    d.ltv(V, "71");
    d.after(Duration::from_secs(10));
    assert_eq!(changes(&d.ltv(V, "61")), []);
    assert_eq!(changes(&d.after(MINUTE)), []);
    assert!(!d.memory.keys().any(|key| key.starts_with("v:")), "nothing is remembered of it");
}

#[test]
fn getting_worse_is_told_in_place_by_level_and_by_the_steps_beyond_critical() {
    let mut d = desk();
    d.ltv(V, "71");
    assert_eq!(changes(&d.after(Duration::from_secs(15))), [("raise", Level::High)]);
    let told = |effects: &[Effect]| {
        let told = shown(effects).into_iter().map(|showing| showing.title.clone());
        told.collect::<Vec<_>>()
    };
    assert_eq!(told(&d.ltv(V, "76")), ["ETH-017: 7.8 % left, was 13.9 %"]);
    d.after(MINUTE);
    for (ltv, title) in [
        ("77", None),
        ("78.4", Some("ETH-017: 4.9 % left, was 13.9 %")),
        ("78.3", None),
        ("78.5", None),
        ("80.1", Some("ETH-017: 2.9 % left, was 13.9 %")),
        ("81.8", Some("ETH-017: 0.8 % left, was 13.9 %")),
        ("82.5", Some("ETH-017: 0.0 % left, was 13.9 %")),
        ("83", None),
    ] {
        let effects = d.ltv(V, ltv);
        assert_eq!(told(&effects), title.into_iter().collect::<Vec<_>>(), "at {ltv}");
        assert!(effects.iter().all(|effect| match effect {
            Effect::Changed(changed) => changed.condition == Condition::solvency(id(V)),
            _ => true,
        }));
        d.after(Duration::from_secs(5));
    }
    assert_eq!(d.only().occurrences, 6);
}

#[test]
fn what_the_price_did_is_told_with_it() {
    let mut d = desk();
    d.slide(V, 70, 76);
    d.after(6 * MINUTE);
    let effects =
        d.update(V, r#"{"ltv":80,"collateral":{"token":"WETH","amount":"120","valueUSD":220625}}"#);
    assert_eq!(
        last(&effects).message,
        "WETH −5.0 % in 6 min, liquidates $1,783. Repay 21,800 USDC or add 16.9 WETH → 15 %."
    );
}

#[test]
fn recovery_needs_two_points_and_two_minutes() {
    let mut d = desk();
    d.slide(V, 70, 80);
    d.ltv(V, "75.5"); // 8.4 % of room: above the entry, below the exit at 10 %
    let changed = d.after(Duration::from_secs(90));
    assert!(changes(&changed).iter().all(|change| *change == ("update", Level::Critical)));
    d.ltv(V, "60");
    assert!(!changes(&d.after(Duration::from_secs(119))).contains(&("resolve", Level::Critical)));
    let over = d.after(SECOND);
    assert_eq!(changes(&over), [("resolve", Level::Critical)]);
    assert_eq!(last(&over).title, "ETH-017 recovered: 27.2 % left");
    let message = "LTV 80.0 → 60.0 %. Critical for 3 min, low 3.0 %. Nothing to do.";
    assert_eq!(last(&over).message, message);
    assert_eq!(shown(&over), [] as [&alerts::Showing; 0], "good news wake nobody");
    assert_eq!(withdrawn(&over).len(), 1, "what is shown is closed");
    assert!(d.live.is_empty());
}

#[test]
fn a_jump_that_no_price_explains_waits_for_a_second_look() {
    let mut d = desk();
    assert_eq!(changes(&d.ltv(V, "80")), [], "27 → 3 % in one message");
    assert_eq!(changes(&d.after(Duration::from_millis(2_999))), []);
    assert_eq!(
        changes(&d.after(Duration::from_millis(1))),
        [("raise", Level::Critical)],
        "3 s at most"
    );

    let mut confirmed = desk();
    confirmed.ltv(V, "80");
    assert_eq!(changes(&confirmed.ltv(V, "80.1")), [("raise", Level::Critical)]);

    let mut glitch = desk();
    glitch.ltv(V, "80");
    assert_eq!(changes(&glitch.ltv(V, "60")), []);
    assert_eq!(changes(&glitch.after(MINUTE)), []);

    let mut explained = desk();
    explained.price("WETH", "2000");
    explained.after(MINUTE);
    explained.price("WETH", "1560");
    assert_eq!(
        changes(&explained.ltv(V, "80")),
        [("raise", Level::Critical)],
        "the price fell as far"
    );
}

#[test]
fn a_partial_recovery_lowers_the_level_quietly() {
    let mut d = desk();
    d.slide(V, 70, 80);
    d.ltv(V, "71");
    d.after(2 * MINUTE);
    let eased = d.after(2 * SECOND);
    assert_eq!(d.only().severity, Level::High);
    assert!(changes(&eased).iter().all(|(what, _)| *what == "update"));
    assert!(d.live.is_empty(), "critical no more, it is closed");
    assert_eq!(
        changes(&d.slide(V, 76, 76)),
        [("worsen", Level::Critical)],
        "worse again is told again"
    );
}

#[test]
fn what_becomes_unknown_keeps_firing_and_what_is_closed_is_over() {
    let mut d = desk();
    d.slide(V, 70, 80);
    d.update(V, r#"{"ltv":null,"collateral":null,"debt":null,"healthFactor":null}"#);
    let later = d.after(10 * MINUTE);
    assert!(!changes(&later).iter().any(|(what, _)| *what == "resolve"));
    assert_eq!(changes(&d.update(V, r#"{"status":"CLOSED"}"#)), [("resolve", Level::Critical)]);
}

#[test]
fn platform_alerts_about_solvency_join_the_vaults_own_condition() {
    let mut d = desk();
    d.slide(V, 70, 80);
    let same =
        r#"{"id":"7f","vaultId":"ETH-017","category":"LTV","severity":"CRITICAL","message":"x"}"#;
    assert_eq!(changes(&d.platform(same)), []);
    assert_eq!(changes(&d.platform(&same.replace("\"LTV\"", "\"HEALTH_FACTOR\""))), []);
    d.after(Duration::from_secs(10));
    assert_eq!(d.only().suppressed, 2, "it says how many");
}

#[test]
fn a_platform_alert_is_told_where_our_own_figures_see_nothing() {
    let mut d = desk();
    let alert =
        r#"{"id":"a","vaultId":"ETH-017","category":"LTV","type":"CRITICAL","message":"x"}"#;
    assert_eq!(changes(&d.platform(alert)), [("raise", Level::Critical)]);
    assert_eq!(changes(&d.platform(&alert.replace("\"a\"", "\"b\""))), [], "its id is random");
    assert_eq!(changes(&d.ltv(V, "60.1")), []);
    let later = changes(&d.after(10 * MINUTE));
    assert!(!later.contains(&("resolve", Level::Critical)), "still claimed");
    let resolved = r#"{"vaultId":"ETH-017","category":"LTV","message":"x","resolved":true}"#;
    assert_eq!(changes(&d.platform(resolved)), [("resolve", Level::Critical)]);
}

#[test]
fn other_categories_are_conditions_of_their_own() {
    let mut d = desk();
    let alert = |severity: &str, n: u32| {
        format!(
            r#"{{"id":"{n}","category":"MARKET_RISK","severity":"{severity}","title":"USDC 0.9962","message":"Low."}}"#
        )
    };
    let raised = d.platform(&alert("MEDIUM", 1));
    assert_eq!(changes(&raised), [("raise", Level::Medium)]);
    assert_eq!(last(&raised).title, "USDC 0.9962");
    assert_eq!(changes(&d.platform(&alert("CRITICAL", 2))), [("worsen", Level::Critical)]);
    d.ack();
    d.now = d.now.plus(Duration::from_secs(24 * 3600 - 1));
    assert!(!changes(&d.tick()).contains(&("resolve", Level::Critical)));
    assert!(changes(&d.after(SECOND)).contains(&("resolve", Level::Critical)));
}

#[test]
fn a_liquidation_pierces_the_solvency_alert() {
    let mut d = desk();
    d.slide(V, 70, 80);
    d.ack();
    d.after(MINUTE);
    let effects = d.update(
        V,
        r#"{"status":"LIQUIDATED","collateral":{"token":"WETH","amount":"68.0","valueUSD":131648},
            "debt":{"token":"USDC","amount":"88249","valueUSD":88249}}"#,
    );
    let told = shown(&effects);
    assert_eq!(told[0].title, "ETH-017 liquidated");
    assert!(
        told[0].body.starts_with("12:01: 88,251 USDC repaid, 52.0 WETH taken. Left: 68.0 WETH"),
        "{}",
        told[0].body
    );
    let mut first_seen = Desk::new();
    assert_eq!(changes(&first_seen.update(V, r#"{"status":"LIQUIDATED"}"#)), [], "old news");
}

#[test]
fn a_dead_feed_is_told_after_60_s_when_somebody_is_exposed_and_after_5_min_otherwise() {
    let check = |exposure: &Exposure, patience: u64, severity| {
        let mut d = desk();
        d.exposure = exposure.clone();
        d.step(Input::FeedLost);
        assert_eq!(changes(&d.after(Duration::from_secs(patience - 1))), []);
        let effects = d.after(SECOND);
        assert_eq!(changes(&effects), [("raise", severity)]);
        let showing = shown(&effects)[0].clone();
        let told = changes(&d.after(MINUTE));
        assert!(told.iter().all(|(what, _)| *what == "update"), "once: {told:?}");
        let back = d.step(Input::FeedBack);
        assert_eq!(changes(&back), [("resolve", severity)]);
        assert!(last(&back).title.starts_with("Feed back after "));
        (showing.title, showing.body)
    };
    let calm = Exposure {
        feed: "Acme".into(),
        vaults: 300,
        critical: 0,
        at_risk: 0,
        ..Exposure::default()
    };
    let (title, _) = check(&calm, 300, Level::High);
    assert_eq!(title, "No data for 5 min: Acme");
    let exposed = Exposure { critical: 2, at_risk: 3, ..calm };
    let offline = Exposure { no_network: true, ..exposed.clone() };
    let (title, body) = check(&exposed, 60, Level::Critical);
    assert_eq!(title, "No data for 60 s: Acme");
    let expected =
        "300 vaults unwatched, 2 critical at 12:00. Retrying. Check the lender directly.";
    assert_eq!(body, expected);
    let (_, body) = check(&offline, 60, Level::Critical);
    assert!(
        body.ends_with("at 12:00. This machine has no network. Check the lender directly."),
        "{body}"
    );
}

#[test]
fn what_is_told_again_of_a_dead_feed_says_how_long_it_has_been_dead() {
    let mut d = desk();
    d.exposure = Exposure {
        feed: "Acme".into(),
        vaults: 300,
        critical: 2,
        at_risk: 3,
        ..Exposure::default()
    };
    d.step(Input::FeedLost);
    d.after(MINUTE);
    // As of then: nothing is counted while it is dead.
    d.exposure = Exposure::default();
    d.after(30 * MINUTE);
    d.restart();
    let told = d.after(3 * HOUR);
    let repeated = shown(&told).pop().unwrap();
    assert_eq!(repeated.title, "No data for 3 h: Acme");
    let body = "300 vaults unwatched, 2 critical at 12:00. Retrying. Check the lender directly.";
    assert_eq!(repeated.body, body);
    d.step(Input::FeedBack);
    d.step(Input::FeedLost);
    d.exposure = Exposure {
        feed: "Acme".into(),
        vaults: 300,
        critical: 0,
        at_risk: 1,
        ..Exposure::default()
    };
    assert_eq!(shown(&d.after(MINUTE))[0].title, "No data for 60 s: Acme");
}

#[test]
fn a_dead_feed_silences_new_value_alerts_and_marks_the_open_ones() {
    let mut d = desk();
    d.open("B", "60");
    d.slide(V, 70, 76);
    d.exposure =
        Exposure { feed: "Acme".into(), vaults: 2, critical: 1, at_risk: 1, ..Exposure::default() };
    d.step(Input::FeedLost);
    d.after(Duration::from_secs(58));
    d.ltv("B", "63"); // would be medium in a minute
    let down = d.after(2 * SECOND);
    assert!(changes(&down).contains(&("raise", Level::Critical)));
    let of_vault = |d: &Desk| d.engine.open().find(|one| one.vault == Some(id(V))).unwrap().clone();
    assert!(of_vault(&d).message.ends_with("Last known: the feed is down."));
    assert!(of_vault(&d).evidence.unwrap().last_known);
    let later = changes(&d.after(2 * MINUTE));
    assert!(
        !later.contains(&("raise", Level::Medium)),
        "B is not judged by what is not known any more"
    );
    d.step(Input::FeedBack);
    assert!(!of_vault(&d).message.contains("Last known"));
    assert!(changes(&d.after(SECOND)).contains(&("raise", Level::Medium)));
}

#[test]
fn a_silent_vault_at_risk_is_told_of_though_the_feed_is_up() {
    let mut d = desk();
    d.slide(V, 70, 76);
    d.after(4 * MINUTE);
    let vault = d.vaults.0[&id(V)].clone();
    let silent = Silent {
        vault: &vault,
        usual: Some(Duration::from_secs(12)),
        last: Desk::START,
        level: Level::Critical,
    };
    let effects = d.step(Input::Silent(silent));
    assert_eq!(changes(&effects), [("raise", Level::High)]);
    assert_eq!(last(&effects).title, "ETH-017 stale for 4 min");
    assert_eq!(
        last(&effects).message,
        "Usually 12 s. Last: 7.8 % left. The feed is up. Check the lender."
    );
    assert_eq!(last(&effects).suppressed, 1, "the vault's own critical alert says more");
    assert_eq!(changes(&d.step(Input::Silent(silent))), [], "once");
    d.after(2 * MINUTE);
    let stale = |one: &&NotificationView| one.title.starts_with("ETH-017 stale");
    assert_eq!(d.engine.open().find(stale).unwrap().title, "ETH-017 stale for 6 min");
    assert!(changes(&d.ltv(V, "76")).contains(&("resolve", Level::High)));
}

#[test]
fn a_clock_set_back_an_hour_does_not_delay_an_alert_for_an_hour() {
    let mut d = desk();
    d.tick();
    d.ltv(V, "71");
    d.now = d.now.minus(HOUR);
    d.ltv(V, "71.1");
    assert_eq!(changes(&d.after(Duration::from_secs(15))), [("raise", Level::High)]);
}

proptest! {
    // Each of them lives through hours, second by second.
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the figures do, there is at most one open alert, and a critical figure is never without one.
    #[test]
    fn one_alert_per_condition_and_never_none_while_critical(
        steps in proptest::collection::vec((50u32..85, 0u64..200), 1..60)
    ) {
        let mut d = desk();
        let mut open = false;
        for (ltv, seconds) in steps {
            let mut effects = d.ltv(V, &ltv.to_string());
            effects.extend(d.after(Duration::from_secs(seconds)));
            let mut jumped = false;
            for (what, _) in changes(&effects) {
                match what {
                    "raise" => { prop_assert!(!open); open = true; }
                    "resolve" => { prop_assert!(open); open = false; }
                    _ => prop_assert!(open),
                }
                jumped = true;
            }
            prop_assert!(open || ltv < 76 || seconds < 3, "critical and silent at {} {}", ltv, jumped);
        }
    }
}
