//! A critical alert keeps back lower ones of the same vault.

use crate::alertmanager::{Alertmanager, NEVER, TIMES, Times};
use crate::here::{Here, policy};
use crate::script::Kind::{Firing, Repeated, Resolved};
use crate::script::{Side, critical, high, told, told_of};

async fn both_at_once(side: &mut impl Side) {
    side.fire(&[critical("A"), high("A"), high("B")]).await;
    side.until_told(4).await;
}

#[tokio::test]
async fn a_critical_alert_keeps_back_a_lower_one_of_its_vault_and_no_other() {
    let mut theirs = Alertmanager::start(TIMES).await;
    let mut ours = Here::start(policy());
    both_at_once(&mut theirs).await;
    both_at_once(&mut ours).await;
    assert_eq!(
        told_of(&ours),
        [
            told(Firing, &["A critical"]),
            told(Firing, &["B high"]),
            told(Repeated, &["A critical"]),
            told(Repeated, &["B high"]),
        ]
    );
    assert_eq!(told_of(&theirs), told_of(&ours));
}

async fn the_lower_one_first(side: &mut impl Side) {
    side.fire(&[high("A")]).await;
    side.until_told(1).await;
    side.fire(&[critical("A")]).await;
    // Its own repeat would have come by now.
    side.until_told(4).await;
    side.resolve(&[critical("A")]).await;
    side.until_told(6).await;
}

#[tokio::test]
async fn what_was_told_is_not_repeated_until_the_critical_one_is_over() {
    let mut theirs = Alertmanager::start(TIMES).await;
    let mut ours = Here::start(policy());
    the_lower_one_first(&mut theirs).await;
    the_lower_one_first(&mut ours).await;
    assert_eq!(
        told_of(&ours),
        [
            told(Firing, &["A critical"]),
            told(Firing, &["A high"]),
            told(Repeated, &["A critical"]),
            told(Repeated, &["A critical"]),
            told(Repeated, &["A high"]),
            told(Resolved, &["A critical"]),
        ]
    );
    assert_eq!(told_of(&theirs), told_of(&ours));
}

async fn the_critical_one_ends(side: &mut impl Side) {
    side.fire(&[critical("A"), high("A")]).await;
    side.until_told(1).await;
    side.resolve(&[critical("A")]).await;
    side.until_told(3).await;
}

#[tokio::test]
async fn what_was_kept_back_is_told_when_the_critical_one_ends() {
    // With no repeat that it could wait for.
    let mut theirs = Alertmanager::start(Times { repeat_interval: NEVER, ..TIMES }).await;
    let mut ours = Here::start(alerts::Policy {
        repeat_high: Here::UNIT * 1_000,
        repeat_critical: vec![Here::UNIT * 1_000],
        ..policy()
    });
    the_critical_one_ends(&mut theirs).await;
    the_critical_one_ends(&mut ours).await;
    let expected =
        [told(Firing, &["A critical"]), told(Firing, &["A high"]), told(Resolved, &["A critical"])];
    assert_eq!(told_of(&ours), expected);
    assert_eq!(told_of(&theirs), expected);
}
