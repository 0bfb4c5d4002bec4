//! What our users' tests take, tested itself: each fault does what it says, each script is followed or tells why not.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use realtime::testing::{
    Direction, Fault, FaultPlan, FaultProxy, LogServer, MockSocket, ReadyState, Script,
    ScriptedServer, options,
};
use realtime::wire::{Message, Position, UnixMillis};
use realtime::{
    Builder, CauseKind, Event, Events, Inbound, Options, Outcome, StateKind, open, open_with,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future).await.expect("it did not happen")
}

/// A connection through a proxy without faults: (ours, the server's).
async fn through() -> (FaultProxy, TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = listener.local_addr().unwrap();
    let proxy = FaultProxy::start(upstream, FaultPlan::none()).await.unwrap();
    let mut ours = TcpStream::connect(proxy.address()).await.unwrap();
    let (mut theirs, _) = soon(listener.accept()).await.unwrap();
    // Something has gone through in both directions: the proxy is at work.
    exchange(&mut ours, &mut theirs, b"ping").await;
    exchange(&mut theirs, &mut ours, b"pong").await;
    (proxy, ours, theirs)
}

async fn exchange(from: &mut TcpStream, to: &mut TcpStream, bytes: &[u8]) {
    from.write_all(bytes).await.unwrap();
    let mut read = vec![0; bytes.len()];
    soon(to.read_exact(&mut read)).await.unwrap();
    assert_eq!(read, bytes);
}

async fn happened(proxy: &FaultProxy, fault: Fault) {
    let before = proxy.faults();
    proxy.inject(fault.clone());
    soon(proxy.faults_reach(before + 1)).await;
    assert_eq!(proxy.log().last().unwrap().fault, fault);
}

#[tokio::test]
async fn a_drop_is_an_end_and_a_reset_is_an_error() {
    let (proxy, mut ours, mut theirs) = through().await;
    happened(&proxy, Fault::Drop).await;
    assert_eq!(soon(ours.read(&mut [0; 9])).await.unwrap(), 0);
    assert_eq!(soon(theirs.read(&mut [0; 9])).await.unwrap(), 0);

    let (proxy, mut ours, mut theirs) = through().await;
    happened(&proxy, Fault::Reset).await;
    for side in [&mut ours, &mut theirs] {
        let error = soon(side.read(&mut [0; 9])).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }
}

#[tokio::test]
async fn a_black_hole_swallows_one_direction_only() {
    let (proxy, mut ours, mut theirs) = through().await;
    happened(&proxy, Fault::BlackHole { direction: Direction::ToServer }).await;
    ours.write_all(b"lost").await.unwrap();
    exchange(&mut theirs, &mut ours, b"heard").await;
    let silence = tokio::time::timeout(Duration::from_millis(50), theirs.read(&mut [0; 9])).await;
    assert!(silence.is_err());
}

#[tokio::test]
async fn a_half_close_ends_one_direction_only() {
    let (proxy, mut ours, mut theirs) = through().await;
    happened(&proxy, Fault::HalfClose { direction: Direction::ToServer }).await;
    assert_eq!(soon(theirs.read(&mut [0; 9])).await.unwrap(), 0);
    exchange(&mut theirs, &mut ours, b"heard").await;
}

#[tokio::test]
async fn delay_and_throttle_take_their_time() {
    let (proxy, mut ours, mut theirs) = through().await;
    happened(&proxy, Fault::Delay { by: Duration::from_millis(80) }).await;
    let begun = Instant::now();
    exchange(&mut ours, &mut theirs, b"late").await;
    assert!(begun.elapsed() >= Duration::from_millis(80));
    happened(&proxy, Fault::Throttle { bytes_per_second: 10_000 }).await;
    let begun = Instant::now();
    exchange(&mut ours, &mut theirs, &[7; 500]).await;
    exchange(&mut ours, &mut theirs, &[7; 500]).await;
    assert!(begun.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn a_reply_is_cut_or_replaced() {
    let (proxy, mut ours, mut theirs) = through().await;
    happened(&proxy, Fault::Replace { with: b"else".to_vec() }).await;
    theirs.write_all(b"something").await.unwrap();
    let mut read = [0; 4];
    soon(ours.read_exact(&mut read)).await.unwrap();
    assert_eq!(&read, b"else");
    happened(&proxy, Fault::Truncate).await;
    theirs.write_all(b"12345678").await.unwrap();
    let mut rest = Vec::new();
    soon(ours.read_to_end(&mut rest)).await.unwrap();
    assert_eq!(rest, b"1234");
}

#[tokio::test]
async fn random_faults_happen_and_a_client_lives_with_them() {
    let server = LogServer::start().await.unwrap();
    let plan = FaultPlan::random(1).every(0..2_000).within(Duration::from_millis(50));
    let proxy = FaultProxy::start(server.address(), plan).await.unwrap();
    let quick = Options {
        reconnect_interval: Duration::from_millis(10),
        reconnect_cap: Duration::from_millis(20),
        heartbeat_interval: Duration::from_millis(100),
        heartbeat_grace: Duration::from_millis(100),
        connect_timeout: Duration::from_millis(500),
        ..Options::new(format!("ws://{}/", proxy.address()))
    };
    let (handle, _messages) = open(quick.validate().unwrap());
    handle.connect().unwrap();
    soon(proxy.faults_reach(20)).await;
    let log = proxy.log();
    assert!(log.iter().map(|event| event.connection).max() > Some(1));
    assert!(serde_json::to_string(&log).unwrap().contains(r#""fault":""#));
}

/// The next state of a kind.
async fn change(events: &mut Events, wanted: StateKind) -> realtime::StateChange {
    loop {
        match soon(events.recv()).await.unwrap() {
            Event::State(change) if change.current.kind() == wanted => return change,
            _ => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_script_refuses_closes_and_falls_silent() {
    let server = ScriptedServer::new([
        Script::plain().refuse("503 Service Unavailable\r\nRetry-After: 7"),
        Script::plain().wait(Duration::from_secs(600)).close(1012, "restart"),
        Script::plain().silence(Duration::from_secs(60)).hang_up(),
        Script::plain(),
    ]);
    let (handle, _messages) = open_with(options(), server.dial());
    let mut events = handle.subscribe_events();
    handle.connect().unwrap();
    let refused = change(&mut events, StateKind::Backoff).await;
    assert!(refused.delay.unwrap() >= Duration::from_secs(7));
    change(&mut events, StateKind::Connected).await;
    // It answers heartbeats for ten minutes, and then closes.
    let begun = Instant::now();
    let closed = tokio::time::timeout(
        Duration::from_secs(3_600),
        change_within(&mut events, StateKind::Backoff),
    );
    assert_eq!(closed.await.unwrap().cause.unwrap().kind(), CauseKind::ServerClosed);
    assert_eq!(begun.elapsed().as_secs(), 600);
    change(&mut events, StateKind::Connected).await;
    let silent = change(&mut events, StateKind::Backoff).await;
    assert_eq!(silent.cause.unwrap().kind(), CauseKind::HeartbeatTimeout);
    change(&mut events, StateKind::Connected).await;
    server.finished().await.unwrap();
    assert_eq!(server.connections(), 4);
}

async fn change_within(events: &mut Events, wanted: StateKind) -> realtime::StateChange {
    loop {
        match events.recv().await.unwrap() {
            Event::State(change) if change.current.kind() == wanted => return change,
            _ => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_script_that_cannot_go_on_says_where() {
    let server = ScriptedServer::new([Script::plain().send("a", &1).expect("wanted")]);
    let (handle, mut messages) = open_with(options(), server.dial());
    handle.connect().unwrap();
    messages.recv().await.unwrap();
    handle.send_typed("unwanted", &1).unwrap();
    let fault = server.finished().await.unwrap_err();
    assert_eq!((fault.connection, fault.step, fault.what.as_str()), (1, 2, "expect wanted"));
    assert!(fault.reason.contains("unwanted"), "{fault}");

    let server = ScriptedServer::new([Script::plain().expect("never")]);
    let (handle, _messages) = open_with(options(), server.dial());
    handle.connect().unwrap();
    assert!(server.finished().await.unwrap_err().reason.contains("nothing came"));
}

#[tokio::test(start_paused = true)]
async fn a_mock_is_sent_to_receives_and_breaks() {
    let mock = MockSocket::new();
    let (handle, mut messages) = open_with(options(), mock.dial());
    handle.connect().unwrap();
    mock.is(ReadyState::Open).await;
    for round in 1..=3 {
        handle.connected().await.unwrap();
        handle.send_typed("out", &round).unwrap();
        mock.has_sent(round).await;
        mock.receive("in", &round).await;
        match messages.recv().await.unwrap().messages.remove(0) {
            Inbound::Message(message) => assert_eq!(message.decode::<usize>().unwrap(), round),
            other => panic!("{other:?}"),
        }
        let mut events = handle.subscribe_events();
        mock.fail().await;
        change(&mut events, StateKind::Backoff).await;
        mock.is(ReadyState::Open).await;
    }
    assert_eq!(mock.sent().len(), 3);
}

#[tokio::test]
async fn the_log_server_resumes_acknowledges_and_knows_what_it_has() {
    let server = LogServer::start().await.unwrap();
    let quick =
        Options { reconnect_interval: Duration::from_millis(10), ..Options::new(server.url()) };
    let (handle, mut messages) = open(quick.validate().unwrap());
    handle.connect().unwrap();
    soon(server.is_followed_by(1)).await;
    let first = server.publish("n", &1, Some("a"));
    assert_eq!(server.publish("n", &1, Some("a")), first, "the same id is the same message");
    server.hang_up();
    server.publish("n", &2, Some("b"));
    let mut numbers = Vec::new();
    while numbers.len() < 2 {
        for inbound in soon(messages.recv()).await.unwrap().messages {
            if let Inbound::Message(message) = inbound {
                numbers.push(message.decode::<u32>().unwrap());
            }
        }
    }
    assert_eq!(numbers, [1, 2]);
    let message = Message::new("up", &3, UnixMillis(0), Some("c")).unwrap();
    let outcome = soon(handle.publish(message).unwrap()).await;
    assert_eq!(outcome, Outcome::Acknowledged { offset: 3 });
    let log = server.log_after(2);
    assert_eq!((log.len(), log[0].offset, log[0].message.ty()), (1, 3, "up"));
}

#[tokio::test]
async fn the_log_server_gives_the_events_since_and_the_last_of_each_state() {
    let server = LogServer::start().await.unwrap();
    let offset = server.publish("risk_alert", &"before", Some("a"));
    let epoch = {
        let (handle, mut messages) = open(Options::new(server.url()).validate().unwrap());
        handle.connect().unwrap();
        let inbound = soon(messages.recv()).await.unwrap().messages;
        assert!(matches!(&inbound[..], [Inbound::SnapshotEnd(end)] if end.offset == 1));
        server.epoch()
    };
    for n in 0..3 {
        server.publish("vault_update_A", &n, None);
        server.publish("risk_alert", &n, None);
    }
    let position = Position { epoch, offset };
    let options = Options::new(server.url()).validate().unwrap();
    let (handle, mut messages) =
        Builder::new(options).resume_at(Some(position)).begin_with_snapshot().open();
    handle.connect().unwrap();
    let mut seen = Vec::new();
    let end = loop {
        for inbound in soon(messages.recv()).await.unwrap().messages {
            match inbound {
                Inbound::Message(m) => seen.push((m.ty().to_string(), m.decode::<u32>().unwrap())),
                other => seen.push((format!("{other:?}"), 0)),
            }
        }
        if seen.len() > 4 {
            break seen.pop().unwrap().0;
        }
    };
    let alert = |n| ("risk_alert".to_owned(), n);
    assert_eq!(seen, [alert(0), alert(1), alert(2), ("vault_update_A".to_owned(), 2)]);
    assert!(end.contains("SnapshotEnd") && end.contains("lost_events: Some(0)"), "{end}");
    drop(handle);
}

#[tokio::test(start_paused = true)]
async fn a_script_of_v1_welcomes_sends_acknowledges_and_refuses() {
    let server = ScriptedServer::new([Script::v1()
        .welcome(7, |welcome| welcome.tenant = "desk".into())
        .send_text(r#"{"type":"snapshot_end","data":{"offset":7,"lostEvents":0},"timestamp":0}"#)
        .send_at(8, 7, "risk_alert", &"LTV is high")
        .ack("up", 9)
        .nack("up", "forbidden", false)]);
    let (handle, mut messages) = open_with(options(), server.dial());
    handle.connect().unwrap();
    handle.connected().await.unwrap();
    let publish = || Message::new("up", &1, UnixMillis(0), None).unwrap();
    let first = handle.publish(publish()).unwrap();
    let second = handle.publish(publish()).unwrap();
    assert_eq!(first.await, Outcome::Acknowledged { offset: 9 });
    assert!(matches!(second.await, Outcome::Refused { code, .. } if code == "forbidden"));
    server.finished().await.unwrap();
    let mut seen = Vec::new();
    while let Some(delivery) = messages.try_recv() {
        seen.extend(delivery.messages);
    }
    let alert =
        |inbound: &Inbound| matches!(inbound, Inbound::Message(m) if m.ty() == "risk_alert");
    assert_eq!(seen.iter().filter(|inbound| alert(inbound)).count(), 1, "{seen:?}");
}
