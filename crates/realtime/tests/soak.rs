//! The reduced form of what `examples/soak` does in full.

#[path = "../examples/soak/herd.rs"]
mod herd;
#[path = "../examples/soak/run.rs"]
mod run;

use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_thousand_clients_do_not_come_back_at_once() {
    let report = herd::herd(1_000, Duration::from_secs(5)).await;
    assert!(report.worst_window_share <= 0.1, "{report:?}");
    assert!(report.all_back_ms < 20_000, "{report:?}");
}

#[tokio::test]
async fn three_hundred_faults_cost_nothing() {
    let report = run::soak(300, 7).await.unwrap();
    assert!(report.faults >= 300 && report.connections > 30, "{report:?}");
    assert!(report.sent > 100 && report.published > 100, "{report:?}");
    assert_eq!((report.lost, report.doubled, report.disordered), (0, 0, 0), "{report:?}");
    assert_eq!((report.publishes_lost, report.publishes_doubled), (0, 0), "{report:?}");
    assert_eq!(report.acknowledged, report.published, "{report:?}");
}
