//! `vaultwatch.v1` over the whole way: upgrade, driver, handle and disk, with a server that does what the test says.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use realtime::persistence::{InMemory, StreamKey};
use realtime::transport::{ByteStream, Dial, Dialing};
use realtime::wire::control::Codec;
use realtime::wire::{Compressed, Message, Place, Position, UnixMillis};
use realtime::{
    Builder, ConnectionState, Endpoint, ErrorKind, Event, Handle, Inbound, Messages, Offer,
    Options, Outcome, Persistence, Topic,
};
use serde_json::{Value, json};
use tokio::io::{DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};

mod held_back;
mod tokens;

#[derive(Debug)]
struct Pipe(mpsc::UnboundedSender<DuplexStream>);

impl Dial for Pipe {
    fn dial(&self, _: &Endpoint) -> Dialing {
        let (ours, theirs) = duplex(1 << 20);
        self.0.send(theirs).unwrap();
        Box::pin(async move { Ok(Box::new(ours) as Box<dyn ByteStream>) })
    }
}

struct Server(mpsc::UnboundedReceiver<DuplexStream>);

struct Peer {
    socket: WebSocketStream<DuplexStream>,
    authorization: Option<String>,
}

fn builder(options: Options) -> (Builder, Server) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Builder::new(options.validate().unwrap()).dial(Pipe(sender)), Server(receiver))
}

fn options() -> Options {
    Options::new("wss://feed.example/ws")
}

impl Server {
    /// The next client, which has to offer v1, and gets it.
    #[expect(clippy::result_large_err, reason = "the shape of the callback is given")]
    async fn accept(&mut self) -> Peer {
        let mut authorization = None;
        let select = |request: &Request, mut response: Response| {
            assert_eq!(request.headers()["sec-websocket-protocol"], "vaultwatch.v1");
            let header = request.headers().get("authorization");
            authorization = header.map(|value| value.to_str().unwrap().to_owned());
            let selected = "vaultwatch.v1".parse().unwrap();
            response.headers_mut().insert("sec-websocket-protocol", selected);
            Ok(response)
        };
        let pipe = self.0.recv().await.unwrap();
        let socket = tokio_tungstenite::accept_hdr_async(pipe, select).await.unwrap();
        Peer { socket, authorization }
    }

    /// The next client, greeted, with an empty snapshot at `offset`; also what its `hello` said.
    async fn session(&mut self, offset: u64) -> (Peer, Value) {
        let mut peer = self.accept().await;
        let hello = peer.expect("hello").await;
        peer.welcome(offset, json!({})).await;
        peer.say("snapshot_end", json!({"offset": offset, "lostEvents": 0})).await;
        (peer, hello)
    }
}

impl Peer {
    async fn text(&mut self, text: String) {
        self.socket.send(Frame::text(text)).await.unwrap();
    }

    async fn say(&mut self, ty: &str, data: Value) {
        self.text(json!({"type": ty, "data": data, "timestamp": 1}).to_string()).await;
    }

    async fn welcome(&mut self, offset: u64, change: Value) {
        let mut data = json!({
            "session": "s", "tenant": "t", "epoch": "e", "offset": offset, "heartbeatMs": 15_000,
            "graceMs": 10_000, "maxMessageBytes": 1 << 20, "dedupMs": 600_000, "resumed": false,
        });
        for (key, value) in change.as_object().unwrap() {
            data[key] = value.clone();
        }
        self.say("welcome", data).await;
    }

    async fn logged(&mut self, ty: &str, offset: u64) {
        let text = json!({"type": ty, "data": {"n": offset}, "timestamp": 1, "offset": offset, "prev": offset - 1});
        self.text(text.to_string()).await;
    }

    /// The next message of this type; heartbeats are passed over.
    async fn expect(&mut self, ty: &str) -> Value {
        let value = self.next().await;
        assert_eq!(value["type"], ty, "{value}");
        value["data"].clone()
    }

    async fn next(&mut self) -> Value {
        loop {
            if let Frame::Text(text) = self.socket.next().await.unwrap().unwrap() {
                let value: Value = serde_json::from_str(&text).unwrap();
                if value["type"] != "heartbeat" {
                    return value;
                }
            }
        }
    }

    async fn ack(&mut self, value: &Value, offset: u64) {
        self.say("ack", json!({"id": value["id"], "offset": offset})).await;
    }
}

fn note(n: u64) -> Message {
    Message::new("note", &n, UnixMillis(1), None).unwrap()
}

async fn connected(handle: &Handle, server: &mut Server) -> Peer {
    handle.connect().unwrap();
    let (peer, _) = server.session(10).await;
    handle.connected().await.unwrap();
    peer
}

/// The offsets of the next messages, up to this many.
async fn offsets(messages: &mut Messages, count: usize) -> Vec<u64> {
    let mut offsets = Vec::new();
    while offsets.len() < count {
        for inbound in messages.recv().await.unwrap().messages {
            if let Inbound::Message(message) = inbound {
                offsets.push(message.place.unwrap().offset());
            }
        }
    }
    offsets
}

#[tokio::test(start_paused = true)]
async fn a_publish_is_awaited_and_gets_an_id() {
    let (builder, mut server) = builder(Options { protocol: Offer::V1, ..options() });
    let (handle, _messages) = builder.open();
    let mut peer = connected(&handle, &mut server).await;
    let publishing = handle.publish(note(1)).unwrap();
    let sent = peer.next().await;
    assert_eq!(sent["id"], publishing.id().as_str());
    peer.ack(&sent, 11).await;
    assert_eq!(publishing.await, Outcome::Acknowledged { offset: 11 });
    // Nobody answers this one.
    let publishing = handle.publish(note(2)).unwrap();
    peer.next().await;
    assert_eq!(publishing.await, Outcome::TimedOut);
    let cancelled = handle.publish(note(3)).unwrap();
    cancelled.cancel();
    assert_eq!(cancelled.await, Outcome::Cancelled);
    let hello = Message::new("hello", &1, UnixMillis(1), None).unwrap();
    assert_eq!(handle.publish(hello).unwrap_err().kind(), ErrorKind::Reserved);
    let metrics = handle.metrics();
    assert_eq!((metrics.outcomes.acknowledged, metrics.outcomes.timed_out), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_durable_publish_outlives_the_program() {
    let disk: Arc<dyn Persistence> = Arc::new(InMemory::default());
    let (first, _server) = builder(options());
    let (handle, messages) = first.persistence(Arc::clone(&disk)).open();
    // Never connected, and kept all the same.
    let kept = handle.publish_durable(note(1)).await.unwrap();
    let also_kept = handle.publish_durable(note(2)).await.unwrap();
    let ids = [kept.id().clone(), also_kept.id().clone()];
    drop((handle, messages));
    assert_eq!(kept.await, Outcome::ConnectionFailed);

    let (second, mut server) = builder(options());
    let (handle, _messages) = second.persistence(Arc::clone(&disk)).open();
    let mut peer = connected(&handle, &mut server).await;
    for (id, offset) in ids.iter().zip(11..) {
        let sent = peer.next().await;
        assert_eq!(sent["id"], id.as_str());
        peer.ack(&sent, offset).await;
    }
    let live = handle.publish_durable(note(3)).await.unwrap();
    let sent = peer.next().await;
    assert_eq!(handle.metrics().outbox.unwrap().messages, 1);
    peer.ack(&sent, 13).await;
    assert_eq!(live.await, Outcome::Acknowledged { offset: 13 });
    assert_eq!(disk.depth().messages, 0);
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_refuses_is_the_senders_error_and_nothing_is_sent() {
    let disk = Arc::new(InMemory::default());
    let (builder, mut server) = builder(options());
    let (handle, _messages) = builder.persistence(disk.clone()).open();
    let mut peer = connected(&handle, &mut server).await;
    disk.fail_with(Some(realtime::persistence::ErrorKind::DiskFull));
    let refused = handle.publish_durable(note(1)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotKept);
    disk.fail_with(None);
    handle.publish_durable(note(2)).await.unwrap();
    assert_eq!(peer.next().await["data"], 2);
}

#[tokio::test(start_paused = true)]
async fn a_position_is_noted_after_its_message_was_taken_and_resumed_after_a_restart() {
    let disk: Arc<dyn Persistence> = Arc::new(InMemory::default());
    let stream = StreamKey::profile("test", None);
    let (first, mut server) = builder(options());
    let (handle, mut messages) = first.persistence(Arc::clone(&disk)).stream(stream.clone()).open();
    let mut peer = connected(&handle, &mut server).await;
    peer.logged("risk_alert", 11).await;
    assert_eq!(offsets(&mut messages, 1).await, [11]);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let noted = disk.load_position(&stream).await.unwrap().map(|position| position.offset);
    assert_ne!(noted, Some(11), "it was given out, but who knows whether it was handled");
    peer.logged("risk_alert", 12).await;
    assert_eq!(offsets(&mut messages, 1).await, [12]);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let noted = disk.load_position(&stream).await.unwrap().map(|position| position.offset);
    assert_eq!(noted, Some(11));
    // At the end what was taken by then is noted.
    assert!(messages.try_recv().is_none());
    drop(handle);
    assert!(messages.recv().await.is_none());

    let (second, mut server) = builder(options());
    let (handle, _messages) = second.persistence(disk).stream(stream).open();
    handle.connect().unwrap();
    let mut peer = server.accept().await;
    assert_eq!(peer.expect("hello").await["resume"], json!({"epoch": "e", "offset": 12}));
    peer.welcome(12, json!({"resumed": true, "replay": 0})).await;
    handle.connected().await.unwrap();
    assert_eq!(handle.state(), ConnectionState::Connected { resumed: true });
}

#[tokio::test(start_paused = true)]
async fn a_position_is_noted_within_half_a_second_of_its_message() {
    let disk: Arc<dyn Persistence> = Arc::new(InMemory::default());
    let stream = StreamKey::profile("test", None);
    let (builder, mut server) = builder(options());
    let builder = builder.persistence(Arc::clone(&disk)).stream(stream.clone());
    let (handle, mut messages) = builder.open();
    let mut peer = connected(&handle, &mut server).await;
    let noted = async || disk.load_position(&stream).await.unwrap().map(|position| position.offset);
    peer.logged("risk_alert", 11).await;
    assert_eq!(offsets(&mut messages, 1).await, [11]);
    for offset in 12..40 {
        // Whenever it comes: the disk has a rhythm of its own.
        tokio::time::sleep(Duration::from_millis(37)).await;
        peer.logged("risk_alert", offset).await;
        // Asking for this one says that the one before it is dealt with.
        assert_eq!(offsets(&mut messages, 1).await, [offset]);
        tokio::time::sleep(Duration::from_millis(505)).await;
        assert_eq!(noted().await, Some(offset - 1));
    }
    // At the end it is not waited for.
    assert!(messages.try_recv().is_none());
    let begun = Instant::now();
    drop(handle);
    drop(peer);
    assert!(messages.recv().await.is_none());
    assert_eq!(noted().await, Some(39));
    assert!(begun.elapsed() < Duration::from_millis(100), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn bytes_are_counted_as_they_came_and_as_they_were_before_they_were_packed() {
    for codec in [Codec::Zstd, Codec::Deflate] {
        let (builder, mut server) = builder(options());
        let (handle, mut messages) = builder.open();
        handle.connect().unwrap();
        let mut peer = server.accept().await;
        peer.expect("hello").await;
        peer.welcome(10, json!({"compress": codec})).await;
        peer.say("snapshot_end", json!({"offset": 10, "lostEvents": 0})).await;
        assert!(matches!(messages.recv().await.unwrap().messages[..], [Inbound::SnapshotEnd(_)]));
        let before = handle.metrics();
        let data = "so much of the same ".repeat(1_000);
        let text = json!({"type": "risk_alert", "data": data, "timestamp": 1}).to_string();
        let place = Place::Log { offset: 11, prev: 10 };
        let packed = Compressed::new(codec, &text).unwrap().frame(Some(place));
        let size = packed.len() as u64;
        assert!(size < 2_000, "{size}");
        peer.socket.send(Frame::Binary(packed)).await.unwrap();
        assert_eq!(offsets(&mut messages, 1).await, [11]);
        let metrics = handle.metrics();
        assert_eq!((before.bytes_inflated, metrics.messages), (0, 1));
        // The frame, and 2 or 4 bytes of a header.
        let wire = metrics.bytes_in - before.bytes_in;
        assert!((size + 2..=size + 4).contains(&wire), "{wire} of {size}");
        let raw = wire + metrics.bytes_inflated;
        assert!((data.len() as u64..=text.len() as u64).contains(&raw), "{raw} of {}", text.len());
        let exported = serde_json::to_value(&metrics).unwrap();
        assert_eq!(exported["bytesInflated"], metrics.bytes_inflated);
        assert_eq!(exported["bytesIn"], metrics.bytes_in);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_notes_positions_itself_is_told_them_and_the_disk_is_not_asked() {
    let disk: Arc<dyn Persistence> = Arc::new(InMemory::default());
    let stream = StreamKey::profile("test", None);
    let at = |offset| Some(Position { epoch: "e".into(), offset });
    disk.save_position(&stream, at(3).unwrap()).await.unwrap();
    let (builder, mut server) = builder(options());
    let builder = builder.persistence(Arc::clone(&disk)).stream(stream.clone());
    let (handle, mut messages) = builder.resume_at(at(7)).begin_with_snapshot().open();
    handle.connect().unwrap();
    let mut peer = server.accept().await;
    let resume = peer.expect("hello").await["resume"].clone();
    assert_eq!(resume, json!({"epoch": "e", "offset": 7, "snapshot": true}));
    peer.welcome(9, json!({})).await;
    peer.logged("risk_alert", 8).await;
    let delivery = messages.recv().await.unwrap();
    assert_eq!((delivery.messages.len(), delivery.position), (1, at(8)));
    peer.say("snapshot_end", json!({"offset": 9, "lostEvents": 0})).await;
    assert_eq!(messages.recv().await.unwrap().position, at(9));
    // More than one delivery holds: only with the last of them all is told.
    let one = |offset: u64| json!({"type": "risk_alert", "data": 1, "timestamp": 1, "offset": offset, "prev": offset - 1});
    let updates: Vec<Value> = (10..610).map(one).collect();
    peer.say("batch_update", json!({"updates": updates})).await;
    let mut told = Vec::new();
    let mut count = 0;
    while count < 600 {
        let delivery = messages.recv().await.unwrap();
        count += delivery.messages.len();
        told.push(delivery.position);
    }
    assert_eq!(told, [None, None, at(609)]);
    drop(handle);
    assert!(messages.recv().await.is_none());
    assert_eq!(disk.load_position(&stream).await.unwrap(), at(3), "left alone");
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_gets_the_newest_state_and_every_event() {
    let (builder, mut server) = builder(options());
    let (handle, mut messages) = builder.open();
    let mut events = handle.subscribe_events();
    let mut peer = connected(&handle, &mut server).await;
    // 30,000 of the one and 300 of the other, while nobody reads.
    let writer = tokio::spawn(async move {
        for offset in 11..30_311 {
            let ty = if offset % 101 == 0 { "risk_alert" } else { "vault_update_A" };
            peer.logged(ty, offset).await;
        }
        peer
    });
    let peer = writer.await.unwrap();
    let slow = loop {
        if let Event::SlowConsumer { conflated, .. } = events.recv().await.unwrap() {
            break conflated;
        }
    };
    assert!(slow > 500);
    let (mut alerts, mut last) = (0, 0);
    while last < 30_310 {
        for inbound in messages.recv().await.unwrap().messages {
            let Inbound::Message(message) = inbound else { continue };
            let offset = message.place.unwrap().offset();
            assert!(offset > last, "in order");
            last = offset;
            alerts += usize::from(message.ty() == "risk_alert");
        }
    }
    assert_eq!(alerts, (11..30_311).filter(|offset| offset % 101 == 0).count());
    assert!(handle.metrics().conflated > 20_000, "{}", handle.metrics().conflated);
    drop(peer);
}

#[tokio::test(start_paused = true)]
async fn topics_are_subscribed_to_at_run_time() {
    let topics = vec![Topic::parse("risk_alert").unwrap()];
    let (builder, mut server) = builder(Options { topics, ..options() });
    let (handle, mut messages) = builder.open();
    let mut peer = connected(&handle, &mut server).await;
    let asked = handle.clone();
    let more = vec![Topic::parse("vault_update_*").unwrap()];
    let asking = tokio::spawn(async move { asked.subscribe(more).await });
    assert_eq!(peer.expect("subscribe").await, json!({"topics": ["vault_update_*"]}));
    peer.say("subscribed", json!({"topics": ["risk_alert", "vault_update_*"], "offset": 10})).await;
    asking.await.unwrap().unwrap();
    peer.say("snapshot_end", json!({"offset": 10, "lostEvents": 0})).await;
    let mut ends = 0;
    while ends < 2 {
        let delivery = messages.recv().await.unwrap();
        ends += delivery.messages.iter().filter(|i| matches!(i, Inbound::SnapshotEnd(_))).count();
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_there_when_the_machine_wakes_counts_though_its_time_is_over() {
    let (builder, mut server) = builder(options());
    let (handle, _messages) = builder.open();
    handle.connect().unwrap();
    let mut peer = server.accept().await;
    peer.expect("hello").await;
    // The answer lies in the socket, and nobody looks for a minute.
    peer.welcome(10, json!({})).await;
    tokio::time::advance(Duration::from_secs(60)).await;
    handle.connected().await.unwrap();
    assert_eq!(handle.metrics().attempts, 1);
}

#[tokio::test(start_paused = true)]
async fn a_large_message_is_sent_and_counted_and_a_larger_one_refused() {
    let (builder, mut server) = builder(options());
    let (handle, _messages) = builder.open();
    let mut peer = connected(&handle, &mut server).await;
    for (size, is_large) in [(60_000, 0), (70_000, 1)] {
        handle.send_typed("note", &"x".repeat(size)).unwrap();
        assert_eq!(peer.expect("note").await.as_str().unwrap().len(), size);
        assert_eq!(handle.metrics().large_sent, is_large);
    }
    let error = handle.send_typed("note", &"x".repeat(1 << 20)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MessageTooLarge);
}
