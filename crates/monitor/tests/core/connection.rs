//! What is told of the connection.

use std::cell::Cell;

use futures_util::StreamExt;
use gateway::{Access, Gateway, Source};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::watch::*;

#[tokio::test]
async fn a_closed_connection_is_told_and_comes_back() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.server.send("close".to_owned()).unwrap();
    let state = |wanted: fn(&FeedState) -> bool| {
        move |call: &Call| match call {
            Call::Window(WindowEvent::Feed(feed)) if wanted(&feed.state) => Some(()),
            _ => None,
        }
    };
    watch.until("the loss", state(|s| matches!(s, FeedState::Retrying { .. }))).await;
    watch.until("the return", state(|s| *s == FeedState::Live)).await;
}

/// Whoever stops at the end, as `watch --once` does, has seen everything.
#[tokio::test]
async fn what_came_over_a_connection_counts_before_its_end() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    for n in 0..300 {
        watch.send(&format!("note_{n}"), "{}");
    }
    watch.server.send("close".to_owned()).unwrap();
    let seen = Cell::new(0);
    watch
        .until("the end", |call| match call {
            Call::Custom(_) => {
                seen.set(seen.get() + 1);
                None
            }
            Call::State(FeedState::Retrying { .. }, _) => Some(()),
            _ => None,
        })
        .await;
    assert_eq!(seen.get(), 300);
}

/// A server that refuses the first one for good, and takes the next; its address.
async fn refusing_once() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
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
        let mut socket = tokio_tungstenite::accept_async(socket).await.unwrap();
        while let Some(Ok(_)) = socket.next().await {}
    });
    url
}

async fn refused() -> Watch {
    let url = refusing_once().await;
    let mut watch = Watch::begin(acme(), Store::in_memory().unwrap(), |options| {
        options.connection = realtime::Options::new(url);
    })
    .await;
    let refused = |call: &Call| match call {
        Call::Failed(cause) => Some(cause.clone()),
        _ => None,
    };
    let cause = watch.until("the refusal", refused).await;
    assert!(cause.contains("403"), "{cause}");
    let attempts = watch.monitor.diagnostics().await.unwrap().connection.attempts;
    assert_eq!(attempts, 1);
    watch
}

/// Nobody may be at the screen: a refusal that was mended ends by itself.
#[tokio::test]
async fn a_refusal_is_told_and_asked_about_again_after_five_minutes() {
    let mut watch = refused().await;
    watch.clock.advance(Duration::from_secs(300));
    watch.live().await;
}

#[tokio::test]
async fn a_refusal_that_somebody_has_mended_is_asked_about_again_at_once() {
    let mut watch = refused().await;
    watch.monitor.ask_anew();
    watch.live().await;
}

#[tokio::test]
async fn diagnostics_bear_no_figures() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.vault("SECRET-VAULT", "76.54321");
    watch.send("vault_update_SECRET-VAULT", r#"{"ltv":"76.54321 or so"}"#);
    watch.server.send("SECRET-VAULT at 76.54321, but no JSON".to_owned()).unwrap();
    watch.settled().await;
    let diagnostics = watch.monitor.diagnostics().await.unwrap();
    let text = serde_json::to_string(&diagnostics).unwrap();
    assert!(!text.contains("76.54321") && !text.contains("SECRET-VAULT"), "{text}");
    assert!(text.contains("data.ltv"), "the reason is told: {text}");
    assert_eq!((diagnostics.statistics.vaults, diagnostics.feed.invalid), (1, 2));
    assert!(text.contains(r#""endpoints":[{"endpoint""#) && text.contains(r#""pulse":"#), "{text}");
}

#[tokio::test]
async fn a_state_is_told_with_all_the_client_knows_of_it() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.server.send("close".to_owned()).unwrap();
    let change = watch
        .until("the loss", |call| match call {
            Call::State(FeedState::Retrying { .. }, change) => change.clone(),
            _ => None,
        })
        .await;
    assert_eq!(change["previous"]["state"], "connected");
    assert_eq!(change["current"]["state"], "backoff");
    for field in ["at", "cause", "endpoint", "attempt", "delayMs"] {
        assert!(!change[field].is_null(), "{field}: {change}");
    }
}

#[tokio::test]
async fn what_happens_to_a_session_of_v1_is_observed_and_in_the_diagnostics() {
    let listen = "127.0.0.1:0".parse().unwrap();
    let gateway = Gateway::bind(listen, Access::open(), Source::Relay).await.unwrap();
    let url = gateway.url();
    let mut watch = Watch::start_with(acme(), Store::in_memory().unwrap(), |options| {
        options.connection = realtime::Options::new(url);
    })
    .await;
    let snapshot = watch
        .until("the snapshot", |call| match call {
            Call::Connection(event) if event["event"] == "snapshot" => Some(event.clone()),
            _ => None,
        })
        .await;
    assert_eq!((&snapshot["keys"], &snapshot["lostEvents"]), (&0.into(), &0.into()));
    gateway.shutdown().await;
    watch
        .until("the farewell", |call| match call {
            Call::Connection(event) => (event["event"] == "goodbye").then_some(()),
            _ => None,
        })
        .await;
    let diagnostics = watch.monitor.diagnostics().await.unwrap();
    let exported = serde_json::to_value(&diagnostics).unwrap();
    let events = exported["events"].as_array().unwrap();
    let kinds: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    for kind in ["state", "snapshot", "goodbye"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    assert_eq!(exported["connection"]["mode"], "v1");
    assert!(exported["connection"]["timeInState"].is_object());
}
