use domain::view::Target;
use monitor::Urgency;

use super::super::NotifyError;
use super::*;

const ID: NotificationId = NotificationId(3);

fn critical(title: &str) -> OsNotification {
    OsNotification {
        id: ID,
        urgency: Urgency::Critical,
        title: title.into(),
        body: String::new(),
        veiled: Default::default(),
        target: Target::Alerts,
        sound: true,
        language: Default::default(),
    }
}

fn high(title: &str) -> OsNotification {
    OsNotification { urgency: Urgency::Normal, ..critical(title) }
}

/// The one step that is due.
fn step(mirror: &mut Mirror, now: Instant) -> Step {
    let step = mirror.next(now).expect("a step");
    assert_eq!(mirror.next(now), None, "one call about each at a time");
    step
}

fn shows(mirror: &mut Mirror, now: Instant, number: u32) -> u32 {
    let step = step(mirror, now);
    let What::Show { replaces, .. } = step.what else { panic!("{step:?}") };
    let told = mirror.answered(step.id, step.flight, Answer::Shown(number));
    assert!(matches!(told, Some(Told::Delivered(ID))), "{told:?}");
    replaces
}

#[test]
fn it_is_replaced_in_place_until_it_gets_more_urgent() {
    let (mut mirror, now) = (Mirror::default(), Instant::now());
    mirror.want(high("a"), now);
    assert_eq!(shows(&mut mirror, now, 70), 0);
    mirror.want(high("b"), now);
    assert_eq!(shows(&mut mirror, now, 70), 70);
    mirror.want(critical("c"), now);
    let close = step(&mut mirror, now);
    assert_eq!(close.what, What::Close { number: 70 });
    mirror.closed(70, Closing::Other);
    assert!(mirror.answered(ID, close.flight, Answer::Closed).is_none());
    assert_eq!(shows(&mut mirror, now, 71), 0);
    mirror.want(high("d"), now);
    assert_eq!(shows(&mut mirror, now, 71), 71, "less urgent it stays where it is");
}

#[test]
fn a_service_that_hangs_gets_one_call_and_the_newest_words_when_it_wakes() {
    let (mut mirror, now) = (Mirror::default(), Instant::now());
    mirror.want(critical("a"), now);
    let first = step(&mut mirror, now);
    assert_eq!(mirror.wake_at(), Some(now + PATIENCE));
    assert!(mirror.overdue(now + PATIENCE - Duration::from_millis(1)).is_empty());
    assert_eq!(mirror.overdue(now + PATIENCE), [ID]);
    assert!(mirror.overdue(now + 2 * PATIENCE).is_empty(), "told once");
    // The monitor tries again every 10 s, and there are news.
    mirror.want(critical("a"), now + 2 * PATIENCE);
    mirror.want(critical("b"), now + 3 * PATIENCE);
    assert_eq!(mirror.next(now + 3 * PATIENCE), None);
    let woke = now + Duration::from_secs(30);
    let told = mirror.answered(ID, first.flight, Answer::Shown(9));
    assert!(told.is_none(), "the newest words are not there yet: {told:?}");
    assert_eq!(shows(&mut mirror, woke, 9), 9, "in place: there is one on the screen");
    assert_eq!(mirror.next(woke), None);
}

#[test]
fn acknowledged_while_it_hangs_it_is_closed_when_it_wakes() {
    let (mut mirror, now) = (Mirror::default(), Instant::now());
    mirror.want(critical("a"), now);
    let first = step(&mut mirror, now);
    mirror.unwant(ID);
    assert!(mirror.answered(ID, first.flight, Answer::Shown(9)).is_none());
    let close = step(&mut mirror, now);
    assert_eq!(close.what, What::Close { number: 9 });
    mirror.answered(ID, close.flight, Answer::Closed);
    assert!(mirror.entries.is_empty());
}

#[test]
fn an_answer_that_comes_far_too_late_leaves_no_second_one() {
    let (mut mirror, now) = (Mirror::default(), Instant::now());
    mirror.want(critical("a"), now);
    let lost = step(&mut mirror, now);
    let later = now + GIVE_UP;
    mirror.overdue(later);
    assert_eq!(shows(&mut mirror, later, 9), 0);
    assert!(mirror.answered(ID, lost.flight, Answer::Shown(8)).is_none());
    assert_eq!((mirror.stray(), mirror.stray()), (Some(8), None));
}

#[test]
fn what_was_refused_waits_for_another_service_or_another_wish() {
    let (mut mirror, now) = (Mirror::default(), Instant::now());
    mirror.want(critical("a"), now);
    let first = step(&mut mirror, now);
    let told = mirror.answered(ID, first.flight, Answer::Failed(NotifyError::NoService));
    assert!(matches!(told, Some(Told::Undelivered { error: NotifyError::NoService, .. })));
    assert_eq!(mirror.next(now), None);
    assert_eq!(mirror.waiting(), [ID]);
    mirror.service_came(now);
    let second = step(&mut mirror, now);
    mirror.answered(ID, second.flight, Answer::Failed(NotifyError::Refused("no".into())));
    mirror.want(critical("a"), now);
    assert_eq!(shows(&mut mirror, now, 1), 0);
    assert!(mirror.waiting().is_empty());
}

#[test]
fn a_restarted_service_shows_again_what_nobody_has_put_away() {
    let (mut mirror, now) = (Mirror::default(), Instant::now());
    mirror.want(critical("a"), now);
    shows(&mut mirror, now, 5);
    let other = OsNotification { id: NotificationId(4), ..critical("seen") };
    mirror.want(other, now);
    let step = step(&mut mirror, now);
    mirror.answered(step.id, step.flight, Answer::Shown(6));
    mirror.closed(6, Closing::Seen);
    mirror.service_left(now);
    mirror.service_came(now);
    assert_eq!(shows(&mut mirror, now, 1), 0);
    assert_eq!(mirror.next(now), None);
}

#[test]
fn buttons_are_known_by_the_services_number() {
    let mut mirror = Mirror::default();
    let shown = Shown { number: 70, urgency: Urgency::Critical, face: Face::Whole };
    mirror.restore(critical("a"), shown);
    assert_eq!(mirror.reaction(70, "default"), Some(Reaction::Opened(Target::Alerts)));
    assert_eq!(mirror.reaction(70, "ack"), Some(Reaction::Acknowledged(ID)));
    assert_eq!(mirror.reaction(70, "snooze"), Some(Reaction::Snoozed(ID)));
    assert_eq!(mirror.reaction(70, "other"), None);
    assert_eq!(mirror.reaction(3, "ack"), None, "another program's");
    // What an earlier run showed is replaced and closed by its number, too.
    mirror.unwant(ID);
    let what = mirror.next(Instant::now()).unwrap().what;
    assert_eq!(what, What::Close { number: 70 });
}

/// The sound and the face of the one step that is due.
fn turns(mirror: &mut Mirror, now: Instant, answer: Answer) -> (bool, Face, u32) {
    let step = step(mirror, now);
    let What::Show { notification, face, replaces } = step.what else { panic!("{step:?}") };
    assert!(mirror.answered(step.id, step.flight, answer).is_none(), "it was told long ago");
    (notification.sound, face, replaces)
}

#[test]
fn what_is_on_the_screen_turns_in_place_without_a_sound_and_back() {
    let (mut mirror, now) = (Mirror::default(), Instant::now());
    mirror.want(critical("a"), now);
    shows(&mut mirror, now, 7);
    mirror.turn(Face::Veiled);
    assert_eq!(turns(&mut mirror, now, Answer::Shown(7)), (false, Face::Veiled, 7));
    assert_eq!(mirror.next(now), None);
    mirror.turn(Face::Whole);
    assert_eq!(turns(&mut mirror, now, Answer::Shown(7)), (false, Face::Whole, 7));
    // What is new is heard, whatever its face.
    mirror.turn(Face::Veiled);
    mirror.want(critical("b"), now);
    let new = step(&mut mirror, now);
    let What::Show { notification, face, .. } = new.what else { panic!("{new:?}") };
    assert_eq!((notification.sound, face), (true, Face::Veiled));
}

#[test]
fn it_turns_though_it_was_on_its_way_and_never_comes_back_when_it_was_put_away() {
    let (mut mirror, now) = (Mirror::default(), Instant::now());
    mirror.want(critical("a"), now);
    let first = step(&mut mirror, now);
    mirror.turn(Face::Veiled);
    assert_eq!(mirror.next(now), None, "one call at a time");
    let told = mirror.answered(ID, first.flight, Answer::Shown(7));
    assert!(matches!(told, Some(Told::Delivered(ID))));
    assert_eq!(turns(&mut mirror, now, Answer::Shown(7)), (false, Face::Veiled, 7));
    mirror.closed(7, Closing::Seen);
    mirror.turn(Face::Whole);
    assert_eq!(mirror.next(now), None);
    // A service that comes anew shows it with the words of now, and is heard.
    mirror.want(critical("a"), now);
    shows(&mut mirror, now, 8);
    mirror.turn(Face::Veiled);
    mirror.service_left(now);
    let again = step(&mut mirror, now);
    let What::Show { notification, face, replaces } = again.what else { panic!("{again:?}") };
    assert_eq!((notification.sound, face, replaces), (true, Face::Veiled, 0));
}

#[test]
fn one_that_cannot_be_turned_is_not_tried_for_ever() {
    let (mut mirror, now) = (Mirror::default(), Instant::now());
    mirror.want(critical("a"), now);
    shows(&mut mirror, now, 7);
    mirror.turn(Face::Veiled);
    let refused = Answer::Failed(NotifyError::Refused("no".into()));
    assert_eq!(turns(&mut mirror, now, refused), (false, Face::Veiled, 7));
    assert_eq!(mirror.next(now), None);
    assert_eq!(mirror.on_screen().count(), 1, "it is there still, and is answered");
}

#[test]
fn the_most_urgent_goes_first_and_a_hung_service_gets_no_more_than_a_few() {
    let (mut mirror, now) = (Mirror::default(), Instant::now());
    for id in 0..100 {
        mirror.want(OsNotification { id: NotificationId(id), ..high("x") }, now);
    }
    mirror.want(OsNotification { id: NotificationId(100), ..critical("x") }, now);
    let steps: Vec<_> = std::iter::from_fn(|| mirror.next(now)).collect();
    let ids: Vec<_> = steps.iter().map(|step| step.id.0).collect();
    assert_eq!(ids, [100, 0, 1, 2, 3, 4, 5, 6]);
}

/// With the words of an earlier run, which a restart tells again.
fn left(id: i64, title: &str) -> OsNotification {
    OsNotification { id: NotificationId(id), sound: false, ..critical(title) }
}

/// What is called for, in the order of the ids.
fn calls(mirror: &mut Mirror, now: Instant) -> Vec<(i64, What)> {
    let steps = std::iter::from_fn(|| mirror.next(now));
    let mut calls: Vec<_> = steps.map(|step| (step.id.0, step.what)).collect();
    calls.sort_by_key(|(id, _)| *id);
    calls
}

fn show(id: i64, title: &str, replaces: u32) -> (i64, What) {
    let notification = left(id, title);
    (id, What::Show { notification, face: Face::Whole, replaces })
}

#[test]
fn a_start_puts_what_is_open_back_into_its_place_and_closes_the_rest() {
    let (mut mirror, now) = (Mirror::default(), Instant::now());
    for (id, number) in [(1, 11), (2, 12)] {
        let shown = Shown { number, urgency: Urgency::Critical, face: Face::Whole };
        mirror.restore(left(id, "old"), shown);
    }
    // The third was put away before, the second is over.
    mirror.reconcile(vec![left(1, "new"), left(3, "new")], Past::Known, now);
    let closed = (2, What::Close { number: 12 });
    assert_eq!(calls(&mut mirror, now), [show(1, "new", 11), closed]);
}

#[test]
fn with_another_service_all_that_is_open_is_shown() {
    let (mut mirror, now) = (Mirror::default(), Instant::now());
    mirror.reconcile(vec![left(1, "new"), left(3, "new")], Past::Unknown, now);
    assert_eq!(calls(&mut mirror, now), [show(1, "new", 0), show(3, "new", 0)]);
}

#[test]
fn what_this_run_wants_counts_more_than_what_an_earlier_one_left() {
    let (mut mirror, now) = (Mirror::default(), Instant::now());
    // Wanted while there was no bus; only then the past is known.
    mirror.want(critical("worse"), now);
    let shown = Shown { number: 70, urgency: Urgency::Critical, face: Face::Whole };
    mirror.restore(critical("old"), shown);
    mirror.reconcile(vec![left(3, "old")], Past::Known, now);
    let step = step(&mut mirror, now);
    let What::Show { notification, replaces, .. } = step.what else { panic!("{step:?}") };
    assert_eq!((notification, replaces), (critical("worse"), 70));
}
