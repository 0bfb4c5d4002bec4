//! Tokens from a provider: asked for in time, renewed in place, and what becomes of a connection when none can be had.

use std::sync::atomic::{AtomicU32, Ordering};

use realtime::{CauseKind, Secret, Token, TokenError, TokenProvider};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::*;

/// In half an hour of real time, which the paused clock does not move.
fn half_an_hour_on() -> UnixMillis {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    UnixMillis(i64::try_from(now.as_millis()).unwrap() + 1_800_000)
}

/// Gives out tokens that last for half an hour.
#[derive(Debug, Default)]
struct Counting(AtomicU32);

impl TokenProvider for Counting {
    fn token(&self) -> realtime::Providing {
        let n = self.0.fetch_add(1, Ordering::Relaxed);
        let secret = Secret::new(format!("token-{n}"));
        let expires_at = Some(half_an_hour_on());
        Box::pin(async move { Ok::<_, TokenError>(Token { secret, expires_at }) })
    }
}

#[tokio::test(start_paused = true)]
async fn tokens_are_provided_renewed_in_place_and_never_shown() {
    let (builder, mut server) = builder(options());
    let (handle, _messages) = builder.token_provider(Arc::new(Counting(0.into()))).open();
    handle.connect().unwrap();
    let mut peer = server.accept().await;
    assert_eq!(peer.authorization.as_deref(), Some("Bearer token-0"));
    peer.expect("hello").await;
    peer.welcome(0, json!({})).await;
    // 80 % of half an hour; pings are answered while the test waits here.
    assert_eq!(peer.expect("auth").await, json!({"token": "token-1"}));
    peer.say("error", json!({"code": "x", "message": "your token token-1 is odd"})).await;
    peer.say("authorised", json!({})).await;
    let mut events = handle.subscribe_events();
    let error = loop {
        let event = events.recv().await.unwrap();
        if matches!(event, Event::ServerError { .. }) {
            break event;
        }
    };
    let diagnostics = handle.diagnostics();
    let shown = [diagnostics.to_json(), diagnostics.events_json(), handle.event_json(&error)];
    for shown in shown {
        assert!(shown.contains("is odd") && !shown.contains("token-1"), "{shown}");
    }
}

/// Gives out tokens that tell no end.
#[derive(Debug, Default)]
struct Opaque(Counting);

impl TokenProvider for Opaque {
    fn token(&self) -> realtime::Providing {
        let token = self.0.token();
        Box::pin(async move { Ok(Token { expires_at: None, ..token.await? }) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_whose_end_only_the_server_knows_is_renewed_before_it() {
    let (builder, mut server) = builder(options());
    let (handle, _messages) = builder.token_provider(Arc::new(Opaque::default())).open();
    handle.connect().unwrap();
    let mut peer = server.accept().await;
    peer.expect("hello").await;
    let begun = Instant::now();
    peer.welcome(0, json!({"tokenExpiresAt": half_an_hour_on()})).await;
    assert_eq!(peer.expect("auth").await, json!({"token": "token-1"}));
    let late = begun.elapsed().abs_diff(Duration::from_secs(24 * 60));
    // The end is one of the wall's clock, which goes on while this machine does something else.
    assert!(late < Duration::from_secs(30), "{:?}", begun.elapsed());
    peer.say("authorised", json!({"tokenExpiresAt": half_an_hour_on()})).await;
    assert_eq!(peer.expect("auth").await, json!({"token": "token-2"}), "and so on");
    assert_eq!((handle.metrics().attempts, handle.metrics().token_renewals), (1, 1));
}

/// Gives out one token, which lasts for half an hour, and never answers again.
#[derive(Debug, Default)]
struct HangsLater(Counting);

impl TokenProvider for HangsLater {
    fn token(&self) -> realtime::Providing {
        match self.0.0.load(Ordering::Relaxed) {
            0 => self.0.token(),
            _ => Box::pin(std::future::pending()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_provider_that_hangs_ends_no_connection_that_stands_and_only_delays_others() {
    let (builder, mut server) = builder(options());
    let (handle, _messages) = builder.token_provider(Arc::new(HangsLater::default())).open();
    let mut events = handle.subscribe_events();
    handle.connect().unwrap();
    let mut peer = server.accept().await;
    peer.expect("hello").await;
    peer.welcome(10, json!({})).await;
    handle.connected().await.unwrap();
    let failed = async {
        loop {
            if let Event::TokenFailed { reason, .. } = events.recv().await.unwrap() {
                return reason;
            }
        }
    };
    tokio::select! {
        reason = failed => assert!(reason.contains("10 s"), "{reason}"),
        said = peer.next() => panic!("pings are answered while this waits: {said}"),
    }
    assert!(handle.state().is_connected());
    // The server wants another one now: the attempt ends at its limit, and there is a next one.
    let mut states = handle.subscribe_events();
    let close = CloseFrame { code: 4401.into(), reason: "".into() };
    peer.socket.send(Frame::Close(Some(close))).await.unwrap();
    let mut causes = Vec::new();
    while causes.len() < 2 {
        if let Event::State(change) = states.recv().await.unwrap()
            && let ConnectionState::Backoff { cause, .. } = change.current
        {
            causes.push(cause.kind());
        }
    }
    assert_eq!(causes, [CauseKind::ServerClosed, CauseKind::Token]);
}
