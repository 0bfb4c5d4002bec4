//! A critical alert that nobody answers gets louder, and nothing but an answer or its end stops that.

use crate::desk::*;

/// The seconds since the start at which the program's own sound began or ended.
fn sound(d: &Desk) -> Vec<(u64, bool)> {
    let mut heard = false;
    let mut turns = Vec::new();
    for (at, effect) in &d.log {
        if let Effect::Alarm(alarm) = effect
            && alarm.sound != heard
        {
            heard = alarm.sound;
            turns.push((at.since(Desk::START).as_secs(), heard));
        }
    }
    turns
}

fn calls(d: &Desk) -> Vec<(u64, CallOutKind)> {
    let calls = d.log.iter().filter_map(|(at, effect)| match effect {
        Effect::CallOut(call) => Some((at.since(Desk::START).as_secs(), call.kind)),
        _ => None,
    });
    calls.collect()
}

/// Worse by a step after every 100 s: 8, 5, 3, 1 and 0 % of room.
fn fall(d: &mut Desk) {
    for ltv in ["77", "78.5", "80.1", "81.8", "82.5"] {
        d.ltv("A", ltv);
        d.after(100 * SECOND);
    }
}

#[test]
fn a_vault_that_falls_step_by_step_is_heard_and_called_out_in_the_time_since_it_was_critical() {
    let mut d = Desk::new();
    fall(&mut d);
    assert_eq!(d.only().occurrences, 5, "its five steps");
    assert_eq!(sound(&d), [(120, true)], "it goes on through all that");
    assert_eq!(calls(&d), [(240, CallOutKind::Firing)], "once");
    // Whoever was called is told that somebody answered, though it got worse since.
    d.ack();
    assert_eq!(sound(&d), [(120, true), (500, false)]);
    assert_eq!(
        calls(&d),
        [(240, CallOutKind::Firing), (500, CallOutKind::Acknowledged)],
        "and once"
    );
}

#[test]
fn what_is_getting_better_is_not_heard_and_what_gets_worse_again_is_at_once() {
    let mut d = Desk::new();
    d.ltv("A", "78.5");
    d.after(SECOND);
    d.ltv("A", "40");
    d.after(10 * MINUTE);
    assert_eq!((sound(&d), calls(&d)), (vec![], vec![]), "it was over before anybody had looked");

    let mut d = Desk::new();
    d.ltv("A", "78.5");
    d.after(100 * SECOND);
    d.ltv("A", "40");
    d.after(60 * SECOND);
    assert_eq!(sound(&d), []);
    d.ltv("A", "78.5");
    // A leap that no price explains is doubted for 3 s.
    d.after(5 * SECOND);
    assert_eq!(sound(&d).len(), 1, "unanswered since the beginning: {:?}", sound(&d));
}

#[test]
fn what_got_worse_after_the_call_and_ends_is_called_off() {
    let mut d = Desk::new();
    fall(&mut d);
    d.update("A", r#"{"status":"CLOSED"}"#);
    d.tick();
    assert_eq!(calls(&d), [(240, CallOutKind::Firing), (500, CallOutKind::Resolved)]);
    assert_eq!(sound(&d).last().map(|(_, on)| *on), Some(false));
}

#[test]
fn an_answer_gives_the_next_step_its_own_time() {
    let mut d = Desk::new();
    d.ltv("A", "77");
    d.after(130 * SECOND);
    d.ack();
    d.ltv("A", "78.5");
    d.after(110 * SECOND);
    assert_eq!(sound(&d), [(120, true), (130, false)], "2 min since it was told anew");
    d.after(20 * SECOND);
    assert_eq!(sound(&d), [(120, true), (130, false), (250, true)]);
    let id = d.only().id;
    d.act(Act::Snooze { ids: vec![id], until: d.now.plus(10 * MINUTE) });
    d.ltv("A", "80.1");
    d.after(MINUTE);
    assert_eq!(sound(&d).len(), 4, "and so does putting it off");
}

#[test]
fn what_is_critical_no_more_is_called_off_and_begins_anew_when_it_is_again() {
    let mut d = Desk::new();
    d.ltv("A", "77");
    d.after(5 * MINUTE);
    d.ltv("A", "71");
    d.after(3 * MINUTE);
    assert_eq!(d.only().severity, Level::High);
    let over: Vec<_> = calls(&d).into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(over, [CallOutKind::Firing, CallOutKind::Resolved]);
    d.ltv("A", "77");
    d.after(100 * SECOND);
    assert_eq!(sound(&d).len(), 2, "not at once");
    d.after(150 * SECOND);
    assert_eq!((sound(&d).len(), calls(&d).len()), (3, 3));
}

#[test]
fn an_incident_gets_louder_from_when_its_first_vault_was_critical() {
    let mut d = Desk::new();
    for n in 0..8 {
        d.open(&format!("V{n}"), "71");
    }
    d.ltv("V0", "77");
    d.after(130 * SECOND);
    for n in 1..8 {
        d.ltv(&format!("V{n}"), "77");
    }
    d.ltv("V0", "78.5");
    d.after(10 * SECOND);
    assert!(d.engine.open().all(|one| one.vault.is_none() || one.incident.is_some()), "one of it");
    assert_eq!(sound(&d), [(120, true)]);
    let steps = ["78.5", "80.1", "81.8"];
    for (n, ltv) in steps.into_iter().enumerate() {
        d.ltv(&format!("V{}", n + 1), ltv);
        d.after(50 * SECOND);
    }
    assert_eq!(calls(&d).first(), Some(&(240, CallOutKind::Firing)));
    assert_eq!(sound(&d), [(120, true)]);
}

#[test]
fn a_restart_leaves_nobody_more_time() {
    let mut d = Desk::new();
    d.ltv("A", "77");
    d.after(100 * SECOND);
    d.ltv("A", "78.5");
    d.restart();
    d.after(150 * SECOND);
    assert_eq!((sound(&d), calls(&d)), (vec![(120, true)], vec![(240, CallOutKind::Firing)]));
}

#[test]
fn what_the_other_channels_are_to_know_outlives_a_restart() {
    let standing = |d: &Desk| d.engine.calls().map(|call| call.kind).collect::<Vec<_>>();
    let mut d = Desk::new();
    d.ltv("A", "77");
    d.after(239 * SECOND);
    assert_eq!(standing(&d), [], "nobody was to be called yet");
    d.after(SECOND);
    assert_eq!(standing(&d), [CallOutKind::Firing]);
    let call = d.engine.calls().next().unwrap();
    assert_eq!((call.id, &call.title), (d.only().id, &d.only().title));
    d.restart();
    assert_eq!(standing(&d), [CallOutKind::Firing], "whether or not the order got there");
    d.ack();
    d.restart();
    assert_eq!(standing(&d), [CallOutKind::Acknowledged]);
    let id = d.only().id;
    d.act(Act::Unacknowledge(vec![id]));
    // Less bad, and not over.
    d.ltv("A", "72");
    d.after(2 * MINUTE + SECOND);
    assert_eq!(d.only().severity, Level::High);
    assert_eq!(standing(&d), [CallOutKind::Resolved]);
}

#[test]
fn what_is_not_normal_is_waited_for() {
    let mut d = Desk::new();
    let waits = |d: &Desk| d.engine.waits_for(&id("A"));
    d.ltv("A", "60");
    assert!(!waits(&d), "it is well");
    d.ltv("A", "71");
    assert!(waits(&d), "time may raise it");
    d.ltv("A", "60");
    assert!(!waits(&d));
    d.ltv("A", "71");
    d.after(20 * SECOND);
    assert!(waits(&d), "it may become worse");
}

#[test]
fn a_restart_knows_what_is_to_be_heard() {
    let mut d = Desk::new();
    d.ltv("A", "77");
    d.after(3 * MINUTE);
    d.restart();
    assert_eq!(d.engine.alarm(), Alarm { sound: true, attention: true });
    d.ack();
    d.restart();
    assert_eq!(d.engine.alarm(), Alarm::default());
}
