//! Many clients lose their server at the same moment: do they come back at the same moment, too?

use std::collections::VecDeque;
use std::time::Duration;

use realtime::Mode;
use realtime::testing::{Peer, Pipes, options};
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HerdReport {
    pub(crate) clients: usize,
    pub(crate) down_ms: u128,
    /// Of all reconnects, those in the 100 ms that held most of them.
    pub(crate) worst_window_share: f64,
    /// From the server's return to the last of them.
    pub(crate) all_back_ms: u128,
}

/// The server dies, stays away for a while and comes back.
pub(crate) async fn herd(clients: usize, down: Duration) -> HerdReport {
    let mut pipes = Pipes::new();
    let mut handles = Vec::new();
    let mut peers = JoinSet::new();
    for _ in 0..clients {
        let (handle, messages) = realtime::open_with(options(), pipes.dial());
        handle.connect().expect("the task has just begun");
        let mut peer = pipes.accept(Mode::Plain).await.expect("a client asks for the upgrade");
        // Sessions that were good: long enough, and something was heard.
        peer.send_text(r#"{"type":"a","data":1,"timestamp":1}"#).await.expect("it is there");
        peers.spawn(stay(peer));
        handles.push((handle, messages));
    }
    tokio::time::sleep(Duration::from_secs(10)).await;

    peers.abort_all();
    let died = Instant::now();
    let back_at = died + down;
    // Until then, whoever comes is hung up on.
    while timeout_at(back_at, pipes.next_stream()).await.is_ok() {}
    sleep_until(back_at).await;
    let mut reconnects = Vec::with_capacity(clients);
    while reconnects.len() < clients {
        let stream = pipes.next_stream().await;
        reconnects.push(Instant::now());
        peers.spawn(async move {
            if let Ok(peer) = Peer::accept(stream, Mode::Plain).await {
                stay(peer).await;
            }
        });
    }
    let mut window = VecDeque::new();
    let mut worst = 0;
    for at in &reconnects {
        window.push_back(*at);
        while *at - window[0] >= Duration::from_millis(100) {
            window.pop_front();
        }
        worst = worst.max(window.len());
    }
    let all_back_ms = (reconnects[reconnects.len() - 1] - back_at).as_millis();
    let worst_window_share = worst as f64 / clients as f64;
    HerdReport { clients, down_ms: down.as_millis(), worst_window_share, all_back_ms }
}

async fn stay(mut peer: Peer) {
    while peer.next().await.is_ok() {}
}
