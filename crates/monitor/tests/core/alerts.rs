//! Who is woken, how often, and what is kept.

use domain::view::Tone;
use monitor::Notice;

use crate::watch::*;

#[tokio::test]
async fn a_crossing_into_critical_is_stored_and_shown_once() {
    let store = Store::in_memory().unwrap();
    let mut watch = Watch::start(acme(), store.clone()).await;
    watch.vault("ETH-017", "60");
    watch.vault("ETH-017", "75.97");
    let shown = watch.notified().await;
    assert_eq!(
        (shown.urgency, shown.title.as_str()),
        (Urgency::Critical, "ETH-017: 7.9 % to liquidation")
    );
    assert_eq!(shown.target, Target::Vault(VaultId::new("ETH-017").unwrap()));
    let stored = store.notifications().await.unwrap();
    assert_eq!(stored.len(), 1, "stored before it was shown");
    assert_eq!(stored[0].delivery, store::Delivery::Wanted);
    watch.monitor.delivered(shown.id);
    watch.vault("ETH-017", "76.5");
    watch.vault("ETH-017", "77");
    assert_eq!(notifications(&watch.settled().await), 0, "the same condition");
    assert_eq!(store.notifications().await.unwrap()[0].delivery, store::Delivery::Done);
    assert_eq!(watch.monitor.notifications().await.len(), 1);
}

#[tokio::test]
async fn what_the_system_did_not_take_is_tried_again_and_told() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.vault("A", "80");
    let first = watch.notified().await;
    watch.monitor.undelivered(first.id, "no notification service".to_owned());
    let told = watch
        .until("a banner", |call| match call {
            Call::Window(WindowEvent::NotificationsBlocked(Some(why))) => Some(why.clone()),
            _ => None,
        })
        .await;
    assert_eq!(told, "no notification service");
    watch.clock.advance(Duration::from_secs(10));
    let second = watch.notified().await;
    assert_eq!(second.id, first.id);
    watch.monitor.delivered(second.id);
    watch
        .until("the banner to go", |call| {
            matches!(call, Call::Window(WindowEvent::NotificationsBlocked(None))).then_some(())
        })
        .await;
    watch.clock.advance(Duration::from_secs(60));
    assert_eq!(notifications(&watch.settled().await), 0);
}

#[tokio::test]
async fn demo_data_wake_nobody_after_the_first_notification() {
    let mut watch = Watch::start(Mode::Demo, Store::in_memory().unwrap()).await;
    watch.vault("A", "80");
    assert_eq!(watch.notified().await.title, "DEMO A: 3.0 % to liquidation");
    watch.vault("B", "80");
    watch.vault("C", "81");
    assert_eq!(notifications(&watch.settled().await), 0);
    assert_eq!(watch.monitor.notifications().await.len(), 3, "the window has them all");
}

#[tokio::test]
async fn acknowledging_closes_the_systems_notification() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.vault("A", "80");
    let shown = watch.notified().await;
    watch.monitor.delivered(shown.id);
    watch.monitor.acknowledge(vec![shown.id]);
    let withdrawn = watch.until("a withdrawal", |call| match call {
        Call::Withdraw(id) => Some(*id),
        _ => None,
    });
    assert_eq!(withdrawn.await, shown.id);
    let kept = watch.monitor.notifications().await;
    assert_eq!((kept[0].state, kept[0].read), (NotificationState::Acknowledged, true));
}

#[tokio::test]
async fn a_restart_neither_repeats_nor_forgets() {
    let store = Store::in_memory().unwrap();
    let mut watch = Watch::start(acme(), store.clone()).await;
    watch.vault("A", "80");
    watch.vault("B", "80");
    let told = watch.notified().await;
    let untold = watch.notified().await;
    watch.monitor.delivered(told.id);
    watch.monitor.shutdown().await;

    // Not waiting for the connection: a slow machine may show it before that is there.
    let mut watch = Watch::begin(acme(), store, |_| {}).await;
    watch.clock.advance(Duration::from_secs(10));
    let again = watch.notified().await.id;
    assert_eq!(again, untold.id, "only what nobody confirmed is shown again");
    watch.monitor.delivered(again);
    watch.vault("A", "79.9");
    watch.vault("B", "79.9");
    assert_eq!(notifications(&watch.settled().await), 0);
    assert_eq!(watch.monitor.notifications().await.len(), 2);
}

/// Waits for the operating system's notification of that id to be closed.
async fn withdrawn(watch: &mut Watch, id: NotificationId) {
    let withdrawn = watch.until("a withdrawal", |call| match call {
        Call::Withdraw(id) => Some(*id),
        _ => None,
    });
    assert_eq!(withdrawn.await, id);
}

#[tokio::test]
async fn a_recovered_vault_closes_the_systems_notification_and_turns_its_toast() {
    for mode in [acme(), Mode::Demo] {
        let store = Store::in_memory().unwrap();
        let mut watch = Watch::start(mode, store.clone()).await;
        watch.vault("A", "80");
        let shown = watch.notified().await;
        watch.monitor.delivered(shown.id);
        watch.vault("A", "40");
        watch.settled().await;
        watch.clock.advance(Duration::from_secs(121));
        withdrawn(&mut watch, shown.id).await;
        let over = watch.until("the toast", |call| match call {
            Call::Window(WindowEvent::Notification(view)) => Some(view.clone()),
            _ => None,
        });
        let over = over.await;
        assert_eq!((over.id, over.state), (shown.id, NotificationState::Resolved));
        assert_eq!((over.tone, over.auto_dismiss), (Tone::Success, Some(5_000)));
        assert_eq!(over.title, "A recovered: 51.5 % left");
        let delivery = store.notifications().await.unwrap()[0].delivery;
        assert_ne!(delivery, store::Delivery::Wanted, "nor is it shown after a restart");
        assert_eq!(notifications(&watch.settled().await), 0, "good news wake nobody");
    }
}

/// It is open still, for less than it woke somebody for: what woke them was left on the screen until it was over.
#[tokio::test]
async fn a_vault_that_is_critical_no_more_closes_the_systems_notification() {
    let store = Store::in_memory().unwrap();
    let mut watch = Watch::start(acme(), store.clone()).await;
    watch.vault("A", "80");
    let shown = watch.notified().await;
    watch.monitor.delivered(shown.id);
    // 20 % left: medium.
    watch.vault("A", "66");
    watch.settled().await;
    watch.clock.advance(Duration::from_secs(121));
    withdrawn(&mut watch, shown.id).await;
    watch.settled().await;
    let stored = &store.notifications().await.unwrap()[0];
    assert_eq!(
        stored.delivery,
        store::Delivery::NotWanted,
        "nor is it shown again after a restart"
    );
    let view = watch.monitor.notifications().await.remove(0);
    assert_eq!((view.severity, view.state), (Level::Medium, NotificationState::Firing));
    assert_eq!(view.auto_dismiss, Some(5_000));
    watch.vault("A", "80");
    assert_eq!(watch.notified().await.id, shown.id, "critical again, it is shown again");
}

#[tokio::test]
async fn what_is_to_be_told_at_the_start_is_told_once() {
    let store = Store::in_memory().unwrap();
    let told = |options: &mut Options| {
        let low =
            Notice::system(Level::High, |_| ("The database was damaged", "A new one was begun."));
        let loud =
            Notice::system(Level::Critical, |_| ("Nothing is watched", "Look at the settings."));
        options.notices = vec![low, loud];
    };
    let mut watch = Watch::begin(acme(), store.clone(), told).await;
    let shown = watch.notified().await;
    assert_eq!(
        (shown.title.as_str(), shown.target.clone()),
        ("Nothing is watched", Target::System)
    );
    watch.monitor.delivered(shown.id);
    watch.clock.advance(Duration::from_secs(11));
    watch.live().await;
    assert_eq!(notifications(&watch.settled().await), 0);
    let titles = |all: Vec<domain::view::NotificationView>| {
        all.into_iter().map(|one| one.title).collect::<Vec<_>>()
    };
    let expected = ["Nothing is watched", "The database was damaged"];
    assert_eq!(titles(watch.monitor.notifications().await), expected);
    assert_eq!(store.notifications().await.unwrap().len(), 2);
    watch.monitor.shutdown().await;

    // The next start has nothing to tell, and does not repeat what the last one told.
    let mut watch = Watch::start(acme(), store).await;
    assert_eq!(notifications(&watch.settled().await), 0);
    assert_eq!(titles(watch.monitor.notifications().await), expected);
}

#[tokio::test]
async fn the_next_start_tells_what_the_other_channels_are_to_know() {
    let store = Store::in_memory().unwrap();
    let at_once = |options: &mut Options| {
        options.policy.sound_after = Duration::ZERO;
        options.policy.call_out_after = Duration::ZERO;
    };
    let mut watch = Watch::start_with(acme(), store.clone(), at_once).await;
    watch.vault("A", "80");
    let called = watch.until("a call", |call| match call {
        Call::CallOut(call) => Some((call.id, call.kind)),
        _ => None,
    });
    let (id, kind) = called.await;
    assert_eq!(kind, CallOutKind::Firing);
    // What was ordered is lost with the program, whatever the reason.
    watch.monitor.shutdown().await;

    let standing = async |watch: &mut Watch| {
        let calls = watch.until("how it stands", |call| match call {
            Call::Reconcile(calls) => Some(calls.clone()),
            _ => None,
        });
        calls.await.into_iter().map(|call| (call.id, call.kind)).collect::<Vec<_>>()
    };
    let mut watch = Watch::begin(acme(), store.clone(), at_once).await;
    assert_eq!(standing(&mut watch).await, [(id, CallOutKind::Firing)]);
    watch.monitor.acknowledge(vec![id]);
    watch.monitor.shutdown().await;

    let mut watch = Watch::begin(acme(), store.clone(), at_once).await;
    assert_eq!(standing(&mut watch).await, [(id, CallOutKind::Acknowledged)]);
    watch.live().await;
    watch.vault("A", "40");
    watch.settled().await;
    watch.clock.advance(Duration::from_secs(121));
    let over = watch.until("its end", |call| match call {
        Call::Window(WindowEvent::Notification(view)) if view.id == id => {
            (view.state == NotificationState::Resolved).then_some(())
        }
        _ => None,
    });
    over.await;
    watch.monitor.shutdown().await;

    let mut watch = Watch::begin(acme(), store, at_once).await;
    assert_eq!(standing(&mut watch).await, [(id, CallOutKind::Resolved)]);
}

#[tokio::test]
async fn the_next_start_tells_what_is_on_the_screen_and_what_is_to_be_heard() {
    let store = Store::in_memory().unwrap();
    let heard_at_once = |options: &mut Options| options.policy.sound_after = Duration::ZERO;
    let loud = Alarm { sound: true, attention: true };
    let mut watch = Watch::start_with(acme(), store.clone(), heard_at_once).await;
    watch.vault("A", "80");
    let shown = watch.notified().await;
    watch.monitor.delivered(shown.id);
    let sounds = |call: &Call| matches!(call, Call::Alarm(alarm) if *alarm == loud).then_some(());
    watch.until("the sound", sounds).await;
    watch.monitor.shutdown().await;

    let begun = async |watch: &mut Watch| {
        let screen = |call: &Call| match call {
            Call::Screen(shown) => Some(shown.clone()),
            _ => None,
        };
        let screen = watch.until("the screen", screen).await;
        let alarm = |call: &Call| match call {
            Call::Alarm(alarm) => Some(*alarm),
            _ => None,
        };
        (screen, watch.until("the alarm", alarm).await)
    };
    let mut watch = Watch::begin(acme(), store.clone(), heard_at_once).await;
    let (screen, alarm) = begun(&mut watch).await;
    let [again] = &screen[..] else { panic!("one: {screen:?}") };
    assert_eq!((again.id, &again.title, again.sound), (shown.id, &shown.title, false));
    assert!(again.body.starts_with(&shown.body) && again.body.contains(" As of "), "{again:?}");
    assert_eq!(alarm, loud, "nobody has answered");
    watch.monitor.acknowledge(vec![shown.id]);
    watch.monitor.shutdown().await;

    let mut watch = Watch::begin(acme(), store, heard_at_once).await;
    assert_eq!(begun(&mut watch).await, (Vec::new(), Alarm::default()));
}
