//! Services that hang, refuse, end, come back, or are not there at all.

use super::*;

/// It gets one call for each, says nothing for a while, and then shows what is wanted by then.
#[tokio::test]
async fn a_service_that_hangs_loses_nothing_and_shows_nothing_twice() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Hangs).await;
    let mut app = bus.notify();
    app.show(1, "old");
    app.show(2, "over");
    let mut late = [app.undelivered().await, app.undelivered().await];
    late.sort();
    assert_eq!(late.each_ref().map(|(id, _)| *id), [1, 2]);
    assert!(late[0].1.contains("did not answer"), "{late:?}");
    // What goes on in the meantime.
    app.show(1, "old");
    app.show(1, "new");
    app.withdraw(2);
    desktop.manners.send_replace(Manner::Answers);
    assert_eq!(app.delivered().await, 1);
    let calls = desktop.called(4).await;
    let title = |call: &Call| match call {
        Call::Notify { title, replaces, .. } => format!("{title} {replaces}"),
        Call::Close(_) => "close".to_owned(),
    };
    let mut titles: Vec<_> = calls.iter().map(title).collect();
    titles[2..].sort();
    assert_eq!(titles[0], "old 0");
    assert_eq!(titles[1], "over 0");
    assert_eq!(titles[2], "close");
    assert!(titles[3].starts_with("new ") && titles[3] != "new 0", "{titles:?}");
}

#[tokio::test]
async fn one_that_refuses_is_believed_until_it_is_another() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Refuses).await;
    let mut app = bus.notify();
    app.show(1, "a");
    let (id, error) = app.undelivered().await;
    assert_eq!(id, 1);
    assert!(error.contains("refused") && error.contains("not today"), "{error}");
    desktop.crash().await;
    let desktop = bus.serve(Manner::Answers).await;
    assert_eq!(app.delivered().await, 1);
    assert_eq!(desktop.calls(), [notify(1, 0, "a")]);
}

#[tokio::test]
async fn a_service_that_restarts_shows_again_what_is_open() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Answers).await;
    let mut app = bus.notify();
    for (id, title) in [(1, "open"), (2, "put away"), (3, "acknowledged")] {
        app.show(id, title);
        assert_eq!(app.delivered().await, id);
    }
    desktop.press(2, "default").await;
    app.reaction().await;
    app.withdraw(3);
    desktop.called(4).await;
    desktop.crash().await;
    // While nobody is there it is tried once, in case somebody is to be started for it.
    let (id, _) = app.undelivered().await;
    assert_eq!(id, 1);
    let desktop = bus.serve(Manner::Answers).await;
    assert_eq!(app.delivered().await, 1);
    assert_eq!(desktop.calls(), [notify(1, 0, "open")]);
    desktop.press(1, "ack").await;
    assert_eq!(app.reaction().await, Reaction::Acknowledged(NotificationId(1)));
}

#[tokio::test]
async fn a_service_that_crashes_over_a_call_does_not_take_it_along() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Hangs).await;
    let mut app = bus.notify();
    app.show(1, "a");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(desktop.crash().await, []);
    let desktop = bus.serve(Manner::Answers).await;
    loop {
        match app.told().await {
            Told::Delivered(id) => break assert_eq!(id, NotificationId(1)),
            Told::Undelivered { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(desktop.calls(), [notify(1, 0, "a")]);
}

#[tokio::test]
async fn without_a_service_it_is_told_and_shown_when_one_comes() {
    let bus = Bus::start();
    let mut app = bus.notify();
    app.show(1, "a");
    let (id, error) = app.undelivered().await;
    assert_eq!((id, error.as_str()), (1, "no notification service is running"));
    let _desktop = bus.serve(Manner::Answers).await;
    assert_eq!(app.delivered().await, 1);
}

#[tokio::test]
async fn without_a_bus_everything_is_told_as_undelivered() {
    let wishes = Wishes::default();
    let (told, mut inbox) = mpsc::unbounded_channel();
    let tell: Tell = Arc::new(move |news| {
        let _ = told.send(news);
    });
    let nowhere = Some("unix:path=/nonexistent/bus".to_owned());
    let task = tokio::spawn({
        let veil = Veil::new(HideAmounts::Never);
        Freedesktop::new(nowhere, None, veil).run(wishes.clone(), tell)
    });
    wishes.show(OsNotification {
        id: NotificationId(1),
        urgency: Urgency::Critical,
        title: "a".into(),
        body: String::new(),
        veiled: Veiled::default(),
        target: Target::Alerts,
        sound: true,
        language: Default::default(),
    });
    let told = tokio::time::timeout(PATIENCE, inbox.recv()).await.unwrap();
    assert!(matches!(told, Some(Told::Undelivered { id: NotificationId(1), .. })), "{told:?}");
    task.abort();
}
