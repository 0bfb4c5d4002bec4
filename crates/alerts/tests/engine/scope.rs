//! What the operating system shows of a profile is its user's to choose; what the center has of it is not.

use domain::view::NotifyScope;

use crate::desk::*;

/// A vault that becomes high, another that becomes critical, and five minutes of nobody answering.
fn told(scope: NotifyScope) -> (Vec<String>, usize, bool, usize) {
    let mut d = Desk::with(Policy { scope, notify_from: Level::High, ..Policy::default() });
    d.ltv("HIGH", "74");
    d.ltv("CRIT", "77");
    d.after(300 * SECOND);
    let effects: Vec<_> = d.log.iter().map(|(_, effect)| effect.clone()).collect();
    let mut titles: Vec<_> = shown(&effects).into_iter().map(|one| one.title.clone()).collect();
    titles.sort();
    titles.dedup();
    let heard = effects.iter().any(|e| matches!(e, Effect::Alarm(alarm) if alarm.sound));
    let called = effects.iter().filter(|e| matches!(e, Effect::CallOut(_))).count();
    (titles, d.engine.open().count(), heard, called)
}

#[test]
fn a_scope_keeps_from_the_screen_what_is_not_in_it_and_from_the_center_nothing() {
    let (titles, open, heard, called) = told(NotifyScope::All);
    assert!(titles.iter().any(|t| t.starts_with("HIGH")), "{titles:?}");
    assert!(titles.iter().any(|t| t.starts_with("CRIT")), "{titles:?}");
    assert_eq!((open, heard, called), (2, true, 1));

    let (titles, open, heard, called) = told(NotifyScope::Critical);
    assert!(!titles.is_empty() && titles.iter().all(|t| t.starts_with("CRIT")), "{titles:?}");
    assert_eq!((open, heard, called), (2, true, 1));

    let (titles, open, heard, called) = told(NotifyScope::None);
    assert!(titles.is_empty(), "{titles:?}");
    assert_eq!((open, heard, called), (2, false, 1), "who is called is no matter of this screen");
}

#[test]
fn a_test_and_a_mistake_in_the_settings_are_no_profiles() {
    let mut d = Desk::with(Policy { scope: NotifyScope::None, ..Policy::default() });
    let test = d.act(Act::TestCritical);
    assert_eq!(shown(&test).len(), 1);
    assert!(test.iter().any(|e| matches!(e, Effect::Alarm(alarm) if alarm.sound)));
    let mut effects = Vec::new();
    let fault = Some(("config.toml".to_owned(), "line 3".to_owned()));
    d.engine.settings_are(fault, d.now.plus(10 * SECOND), &mut effects);
    assert_eq!(shown(&effects).len(), 1);
}

#[test]
fn another_scope_counts_from_the_next_telling_on() {
    let mut d = Desk::with(Policy { scope: NotifyScope::None, ..Policy::default() });
    d.ltv("CRIT", "77");
    assert!(shown(&d.after(60 * SECOND)).is_empty());
    d.engine.set_policy(Policy::default());
    assert!(!shown(&d.after(120 * SECOND)).is_empty(), "its repeat, two minutes after the raise");
}
