//! A way of talking that the library does not know, over the whole way.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use realtime::close::Verdict;
use realtime::persistence::{Entry, InMemory, Persistence, StreamKey};
use realtime::transport::{ByteStream, Dial, Dialing};
use realtime::wire::{Invalid, InvalidKind, Message, UnixMillis};
use realtime::{
    Builder, CauseKind, ConnectionState, Dialect, Endpoint, ErrorKind, Event, Handle, Inbound,
    Messages, Offer, Options, RawFrame, Said, StateKind, Talk, Topic,
};
use serde_json::json;
use tokio::io::{DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

#[derive(Debug)]
struct Pipe(mpsc::UnboundedSender<DuplexStream>);

impl Dial for Pipe {
    fn dial(&self, _: &Endpoint) -> Dialing {
        let (ours, theirs) = duplex(1 << 16);
        self.0.send(theirs).unwrap();
        Box::pin(async move { Ok(Box::new(ours) as Box<dyn ByteStream>) })
    }
}

/// Lines: `login`, answered with `welcome`; `+topic` and `-topic`; `topic=value`; `ping`; `= value` is nonsense.
#[derive(Debug)]
struct Lines;

impl Dialect for Lines {
    fn talk(&self) -> Box<dyn Talk> {
        Box::new(LinesTalk)
    }

    fn subprotocol(&self) -> Option<&str> {
        Some("lines.7")
    }

    fn encode(&self, message: &Message) -> Option<String> {
        let value: String = message.decode().ok()?;
        Some(format!("{}={value}", message.ty()))
    }

    fn verdict(&self, code: u16) -> Option<Verdict> {
        (code == 4_321).then_some(Verdict::Terminal)
    }
}

#[derive(Debug)]
struct LinesTalk;

impl Talk for LinesTalk {
    fn open(&mut self, topics: &[Topic], said: &mut Said) {
        said.write("login");
        self.subscribe(topics, said);
    }

    fn frame(&mut self, frame: RawFrame<'_>, said: &mut Said) {
        let RawFrame::Text(text) = frame else { return said.fail("not a line") };
        match std::str::from_utf8(text).unwrap() {
            "welcome" => said.ready(),
            "panic" => panic!("on purpose"),
            line => match line.split_once('=').filter(|(topic, _)| !topic.is_empty()) {
                Some((topic, value)) => {
                    said.deliver(Message::new(topic, &value, UnixMillis(1), None).unwrap());
                    said.write(format!("got {topic}"));
                }
                None => said.invalid(Invalid::new(InvalidKind::Payload, "no topic", text)),
            },
        }
    }

    fn subscribe(&mut self, topics: &[Topic], said: &mut Said) {
        topics.iter().for_each(|topic| said.write(format!("+{topic}")));
    }

    fn unsubscribe(&mut self, topics: &[Topic], said: &mut Said) {
        topics.iter().for_each(|topic| said.write(format!("-{topic}")));
    }

    fn keep_alive(&mut self) -> Option<String> {
        Some("ping".to_owned())
    }
}

struct Server(mpsc::UnboundedReceiver<DuplexStream>);

struct Peer(WebSocketStream<DuplexStream>);

impl Server {
    #[expect(clippy::result_large_err, reason = "the shape of the callback is given")]
    async fn accept(&mut self) -> Peer {
        let pipe = self.0.recv().await.unwrap();
        let select = |request: &Request, mut response: Response| {
            let offered = request.headers()["sec-websocket-protocol"].clone();
            assert_eq!(offered, "lines.7");
            response.headers_mut().insert("sec-websocket-protocol", offered);
            Ok(response)
        };
        Peer(tokio_tungstenite::accept_hdr_async(pipe, select).await.unwrap())
    }
}

impl Peer {
    async fn line(&mut self) -> String {
        loop {
            if let Frame::Text(text) = self.0.next().await.unwrap().unwrap() {
                return text.to_string();
            }
        }
    }

    async fn say(&mut self, line: &str) {
        self.0.send(Frame::text(line)).await.unwrap();
    }
}

fn open(topics: &[&str]) -> (Handle, Messages, Server) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let topics = topics.iter().map(|topic| Topic::parse(topic).unwrap()).collect();
    // What the options say of the protocol is of no account.
    let protocol = Offer::V1;
    let options = Options { topics, protocol, ..Options::new("wss://feed.example/") };
    let builder = Builder::new(options.validate().unwrap()).dial(Pipe(sender));
    let (handle, messages) = builder.dialect(Arc::new(Lines)).open();
    handle.connect().unwrap();
    (handle, messages, Server(receiver))
}

async fn greeted(server: &mut Server) -> Peer {
    let mut peer = server.accept().await;
    assert_eq!(peer.line().await, "login");
    peer.say("welcome").await;
    peer
}

async fn next_two(messages: &mut Messages) -> Vec<Inbound> {
    let mut inbound = Vec::new();
    while inbound.len() < 2 {
        inbound.extend(messages.recv().await.unwrap().messages);
    }
    inbound
}

#[tokio::test(start_paused = true)]
async fn it_greets_subscribes_decodes_encodes_and_keeps_alive() {
    let (handle, mut messages, mut server) = open(&["btc"]);
    let mut peer = server.accept().await;
    assert_eq!((peer.line().await.as_str(), peer.line().await.as_str()), ("login", "+btc"));
    assert_eq!(handle.state().kind(), StateKind::Handshaking);
    handle.send_typed("note", &"early").unwrap();
    peer.say("welcome").await;
    assert_eq!(peer.line().await, "note=early", "once the two ends have greeted each other");
    assert_eq!(handle.state(), ConnectionState::Connected { resumed: false });
    for line in ["btc=97000.5", "eth=3000", "=nonsense"] {
        peer.say(line).await;
    }
    let inbound = next_two(&mut messages).await;
    let [Inbound::Message(message), Inbound::Invalid(invalid)] = &inbound[..] else {
        panic!("eth is not wanted: {inbound:?}")
    };
    assert_eq!((message.ty(), message.data()), ("btc", &br#""97000.5""#[..]));
    assert_eq!(invalid.reason, "no topic");
    assert_eq!((peer.line().await.as_str(), peer.line().await.as_str()), ("got btc", "got eth"));
    handle.subscribe(vec![Topic::parse("eth").unwrap()]).await.unwrap();
    handle.unsubscribe(vec![Topic::parse("btc").unwrap()]).await.unwrap();
    assert_eq!((peer.line().await.as_str(), peer.line().await.as_str()), ("+eth", "-btc"));
    let refused = handle.send_typed("note", &5).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Rejected, "a number cannot be said");
    assert_eq!(peer.line().await, "ping", "after a while of silence");
    let metrics = handle.metrics();
    assert_eq!((metrics.messages, metrics.invalid[&InvalidKind::Payload]), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_it_has_no_words_for_is_put_aside_and_the_rest_of_the_outbox_goes_on() {
    let disk = Arc::new(InMemory::default());
    let stream = StreamKey::profile("test", None);
    // Kept by an earlier run, which spoke something else.
    for (id, data) in [("number", json!(5)), ("text", json!("hello"))] {
        let (queued, expires) = (UnixMillis(0), UnixMillis(i64::MAX));
        let message = Message::new("note", &data, queued, Some(id)).unwrap();
        disk.enqueue(Entry::new(stream.clone(), message, queued, expires).unwrap()).await.unwrap();
    }
    let (sender, receiver) = mpsc::unbounded_channel();
    let options = Options::new("wss://feed.example/").validate().unwrap();
    let builder = Builder::new(options).dial(Pipe(sender)).dialect(Arc::new(Lines));
    let (handle, _messages) = builder.persistence(Arc::clone(&disk) as _).stream(stream).open();
    let mut events = handle.subscribe_events();
    handle.connect().unwrap();
    let mut peer = greeted(&mut Server(receiver)).await;
    assert_eq!(peer.line().await, "note=hello");
    let (id, code) = loop {
        if let Event::Parked { id, code, .. } = events.recv().await.unwrap() {
            break (id, code);
        }
    };
    assert_eq!((id.as_str(), code.as_str()), ("number", "unsayable"));
    let parked = disk.parked(10).await.unwrap();
    assert_eq!(parked.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), ["number"]);
}

#[tokio::test(start_paused = true)]
async fn what_goes_wrong_in_it_costs_one_connection_and_its_close_codes_are_its_own() {
    let (handle, _messages, mut server) = open(&[]);
    let mut events = handle.subscribe_events();
    for trouble in ["panic", "binary", "silence"] {
        let mut peer = match trouble {
            "silence" => server.accept().await,
            _ => greeted(&mut server).await,
        };
        match trouble {
            "panic" => peer.say("panic").await,
            "binary" => peer.0.send(Frame::binary(vec![1])).await.unwrap(),
            _ => {}
        }
        let cause = loop {
            if let Event::State(change) = events.recv().await.unwrap()
                && let ConnectionState::Backoff { cause, .. } = change.current
            {
                break cause;
            }
        };
        assert_eq!(cause.kind(), CauseKind::Protocol, "{trouble}");
        let reason = match trouble {
            "panic" => "panicked",
            "binary" => "not a line",
            _ => "did not answer",
        };
        assert!(cause.to_string().contains(reason), "{cause}");
    }
    let mut peer = greeted(&mut server).await;
    handle.connected().await.unwrap();
    let close = CloseFrame { code: 4_321.into(), reason: "".into() };
    peer.0.send(Frame::Close(Some(close))).await.unwrap();
    let failed = tokio::time::timeout(Duration::from_secs(5), async {
        loop {
            if let Event::State(change) = events.recv().await.unwrap()
                && change.current.kind() == StateKind::Failed
            {
                return;
            }
        }
    });
    failed.await.expect("terminal, as the dialect has it");
}
