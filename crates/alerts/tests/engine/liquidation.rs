//! A liquidation is critical, and each one is told.

use alerts::QuietHours;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::desk::*;

const LIQUIDATED: &str = r#"{"status":"LIQUIDATED"}"#;

fn said(id: &str, message: &str, more: &str) -> String {
    format!(r#"{{"id":"{id}","vaultId":"A","category":"LIQUIDATION","message":"{message}"{more}}}"#)
}

fn all_day() -> Policy {
    let midnight = Time::new(0, 0, 0, 0).unwrap();
    let quiet = QuietHours { from: midnight, to: midnight, zone: TimeZone::UTC };
    Policy { quiet_hours: Some(quiet), ..Policy::default() }
}

#[test]
fn a_liquidation_is_critical_whatever_the_platform_makes_of_it() {
    for severity in ["", r#","severity":"LOW""#, r#","severity":"HIGH""#, r#","type":"WARNING""#] {
        let mut d = Desk::with(all_day());
        d.act(Act::SnoozeAll(d.now.plus(HOUR)));
        d.ltv("A", "77");
        d.ack();
        d.log.clear();
        let told = d.platform(&said("1", "Taken.", severity));
        assert_eq!(changes(&told), [("raise", Level::Critical)], "{severity}");
        assert_eq!(shown(&told).len(), 1, "{severity}: it pierces quiet hours, snooze and answer");
    }
}

#[test]
fn a_second_liquidation_is_told_though_the_first_was_acknowledged() {
    let mut d = Desk::new();
    d.platform(&said("1", "52 WETH taken.", ""));
    d.ack();
    d.after(HOUR);
    // The same one again: on every connection, and with other words.
    assert_eq!(shown(&d.platform(&said("1", "52 WETH taken.", ""))).len(), 0);
    assert_eq!(shown(&d.platform(&said("1", "52 WETH taken, final.", ""))).len(), 0);
    assert_eq!(d.only().state, NotificationState::Acknowledged);
    let second = d.platform(&said("2", "9 WETH taken.", ""));
    assert_eq!(changes(&second), [("worsen", Level::Critical)]);
    assert_eq!(shown(&second)[0].body, "9 WETH taken.");
    assert!(shown(&second)[0].sound);
    assert_eq!(d.only().state, NotificationState::Firing);
    d.ack();
    d.restart();
    assert_eq!(shown(&d.platform(&said("1", "52 WETH taken.", ""))).len(), 0, "the first again");
    assert_eq!(shown(&d.platform(&said("2", "9 WETH taken.", ""))).len(), 0, "the second again");
    d.after(2 * MINUTE);
    assert_eq!(shown(&d.platform(&said("3", "9 WETH taken.", ""))).len(), 1, "a third");
}

#[test]
fn the_status_and_the_platforms_alert_tell_of_one_liquidation() {
    let mut d = Desk::new();
    d.open("A", "60");
    d.update("A", LIQUIDATED);
    d.ack();
    d.after(2 * SECOND);
    assert_eq!(shown(&d.platform(&said("1", "Taken.", ""))).len(), 0, "the same one");
    d.update("A", r#"{"status":"ACTIVE"}"#);
    d.after(HOUR);
    let again = d.update("A", LIQUIDATED);
    assert_eq!(shown(&again).len(), 1, "another one");
    d.ack();
    assert_eq!(shown(&d.platform(&said("2", "Taken again.", ""))).len(), 0);
    assert_eq!(shown(&d.platform(&said("3", "And again.", ""))).len(), 1);

    let mut d = Desk::new();
    d.open("A", "60");
    d.platform(&said("1", "Taken.", ""));
    d.ack();
    d.after(2 * SECOND);
    assert_eq!(shown(&d.update("A", LIQUIDATED)).len(), 0, "told by the platform first");
}

#[test]
fn a_platform_with_random_ids_that_repeats_itself_wakes_nobody_again() {
    let mut d = Desk::new();
    d.platform(&said("x0", "Taken.", ""));
    d.ack();
    for n in 1..100 {
        d.after(10 * SECOND);
        assert_eq!(shown(&d.platform(&said(&format!("x{n}"), "Taken.", ""))).len(), 0);
    }
    let nameless = r#"{"vaultId":"A","category":"LIQUIDATION","message":"Taken."}"#;
    d.after(HOUR);
    assert_eq!(shown(&d.platform(nameless)).len(), 0);
}
