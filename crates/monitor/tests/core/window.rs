//! What the window and the tray are given, and in which order.

use domain::view::{Preferences, ToastPosition};

use crate::watch::*;

#[tokio::test]
async fn a_window_gets_everything_worst_first_and_one_batch_at_a_time() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    for n in 0..100 {
        watch.vault(&format!("V-{n:03}"), "40.12345678901234567");
    }
    watch.vault("WORST", "80");
    watch.settled().await;
    let attached = watch.attach().await;
    assert_eq!((attached.feed.state, attached.notifications.len()), (FeedState::Live, 1));
    let first = watch.batch().await;
    assert_eq!((first.seq, first.kind), (1, TickKind::Reset));
    assert_eq!(first.vaults[0].id.as_str(), "WORST");
    assert_eq!(first.totals.as_ref().unwrap().vaults, 101);
    let mut rows = first.vaults;
    let calls = watch.settled().await;
    assert!(!calls.iter().any(|call| matches!(call, Call::Tick(_))), "one in flight");
    let mut seq = first.seq;
    while rows.len() < 101 {
        watch.monitor.acknowledge_batch(seq);
        let batch = watch.batch().await;
        assert_eq!((batch.seq, batch.kind), (seq + 1, TickKind::Update));
        // As it crosses the bridge: a text.
        let text = serde_json::to_string(&serde_json::to_string(&batch).unwrap()).unwrap();
        assert!(text.len() <= domain::view::BATCH_BYTES, "{}", text.len());
        seq = batch.seq;
        rows.extend(batch.vaults);
    }
    let row = rows.iter().find(|row| row.id.as_str() == "V-007").unwrap();
    assert_eq!(row.ltv.unwrap().to_string(), "40.12345678901234567", "every digit of the wire");
    let room = row.room.unwrap().to_string();
    assert!(room.len() <= 15, "{room}: what was divided has the digits that are shown");
}

#[tokio::test]
async fn what_is_looked_at_goes_ahead_of_thousands_that_are_not() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    for n in 0..300 {
        watch.vault(&format!("V-{n:03}"), "40");
    }
    watch.settled().await;
    watch.attach().await;
    let mut batch = watch.batch().await;
    let mut rows = batch.vaults.len();
    while rows < 300 {
        watch.monitor.acknowledge_batch(batch.seq);
        batch = watch.batch().await;
        rows += batch.vaults.len();
    }
    // All of them change while that batch is under way; the last two are in view, one of them from now on.
    watch.monitor.look_at(vec![VaultId::new("V-298").unwrap()]);
    for n in 0..300 {
        watch.vault(&format!("V-{n:03}"), "41");
    }
    watch.settled().await;
    watch.monitor.look_at(["V-298", "V-299"].map(|id| VaultId::new(id).unwrap()).to_vec());
    watch.monitor.acknowledge_batch(batch.seq);
    let next = watch.batch().await;
    let mut first: Vec<_> = next.vaults[..2].iter().map(|row| row.id.as_str()).collect();
    first.sort_unstable();
    assert_eq!(first, ["V-298", "V-299"]);
    let mut ids: Vec<_> = next.vaults.iter().map(|row| row.id.clone()).collect();
    let mut seq = next.seq;
    while ids.len() < 300 {
        watch.monitor.acknowledge_batch(seq);
        let batch = watch.batch().await;
        seq = batch.seq;
        ids.extend(batch.vaults.into_iter().map(|row| row.id));
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 300, "each of them once");
}

#[tokio::test]
async fn a_vaults_figures_reach_the_window_before_the_alert_about_it() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.vault("A", "40");
    watch.settled().await;
    watch.attach().await;
    let first = watch.batch().await;
    assert_eq!(first.vaults.len(), 1);
    // Not acknowledged: the pump would have to wait.
    watch.vault("A", "80");
    let ahead = watch
        .until("row, then alert", |call| match call {
            Call::Tick(batch) => Some(batch.vaults[0].level),
            Call::Window(WindowEvent::Notification(_)) => panic!("the alert came first"),
            _ => None,
        })
        .await;
    assert_eq!(ahead, Some(Level::Critical));
}

#[tokio::test]
async fn a_glimpse_shows_what_a_window_would_and_leaves_it_to_the_window() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    for n in 0..40 {
        watch.vault(&format!("V-{n:03}"), "40");
    }
    watch.vault("WORST", "80");
    watch.settled().await;
    watch.monitor.open(Target::Alerts);
    let glimpse = watch.monitor.glimpse(10).await.unwrap();
    assert_eq!((glimpse.batch.kind, glimpse.batch.vaults.len()), (TickKind::Reset, 10));
    assert_eq!(glimpse.batch.vaults[0].id.as_str(), "WORST");
    assert_eq!(glimpse.batch.totals.unwrap().vaults, 41);
    assert_eq!(glimpse.attached.notifications.len(), 1);
    assert_eq!(glimpse.attached.target, Some(Target::Alerts));
    // Nothing was taken away by looking.
    assert_eq!(watch.attach().await.target, Some(Target::Alerts));
    let first = watch.batch().await;
    assert_eq!((first.seq, first.kind), (1, TickKind::Reset));
    assert_eq!(first.vaults[0].id.as_str(), "WORST");
}

#[tokio::test]
async fn preferences_are_kept_for_the_next_window_and_the_next_start() {
    let store = Store::in_memory().unwrap();
    let watch = Watch::start(acme(), store.clone()).await;
    assert_eq!(watch.attach().await.preferences, Preferences::default());
    let mut chosen = Preferences::default();
    chosen.toasts.position = ToastPosition::TopCenter;
    watch.monitor.set_preferences(chosen.clone());
    assert_eq!(watch.attach().await.preferences, chosen);
    watch.monitor.shutdown().await;
    let again = Watch::start(acme(), store).await;
    assert_eq!(again.attach().await.preferences, chosen);
}

#[tokio::test]
async fn a_click_waits_for_the_window() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    let target = Target::Vault(VaultId::new("A").unwrap());
    watch.monitor.open(target.clone());
    watch.until("the window", |call| matches!(call, Call::ShowWindow).then_some(())).await;
    assert_eq!(watch.attach().await.target, Some(target.clone()));
    assert_eq!(watch.attach().await.target, None, "once");
    watch.monitor.open(target.clone());
    let opened = watch.until("an event", |call| match call {
        Call::Window(WindowEvent::Open(target)) => Some(target.clone()),
        _ => None,
    });
    assert_eq!(opened.await, target);
}

#[tokio::test]
async fn the_tray_counts_what_is_critical() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.vault("A", "80");
    watch.vault("B", "80");
    let count = |call: &Call| match call {
        Call::Tray(TrayView { icon: TrayIcon::Critical { count: 2 }, .. }) => Some(()),
        _ => None,
    };
    watch.until("two critical", count).await;
    watch.vault("A", "40");
    let count = |call: &Call| match call {
        Call::Tray(TrayView { icon: TrayIcon::Critical { count: 1 }, .. }) => Some(()),
        _ => None,
    };
    watch.until("one critical", count).await;
}
