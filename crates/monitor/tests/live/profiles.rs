//! Two profiles at once: two tenants of one gateway, each with its own socket, database and keys.

use crate::desk::{Desk, once};

#[test]
fn two_profiles_know_nothing_of_each_other() {
    let acme = Desk::open("acme");
    let globex = acme.neighbour("globex");
    let (mut a, mut g) = (acme.run(), globex.run());
    acme.vault("A");
    globex.vault("G");
    acme.alert("A");
    a.shown("A");
    globex.alert("G");
    g.shown("G");
    assert_eq!((a.notified_until_now(&acme), g.notified_until_now(&globex)), (0, 0));
    assert!(a.knows("A") && !a.knows("G"));
    assert!(g.knows("G") && !g.knows("A"));
    assert_eq!((a.alerts(), g.alerts()), (once(&["A"]), once(&["G"])));
}

#[test]
fn the_end_of_one_profile_is_not_felt_by_the_other() {
    let acme = Desk::open("acme");
    let globex = acme.neighbour("globex");
    let (a, mut g) = (acme.run(), globex.run());
    a.crash();
    acme.alert("A");
    globex.alert("G");
    g.shown("G");
    let mut a = acme.run();
    a.shown("A");
    assert_eq!((a.notified_until_now(&acme), g.notified_until_now(&globex)), (0, 0));
    assert_eq!((a.alerts(), g.alerts()), (once(&["A"]), once(&["G"])));
}

#[test]
fn what_is_sealed_for_one_profile_the_keys_of_the_other_do_not_open() {
    let acme = Desk::open("acme");
    let globex = acme.neighbour("globex");
    // Under one name each has another key.
    let (mut a, mut g) = (acme.run_with(&acme.keychain(7)), globex.run_with(&globex.keychain(8)));
    acme.sealed_alert("A", 7);
    a.shown("A");
    globex.sealed_alert("A", 7);
    globex.sealed_alert("G", 8);
    g.shown("G");
    assert_eq!((a.alerts(), g.alerts()), (once(&["A"]), once(&["G"])));
}
