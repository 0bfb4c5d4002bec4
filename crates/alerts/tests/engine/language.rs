//! Alerts in the language of whoever is told, and what becomes of them when that changes.

use domain::Language;

use crate::desk::*;

fn german() -> Policy {
    Policy { language: Language::German, ..Policy::default() }
}

fn speak(d: &mut Desk, language: Language) {
    let policy = Policy { language, ..d.engine.policy().clone() };
    d.engine.set_policy(policy);
}

/// The open alert of a condition, as it is by now.
#[track_caller]
fn of(d: &Desk, vault: &str) -> NotificationView {
    let mut all = d.engine.open().filter(|view| view.vault == Some(id(vault)));
    let view = all.next().expect("an open alert").clone();
    assert_eq!(all.next(), None);
    view
}

/// A feed that has been gone for long enough to be told.
fn lose(d: &mut Desk) {
    d.exposure = Exposure {
        feed: "acme".into(),
        vaults: d.vaults.0.len(),
        critical: 1,
        at_risk: 1,
        ..Exposure::default()
    };
    d.step(Input::FeedLost);
    d.after(MINUTE);
}

#[test]
fn a_german_alert_from_its_first_word_to_its_last() {
    let mut d = Desk::with(german());
    let effects = d.ltv("A", "77");
    let showing = shown(&effects)[0].clone();
    assert_eq!(showing.title, "A: 6,6 % bis zur Liquidation");
    assert!(showing.body.contains("Liquidation bei $1.783."), "{}", showing.body);
    assert!(showing.body.ends_with(" WETH hinzufügen → 15 %."), "{}", showing.body);
    assert_eq!(showing.veiled.title, "A: kritisch");
    let view = of(&d, "A");
    assert_eq!(view.action.unwrap().label, "Vault ansehen");
    let evidence = view.evidence.unwrap();
    assert_eq!(evidence.rule, "Abstand zur Liquidation");
    assert!(evidence.built_in);
    let worse = last(&d.ltv("A", "79")).clone();
    assert_eq!(worse.title, "A: noch 4,2 %, zuvor 6,6 %");
    d.after(10 * MINUTE);
    d.ltv("A", "50");
    let over = last(&d.after(3 * MINUTE)).clone();
    assert_eq!(over.title, "A erholt: wieder 39,3 %");
    assert!(over.message.ends_with("kritisch, am tiefsten 4,2 %. Nichts zu tun."), "{over:?}");
}

#[test]
fn what_was_written_stays_until_it_changes_and_what_comes_speaks_the_other_language() {
    let mut d = Desk::new();
    d.ltv("A", "77");
    d.ack();
    speak(&mut d, Language::German);
    d.after(MINUTE);
    assert_eq!(of(&d, "A").title, "A: 6.6 % to liquidation", "nothing of it has changed");
    let new = d.ltv("B", "77");
    assert_eq!(last(&new).title, "B: 6,6 % bis zur Liquidation");
    d.ltv("A", "77.5");
    d.after(MINUTE);
    let changed = of(&d, "A");
    assert_eq!(changed.title, "A: 6,0 % bis zur Liquidation");
    assert_eq!(changed.action.unwrap().label, "Vault ansehen");
    speak(&mut d, Language::English);
    let worse = d.ltv("A", "79");
    assert_eq!(last(&worse).title, "A: 4.2 % left, was 6.6 %");
}

/// Behind the message stands that it is the last known: it is found again whichever language it was written in.
#[test]
fn the_last_known_is_marked_and_unmarked_across_languages_and_restarts() {
    for [before, after] in
        [[Language::English, Language::German], [Language::German, Language::English]]
    {
        for restarted in [false, true] {
            let mut d = Desk::with(Policy { language: before, ..Policy::default() });
            d.ltv("A", "77");
            let plain = of(&d, "A").message;
            lose(&mut d);
            let marked = of(&d, "A").message;
            let mark = match before {
                Language::English => " Last known: the feed is down.",
                Language::German => " Zuletzt bekannt: Der Feed ist ausgefallen.",
            };
            assert_eq!(marked, format!("{plain}{mark}"));
            speak(&mut d, after);
            if restarted {
                d.restart();
                assert_eq!(of(&d, "A").message, marked);
            }
            d.step(Input::FeedBack);
            assert_eq!(of(&d, "A").message, plain, "{before:?}, restarted: {restarted}");
        }
    }
}

/// One whose figures changed while they were the last known is marked in the language it is written in then.
#[test]
fn a_text_that_changes_has_its_mark_in_the_same_language() {
    let mut d = Desk::new();
    d.ltv("A", "77");
    lose(&mut d);
    speak(&mut d, Language::German);
    d.ltv("A", "79");
    let view = of(&d, "A");
    assert_eq!(view.title, "A: noch 4,2 %, zuvor 6,6 %");
    assert!(view.message.ends_with(" Zuletzt bekannt: Der Feed ist ausgefallen."), "{view:?}");
    assert!(!view.message.contains("Last known"), "{view:?}");
}

#[test]
fn a_dead_feed_speaks_the_language_from_its_next_minute_on() {
    let mut d = Desk::new();
    d.ltv("A", "77");
    lose(&mut d);
    let feed = |d: &Desk| {
        let mut all = d.engine.open().filter(|view| view.vault.is_none());
        all.next().unwrap().clone()
    };
    assert_eq!(feed(&d).title, "No data for 60 s: acme");
    speak(&mut d, Language::German);
    d.after(MINUTE);
    assert_eq!(feed(&d).title, "Seit 2 min keine Daten: acme");
    assert_eq!(feed(&d).severity, Level::Critical);
    let back = d.step(Input::FeedBack);
    let titles: Vec<_> = back
        .iter()
        .filter_map(|effect| match effect {
            Effect::Changed(changed) => Some(changed.view.title.as_str()),
            _ => None,
        })
        .collect();
    assert!(titles.contains(&"Feed nach 2 min wieder da: acme"), "{titles:?}");
}

/// Without an id and without a title of its own, the same message again is known by what the platform said, and not by
/// the title we gave it.
#[test]
fn a_liquidation_is_the_same_one_in_another_language() {
    const SAID: &str = r#"{"vaultId":"A","category":"LIQUIDATION","message":"52 WETH taken."}"#;
    let mut d = Desk::new();
    let told = d.platform(SAID);
    assert_eq!(last(&told).title, "A: liquidation");
    d.ack();
    speak(&mut d, Language::German);
    let again = d.platform(SAID);
    assert_eq!(shown(&again).len(), 0);
    assert_eq!(of(&d, "A").state, NotificationState::Acknowledged);
    assert_eq!(of(&d, "A").title, "A: Liquidation");
    let other = d.platform(&SAID.replace("52", "9"));
    assert_eq!(changes(&other), [("worsen", Level::Critical)]);
}

#[test]
fn many_at_once_a_demo_and_a_test_are_german_too() {
    let mut d = Desk::with(german());
    for name in ["A", "B", "C", "D", "E", "F", "G"] {
        d.ltv(name, "77");
    }
    d.after(5 * SECOND);
    let titles: Vec<_> = d.engine.open().map(|view| view.title.clone()).collect();
    assert!(titles.iter().any(|title| title.starts_with("7 Vaults kritisch, $")), "{titles:?}");
    let test = d.act(Act::TestCritical);
    assert_eq!(last(&test).title, "Test: So sieht ein kritischer Alarm aus");
    let over = d.after(2 * MINUTE);
    let ended = over.iter().any(|effect| {
        matches!(effect, Effect::Changed(changed) if changed.view.title == "Test: beendet")
    });
    assert!(ended);
}

/// What a restart puts back on the screen says its age in the language of now, whatever it was written in.
#[test]
fn what_was_left_on_the_screen_is_of_a_time_in_the_language_of_now() {
    let mut d = Desk::new();
    d.ltv("A", "77");
    speak(&mut d, Language::German);
    let left = d.engine.on_screen(d.now);
    assert!(left[0].body.ends_with(" Stand 12:00."), "{}", left[0].body);
    assert_eq!(left[0].title, "A: 6.6 % to liquidation");
}
