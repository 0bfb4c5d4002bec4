//! What makes two alerts the same one.

use crate::alertmanager::{Alertmanager, NEVER, TIMES, Times};
use crate::here::{Here, policy};
use crate::script::Kind::{Firing, Resolved};
use crate::script::{Side, course, critical, told};

/// None of this is told again, and what is told after it proves that nothing was on its way.
async fn a_thousand_times(side: &mut impl Side) {
    for _ in 0..500 {
        side.fire(&[critical("A")]).await;
    }
    side.until_told(1).await;
    for _ in 0..500 {
        side.fire(&[critical("A")]).await;
    }
    side.resolve(&[critical("A")]).await;
    side.until_told(2).await;
}

#[tokio::test]
async fn the_same_alert_a_thousand_times_is_one() {
    let mut theirs = Alertmanager::start(Times { repeat_interval: NEVER, ..TIMES }).await;
    let mut ours = Here::start(policy());
    a_thousand_times(&mut theirs).await;
    a_thousand_times(&mut ours).await;
    let expected = [Firing, Resolved].map(|kind| told(kind, &["A critical"]));
    assert_eq!(course(&ours), expected);
    assert_eq!(course(&theirs), expected);
}
