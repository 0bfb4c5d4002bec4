//! A silence beside a snooze.

use crate::alertmanager::{Alertmanager, TIMES, Times};
use crate::here::{Here, policy};
use crate::script::Kind::{Firing, Repeated, Resolved};
use crate::script::{Side, course, critical, told};

/// Longer than two repeats. Returns when it ended.
async fn silenced(side: &mut impl Side) -> std::time::Duration {
    side.fire(&[critical("A")]).await;
    side.until_told(1).await;
    let ends = side.silence("A", 12).await;
    side.until_told(2).await;
    ends
}

#[tokio::test]
async fn nothing_is_told_while_silenced_and_it_is_told_after_that_if_it_still_fires() {
    let mut theirs = Alertmanager::start(TIMES).await;
    let mut ours = Here::start(policy());
    let (their_end, our_end) = (silenced(&mut theirs).await, silenced(&mut ours).await);
    let expected = [Firing, Repeated].map(|kind| told(kind, &["A critical"]));
    assert_eq!(course(&ours), expected);
    assert_eq!(course(&theirs), expected);
    assert_eq!(ours.told()[1].at, our_end, "at once");
    assert!(theirs.told()[1].at >= their_end, "{:?}", theirs.told());
}

async fn resolved_while_silenced(side: &mut impl Side) {
    side.fire(&[critical("A")]).await;
    side.until_told(1).await;
    side.silence("A", 4).await;
    side.resolve(&[critical("A")]).await;
    side.pass(8).await;
}

#[tokio::test]
async fn what_ends_while_silenced_is_not_told_again() {
    let mut theirs = Alertmanager::start(TIMES).await;
    let mut ours = Here::start(policy());
    resolved_while_silenced(&mut theirs).await;
    resolved_while_silenced(&mut ours).await;
    assert_eq!(course(&theirs), [told(Firing, &["A critical"])]);
    // The difference: the center notes the end all the same.
    assert_eq!(course(&ours), [Firing, Resolved].map(|kind| told(kind, &["A critical"])));
}

async fn worse_while_silenced(side: &mut impl Side) -> std::time::Duration {
    side.fire(&[critical("A")]).await;
    side.until_told(1).await;
    let ends = side.silence("A", 8).await;
    side.worsen(&critical("A")).await;
    side.until_told(2).await;
    ends
}

/// Theirs holds until its time, whatever happens; a snooze ends when it gets worse.
#[tokio::test]
async fn difference_a_snooze_ends_when_it_gets_worse() {
    let mut theirs = Alertmanager::start(TIMES).await;
    let mut ours = Here::start(policy());
    let their_end = worse_while_silenced(&mut theirs).await;
    let our_end = worse_while_silenced(&mut ours).await;
    assert!(theirs.told()[1].at >= their_end, "{:?}", theirs.told());
    assert!(ours.told()[1].at < our_end, "{:?}", ours.told());
}

async fn briefly_silenced(side: &mut impl Side) -> std::time::Duration {
    side.fire(&[critical("A")]).await;
    side.until_told(1).await;
    let ends = side.silence("A", 2).await;
    side.until_told(2).await;
    ends
}

/// Theirs says nothing before the repeat interval after what was told last; a snooze's end is told at once.
#[tokio::test]
async fn difference_the_end_of_a_snooze_is_told_at_once() {
    let mut theirs = Alertmanager::start(Times { repeat_interval: 10, ..TIMES }).await;
    let mut ours = Here::start(policy());
    let their_end = briefly_silenced(&mut theirs).await;
    let our_end = briefly_silenced(&mut ours).await;
    let told = theirs.told();
    assert!(told[1].at >= their_end + Alertmanager::UNIT * 5, "{told:?}");
    assert_eq!(ours.told()[1].at, our_end);
}

/// A silence is by what alerts are called, so it covers those that come later; a snooze is of an alert that is open.
#[tokio::test]
async fn difference_a_silence_covers_what_comes_later() {
    let mut theirs = Alertmanager::start(TIMES).await;
    theirs.silence("A", 6).await;
    theirs.fire(&[critical("A")]).await;
    theirs.pass(4).await;
    assert_eq!(course(&theirs), []);
    let mut ours = Here::start(policy());
    ours.silence("A", 6).await;
    ours.fire(&[critical("A")]).await;
    assert_eq!(course(&ours), [told(Firing, &["A critical"])]);
}

/// Theirs lasts as long as it was asked for.
#[tokio::test]
async fn difference_a_critical_alert_is_put_off_by_a_limited_time() {
    let limit = Here::UNIT * 3;
    let mut theirs = Alertmanager::start(TIMES).await;
    let mut ours = Here::start(alerts::Policy { snooze_critical: limit, ..policy() });
    let (_, asked) = (silenced(&mut theirs).await, silenced(&mut ours).await);
    assert!(theirs.told()[1].at - theirs.told()[0].at >= Alertmanager::UNIT * 11);
    assert_eq!(ours.told()[1].at, limit);
    assert!(limit < asked);
}
