//! What happened while the program was off.

use keychain::KeychainError;

use crate::desk::{Desk, once};

#[test]
fn an_alert_of_the_time_it_was_off_arrives_once_and_older_ones_do_not_again() {
    let desk = Desk::open("acme");
    desk.vault("A");
    let mut first = desk.run();
    desk.alert("A");
    first.shown("A");
    assert_eq!(first.notified_until_now(&desk), 0);
    first.end();

    desk.alert("B");
    desk.vault("C");
    let mut second = desk.run();
    second.shown("B");
    assert_eq!(second.notified_until_now(&desk), 0, "that one only");
    assert_eq!(second.alerts(), once(&["A", "B"]));
    for vault in ["A", "C"] {
        assert!(second.knows(vault), "the board begins empty and is full again: {vault}");
    }
    second.end();

    let mut third = desk.run();
    assert_eq!(third.notified_until_now(&desk), 0);
    assert_eq!(third.alerts(), once(&["A", "B"]));
    third.end();
}

#[test]
fn after_a_crash_no_alert_is_lost_and_none_raised_twice() {
    let desk = Desk::open("acme");
    let mut vaults = Vec::new();
    for round in 0..5 {
        let (off, on) = (format!("off-{round}"), format!("on-{round}"));
        if round > 0 {
            desk.alert(&off);
            vaults.push(off);
        }
        let mut run = desk.run();
        desk.alert(&on);
        // It is stored before it is shown; and then everything ends.
        run.notified(&on);
        run.crash();
        vaults.push(on);
    }
    let mut last = desk.run();
    last.notified_until_now(&desk);
    let vaults: Vec<&str> = vaults.iter().map(String::as_str).collect();
    assert_eq!(last.alerts(), once(&vaults));
    last.end();
}

#[test]
fn what_waits_for_its_key_is_not_lost_with_the_program() {
    let desk = Desk::open("acme");
    let system = desk.keychain(7);
    system.set_trouble(Some(KeychainError::Locked));
    let mut run = desk.run_with(&system);
    desk.alert("A");
    run.shown("A");
    desk.sealed_alert("B", 7);
    desk.alert("C");
    // Stored with its place, were it not for what waits before it.
    run.shown("C");
    run.crash();

    system.set_trouble(None);
    let mut run = desk.run_with(&system);
    run.notified("B");
    assert_eq!(run.notified_until_now(&desk), 0, "the others are known");
    run.end();
}
