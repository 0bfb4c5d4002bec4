//! The settings' file: a fault in it is told once, follows its cause and ends with it; numbers can change meanwhile.

use crate::desk::*;

fn fault(title: &str) -> Option<(String, String)> {
    Some((title.to_owned(), "line 3: unknown key `urll`".to_owned()))
}

/// Says how the settings are, and what was changed and shown by that.
fn settings(desk: &mut Desk, fault: Option<(String, String)>) -> (Vec<Change>, Vec<String>) {
    let mut effects = Vec::new();
    desk.engine.settings_are(fault, desk.now, &mut effects);
    let (mut changes, mut shown) = (Vec::new(), Vec::new());
    for effect in effects {
        match effect {
            Effect::Changed(changed) => {
                assert_eq!(changed.condition, Condition::settings());
                changes.push(changed.change);
            }
            Effect::Show(showing) => {
                desk.act(Act::Delivered(showing.id));
                shown.push(showing.title);
            }
            _ => {}
        }
    }
    (changes, shown)
}

#[test]
fn a_broken_file_is_told_once_and_ends_when_it_is_mended() {
    let mut desk = Desk::new();
    assert_eq!(settings(&mut desk, None), (vec![], vec![]), "nothing to tell");
    let (changes, shown) = settings(&mut desk, fault("line 3"));
    assert_eq!((changes, shown), (vec![Change::Raised], vec!["line 3".to_owned()]));
    let told = desk.engine.open().next().unwrap();
    assert_eq!((told.severity, told.occurrences), (Level::High, 1));

    let (changes, shown) = settings(&mut desk, fault("line 4"));
    assert_eq!((changes, shown), (vec![Change::Updated], vec![]), "another cause, the same alert");
    let again = desk.after(3 * HOUR);
    assert!(!again.iter().any(|effect| matches!(effect, Effect::Show(_))), "told once: {again:?}");
    assert_eq!(desk.engine.open().next().unwrap().title, "line 4");

    let (changes, _) = settings(&mut desk, None);
    assert_eq!(changes, [Change::Resolved]);
    assert_eq!(desk.engine.open().count(), 0);
}

#[test]
fn what_a_former_run_left_open_ends_with_the_first_word_of_this_one() {
    let mut desk = Desk::new();
    settings(&mut desk, fault("line 3"));
    desk.tick();
    let mut next = Desk::new();
    let memory = desk.memory.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    next.engine.recall(memory);
    assert_eq!(next.engine.open().count(), 1);
    assert_eq!(settings(&mut next, None).0, [Change::Resolved]);
}

#[test]
fn other_numbers_count_at_once() {
    let mut desk = Desk::new();
    desk.ltv("A", "74.6");
    desk.after(MINUTE);
    assert!(desk.live.is_empty(), "high goes to the center alone");
    desk.engine.set_policy(Policy { notify_from: Level::High, ..Policy::default() });
    desk.ltv("B", "74.6");
    desk.after(MINUTE);
    assert_eq!(desk.live.len(), 1);
}
