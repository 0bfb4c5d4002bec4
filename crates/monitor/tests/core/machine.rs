//! The machine wakes up, and its network comes and goes.

use std::time::Instant;

use futures_util::StreamExt;
use realtime::Network;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::watch::*;

async fn listening() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    (listener, url)
}

async fn watching(url: String) -> Watch {
    Watch::begin(acme(), Store::in_memory().unwrap(), |options| {
        options.connection = realtime::Options::new(url);
    })
    .await
}

/// Goes on for as long as the client does.
async fn serve(socket: TcpStream) {
    let mut socket = tokio_tungstenite::accept_async(socket).await.unwrap();
    while let Some(Ok(_)) = socket.next().await {}
}

#[tokio::test]
async fn a_connection_that_did_not_survive_sleep_is_found_and_made_anew_within_seconds() {
    let (listener, url) = listening().await;
    let (woken, again) = oneshot::channel();
    tokio::spawn(async move {
        let (first, _) = listener.accept().await.unwrap();
        // Held, and never read again: nothing comes back, as from behind a network that is no more.
        let _dead = tokio_tungstenite::accept_async(first).await.unwrap();
        let (second, _) = listener.accept().await.unwrap();
        woken.send(Instant::now()).unwrap();
        serve(second).await;
    });
    let mut watch = watching(url).await;
    watch.live().await;
    let woke = Instant::now();
    watch.monitor.awake();
    let found = again.await.unwrap() - woke;
    watch.live().await;
    // The probe has three seconds; by its silence alone it is found after 25.
    assert!(found >= Duration::from_secs(3) && found < Duration::from_secs(20), "{found:?}");
}

#[tokio::test]
async fn a_refusal_for_good_is_asked_about_again_on_another_network_and_after_sleep() {
    let wakes: [fn(&Watch); 2] =
        [|watch| watch.monitor.network(Network::Up), |watch| watch.monitor.awake()];
    for wake in wakes {
        let (listener, url) = listening().await;
        tokio::spawn(async move {
            let (mut refused, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                refused.read_buf(&mut request).await.unwrap();
            }
            let answer = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
            refused.write_all(answer).await.unwrap();
            drop(refused);
            let (socket, _) = listener.accept().await.unwrap();
            serve(socket).await;
        });
        let mut watch = watching(url).await;
        let refused = |call: &Call| matches!(call, Call::Failed(_)).then_some(());
        watch.until("the refusal", refused).await;
        wake(&watch);
        watch.live().await;
    }
}

#[tokio::test]
async fn without_a_network_it_is_told_that_nothing_is_guarded() {
    // Nothing is there, and nobody is asked for it while there is no network. No name has to be found for it: that may
    // take its time where there is no name server.
    let mut watch = Watch::begin(acme(), Store::in_memory().unwrap(), |options| {
        options.connection = realtime::Options::new("wss://192.0.2.1/ws".to_owned());
        // Whatever proxy this machine has: one on loopback would need no network.
        options.connection.proxy = Some(realtime::Secret::new("direct"));
        // A clock that leaps by as much as five minutes tells of sleep, after which news are gathered first.
        options.policy.feed_down = Duration::from_secs(60);
    })
    .await;
    watch.monitor.network(Network::Down);
    let offline = |call: &Call| match call {
        Call::Window(WindowEvent::Feed(feed)) if feed.state == FeedState::Offline => Some(()),
        _ => None,
    };
    watch.until("offline", offline).await;
    let tray = watch
        .until("the tray", |call| match call {
            Call::Tray(tray) if tray.state_line.starts_with("Offline") => Some(tray.clone()),
            _ => None,
        })
        .await;
    assert_eq!(tray.icon, TrayIcon::Down);
    assert!(tray.state_line.contains("no network, nothing is guarded"), "{}", tray.state_line);
    let attempts = watch.monitor.diagnostics().await.unwrap().connection.attempts;
    // Its news is waited for, and does not come.
    watch.clock.advance(Duration::from_secs(60));
    let told = watch.notified().await;
    assert!(told.title.starts_with("No data for"), "{}", told.title);
    assert!(told.body.contains("This machine has no network."), "{}", told.body);
    let diagnostics = watch.monitor.diagnostics().await.unwrap();
    assert_eq!(diagnostics.connection.attempts, attempts);
    watch.monitor.network(Network::Up);
    let trying = |call: &Call| match call {
        Call::Window(WindowEvent::Feed(feed)) => match feed.state {
            FeedState::Connecting { .. } => Some(()),
            _ => None,
        },
        _ => None,
    };
    watch.until("an attempt", trying).await;
}

/// The machine slept through eight hours of a critical alert that nobody answered: that is one notification, not one for
/// each of its repeats.
#[tokio::test]
async fn repeats_that_were_slept_through_are_one() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    for n in 0..3 {
        watch.vault(&format!("V-{n}"), "77");
        let shown = watch.notified().await;
        watch.monitor.delivered(shown.id);
    }
    watch.settled().await;
    watch.clock.advance(Duration::from_secs(8 * 3_600));
    watch.monitor.awake();
    let told = watch.notified().await;
    assert!(told.title.starts_with("While away") || told.title.contains("alerts"), "{told:?}");
    let more = notifications(&watch.settled().await);
    assert!(more <= 1, "{more} more");
}
