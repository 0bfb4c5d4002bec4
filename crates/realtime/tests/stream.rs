//! Live values, the connection they share, and handlers.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use realtime::testing::{MockSocket, Pipes, ReadyState, Script, ScriptedServer, options};
use realtime::wire::{Invalid, InvalidKind, Message, UnixMillis};
use realtime::{
    Builder, CauseKind, ConnectError, ConnectErrorKind, ConnectionState, ErrorKind, Hub, Mode,
    Options, Pool, RealTimeData, RealTimeState, StateKind, StreamError, Topic, Updates,
};
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// A generous limit for what threads do in their own time.
const PATIENCE: Duration = Duration::from_secs(60);

fn topic(text: &str) -> Topic {
    Topic::parse(text).unwrap()
}

fn mocked() -> (MockSocket, Hub) {
    let mock = MockSocket::new();
    let hub = Hub::new(Builder::new(options()).dial(mock.dial()));
    (mock, hub)
}

async fn until<T: Send + Sync + 'static>(
    stream: &mut RealTimeData<T>,
    wanted: impl Fn(&RealTimeState<T>) -> bool,
) -> RealTimeState<T> {
    let wait = async {
        loop {
            let state = stream.state();
            if wanted(&state) {
                return state;
            }
            stream.changed().await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_eight_fields_follow_a_life() {
    let mut pipes = Pipes::new();
    let hub = Hub::new(Builder::new(options()).dial(pipes.dial()));
    let mut stream = RealTimeData::<i64>::json(&hub, topic("figure"));
    let flags = |state: &RealTimeState<i64>| {
        (state.is_connected, state.is_connecting, state.is_reconnecting)
    };
    let state = stream.state();
    assert_eq!(flags(&state), (false, false, false));
    assert_eq!(state.connection_state, ConnectionState::Idle);
    assert!(state.data.is_none() && state.error.is_none() && state.last_message.is_none());

    stream.connect().unwrap();
    let state = until(&mut stream, |state| state.is_connecting).await;
    assert_eq!(flags(&state), (false, true, false));
    let mut peer = pipes.accept(Mode::Plain).await.unwrap();
    let state = until(&mut stream, |state| state.is_connected).await;
    assert_eq!(flags(&state), (true, false, false));
    assert!(state.error.is_none());

    let figure = |data: &Value| Message::new("figure", data, UnixMillis(0), None).unwrap();
    peer.send(&figure(&json!(7))).await.unwrap();
    peer.send(&Message::new("other", &8, UnixMillis(0), None).unwrap()).await.unwrap();
    let state = until(&mut stream, |state| state.message_count == 1).await;
    assert_eq!(*state.data.unwrap(), 7);
    assert_eq!(state.last_message.unwrap().data(), b"7");

    peer.send(&figure(&json!("seven"))).await.unwrap();
    let state = until(&mut stream, |state| state.message_count == 2).await;
    assert_eq!(*state.data.unwrap(), 7, "the last good value stays");
    assert_eq!(state.last_message.unwrap().data(), b"\"seven\"");
    match state.error.unwrap() {
        StreamError::Invalid(invalid) => assert_eq!(invalid.kind, InvalidKind::Payload),
        other => panic!("{other:?}"),
    }

    // A session that was good: the next attempt is counted as the first again, and is not the first all the same.
    tokio::time::sleep(Duration::from_secs(6)).await;
    drop(peer);
    let state = until(&mut stream, |state| state.is_reconnecting).await;
    assert_eq!(flags(&state), (false, false, true));
    match state.error.unwrap() {
        StreamError::Connection(cause) => assert_eq!(cause.kind(), CauseKind::Lost),
        other => panic!("{other:?}"),
    }
    // While the attempt is made, too: it is not the first one.
    let again = |state: &RealTimeState<i64>| state.connection_state.kind() == StateKind::Connecting;
    assert_eq!(flags(&until(&mut stream, again).await), (false, false, true));
    let mut peer = pipes.accept(Mode::Plain).await.unwrap();
    until(&mut stream, |state| state.is_connected).await;

    peer.send(&figure(&json!(9))).await.unwrap();
    let state = until(&mut stream, |state| state.message_count == 3).await;
    assert!(state.error.is_none());
    stream.clear_data();
    let state = stream.state();
    assert!(state.data.is_none() && state.last_message.is_none());
    assert_eq!(state.message_count, 3);

    let reading = tokio::spawn(async move { while peer.next().await.is_ok() {} });
    stream.disconnect().await;
    reading.await.unwrap();
    assert_eq!(hub.handle().state(), ConnectionState::Closed);
    assert_eq!(flags(&stream.state()), (false, false, false));
}

#[tokio::test(start_paused = true)]
async fn streams_share_a_connection_that_ends_with_its_last_user() {
    let mut pipes = Pipes::new();
    let hub = Hub::new(Builder::new(options()).dial(pipes.dial()));
    let first = RealTimeData::<Value>::json(&hub, topic("a"));
    let mut second = RealTimeData::<Value>::json(&hub, topic("b"));
    // Made when first used, not before.
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(pipes.dialled(), 0);
    first.connect().unwrap();
    first.connect().unwrap();
    second.connect().unwrap();
    let mut peer = pipes.accept(Mode::Plain).await.unwrap();
    hub.handle().connected().await.unwrap();
    tokio::spawn(async move { while peer.next().await.is_ok() {} });
    assert_eq!(pipes.dialled(), 1);

    first.disconnect().await;
    assert!(!first.state().is_connected && hub.handle().state().is_connected());
    until(&mut second, |state| state.is_connected).await;
    // A clone is the same user.
    let clone = second.clone();
    drop(second);
    tokio::task::yield_now().await;
    assert!(hub.handle().state().is_connected());
    let (_, mut state) = hub.handle().subscribe_state();
    drop(clone);
    state.wait_for(|state| *state == ConnectionState::Closed).await.unwrap();
    // And it is there again for the next one.
    first.connect().unwrap();
    pipes.accept(Mode::Plain).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_not_connected_takes_nothing() {
    let (mock, hub) = mocked();
    let mut used = RealTimeData::<Value>::json(&hub, topic("v*"));
    let idle = RealTimeData::<Value>::json(&hub, topic("v*"));
    used.connect().unwrap();
    mock.is(ReadyState::Open).await;
    mock.receive("v1", &1).await;
    until(&mut used, |state| state.message_count == 1).await;
    assert_eq!(idle.state().message_count, 0);
    assert!(!idle.state().is_connected);
}

fn merged(before: Option<&Value>, message: &Message) -> Result<Value, Invalid> {
    let part: serde_json::Map<String, Value> = message.decode().unwrap();
    let mut whole = before.cloned().unwrap_or_else(|| json!({}));
    whole.as_object_mut().unwrap().extend(part);
    Ok(whole)
}

#[tokio::test(start_paused = true)]
async fn parts_are_folded_and_a_fold_that_panics_is_survived() {
    let (mock, hub) = mocked();
    let mut stream = RealTimeData::folded(&hub, topic("vault"), merged);
    stream.connect().unwrap();
    mock.is(ReadyState::Open).await;
    mock.receive("vault", &json!({"ltv": 70, "name": "a"})).await;
    mock.receive("vault", &json!({"ltv": 71})).await;
    mock.receive("vault", &json!("no object: unwrap fails")).await;
    let state = until(&mut stream, |state| state.message_count == 3).await;
    assert_eq!(*state.data.unwrap(), json!({"ltv": 71, "name": "a"}));
    assert!(matches!(state.error, Some(StreamError::Invalid(_))));
    mock.receive("vault", &json!({"name": "b"})).await;
    let state = until(&mut stream, |state| state.message_count == 4).await;
    assert_eq!(*state.data.unwrap(), json!({"ltv": 71, "name": "b"}));
    assert!(state.error.is_none());
}

#[tokio::test(start_paused = true)]
async fn the_present_value_and_the_stream_fit_together() {
    let (mock, hub) = mocked();
    let stream = RealTimeData::<u64>::json(&hub, topic("n"));
    stream.connect().unwrap();
    mock.is(ReadyState::Open).await;
    let feeding = tokio::spawn(async move {
        for n in 1..=500 {
            mock.receive("n", &n).await;
            tokio::task::yield_now().await;
        }
    });
    for _ in 0..20 {
        let (now, mut updates) = stream.subscribe();
        let first = updates.recv().await.unwrap();
        assert_eq!(*first, now.data.as_deref().copied().unwrap_or(0) + 1);
        assert_eq!(*updates.recv().await.unwrap(), *first + 1);
    }
    feeding.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_of_events_makes_the_server_wait_and_loses_nothing() {
    const COUNT: usize = 20_000;
    let (mock, hub) = mocked();
    let stream = RealTimeData::<usize>::json(&hub, topic("event"));
    let (_, mut updates) = stream.subscribe();
    stream.connect().unwrap();
    mock.is(ReadyState::Open).await;
    let feeding = tokio::spawn(async move {
        for n in 0..COUNT {
            mock.receive("event", &n).await;
        }
    });
    while hub.handle().metrics().reader_stalls == 0 {
        tokio::task::yield_now().await;
    }
    assert!(stream.state().message_count <= Updates::<usize>::WAITING as u64 + 1);
    for n in 0..COUNT {
        assert_eq!(*updates.recv().await.unwrap(), n);
    }
    feeding.await.unwrap();
    // A reader that leaves makes nobody wait.
    drop(updates);
    drop(stream);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_of_state_gets_the_newest_of_each_type() {
    let (mock, hub) = mocked();
    let mut stream = RealTimeData::decoded(&hub, topic("v*"), |message| {
        Ok((message.ty().to_owned(), message.decode::<u32>().unwrap()))
    });
    let (_, mut updates) = stream.subscribe_conflated();
    stream.connect().unwrap();
    mock.is(ReadyState::Open).await;
    for round in 0..100 {
        for key in 0..50 {
            mock.receive(&format!("v{key}"), &round).await;
        }
    }
    until(&mut stream, |state| state.message_count == 5_000).await;
    assert_eq!(updates.conflated(), 5_000 - Updates::<u32>::WAITING as u64);
    let mut last = std::collections::BTreeMap::new();
    while let Some(update) = updates.try_recv() {
        let (ty, round) = &*update;
        // Within a type the order stays.
        assert!(last.insert(ty.clone(), *round).is_none_or(|before| before < *round));
    }
    assert_eq!(last.len(), 50);
    assert!(last.values().all(|round| *round == 99));
}

#[tokio::test(start_paused = true)]
async fn a_type_that_is_rare_is_not_pushed_out_by_one_that_is_frequent() {
    let (mock, hub) = mocked();
    let mut stream =
        RealTimeData::decoded(&hub, topic("v*"), |message| Ok(message.ty().to_owned()));
    let (_, mut updates) = stream.subscribe_conflated();
    stream.connect().unwrap();
    mock.is(ReadyState::Open).await;
    mock.receive("v_rare", &1).await;
    for n in 0..3_000 {
        mock.receive("v_frequent", &n).await;
    }
    until(&mut stream, |state| state.message_count == 3_001).await;
    assert_eq!(*updates.try_recv().unwrap(), "v_rare");
}

/// The topics of a control message.
fn topics(message: &Message) -> Vec<String> {
    let data: Value = message.decode().unwrap();
    let names = data["topics"].as_array().unwrap().iter();
    names.map(|name| name.as_str().unwrap().to_owned()).filter(|name| name != "heartbeat").collect()
}

fn subscribed(_: &Message) -> String {
    r#"{"type":"subscribed","data":{"topics":[],"offset":0},"timestamp":0}"#.to_owned()
}

#[tokio::test(start_paused = true)]
async fn topics_are_asked_for_when_used_and_given_back_with_their_last_user() {
    let server = ScriptedServer::new([Script::v1()
        .welcome(0, |_| {})
        .send_text(r#"{"type":"snapshot_end","data":{"offset":0,"lostEvents":0},"timestamp":0}"#)
        .answer("subscribe", subscribed)
        .send_text(r#"{"type":"snapshot_end","data":{"offset":0,"lostEvents":0},"timestamp":0}"#)
        .answer("unsubscribe", subscribed)]);
    let hub = Hub::new(Builder::new(options()).dial(server.dial()));
    let first = RealTimeData::<Value>::json(&hub, topic("a"));
    let unused = RealTimeData::<Value>::json(&hub, topic("unused"));
    first.connect().unwrap();
    hub.handle().connected().await.unwrap();
    let second = RealTimeData::<Value>::json(&hub, topic("b*"));
    let third = RealTimeData::<Value>::json(&hub, topic("b*"));
    second.connect().unwrap();
    third.connect().unwrap();
    drop(second);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(server.received().len(), 2, "one asks, and while one is left nothing is given back");
    third.disconnect().await;
    server.finished().await.unwrap();
    let received = server.received();
    assert_eq!(topics(&received[0]), ["a"], "the first hello names what is used, and nothing else");
    assert_eq!((received[1].ty(), topics(&received[1])), ("subscribe", vec!["b*".to_owned()]));
    assert_eq!((received[2].ty(), topics(&received[2])), ("unsubscribe", vec!["b*".to_owned()]));
    drop(unused);
}

#[tokio::test(start_paused = true)]
async fn updates_end_with_their_stream() {
    let (mock, hub) = mocked();
    let mut stream = RealTimeData::<u64>::json(&hub, topic("n"));
    let (_, mut updates) = stream.subscribe();
    stream.connect().unwrap();
    mock.is(ReadyState::Open).await;
    mock.receive("n", &1).await;
    until(&mut stream, |state| state.message_count == 1).await;
    drop(stream);
    assert_eq!(*updates.recv().await.unwrap(), 1);
    assert!(updates.recv().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_stream_sends_under_its_own_type() {
    let (mock, hub) = mocked();
    let stream = RealTimeData::<Value>::json(&hub, topic("acknowledge"));
    assert_eq!(stream.send_message(&1).unwrap_err().kind(), ErrorKind::Closed);
    stream.connect().unwrap();
    stream.send_message(&json!({"id": 1})).unwrap();
    mock.has_sent(1).await;
    assert_eq!(mock.sent()[0].ty(), "acknowledge");
    let many = RealTimeData::<Value>::json(&hub, topic("v*"));
    assert_eq!(many.send_message(&1).unwrap_err().kind(), ErrorKind::InvalidMessage);
}

async fn next<T>(receiver: &mut mpsc::UnboundedReceiver<T>) -> Option<T> {
    tokio::time::timeout(PATIENCE, receiver.recv()).await.unwrap()
}

#[tokio::test]
async fn handlers_are_called_for_what_they_are_for() {
    let (mock, hub) = mocked();
    let (told, mut calls) = mpsc::unbounded_channel();
    let tell = move |what: String| {
        let told = told.clone();
        move || told.send(what.clone()).unwrap()
    };
    let (connect, message) = (tell("connect".into()), tell("message".into()));
    let (disconnect, error) = (tell("disconnect".into()), tell("error".into()));
    let _guards = (
        hub.on_connect(connect),
        hub.on_message(move |_| message()),
        hub.on_disconnect(move |_| disconnect()),
        hub.on_error(move |_| error()),
    );
    hub.handle().connect().unwrap();
    assert_eq!(next(&mut calls).await.unwrap(), "connect");
    mock.is(ReadyState::Open).await;
    mock.receive("anything", &1).await;
    assert_eq!(next(&mut calls).await.unwrap(), "message");
    mock.receive_text("{").await;
    assert_eq!(next(&mut calls).await.unwrap(), "error");
    mock.close(1001).await;
    // Each on a thread of its own, so in any order.
    let mut three = Vec::new();
    for _ in 0..3 {
        three.push(next(&mut calls).await.unwrap());
    }
    three.sort();
    assert_eq!(three, ["connect", "disconnect", "error"]);
    hub.handle().disconnect().await;
    assert_eq!(next(&mut calls).await.unwrap(), "disconnect");
    assert!(calls.try_recv().is_err());
}

#[tokio::test]
async fn the_last_attempt_is_told() {
    let mock = MockSocket::new();
    mock.refuse(Some(ConnectError::new(ConnectErrorKind::Tcp, "nobody is there")));
    let quick = Options {
        max_reconnect_attempts: Some(2),
        reconnect_interval: Duration::from_millis(10),
        ..Options::new("wss://mock.example/")
    };
    let hub = Hub::new(Builder::new(quick.validate().unwrap()).dial(mock.dial()));
    let (told, mut calls) = mpsc::unbounded_channel();
    let _guard = hub.on_max_attempts_reached(move |attempts| told.send(attempts).unwrap());
    hub.handle().connect().unwrap();
    assert_eq!(hub.handle().connected().await.unwrap_err().kind(), ErrorKind::Failed);
    assert_eq!(next(&mut calls).await.unwrap(), 2);
}

#[tokio::test]
async fn a_handler_that_blocks_or_panics_stalls_nobody() {
    let (mock, hub) = mocked();
    let (release, blocked) = std::sync::mpsc::channel::<()>();
    let stuck = hub.on_message(move |_| blocked.recv().unwrap());
    let panicking = hub.on_message(|_| panic!("on purpose"));
    let mut stream = RealTimeData::<u32>::json(&hub, topic("n"));
    stream.connect().unwrap();
    mock.is(ReadyState::Open).await;
    for n in 0..3_000 {
        mock.receive("n", &n).await;
    }
    until(&mut stream, |state| state.message_count == 3_000).await;
    // One is in the handler's hands, 1,024 wait.
    assert!(stuck.missed() >= 3_000 - 1_025, "{}", stuck.missed());
    while panicking.panics() + panicking.missed() < 3_000 {
        tokio::task::yield_now().await;
    }
    drop(release);
}

#[tokio::test]
async fn a_handler_ends_with_its_registration() {
    let (mock, hub) = mocked();
    let (told, mut calls) = mpsc::unbounded_channel();
    let guard = hub.on_message(move |message| told.send(message.decode::<u32>().unwrap()).unwrap());
    let mut stream = RealTimeData::<u32>::json(&hub, topic("n"));
    stream.connect().unwrap();
    mock.is(ReadyState::Open).await;
    mock.receive("n", &1).await;
    assert_eq!(next(&mut calls).await.unwrap(), 1);
    drop(guard);
    mock.receive("n", &2).await;
    until(&mut stream, |state| state.message_count == 2).await;
    // Its thread has ended and taken the sender along.
    assert_eq!(next(&mut calls).await, None);
}

#[tokio::test]
async fn what_waits_for_a_handler_that_has_ended_is_let_go() {
    let (mock, hub) = mocked();
    let (told, mut calls) = mpsc::unbounded_channel();
    let (release, blocked) = std::sync::mpsc::channel::<()>();
    let guard = hub.on_message(move |message| {
        told.send(message.decode::<u32>().unwrap()).unwrap();
        let _ = blocked.recv();
    });
    let mut stream = RealTimeData::<u32>::json(&hub, topic("n"));
    stream.connect().unwrap();
    mock.is(ReadyState::Open).await;
    for n in 0..3 {
        mock.receive("n", &n).await;
    }
    until(&mut stream, |state| state.message_count == 3).await;
    assert_eq!(next(&mut calls).await, Some(0));
    drop(guard);
    drop(release);
    assert_eq!(next(&mut calls).await, None);
}

#[tokio::test(start_paused = true)]
async fn the_pool_shares_what_is_the_same_and_nothing_else() {
    let server = ScriptedServer::new((0..6).map(|_| Script::plain()));
    let pool = Pool::new();
    let builder =
        |url: &str| Builder::new(Options::new(url).validate().unwrap()).dial(server.dial());
    let first = pool.hub("a", builder("wss://one.example/"));
    let second = pool.hub("a", builder("wss://one.example/"));
    let streams = [&first, &second].map(|hub| RealTimeData::<Value>::json(hub, topic("v")));
    for stream in &streams {
        stream.connect().unwrap();
    }
    first.handle().connected().await.unwrap();
    second.handle().connected().await.unwrap();
    assert_eq!((server.connections(), pool.connections()), (1, 1));

    let others = [
        pool.hub("b", builder("wss://one.example/")),
        pool.hub("a", builder("wss://two.example/")),
    ];
    for hub in &others {
        hub.handle().connect().unwrap();
        hub.handle().connected().await.unwrap();
    }
    assert_eq!((server.connections(), pool.connections()), (3, 3));

    // What is told of the machine reaches all of them.
    pool.network(realtime::Network::Down);
    let hubs = [&first, &others[0], &others[1]];
    for hub in hubs {
        let (_, mut state) = hub.handle().subscribe_state();
        state.wait_for(|state| *state == ConnectionState::Offline).await.unwrap();
    }
    pool.network(realtime::Network::Up);
    for hub in hubs {
        hub.handle().connected().await.unwrap();
    }
    pool.wake();
    assert_eq!(server.connections(), 6);

    // A stream holds what it uses; when it goes, so does the connection.
    let (_, mut state) = first.handle().subscribe_state();
    drop((first, second));
    assert_eq!(pool.connections(), 3);
    drop(streams);
    assert_eq!(pool.connections(), 2);
    state.wait_for(|state| *state == ConnectionState::Closed).await.unwrap();
}
