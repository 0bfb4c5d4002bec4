//! Many small messages out as a few frames.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::time::Duration;

use realtime::testing::{Peer, Pipes, options};
use realtime::wire::Frame;
use realtime::{BatchOptions, Batcher, Builder, ErrorKind, Messages, Mode, RateLimit, Topic};
use tokio::time::Instant;

async fn open(builder: Builder) -> (Batcher, Peer, Messages) {
    let mut pipes = Pipes::new();
    let (handle, messages) = builder.dial(pipes.dial()).open();
    handle.connect().unwrap();
    let peer = pipes.accept(Mode::Plain).await.unwrap();
    handle.connected().await.unwrap();
    (Batcher::new(handle, BatchOptions::default()), peer, messages)
}

/// The numbers of the next frame.
async fn numbers(peer: &mut Peer) -> Vec<u32> {
    let number = |message: &wire::Message| message.decode().unwrap();
    match Frame::parse(peer.next_text().await.unwrap()).unwrap() {
        Frame::Single(message) => vec![number(&message)],
        Frame::Batch(messages) => messages.iter().map(|m| number(m.as_ref().unwrap())).collect(),
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_within_100_ms_goes_together_and_in_order() {
    let (batcher, mut peer, _messages) = open(Builder::new(options())).await;
    let begun = Instant::now();
    for n in 0..5 {
        batcher.send_typed("n", &n).unwrap();
    }
    assert_eq!(numbers(&mut peer).await, [0, 1, 2, 3, 4]);
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(100) && took < Duration::from_millis(110), "{took:?}");
    // One alone is no batch.
    batcher.send_typed("n", &5).unwrap();
    assert_eq!(numbers(&mut peer).await, [5]);
}

#[tokio::test(start_paused = true)]
async fn sixty_four_messages_or_16_kib_do_not_wait() {
    let (batcher, mut peer, _messages) = open(Builder::new(options())).await;
    let begun = Instant::now();
    for n in 0..64 {
        batcher.send_typed("n", &n).unwrap();
    }
    assert_eq!(numbers(&mut peer).await.len(), 64);
    for _ in 0..3 {
        batcher.send_typed("text", &"x".repeat(8_000)).unwrap();
    }
    // The third found no room: the first two left.
    match Frame::parse(peer.next_text().await.unwrap()).unwrap() {
        Frame::Batch(messages) => assert_eq!(messages.len(), 2),
        Frame::Single(message) => panic!("{message:?}"),
    }
    assert!(begun.elapsed() < Duration::from_millis(100));
}

#[tokio::test(start_paused = true)]
async fn an_alert_does_not_wait_and_overtakes_nothing() {
    let (batcher, mut peer, _messages) = open(Builder::new(options())).await;
    let begun = Instant::now();
    batcher.send_typed("n", &1).unwrap();
    batcher.send_typed("n", &2).unwrap();
    batcher.send_typed("risk_alert", &3).unwrap();
    assert_eq!(numbers(&mut peer).await, [1, 2]);
    assert_eq!(numbers(&mut peer).await, [3]);
    assert!(begun.elapsed() < Duration::from_millis(100));
}

#[tokio::test(start_paused = true)]
async fn each_message_passes_the_stages_by_itself() {
    let limit = Arc::new(RateLimit::new().outbound(Topic::parse("n").unwrap(), 1, 3));
    let (batcher, mut peer, _messages) = open(Builder::new(options()).stage(limit)).await;
    for n in 0..3 {
        batcher.send_typed("n", &n).unwrap();
    }
    assert_eq!(batcher.send_typed("n", &3).unwrap_err().kind(), ErrorKind::Rejected);
    assert_eq!(numbers(&mut peer).await, [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_leave_is_kept_or_given_back() {
    let pipes = Pipes::new();
    let (handle, _messages) = Builder::new(options()).dial(pipes.dial()).open();
    handle.connect().unwrap();
    let batcher = Batcher::new(handle.clone(), BatchOptions::default());
    for n in 0..3 {
        batcher.send_typed("n", &n).unwrap();
    }
    handle.disconnect().await;
    assert_eq!(batcher.flush().unwrap_err().kind(), ErrorKind::Closed);
    // The timer finds no connection either, again and again; nothing is lost.
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(batcher.send_typed("risk_alert", &3).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(batcher.close().len(), 3);
}
