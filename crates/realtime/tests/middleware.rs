//! Stages between the socket and the reader, and between a sender and the socket.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use realtime::testing::{MockSocket, ReadyState, options};
use realtime::wire::{Invalid, InvalidKind, Message};
use realtime::{
    Builder, ErrorKind, Handle, Inbound, Messages, Middleware, OnPanic, RateLimit, Topic, Verdict,
    VerdictCounts,
};
use tokio::time::Instant;

/// Does one thing in both directions and notes when it was its turn.
#[derive(Debug)]
struct Doing {
    name: &'static str,
    verdict: fn(&Message) -> Verdict,
    turns: Arc<Mutex<Vec<&'static str>>>,
}

impl Middleware for Doing {
    fn name(&self) -> &str {
        self.name
    }

    fn inbound(&self, message: &Message) -> Verdict {
        self.turns.lock().unwrap().push(self.name);
        (self.verdict)(message)
    }

    fn outbound(&self, message: &Message) -> Verdict {
        self.inbound(message)
    }
}

type Turns = Arc<Mutex<Vec<&'static str>>>;

fn doing(
    name: &'static str,
    verdict: fn(&Message) -> Verdict,
    turns: &Turns,
) -> Arc<dyn Middleware> {
    Arc::new(Doing { name, verdict, turns: Arc::clone(turns) })
}

async fn open(stages: impl IntoIterator<Item = Arc<dyn Middleware>>) -> Connection {
    let mock = MockSocket::new();
    let builder = Builder::new(options()).dial(mock.dial());
    let (handle, messages) = stages.into_iter().fold(builder, Builder::stage).open();
    handle.connect().unwrap();
    handle.connected().await.unwrap();
    mock.is(ReadyState::Open).await;
    Connection { mock, handle, messages, waiting: Vec::new().into_iter() }
}

struct Connection {
    mock: MockSocket,
    handle: Handle,
    messages: Messages,
    waiting: std::vec::IntoIter<Inbound>,
}

impl Connection {
    async fn next(&mut self) -> Inbound {
        loop {
            if let Some(inbound) = self.waiting.next() {
                return inbound;
            }
            self.waiting = self.messages.recv().await.unwrap().messages.into_iter();
        }
    }

    async fn message(&mut self) -> (String, serde_json::Value) {
        match self.next().await {
            Inbound::Message(message) => (message.ty().to_string(), message.decode().unwrap()),
            other => panic!("{other:?}"),
        }
    }
}

fn replaced(message: &Message, data: i64) -> Verdict {
    let id = message.id();
    Verdict::Replace(Message::new(message.ty(), &data, message.timestamp, id).unwrap())
}

fn refusal(message: &Message) -> Verdict {
    Verdict::Reject(Invalid::new(InvalidKind::Payload, "not this one", message.data()))
}

#[tokio::test(start_paused = true)]
async fn the_first_stage_is_next_to_the_socket_in_both_directions() {
    let turns = Turns::default();
    let stages = ["a", "b", "c"].map(|name| doing(name, |_| Verdict::Pass, &turns));
    let mut connection = open(stages).await;
    connection.mock.receive("x", &1).await;
    connection.message().await;
    assert_eq!(std::mem::take(&mut *turns.lock().unwrap()), ["a", "b", "c"]);
    connection.handle.send_typed("x", &1).unwrap();
    assert_eq!(*turns.lock().unwrap(), ["c", "b", "a"]);
}

#[tokio::test(start_paused = true)]
async fn each_verdict_does_what_it_says_inbound() {
    let turns = Turns::default();
    let judge = |message: &Message| match message.ty() {
        "drop" => Verdict::Drop,
        "reject" => refusal(message),
        "replace" => replaced(message, 2),
        "panic" => panic!("on purpose"),
        _ => Verdict::Pass,
    };
    let mut connection =
        open([doing("judge", judge, &turns), doing("after", |_| Verdict::Pass, &turns)]).await;
    for ty in ["pass", "drop", "reject", "replace", "panic"] {
        connection.mock.receive(ty, &1).await;
    }
    assert_eq!(connection.message().await, ("pass".into(), 1.into()));
    match connection.next().await {
        Inbound::Invalid(invalid) => assert_eq!(invalid.reason, "not this one"),
        other => panic!("{other:?}"),
    }
    assert_eq!(connection.message().await, ("replace".into(), 2.into()));
    assert_eq!(connection.message().await, ("panic".into(), 1.into()));
    let metrics = connection.handle.stages();
    let expected = VerdictCounts { passed: 1, replaced: 1, dropped: 1, rejected: 1, panicked: 1 };
    assert_eq!((metrics[0].name.as_str(), metrics[0].inbound), ("judge", expected));
    assert_eq!(metrics[1].inbound, VerdictCounts { passed: 3, ..VerdictCounts::default() });
    assert_eq!(metrics[0].outbound, VerdictCounts::default());
    assert_eq!(connection.handle.metrics().invalid, [(InvalidKind::Payload, 1)].into());
}

/// Panics over everything, and says what then.
#[derive(Debug)]
struct Closed(fn() -> OnPanic);

impl Middleware for Closed {
    fn name(&self) -> &str {
        "closed"
    }

    fn on_panic(&self) -> OnPanic {
        self.0()
    }

    fn inbound(&self, _: &Message) -> Verdict {
        panic!("on purpose")
    }

    fn outbound(&self, _: &Message) -> Verdict {
        panic!("on purpose")
    }
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_fails_closed_lets_nothing_past_its_panic() {
    let refuses: fn() -> OnPanic = || OnPanic::Refuse(InvalidKind::Encrypted);
    for (on_panic, kind) in
        [(refuses, InvalidKind::Encrypted), (|| panic!("and again"), InvalidKind::Payload)]
    {
        let mut connection = open([Arc::new(Closed(on_panic)) as Arc<dyn Middleware>]).await;
        connection.mock.receive("x", &"sealed").await;
        match connection.next().await {
            Inbound::Invalid(invalid) => assert_eq!((invalid.kind, &*invalid.sample), (kind, "")),
            other => panic!("{other:?}"),
        }
        let error = connection.handle.send_typed("x", &"plain").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rejected);
        assert_eq!(connection.handle.metrics().invalid, [(kind, 1)].into());
        let counts = VerdictCounts { panicked: 1, ..VerdictCounts::default() };
        let stages = connection.handle.stages();
        assert_eq!((stages[0].inbound, stages[0].outbound), (counts, counts));
    }
}

#[tokio::test(start_paused = true)]
async fn each_verdict_does_what_it_says_outbound() {
    let turns = Turns::default();
    let judge = |message: &Message| match message.ty() {
        "drop" => Verdict::Drop,
        "reject" => refusal(message),
        "replace" => replaced(message, 2),
        "panic" => panic!("on purpose"),
        _ => Verdict::Pass,
    };
    let connection = open([doing("judge", judge, &turns)]).await;
    for ty in ["pass", "drop", "replace", "panic"] {
        connection.handle.send_typed(ty, &1).unwrap();
    }
    let error = connection.handle.send_typed("reject", &1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("not this one"));
    connection.mock.has_sent(3).await;
    let sent: Vec<_> = connection
        .mock
        .sent()
        .iter()
        .map(|message| (message.ty().to_string(), message.decode::<i64>().unwrap()))
        .collect();
    assert_eq!(sent, [("pass".into(), 1), ("replace".into(), 2), ("panic".into(), 1)]);
    let expected = VerdictCounts { passed: 1, replaced: 1, dropped: 1, rejected: 1, panicked: 1 };
    assert_eq!(connection.handle.stages()[0].outbound, expected);
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_slow_reader_is_judged_once() {
    let turns = Turns::default();
    let mut connection = open([doing("once", |_| Verdict::Pass, &turns)]).await;
    const COUNT: usize = 10_000;
    let mock = connection.mock.clone();
    let feeding = tokio::spawn(async move {
        for n in 0..COUNT {
            mock.receive("x", &n).await;
        }
    });
    while connection.handle.metrics().reader_stalls == 0 {
        tokio::task::yield_now().await;
    }
    for n in 0..COUNT {
        assert_eq!(connection.message().await.1, n);
    }
    feeding.await.unwrap();
    assert_eq!(connection.handle.stages()[0].inbound.passed, COUNT as u64);
}

fn topic(text: &str) -> Topic {
    Topic::parse(text).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_state_is_thinned_and_its_last_value_arrives() {
    let limit: Arc<dyn Middleware> =
        Arc::new(RateLimit::new().state(topic("vault_update_*"), 10, 2));
    let mut connection = open([limit]).await;
    let begun = Instant::now();
    for n in 0..100 {
        connection.mock.receive("vault_update_A", &serde_json::json!({"ltv": n})).await;
        connection.mock.receive("risk_alert", &n).await;
    }
    connection.mock.receive("vault_update_A", &serde_json::json!({"name": "last"})).await;
    let (mut vaults, mut alerts) = (Vec::new(), 0);
    while vaults.len() < 3 || alerts < 100 {
        match connection.message().await {
            (ty, data) if ty == "vault_update_A" => vaults.push(data),
            (_, data) => {
                assert_eq!(data, alerts);
                alerts += 1;
            }
        }
    }
    // Two from the burst, then one for all the rest: its parts are merged.
    assert_eq!(vaults[1]["ltv"], 1);
    assert_eq!(vaults[2], serde_json::json!({"ltv": 99, "name": "last"}));
    assert!(begun.elapsed() >= Duration::from_millis(100), "{:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn keys_take_turns_and_none_is_forgotten() {
    let limit: Arc<dyn Middleware> = Arc::new(RateLimit::new().state(topic("v*"), 10, 1));
    let mut connection = open([limit]).await;
    for round in 0..5 {
        for key in 0..20 {
            connection.mock.receive(&format!("v{key}"), &round).await;
        }
    }
    let mut last = std::collections::BTreeMap::new();
    let begun = Instant::now();
    while last.len() < 20 || last.values().any(|round| *round != serde_json::json!(4)) {
        let (ty, round) = connection.message().await;
        last.insert(ty, round);
    }
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(1_800) && took < Duration::from_secs(4), "{took:?}");
    // Nothing is held any more: this clock is free to jump.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(connection.messages.try_recv().is_none());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_merged_arrives_whole_and_in_order() {
    let limit: Arc<dyn Middleware> = Arc::new(RateLimit::new().state(topic("v"), 1, 1));
    let mut connection = open([limit]).await;
    for n in 0..200 {
        let secret = serde_json::json!({"enc": "xchacha20poly1305", "ct": n});
        connection.mock.receive("v", &secret).await;
    }
    let begun = Instant::now();
    for n in 0..200 {
        assert_eq!(connection.message().await.1["ct"], n);
        // No more than 64 parts are held back: then they go, whatever the rate.
        assert!(n > 128 || begun.elapsed() < Duration::from_millis(500));
    }
}

#[tokio::test(start_paused = true)]
async fn a_sender_beyond_its_rate_is_told_and_may_go_on_later() {
    let limit: Arc<dyn Middleware> = Arc::new(RateLimit::new().outbound(topic("note"), 10, 3));
    let connection = open([limit]).await;
    for n in 0..3 {
        connection.handle.send_typed("note", &n).unwrap();
    }
    let error = connection.handle.send_typed("note", &3).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
    connection.handle.send_typed("other", &3).unwrap();
    tokio::time::sleep(Duration::from_millis(101)).await;
    connection.handle.send_typed("note", &3).unwrap();
    assert_eq!(connection.handle.stages()[0].outbound.rejected, 1);
}
