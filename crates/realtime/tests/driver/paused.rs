//! Where time matters: the same driver over pipes, under a clock that jumps to the next timer when nobody has
//! anything to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use realtime::transport::{ByteStream, Dial, Dialing};
use realtime::{
    Cause, CauseKind, ConnectionState, Endpoint, Event, Network, Options, StateKind, open_with,
};
use tokio::io::{DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::accept_async;

use crate::server::change;

/// Dials a pipe and hands its other end to the test.
#[derive(Debug)]
struct Pipe {
    ends: mpsc::UnboundedSender<DuplexStream>,
    dialled: Arc<AtomicU32>,
}

impl Dial for Pipe {
    fn dial(&self, _: &Endpoint) -> Dialing {
        let (ours, theirs) = duplex(64 * 1024);
        self.dialled.fetch_add(1, Ordering::Relaxed);
        self.ends.send(theirs).unwrap();
        Box::pin(async move { Ok(Box::new(ours) as Box<dyn ByteStream>) })
    }
}

fn pipe() -> (Pipe, mpsc::UnboundedReceiver<DuplexStream>, Arc<AtomicU32>) {
    let (ends, receiver) = mpsc::unbounded_channel();
    let dialled = Arc::new(AtomicU32::new(0));
    (Pipe { ends, dialled: Arc::clone(&dialled) }, receiver, dialled)
}

fn options() -> realtime::ValidOptions {
    Options::new("wss://feed.example/ws").validate().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_falls_silent_is_found_in_25_seconds() {
    let (dial, mut ends, _) = pipe();
    let (handle, _messages) = open_with(options(), dial);
    let mut events = handle.subscribe_events();
    handle.connect().unwrap();
    let silent = accept_async(ends.recv().await.unwrap()).await.unwrap();
    handle.connected().await.unwrap();
    let start = Instant::now();
    let lost = loop {
        let change = change(&mut events).await;
        if change.current.kind() == StateKind::Backoff {
            break change;
        }
    };
    assert_eq!(lost.cause, Some(Cause::HeartbeatTimeout));
    let took = start.elapsed();
    assert!(took >= Duration::from_secs(25) && took < Duration::from_millis(25_100), "{took:?}");
    // It is not given up for lost only: the next connection works.
    let _peer = accept_async(ends.recv().await.unwrap()).await.unwrap();
    handle.connected().await.unwrap();
    drop(silent);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_pings_stays() {
    let (dial, mut ends, dialled) = pipe();
    let (handle, _messages) = open_with(options(), dial);
    handle.connect().unwrap();
    let mut peer = accept_async(ends.recv().await.unwrap()).await.unwrap();
    // Reading is enough: pings are answered on the way.
    tokio::spawn(async move { while let Some(Ok(_)) = peer.next().await {} });
    handle.connected().await.unwrap();
    tokio::time::advance(Duration::from_secs(1)).await;
    let (_, mut state) = handle.subscribe_state();
    let changed = tokio::time::timeout(Duration::from_secs(3_600), state.changed()).await;
    assert!(changed.is_err(), "{:?}", handle.state());
    assert_eq!(dialled.load(Ordering::Relaxed), 1);
}

/// The operating system tells of waking before the clocks do, and of a network that is another one.
#[tokio::test(start_paused = true)]
async fn told_that_what_is_open_may_be_dead_it_knows_within_three_seconds() {
    for network in [None, Some(Network::Up)] {
        let (dial, mut ends, _) = pipe();
        let (handle, _messages) = open_with(options(), dial);
        let mut events = handle.subscribe_events();
        handle.connect().unwrap();
        let silent = accept_async(ends.recv().await.unwrap()).await.unwrap();
        handle.connected().await.unwrap();
        let start = Instant::now();
        match network {
            None => handle.wake().unwrap(),
            Some(network) => handle.network(network).unwrap(),
        }
        let lost = loop {
            let change = change(&mut events).await;
            if change.current.kind() == StateKind::Backoff {
                break change;
            }
        };
        assert_eq!(lost.cause, Some(Cause::ProbeTimeout));
        let took = start.elapsed();
        assert!(took >= Duration::from_secs(3) && took < Duration::from_millis(3_100), "{took:?}");
        let _peer = accept_async(ends.recv().await.unwrap()).await.unwrap();
        handle.connected().await.unwrap();
        drop(silent);
    }
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_is_never_answered_ends_after_10_seconds() {
    let (dial, mut ends, _) = pipe();
    let (handle, _messages) = open_with(options(), dial);
    let mut events = handle.subscribe_events();
    let start = Instant::now();
    handle.connect().unwrap();
    let _mute = ends.recv().await.unwrap();
    change(&mut events).await;
    let failed = change(&mut events).await;
    assert_eq!(failed.cause.unwrap().kind(), CauseKind::Timeout);
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_accepts_and_drops_sees_few_of_us() {
    let (dial, mut ends, dialled) = pipe();
    let (handle, _messages) = open_with(options(), dial);
    handle.connect().unwrap();
    let dropping = tokio::spawn(async move {
        while let Some(end) = ends.recv().await {
            drop(accept_async(end).await);
        }
    });
    tokio::time::sleep(Duration::from_secs(600)).await;
    // With the least delays the dice allow: 500 ms each for 120 s, then one in 24 s. By far not that many in fact.
    let dialled = dialled.load(Ordering::Relaxed);
    assert!((15..80).contains(&dialled), "{dialled} attempts in 10 minutes");
    assert_eq!(handle.state().kind(), StateKind::Suspended);
    dropping.abort();
}

#[tokio::test(start_paused = true)]
async fn idleness_costs_nothing_and_ends_when_asked() {
    let (dial, mut ends, _) = pipe();
    let (handle, _messages) = open_with(options(), dial);
    // If the task were busy meanwhile, this clock would stand still.
    tokio::time::sleep(Duration::from_secs(100 * 3_600)).await;
    handle.connect().unwrap();
    let _peer = accept_async(ends.recv().await.unwrap()).await.unwrap();
    handle.connected().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_close_that_is_never_answered_takes_2_seconds() {
    let (dial, mut ends, _) = pipe();
    let (handle, _messages) = open_with(options(), dial);
    handle.connect().unwrap();
    let _mute = accept_async(ends.recv().await.unwrap()).await.unwrap();
    handle.connected().await.unwrap();
    let start = Instant::now();
    handle.disconnect().await;
    assert_eq!(handle.state(), ConnectionState::Closed);
    assert_eq!(start.elapsed().as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_finds_no_connection_expires_with_a_word() {
    let (dial, mut ends, _) = pipe();
    let (handle, _messages) = open_with(options(), dial);
    let mut events = handle.subscribe_events();
    handle.connect().unwrap();
    handle.send_typed("note", &1).unwrap();
    // Every attempt ends at once.
    tokio::spawn(async move { while ends.recv().await.is_some() {} });
    let start = Instant::now();
    loop {
        if let Event::Expired { count, first_type, .. } = events.recv().await.unwrap() {
            assert_eq!((count, first_type.as_str()), (1, "note"));
            break;
        }
    }
    assert_eq!(start.elapsed().as_secs(), 60);
    assert_eq!(handle.metrics().queue.messages, 0);
}
