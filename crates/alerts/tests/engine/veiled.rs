//! What a notification says where strangers may read it.

use crate::desk::*;

/// Whatever is shown: its severity, its vault, and not one digit, but for the vaults' own names.
#[track_caller]
fn has_no_figure(effects: &[Effect]) -> usize {
    let shown = shown(effects);
    for showing in &shown {
        let said = format!("{} {}", showing.veiled.title, showing.veiled.body);
        assert!(!said.contains(|c: char| c.is_ascii_digit() || "$%".contains(c)), "{said}");
        assert!(!showing.veiled.title.is_empty() && !showing.veiled.body.is_empty());
        assert_ne!(showing.veiled.body, showing.body, "it has figures to hide");
    }
    shown.len()
}

#[test]
fn a_vaults_alert_has_words_without_figures_all_its_life() {
    let mut d = Desk::new();
    let mut effects = d.ltv("A", "77");
    let first = shown(&effects)[0];
    assert_eq!(first.veiled.title, "A: critical");
    assert_eq!(first.veiled.body, "Close to liquidation. Repay or add collateral.");
    effects.extend(d.slide("A", 77, 81));
    effects.extend(d.after(20 * MINUTE));
    effects.extend(d.update("A", r#"{"status":"LIQUIDATED"}"#));
    assert!(has_no_figure(&effects) >= 6);
    let liquidated = shown(&effects).into_iter().any(|one| one.veiled.title == "A liquidated");
    assert!(liquidated);
}

#[test]
fn neither_have_an_incident_a_summary_and_what_the_platform_says() {
    let mut d = Desk::new();
    let mut effects = Vec::new();
    for name in ["A", "B", "C", "D", "E", "F", "G"] {
        effects.extend(d.ltv(name, "77"));
    }
    effects.extend(d.after(5 * SECOND));
    effects.extend(d.platform(
        r#"{"vaultId":"H","severity":"CRITICAL","category":"MARKET_RISK","title":"H lost $5,000","message":"12 %"}"#,
    ));
    effects.extend(d.after(5 * SECOND));
    assert!(has_no_figure(&effects) >= 3);
    let titles: Vec<_> = shown(&effects).iter().map(|one| one.veiled.title.clone()).collect();
    assert!(titles.contains(&"Vaults with WETH: critical".to_owned()), "{titles:?}");
    assert!(
        titles.iter().any(|title| title.starts_with("H: market risk, critical")
            || title.starts_with("Several alerts")),
        "{titles:?}"
    );
}

#[test]
fn and_neither_has_a_feed_that_is_down() {
    let mut d = Desk::new();
    d.open("A", "77");
    d.exposure = Exposure {
        feed: "Acme".into(),
        vaults: 300,
        critical: 2,
        at_risk: 5,
        ..Exposure::default()
    };
    d.step(Input::FeedLost);
    let effects = d.after(2 * MINUTE);
    assert!(has_no_figure(&effects) >= 1);
    assert_eq!(shown(&effects)[0].veiled.body, "Nothing is watched. Check the lender directly.");
}

#[test]
fn a_demo_says_so_in_either_words() {
    let mut d = Desk::with(Policy { demo: true, ..Policy::default() });
    let effects = d.ltv("A", "77");
    assert_eq!(shown(&effects)[0].veiled.title, "DEMO A: critical");
}
