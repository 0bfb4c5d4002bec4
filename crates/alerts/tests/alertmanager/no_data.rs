//! What becomes of an alert of which nothing more is heard.

use alerts::Input;

use crate::alertmanager::{Alertmanager, NEVER, TIMES, Times};
use crate::here::{Here, policy};
use crate::script::Kind::{Firing, Repeated, Resolved};
use crate::script::{Side, course, critical, told, told_of};

/// Theirs takes silence for the end; here it is a condition of its own, and what fires keeps firing.
#[tokio::test]
async fn difference_no_data_is_no_end() {
    let mut theirs =
        Alertmanager::start(Times { resolve_timeout: 4, repeat_interval: NEVER, ..TIMES }).await;
    theirs.fire(&[critical("A")]).await;
    theirs.until_told(2).await;
    assert_eq!(course(&theirs), [Firing, Resolved].map(|kind| told(kind, &["A critical"])));

    let mut ours = Here::start(alerts::Policy { feed_down_exposed: Here::UNIT * 4, ..policy() });
    ours.fire(&[critical("A")]).await;
    ours.exposure.at_risk = 1;
    ours.step(Input::FeedLost);
    ours.until_told(3).await;
    assert_eq!(
        told_of(&ours),
        [
            told(Firing, &["A critical"]),
            told(Firing, &["no data"]),
            told(Repeated, &["A critical"]),
        ]
    );
    ours.pass(100).await;
    assert!(ours.told().iter().all(|told| told.kind != Resolved), "{:?}", ours.told());
}
