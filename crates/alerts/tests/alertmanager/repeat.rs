//! A lone critical alert, from the first notification to the last.

use std::time::Duration;

use crate::alertmanager::{Alertmanager, TIMES, Times};
use crate::here::{Here, policy};
use crate::script::Kind::{Firing, Repeated, Resolved};
use crate::script::{Side, course, critical, gaps, told};

async fn until_it_ends(side: &mut impl Side) {
    side.fire(&[critical("A")]).await;
    side.until_told(3).await;
    side.resolve(&[critical("A")]).await;
    side.until_told(4).await;
    // Longer than the repeat interval.
    side.pass(7).await;
}

#[tokio::test]
async fn a_lone_critical_alert_is_told_repeated_and_resolved() {
    let mut theirs = Alertmanager::start(TIMES).await;
    let mut ours = Here::start(policy());
    until_it_ends(&mut theirs).await;
    until_it_ends(&mut ours).await;
    let expected = ["A critical"];
    assert_eq!(
        course(&ours),
        [Firing, Repeated, Repeated, Resolved].map(|kind| told(kind, &expected))
    );
    assert_eq!(course(&theirs), course(&ours));
    assert_eq!(gaps(&ours)[..2], [Here::UNIT * 5; 2]);
    // A group looks at its repeat interval only when its own interval passes. Their moments are those of arrival, which
    // may be late by a little.
    let interval = Alertmanager::UNIT * 5 - Alertmanager::UNIT / 4;
    assert!(gaps(&theirs)[..2].iter().all(|gap| *gap >= interval), "{:?}", gaps(&theirs));
    assert!(ours.live.is_empty(), "the end closes what is shown: it is no notification of its own");
}

#[tokio::test]
async fn difference_the_first_notification_does_not_wait_for_others() {
    let mut theirs = Alertmanager::start(Times { group_wait: 5, ..TIMES }).await;
    let sent = theirs.elapsed();
    theirs.fire(&[critical("A")]).await;
    theirs.until_told(1).await;
    assert!(theirs.told()[0].at >= sent + Alertmanager::UNIT * 4);
    let mut ours = Here::start(policy());
    ours.fire(&[critical("A")]).await;
    assert_eq!(course(&ours), [told(Firing, &["A critical"])]);
    assert_eq!(ours.told()[0].at, Duration::ZERO);
}

#[tokio::test]
async fn difference_repeats_come_less_often_with_time() {
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    let mut ours = Here::start(alerts::Policy::default());
    ours.fire(&[critical("A")]).await;
    ours.until_told(5).await;
    let schedule: Vec<_> = ours.told().iter().map(|told| told.at).collect();
    assert_eq!(schedule, [0, 2, 5, 10, 25].map(minutes));
}
