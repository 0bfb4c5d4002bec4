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
    assert!(report.complaints().is_empty(), "{report:?}");
    let told = report.rss_early_kib.is_some() && report.rss_end_kib.is_some();
    assert!(told || !cfg!(target_os = "linux"), "{report:?}");
}

#[test]
fn a_soak_fails_for_anything_lost_doubled_disordered_unanswered_or_kept() {
    let good = || run::SoakReport {
        published: 9,
        acknowledged: 9,
        rss_early_kib: Some(10_792),
        rss_end_kib: Some(14_852),
        ..run::SoakReport::default()
    };
    assert!(good().complaints().is_empty() && good().growth_complaint().is_none());
    let spoil: [fn(&mut run::SoakReport); 6] = [
        |r| r.lost = 1,
        |r| r.doubled = 1,
        |r| r.disordered = 1,
        |r| r.publishes_lost = 1,
        |r| r.publishes_doubled = 1,
        |r| r.acknowledged = 8,
    ];
    for spoil in spoil {
        let mut report = good();
        spoil(&mut report);
        assert_eq!(report.complaints().len(), 1, "{report:?}");
    }
    // 64 bytes kept for each of 150,000 messages, on top of what is meant to be kept.
    let leaking = run::SoakReport { rss_end_kib: Some(14_852 + 9_375), ..good() };
    assert!(leaking.growth_complaint().is_some_and(|complaint| complaint.contains("memory grew")));
    let untold = run::SoakReport { rss_early_kib: None, ..leaking };
    assert_eq!(untold.growth_complaint(), None, "where the system does not tell");
}
