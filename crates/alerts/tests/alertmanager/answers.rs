//! What an Alertmanager has no word for: that somebody has seen it.

use alerts::Act;

use crate::alertmanager::{Alertmanager, TIMES};
use crate::here::{Here, policy};
use crate::script::Kind::{Firing, Repeated};
use crate::script::{Side, course, critical, told};

/// Theirs goes on until the end or a silence. Here an acknowledgement stops the repeats, until it lapses.
#[tokio::test]
async fn difference_an_acknowledgement_stops_the_repeats_and_lapses() {
    let mut theirs = Alertmanager::start(TIMES).await;
    theirs.fire(&[critical("A")]).await;
    theirs.until_told(3).await;
    assert_eq!(
        course(&theirs),
        [Firing, Repeated, Repeated].map(|kind| told(kind, &["A critical"]))
    );

    let lapse = Here::UNIT * 30;
    let mut ours = Here::start(alerts::Policy { ack_lapse: lapse, ..policy() });
    ours.fire(&[critical("A")]).await;
    ours.about_all(Act::Acknowledge);
    ours.until_told(2).await;
    assert_eq!(course(&ours), [Firing, Repeated].map(|kind| told(kind, &["A critical"])));
    assert_eq!(ours.told()[1].at, lapse);
}

/// Theirs knows no degrees: what an alert says changes nothing. Here it is told at once when it gets worse.
#[tokio::test]
async fn difference_an_acknowledgement_ends_when_it_gets_worse() {
    let mut theirs = Alertmanager::start(TIMES).await;
    theirs.fire(&[critical("A")]).await;
    theirs.until_told(1).await;
    theirs.worsen(&critical("A")).await;
    theirs.until_told(2).await;
    let gap = theirs.told()[1].at - theirs.told()[0].at;
    assert!(gap >= Alertmanager::UNIT * 4, "not before its repeat: {gap:?}");

    let mut ours = Here::start(policy());
    ours.fire(&[critical("A")]).await;
    ours.about_all(Act::Acknowledge);
    ours.worsen(&critical("A")).await;
    assert_eq!(course(&ours), [Firing, Repeated].map(|kind| told(kind, &["A critical"])));
}
