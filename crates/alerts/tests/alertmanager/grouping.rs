//! Many alerts of one cause.

use crate::alertmanager::{Alertmanager, NEVER, TIMES, Times};
use crate::here::{Here, policy};
use crate::script::Kind::{Firing, Repeated, Resolved};
use crate::script::{Alert, Side, course, critical, told};

fn crash() -> Vec<Alert> {
    (0..20).map(|n| critical(&format!("V{n:02}"))).collect()
}

fn names(alerts: &[Alert]) -> Vec<String> {
    alerts.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn twenty_of_one_cause_are_one_notification_one_repeat_and_one_end() {
    let all = crash();
    let mut theirs = Alertmanager::start(TIMES).await;
    theirs.fire(&all).await;
    theirs.until_told(2).await;
    theirs.resolve(&all).await;
    theirs.until_told(3).await;
    let expected = [Firing, Repeated, Resolved].map(|kind| (kind, names(&all)));
    assert_eq!(course(&theirs), expected);

    // The difference: nobody waits for company, so the first ones are told alone.
    let mut ours = Here::start(policy());
    ours.fire(&all).await;
    let alone = ours.engine.policy().burst as usize;
    assert_eq!(
        course(&ours),
        ["V00", "V01", "V02"].map(|v| told(Firing, &[&format!("{v} critical")]))
    );
    ours.until_told(alone + 2).await;
    ours.resolve(&all).await;
    ours.until_told(alone + 3).await;
    assert_eq!(course(&ours)[alone..], expected);
}

/// Theirs tells the whole group once more; here what is shown is changed, quietly.
#[tokio::test]
async fn difference_one_more_is_seen_and_not_heard() {
    let (all, more) = (crash(), critical("V99"));
    let grown = [all.clone(), vec![more.clone()]].concat();
    let mut theirs = Alertmanager::start(Times { repeat_interval: NEVER, ..TIMES }).await;
    theirs.fire(&all).await;
    theirs.until_told(1).await;
    theirs.fire(std::slice::from_ref(&more)).await;
    theirs.until_told(2).await;
    assert_eq!(course(&theirs)[1], (Firing, names(&grown)));

    let mut ours = Here::start(policy());
    ours.fire(&all).await;
    ours.pass(2).await;
    let before = ours.told().len();
    ours.fire(&[more]).await;
    ours.pass(2).await;
    assert_eq!(ours.told().len(), before);
    let head = ours.engine.open().find(|one| one.vault.is_none()).unwrap();
    assert!(head.title.starts_with("21 vaults critical"), "{}", head.title);
    assert_eq!(ours.live.iter().copied().collect::<Vec<_>>(), [head.id]);
}

/// Theirs groups from the first one; here up to five are told one by one, as fast as notifications may come.
#[tokio::test]
async fn difference_five_are_no_group() {
    let five = &crash()[..5];
    let mut theirs = Alertmanager::start(Times { repeat_interval: NEVER, ..TIMES }).await;
    theirs.fire(five).await;
    theirs.until_told(1).await;
    assert_eq!(course(&theirs), [(Firing, names(five))]);

    let mut ours = Here::start(policy());
    ours.fire(five).await;
    ours.pass(3).await;
    assert_eq!(
        course(&ours),
        ["V00 critical", "V01 critical", "V02 critical", "summary"].map(|one| told(Firing, &[one]))
    );
    assert!(ours.engine.open().all(|one| one.incident.is_none() && one.vault.is_some()));
}
