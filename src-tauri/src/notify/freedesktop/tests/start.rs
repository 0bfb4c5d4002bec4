//! What a start finds on the screen, and what it makes of it.

use super::*;

#[tokio::test]
async fn a_second_run_goes_on_with_what_the_first_left_on_the_screen() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Answers).await;
    let mut first = bus.notify();
    for id in [1, 2, 3] {
        first.show(id, "a");
        first.delivered().await;
    }
    bus.wait_for_kept(&[1, 2, 3]).await;
    first.kill().await;

    let mut second = bus.notify();
    second.show(1, "b");
    assert_eq!(second.delivered().await, 1);
    second.withdraw(2);
    let calls = desktop.called(5).await;
    assert_eq!(calls[3..], [notify(1, 1, "b"), Call::Close(2)]);
    // A click on what only the first run has shown.
    desktop.press(3, "default").await;
    assert_eq!(second.reaction().await, Reaction::Opened(Target::System));
}

#[tokio::test]
async fn what_is_open_is_put_back_into_its_place_quietly_and_what_is_over_is_closed() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Answers).await;
    let mut first = bus.notify();
    for id in [1, 2, 3] {
        first.show(id, "a");
        first.delivered().await;
    }
    desktop.press(3, "default").await;
    first.reaction().await;
    bus.wait_for_kept(&[1, 2]).await;
    first.kill().await;

    // The second one was answered in the last moment; the third was put away, and is open still.
    let mut second = bus.notify();
    second.open(&[1, 3], "a");
    assert_eq!(second.delivered().await, 1);
    let calls = desktop.called(5).await;
    let again = quietly(notify(1, 1, "a"));
    assert!(calls[3..].contains(&again) && calls[3..].contains(&Call::Close(2)), "{calls:?}");
    second.show(4, "fence");
    assert_eq!(second.delivered().await, 4);
    assert_eq!(desktop.calls().len(), 6, "and nothing else: {:?}", desktop.calls());
    desktop.press(1, "ack").await;
    assert_eq!(second.reaction().await, Reaction::Acknowledged(NotificationId(1)));
}

#[tokio::test]
async fn a_service_that_has_nothing_of_ours_shows_all_that_is_open() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Answers).await;
    let mut first = bus.notify();
    first.show(1, "a");
    first.delivered().await;
    bus.wait_for_kept(&[1]).await;
    first.kill().await;
    // As after a new login: another service, though on the same bus here.
    desktop.crash().await;
    let desktop = bus.serve(Manner::Answers).await;

    let mut second = bus.notify();
    second.open(&[1, 2], "a");
    let mut shown = [second.delivered().await, second.delivered().await];
    shown.sort_unstable();
    assert_eq!(shown, [1, 2]);
    let quiet = |call: &Call| matches!(call, Call::Notify { replaces: 0, quiet: true, .. });
    let calls = desktop.calls();
    assert!(calls.len() == 2 && calls.iter().all(quiet), "{calls:?}");
}

#[tokio::test]
async fn of_a_watch_that_ends_nothing_is_left_and_the_next_one_shows_what_is_open() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Answers).await;
    let mut first = bus.notify();
    for id in [1, 2] {
        first.show(id, "a");
        first.delivered().await;
    }
    bus.wait_for_kept(&[1, 2]).await;
    first.wishes.clear();
    let mut closed = desktop.called(4).await.split_off(2);
    closed.sort_by_key(|call| matches!(call, Call::Close(2)));
    assert_eq!(closed, [Call::Close(1), Call::Close(2)]);
    bus.wait_for_kept(&[]).await;
    first.kill().await;

    let mut second = bus.notify();
    second.open(&[1], "a");
    assert_eq!(second.delivered().await, 1);
    assert_eq!(desktop.calls()[4..], [quietly(notify(3, 0, "a"))]);
}
