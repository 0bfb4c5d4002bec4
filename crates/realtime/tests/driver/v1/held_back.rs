//! What a stage holds back is not lost with the program: the place to go on from stays before it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use realtime::wire::Invalid;
use realtime::{Middleware, Verdict};

use super::*;

/// Keeps everything of the type `sealed` until it is opened.
#[derive(Debug, Default)]
struct Gate {
    held: Mutex<Vec<Message>>,
    open: AtomicBool,
}

impl Middleware for Gate {
    fn name(&self) -> &str {
        "gate"
    }

    fn inbound(&self, message: &Message) -> Verdict {
        if message.ty() != "sealed" || self.open.load(Ordering::Relaxed) {
            return Verdict::Pass;
        }
        self.held.lock().unwrap().push(message.clone());
        Verdict::Drop
    }

    fn due(&self) -> Option<Instant> {
        self.holds_back().then(|| Instant::now() + Duration::from_millis(250))
    }

    fn release(&self, released: &mut Vec<Result<Message, Invalid>>) {
        if self.open.load(Ordering::Relaxed) {
            released.extend(self.held.lock().unwrap().drain(..).map(Ok));
        }
    }

    fn holds_back(&self) -> bool {
        !self.held.lock().unwrap().is_empty()
    }
}

#[tokio::test(start_paused = true)]
async fn a_position_is_not_noted_past_what_a_stage_holds_back() {
    let disk: Arc<dyn Persistence> = Arc::new(InMemory::default());
    let (gate, stream) = (Arc::new(Gate::default()), StreamKey::profile("test", None));
    let (builder, mut server) = builder(options());
    let builder = builder.persistence(Arc::clone(&disk)).stream(stream.clone());
    let (handle, mut messages) = builder.stage(gate.clone()).open();
    let mut peer = connected(&handle, &mut server).await;
    // With more than enough time for the disk, and for the stage.
    let noted = async || {
        tokio::time::sleep(Duration::from_secs(2)).await;
        disk.load_position(&stream).await.unwrap().map(|position| position.offset)
    };
    peer.logged("risk_alert", 11).await;
    assert_eq!(offsets(&mut messages, 1).await, [11]);
    peer.logged("sealed", 12).await;
    for offset in 13..20 {
        peer.logged("risk_alert", offset).await;
        assert_eq!(offsets(&mut messages, 1).await, [offset]);
    }
    assert_eq!(noted().await, Some(11), "a crash gets it again");
    gate.open.store(true, Ordering::Relaxed);
    assert_eq!(offsets(&mut messages, 1).await, [12]);
    assert_eq!(noted().await, Some(11), "it was given out, but who knows whether it was handled");
    // Asking for the next one says that it was.
    peer.logged("risk_alert", 20).await;
    assert_eq!(offsets(&mut messages, 1).await, [20]);
    assert_eq!(noted().await, Some(19));
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_notes_positions_is_told_none_past_what_a_stage_holds_back() {
    let gate = Arc::new(Gate::default());
    let (builder, mut server) = builder(options());
    let (handle, mut messages) = builder.stage(gate.clone()).resume_at(None).open();
    let mut peer = connected(&handle, &mut server).await;
    let snapshot_end = messages.recv().await.unwrap();
    assert_eq!(snapshot_end.position.map(|position| position.offset), Some(10));
    // Each is read before the next one is sent.
    let mut next = async |peer: &mut Peer, sent: Option<(&str, u64)>| {
        if let Some((ty, offset)) = sent {
            peer.logged(ty, offset).await;
        }
        let delivery = messages.recv().await.unwrap();
        let offsets: Vec<_> = delivery
            .messages
            .iter()
            .filter_map(|inbound| match inbound {
                Inbound::Message(message) => message.place.map(|place| place.offset()),
                Inbound::Invalid(_) | Inbound::SnapshotEnd(_) => None,
            })
            .collect();
        (offsets, delivery.position.map(|position| position.offset))
    };
    assert_eq!(next(&mut peer, Some(("risk_alert", 11))).await, (vec![11], Some(11)));
    peer.logged("sealed", 12).await;
    assert_eq!(next(&mut peer, Some(("risk_alert", 13))).await, (vec![13], None));
    assert_eq!(next(&mut peer, Some(("risk_alert", 14))).await, (vec![14], None));
    gate.open.store(true, Ordering::Relaxed);
    assert_eq!(next(&mut peer, None).await, (vec![12], Some(14)), "all of it is dealt with now");
    assert_eq!(next(&mut peer, Some(("sealed", 15))).await, (vec![15], Some(15)));
}
