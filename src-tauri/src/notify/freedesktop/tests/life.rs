//! What an alert is to a service that answers: raised, replaced, clicked, closed.

use super::*;
use crate::window::Token;

#[tokio::test]
async fn raised_replaced_and_closed() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Answers).await;
    let mut app = bus.notify();
    app.show(3, "a");
    assert_eq!(app.delivered().await, 3);
    app.show(3, "b");
    assert_eq!(app.delivered().await, 3);
    app.withdraw(3);
    let calls = desktop.called(3).await;
    assert_eq!(calls, [notify(1, 0, "a"), notify(1, 1, "b"), Call::Close(1)]);
    // Nothing is left to be closed or clicked.
    app.withdraw(3);
    desktop.press(1, "ack").await;
    app.show(4, "fence");
    assert_eq!(app.delivered().await, 4);
}

#[tokio::test]
async fn each_button_does_what_it_says() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Answers).await;
    let mut app = bus.notify();
    for (id, key, wanted) in [
        (1, "default", Reaction::Opened(Target::System)),
        (2, "ack", Reaction::Acknowledged(NotificationId(2))),
        (3, "snooze", Reaction::Snoozed(NotificationId(3))),
    ] {
        app.show(id, "x");
        app.delivered().await;
        desktop.press(id as u32, key).await;
        assert_eq!(app.reaction().await, wanted);
    }
}

#[tokio::test]
async fn a_click_that_overtakes_the_answer_counts() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Hangs).await;
    let mut app = bus.notify();
    app.show(7, "x");
    // Until it was asked to show it.
    tokio::time::sleep(Duration::from_millis(200)).await;
    // Past the service, which is busy.
    let press = desktop.bus.emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &(1u32, "ack"));
    press.await.unwrap();
    desktop.manners.send_replace(Manner::Answers);
    assert_eq!(app.delivered().await, 7);
    assert_eq!(app.reaction().await, Reaction::Acknowledged(NotificationId(7)));
}

#[tokio::test]
async fn the_token_of_a_click_comes_before_it_and_is_for_that_click_alone() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Answers).await;
    let mut app = bus.notify();
    for id in 1..=4 {
        app.show(id, "x");
        app.delivered().await;
    }
    desktop.give_token(1, "token-1").await;
    desktop.press(1, "default").await;
    let Told::Activation(token) = app.told().await else { panic!("the token first") };
    assert_eq!(Some(token), Token::new("token-1"));
    assert_eq!(app.reaction().await, Reaction::Opened(Target::System));
    // Nobody wants a window, or the token is another notification's, another program's perhaps, or none at all.
    desktop.give_token(2, "token-2").await;
    desktop.press(2, "ack").await;
    assert_eq!(app.reaction().await, Reaction::Acknowledged(NotificationId(2)));
    desktop.give_token(77, "token-77").await;
    desktop.press(3, "default").await;
    assert_eq!(app.reaction().await, Reaction::Opened(Target::System));
    desktop.give_token(4, "").await;
    desktop.press(4, "default").await;
    assert_eq!(app.reaction().await, Reaction::Opened(Target::System));
}

#[tokio::test]
async fn a_service_that_can_do_little_gets_plain_text_and_no_buttons() {
    let bus = Bus::start();
    let desktop = bus.serve_what_can(&["body"], Manner::Answers).await;
    let mut app = bus.notify();
    app.show(1, "a");
    assert_eq!(app.delivered().await, 1);
    let calls = desktop.calls();
    let [Call::Notify { body, keys, urgency, .. }] = &calls[..] else { panic!("{calls:?}") };
    assert_eq!((body.as_str(), keys.len(), *urgency), ("1 < 2", 0, 2));
}

#[tokio::test]
async fn a_locked_screen_shows_no_amounts_and_what_was_there_is_changed_quietly() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Answers).await;
    let veil = Veil::new(HideAmounts::Locked);
    veil.screen_is(Some(false));
    let mut app = bus.notify_through(veil.clone());
    app.show(1, "a");
    assert_eq!(app.delivered().await, 1);
    veil.screen_is(Some(true));
    let calls = desktop.called(2).await;
    assert_eq!(calls, [notify(1, 0, "a"), veiled(1, 1, "a", true)]);
    app.show(3, "c");
    assert_eq!(app.delivered().await, 3);
    app.show(1, "worse");
    assert_eq!(app.delivered().await, 1);
    veil.screen_is(Some(false));
    let calls = desktop.called(6).await;
    assert_eq!(calls[2..4], [veiled(2, 0, "c", false), veiled(1, 1, "worse", false)]);
    let whole = |number, title| quietly(notify(number, number, title));
    assert_eq!(calls[4..], [whole(1, "worse"), whole(2, "c")]);
    // It is the same as before to whoever reacts.
    desktop.press(1, "ack").await;
    assert_eq!(app.reaction().await, Reaction::Acknowledged(NotificationId(1)));
}

#[tokio::test]
async fn do_not_disturb_is_told_and_its_end() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Answers).await;
    desktop.inhibit(true).await;
    let mut app = bus.notify();
    let Told::Hushed(Some(cause)) = app.told().await else { panic!("it is on") };
    assert_eq!(cause, "Do Not Disturb is on");
    app.show(1, "a");
    assert_eq!(
        app.delivered().await,
        1,
        "it is shown all the same: it is for the desktop to decide"
    );
    desktop.crash().await;
    let (id, _) = app.undelivered().await;
    assert_eq!(id, 1);
    // Another service, which does not silence anything.
    let _desktop = bus.serve(Manner::Answers).await;
    let mut told = Vec::new();
    while !told.iter().any(|news| matches!(news, Told::Hushed(None))) {
        told.push(app.told().await);
    }
}
