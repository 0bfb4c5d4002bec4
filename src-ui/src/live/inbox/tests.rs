use domain::view::Tone;

use super::*;
use crate::live::fixture::notification;

fn toasts(inbox: &Inbox) -> Vec<i64> {
    inbox.visible_toasts(5).0.iter().map(|one| one.id.0).collect()
}

#[test]
fn what_was_there_before_the_window_is_not_toasted() {
    let mut inbox = Inbox::default();
    inbox.replace(vec![notification(1, Level::Critical), notification(2, Level::High)]);
    assert_eq!((inbox.unread(), inbox.worst_unread()), (2, Some(Level::Critical)));
    assert!(toasts(&inbox).is_empty());
    inbox.put_all([notification(3, Level::High)], &Toasts::default(), UnixMillis(0));
    assert_eq!(toasts(&inbox), [3]);
    assert_eq!(inbox.all()[1].id, NotificationId(3), "below the critical one");
}

#[test]
fn a_change_in_place_is_toasted_when_it_got_worse_and_not_otherwise() {
    let mut inbox = Inbox::default();
    inbox.replace(vec![notification(1, Level::High)]);
    let mut same = notification(1, Level::High);
    same.message = "LTV 70 → 71 %".to_owned();
    inbox.put_all([same], &Toasts::default(), UnixMillis(0));
    assert!(toasts(&inbox).is_empty());
    let mut worse = notification(1, Level::Critical);
    worse.occurrences = 2;
    inbox.put_all([worse.clone()], &Toasts::default(), UnixMillis(0));
    assert_eq!(toasts(&inbox), [1]);
    worse.state = NotificationState::Acknowledged;
    inbox.put_all([worse.clone()], &Toasts::default(), UnixMillis(0));
    assert!(toasts(&inbox).is_empty());
    worse.state = NotificationState::Resolved;
    inbox.put_all([worse], &Toasts::default(), UnixMillis(0));
    assert_eq!(toasts(&inbox), [1]);
}

#[test]
fn the_worst_that_holds_is_on_top_however_much_comes_after_it() {
    let mut inbox = Inbox::default();
    inbox.put_all([notification(1, Level::Critical)], &Toasts::default(), UnixMillis(0));
    inbox.put_all([notification(2, Level::High)], &Toasts::default(), UnixMillis(0));
    for id in 3..30 {
        inbox.put_all([notification(id, Level::Medium)], &Toasts::default(), UnixMillis(0));
    }
    let over = NotificationView {
        state: NotificationState::Resolved,
        ..notification(30, Level::Critical)
    };
    inbox.put_all([over], &Toasts::default(), UnixMillis(0));
    let order: Vec<_> = inbox.all().iter().map(|one| one.id.0).collect();
    assert_eq!((order[0], order[1], order[28], order[29]), (1, 2, 3, 30), "{order:?}");
}

#[test]
fn an_older_version_does_not_replace_a_newer_one() {
    let mut inbox = Inbox::default();
    let mut newer = notification(1, Level::High);
    newer.updated = UnixMillis(50);
    newer.read = true;
    inbox.replace(vec![newer]);
    inbox.put_all([notification(1, Level::High)], &Toasts::default(), UnixMillis(60));
    assert_eq!(inbox.unread(), 0);
}

#[test]
fn toasts_go_after_their_time_but_critical_ones_and_errors_stay() {
    let mut inbox = Inbox::default();
    let timed = |id, severity, tone| NotificationView {
        auto_dismiss: Some(5_000),
        tone,
        ..notification(id, severity)
    };
    inbox.put_all([timed(1, Level::Low, Tone::Info)], &Toasts::default(), UnixMillis(0));
    inbox.put_all([timed(2, Level::Critical, Tone::Warning)], &Toasts::default(), UnixMillis(0));
    inbox.put_all([timed(3, Level::Low, Tone::Error)], &Toasts::default(), UnixMillis(0));
    assert!(!inbox.expire(UnixMillis(4_999)));
    assert!(inbox.expire(UnixMillis(5_000)));
    assert_eq!(toasts(&inbox), [2, 3]);
    assert_eq!(inbox.all().len(), 3, "dismissing a toast keeps the notification");
}

#[test]
fn a_critical_toast_that_eased_goes_after_its_time() {
    let mut inbox = Inbox::default();
    inbox.put_all([notification(1, Level::Critical)], &Toasts::default(), UnixMillis(0));
    let eased = NotificationView { auto_dismiss: Some(5_000), ..notification(1, Level::High) };
    inbox.put_all([eased], &Toasts::default(), UnixMillis(60_000));
    assert!(!inbox.expire(UnixMillis(69_999)), "a warning stays twice as long");
    assert!(inbox.expire(UnixMillis(70_000)));
    assert!(toasts(&inbox).is_empty());
}

#[test]
fn five_toasts_are_shown_critical_first_and_the_rest_waits() {
    let mut inbox = Inbox::default();
    for id in 1..=7 {
        let severity = if id == 2 { Level::Critical } else { Level::High };
        inbox.put_all([notification(id, severity)], &Toasts::default(), UnixMillis(0));
    }
    assert_eq!(toasts(&inbox), [2, 7, 6, 5, 4]);
    assert_eq!(inbox.visible_toasts(5).1, 2);
    inbox.dismiss_toast(NotificationId(2));
    assert_eq!(toasts(&inbox), [7, 6, 5, 4, 3]);
    inbox.remove(NotificationId(7));
    assert_eq!(toasts(&inbox), [6, 5, 4, 3, 1]);
}

#[test]
fn the_worst_unacknowledged_alert_of_a_vault_is_found() {
    let mut inbox = Inbox::default();
    let mut acknowledged = notification(3, Level::Critical);
    acknowledged.state = NotificationState::Acknowledged;
    inbox.replace(vec![
        notification(1, Level::High),
        notification(2, Level::Critical),
        acknowledged,
    ]);
    let vault = VaultId::new("ETH-017").unwrap();
    assert_eq!(inbox.firing_for(&vault), Some(NotificationId(2)));
    assert_eq!(inbox.firing_for(&VaultId::new("X").unwrap()), None);
}

#[test]
fn the_chosen_delay_holds_and_nothing_goes_where_nothing_is_to_go() {
    let news = || NotificationView {
        auto_dismiss: Some(5_000),
        tone: Tone::Success,
        ..notification(1, Level::Low)
    };
    let slow = Toasts { dismiss_delay: "9000".parse().unwrap(), ..Toasts::default() };
    let mut inbox = Inbox::default();
    inbox.put_all([news()], &slow, UnixMillis(0));
    assert!(!inbox.expire(UnixMillis(8_999)));
    assert!(inbox.expire(UnixMillis(9_000)));
    let never = Toasts { auto_dismiss: false, ..Toasts::default() };
    let mut inbox = Inbox::default();
    inbox.put_all([news()], &never, UnixMillis(0));
    assert!(!inbox.expire(UnixMillis(i64::MAX)));
}

#[test]
fn what_somebody_reads_does_not_go_under_the_eyes() {
    let mut inbox = Inbox::default();
    let news = NotificationView {
        auto_dismiss: Some(5_000),
        tone: Tone::Info,
        ..notification(1, Level::Low)
    };
    inbox.put_all([news], &Toasts::default(), UnixMillis(0));
    inbox.set_reading(true, UnixMillis(4_000));
    assert!(!inbox.expire(UnixMillis(60_000)));
    inbox.set_reading(false, UnixMillis(60_000));
    assert!(!inbox.expire(UnixMillis(61_499)));
    assert!(inbox.expire(UnixMillis(61_500)));
}

#[test]
fn snoozing_takes_the_toast_away_and_keeps_the_alert_among_what_holds() {
    let mut inbox = Inbox::default();
    inbox.put_all([notification(1, Level::Critical)], &Toasts::default(), UnixMillis(0));
    let snoozed =
        NotificationView { state: NotificationState::Snoozed, ..notification(1, Level::Critical) };
    inbox.put_all([snoozed, notification(2, Level::High)], &Toasts::default(), UnixMillis(1));
    assert_eq!(toasts(&inbox), [2]);
    assert_eq!(inbox.all()[0].id, NotificationId(1));
}

/// A member of the incident 9.
fn member(id: i64) -> NotificationView {
    NotificationView { incident: Some(NotificationId(9)), ..notification(id, Level::Critical) }
}

fn put(inbox: &mut Inbox, all: Vec<NotificationView>) {
    inbox.put_all(all, &Toasts::default(), UnixMillis(0));
}

#[test]
fn vaults_of_an_incident_fly_with_it_and_not_beside_it() {
    let mut inbox = Inbox::default();
    // The first ones were told alone, until it was known that they are one incident.
    put(&mut inbox, vec![notification(1, Level::Critical), notification(2, Level::Critical)]);
    assert_eq!(toasts(&inbox), [2, 1]);
    let head = NotificationView { vault: None, ..notification(9, Level::Critical) };
    put(&mut inbox, vec![member(3), member(1), member(2), head.clone()]);
    assert_eq!(toasts(&inbox), [9]);
    // What is new or over later on is told by the incident, too.
    let worse = NotificationView { occurrences: 2, ..member(1) };
    let over = NotificationView { state: NotificationState::Resolved, ..member(2) };
    put(&mut inbox, vec![worse, over, member(4)]);
    assert_eq!((toasts(&inbox), inbox.unread()), (vec![9], 5));
    inbox.dismiss_toast(NotificationId(9));
    put(&mut inbox, vec![member(5)]);
    assert!(toasts(&inbox).is_empty());
    let told_again = NotificationView { occurrences: 2, ..head };
    put(&mut inbox, vec![told_again]);
    assert_eq!(toasts(&inbox), [9]);
}

#[test]
fn a_vault_whose_incident_was_removed_flies_by_itself() {
    let mut inbox = Inbox::default();
    put(&mut inbox, vec![member(1), notification(9, Level::Critical)]);
    inbox.remove(NotificationId(9));
    put(&mut inbox, vec![member(2)]);
    assert_eq!(toasts(&inbox), [2]);
}
