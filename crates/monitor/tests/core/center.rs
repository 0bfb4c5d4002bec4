//! The notification center: what is read, removed and had back, and which message raised what is in it.

use domain::view::{NotificationView, Origin};
use monitor::Clock as _;

use crate::watch::*;

async fn entry(watch: &Watch, vault: &str) -> NotificationView {
    let vault = VaultId::new(vault).ok();
    let all = watch.monitor.notifications().await;
    all.into_iter().find(|one| one.vault == vault).expect("an entry of that vault")
}

/// The entries that the window was told of, each with whether it is read.
fn shown(calls: &[Call]) -> Vec<(NotificationId, bool)> {
    let shown = calls.iter().filter_map(|call| match call {
        Call::Window(WindowEvent::Notification(view)) => Some((view.id, view.read)),
        _ => None,
    });
    shown.collect()
}

#[tokio::test]
async fn marking_all_read_marks_what_is_unread_and_keeps_it() {
    let store = Store::in_memory().unwrap();
    let mut watch = Watch::start(acme(), store.clone()).await;
    for vault in ["A", "B", "C"] {
        watch.vault(vault, "80");
    }
    watch.settled().await;
    let (a, b, c) =
        (entry(&watch, "A").await.id, entry(&watch, "B").await.id, entry(&watch, "C").await.id);
    watch.monitor.mark_read(vec![a]);
    assert_eq!(shown(&watch.settled().await), [(a, true)]);
    watch.monitor.mark_all_read();
    assert_eq!(shown(&watch.settled().await), [(b, true), (c, true)], "only what is news");
    assert!(watch.monitor.notifications().await.iter().all(|one| one.read));
    let stored = store.notifications().await.unwrap();
    assert!(stored.len() == 3 && stored.iter().all(|stored| stored.view.read));
    watch.monitor.mark_all_read();
    assert_eq!(shown(&watch.settled().await), [], "there was nothing unread");

    watch.vault("B", "81.8");
    watch.settled().await;
    assert!(!entry(&watch, "B").await.read, "what got worse is not read");
    assert!(entry(&watch, "A").await.read && entry(&watch, "C").await.read);
}

#[tokio::test]
async fn what_was_dismissed_is_had_back_as_it_was_for_a_minute() {
    let store = Store::in_memory().unwrap();
    let mut watch = Watch::start(acme(), store.clone()).await;
    let mut ids = Vec::new();
    for vault in ["A", "B"] {
        watch.vault(vault, "80");
        let shown = watch.notified().await.id;
        watch.monitor.delivered(shown);
        ids.push(shown);
    }
    let (a, b) = (ids[0], ids[1]);
    let until = watch.clock.now().plus(Duration::from_secs(1_800));
    watch.monitor.snooze(vec![b], until);
    watch.settled().await;
    watch.monitor.dismiss(vec![a, b]);
    let calls = watch.settled().await;
    assert!(calls.iter().any(|call| matches!(call, Call::Withdraw(id) if *id == a)));
    assert!(watch.monitor.notifications().await.is_empty());
    assert!(store.notifications().await.unwrap().is_empty());

    watch.monitor.put_back(vec![a, b]);
    watch.settled().await;
    let (first, second) = (entry(&watch, "A").await, entry(&watch, "B").await);
    assert_eq!((first.id, first.state), (a, NotificationState::Firing));
    assert_eq!((second.id, second.state), (b, NotificationState::Snoozed));
    assert_eq!(second.snoozed_until, Some(until), "no longer than before");
    assert_eq!(store.notifications().await.unwrap().len(), 2, "a restart has them, too");
    // Nobody has answered it: it is told again. The other one is still put off.
    watch.clock.advance(Duration::from_secs(121));
    assert_eq!(watch.notified().await.id, a);

    watch.monitor.dismiss(vec![a]);
    watch.settled().await;
    watch.clock.advance(Duration::from_secs(61));
    watch.monitor.put_back(vec![a]);
    watch.settled().await;
    let left = watch.monitor.notifications().await;
    let has = |id| left.iter().any(|one| one.id == id);
    assert!(has(b) && !has(a), "it was too late: {left:?}");
}

async fn origin(watch: &Watch, id: NotificationId) -> Option<Origin> {
    let mut found = watch.monitor.origins(vec![id]).await.unwrap();
    assert!(found.iter().all(|(of, _)| *of == id));
    found.pop().map(|(_, origin)| origin)
}

/// The entry of that vault, once the window is told of it.
async fn told(watch: &mut Watch, vault: &str) -> NotificationId {
    let vault = VaultId::new(vault).ok();
    let told = watch.until("an alert", |call| match call {
        Call::Window(WindowEvent::Notification(view)) if view.vault == vault => Some(view.id),
        _ => None,
    });
    told.await
}

#[tokio::test]
async fn an_alert_is_kept_with_the_message_that_raised_it() {
    let store = Store::in_memory().unwrap();
    let mut watch = Watch::start(acme(), store.clone()).await;
    let update = |ltv: &str| format!(r#"{{"ltv":{ltv},"liquidationThreshold":82.5,"maxLTV":80}}"#);
    let envelope =
        |ltv: &str| format!(r#"{{"type":"vault_update_A","data":{},"timestamp":1}}"#, update(ltv));
    let digits = "75.970000000000000000001";
    watch.send("vault_update_A", &update(digits));
    let a = watch.notified().await.id;
    let raised = origin(&watch, a).await.unwrap();
    assert_eq!(raised.text, envelope(digits), "digit for digit");
    assert!(!raised.is_cut());
    watch.send("vault_update_A", &update("76.1"));
    watch.settled().await;
    assert_eq!(origin(&watch, a).await, Some(raised), "other figures raise nothing");
    watch.send("vault_update_A", &update("80"));
    watch.notified().await;
    assert_eq!(origin(&watch, a).await.unwrap().text, envelope("80"), "it made it worse");

    // A high one is raised by the seconds that pass: by what was known then.
    watch.vault("B", "71");
    watch.vault("B", "71.5");
    watch.settled().await;
    watch.clock.advance(Duration::from_secs(16));
    let b = told(&mut watch, "B").await;
    let raised = origin(&watch, b).await.unwrap();
    assert!(raised.text.contains("vault_update_B") && raised.text.contains("71.5"), "{raised:?}");

    let long = "x".repeat(6_000);
    watch.send(
        "risk_alert",
        &format!(
            r#"{{"vaultId":"C","severity":"CRITICAL","category":"MARKET_RISK","message":"{long}"}}"#
        ),
    );
    let c = told(&mut watch, "C").await;
    let raised = origin(&watch, c).await.unwrap();
    assert!(raised.is_cut() && raised.text.len() == Origin::LIMIT && raised.bytes > 6_000);

    watch.monitor.test_critical();
    watch.settled().await;
    let test = watch.monitor.notifications().await[0].id;
    assert_eq!(origin(&watch, test).await, None, "no message raised it");
    // What became of it is no news of a message.
    watch.monitor.acknowledge(vec![a]);
    watch.settled().await;
    let log = store.log(store::LogQuery::default()).await.unwrap();
    for logged in log {
        let raised = matches!(
            logged.record.change,
            store::AlertChange::Raised | store::AlertChange::Worsened
        );
        let expected = raised && logged.record.notification != test;
        assert_eq!(logged.record.origin.is_some(), expected, "{:?}", logged.record);
    }
}
