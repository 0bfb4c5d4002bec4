//! The client as its users meet it, against real sockets and, where time matters, pipes under a paused clock.
#![expect(clippy::unwrap_used, reason = "a test's helpers fail like the test itself")]

mod flood;
mod paused;
mod server;
mod v1;

use futures_util::SinkExt;
use realtime::{
    CauseKind, ConnectionState, ErrorKind, Event, Inbound, Options, Secret, StateKind, open,
};
use tokio_tungstenite::tungstenite::{Bytes, Message};
use wire::InvalidKind;

use crate::server::{Reader, Server, change, soon};

fn valid(options: Options) -> realtime::ValidOptions {
    options.validate().unwrap()
}

#[tokio::test]
async fn messages_arrive_and_the_token_goes_into_the_header() {
    let server = Server::start().await;
    let options = Options { token: Some(Secret::new("hush-hush")), ..server.options() };
    let (handle, messages) = open(valid(options));
    let mut reader = Reader::new(messages);
    assert_eq!(handle.state(), ConnectionState::Idle);
    handle.connect().unwrap();
    let (mut peer, authorization) = server.accept_request().await;
    assert_eq!(authorization.unwrap(), "Bearer hush-hush");
    soon(handle.connected()).await.unwrap();
    for n in 0..3 {
        peer.number(n).await;
    }
    for n in 0..3 {
        assert_eq!(reader.number().await, n);
    }
    assert!(!format!("{handle:?}").contains("hush"));
    let metrics = handle.metrics();
    assert_eq!((metrics.connections, metrics.messages), (1, 3));
    assert!(metrics.bytes_in > 100);
    assert!(serde_json::to_string(&metrics).unwrap().contains(r#""state":"connected""#));
}

#[tokio::test]
async fn what_is_no_message_does_not_cost_the_connection() {
    let server = Server::start().await;
    let (handle, messages) = open(valid(server.options()));
    let mut reader = Reader::new(messages);
    handle.connect().unwrap();
    let mut peer = server.accept().await;
    for text in ["{\"type\":", "[1]", r#"{"type":5,"data":1,"timestamp":1}"#] {
        peer.send(text).await;
    }
    peer.socket.send(Message::Binary(Bytes::from_static(b"x"))).await.unwrap();
    peer.number(7).await;
    let kinds =
        [InvalidKind::NotJson, InvalidKind::NotObject, InvalidKind::Envelope, InvalidKind::NotText];
    for kind in kinds {
        match reader.next().await {
            Inbound::Invalid(invalid) => assert_eq!(invalid.kind, kind),
            Inbound::Message(message) => panic!("{message:?}"),
            Inbound::SnapshotEnd(end) => panic!("{end:?}"),
        }
    }
    assert_eq!(reader.number().await, 7);
    assert_eq!(handle.metrics().connections, 1);
}

#[tokio::test]
async fn clean_closes_are_followed_by_a_new_connection() {
    let server = Server::start().await;
    let (handle, messages) = open(valid(server.options()));
    let mut reader = Reader::new(messages);
    handle.connect().unwrap();
    for (n, code) in [1000, 1001, 1012].into_iter().enumerate() {
        let mut peer = server.accept().await;
        peer.number(n as u64).await;
        peer.close(code).await;
        assert_eq!(reader.number().await, n as u64);
    }
    server.accept().await.number(3).await;
    assert_eq!(reader.number().await, 3);
    assert_eq!(handle.metrics().failures[&CauseKind::ServerClosed], 3);
}

#[tokio::test]
async fn a_terminal_close_fails_until_asked_again() {
    let server = Server::start().await;
    let (handle, messages) = open(valid(server.options()));
    handle.connect().unwrap();
    let mut peer = server.accept().await;
    let (_, mut state) = handle.subscribe_state();
    peer.close(4403).await;
    soon(state.wait_for(|state| state.kind() == StateKind::Failed)).await.unwrap();
    let error = handle.connected().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert_eq!(handle.send_typed("a", &1).unwrap_err().kind(), ErrorKind::Failed);

    handle.connect().unwrap();
    let mut peer = server.accept().await;
    soon(handle.connected()).await.unwrap();
    peer.number(1).await;
    assert_eq!(Reader::new(messages).number().await, 1);
}

#[tokio::test]
async fn a_refused_upgrade_is_judged_by_its_status() {
    let server = Server::start().await;
    let (handle, _messages) = open(valid(server.options()));
    let mut events = handle.subscribe_events();
    handle.connect().unwrap();
    assert_eq!(change(&mut events).await.current.kind(), StateKind::Connecting);
    server.refuse("503 Service Unavailable\r\nRetry-After: 7").await;
    let backoff = change(&mut events).await;
    assert_eq!(backoff.current.kind(), StateKind::Backoff);
    assert!(backoff.delay.unwrap().as_secs() >= 7, "{:?}", backoff.delay);
    // Impatience is allowed.
    handle.connect().unwrap();
    server.refuse("403 Forbidden").await;
    assert_eq!(soon(handle.connected()).await.unwrap_err().kind(), ErrorKind::Failed);
}

#[tokio::test]
async fn a_frame_of_20_mib_is_survived() {
    let server = Server::start().await;
    let (handle, messages) = open(valid(server.options()));
    let mut reader = Reader::new(messages);
    handle.connect().unwrap();
    let mut peer = server.accept().await;
    peer.number(1).await;
    let body = "x".repeat(20 << 20);
    // The client hangs up in the middle of it, or reads on without looking; both are fine.
    let _ = peer.socket.send(Message::text(body)).await;
    assert_eq!(reader.number().await, 1);
    match reader.next().await {
        Inbound::Invalid(invalid) => assert_eq!(invalid.kind, InvalidKind::TooLarge),
        Inbound::Message(message) => panic!("{message:?}"),
        Inbound::SnapshotEnd(end) => panic!("{end:?}"),
    }
    assert_eq!(peer.closed().await, 1009);
    server.accept().await.number(2).await;
    assert_eq!(reader.number().await, 2);
    assert_eq!(handle.metrics().failures[&CauseKind::Frame], 1);
}

#[tokio::test]
async fn a_slow_reader_makes_the_server_wait_and_loses_nothing() {
    const COUNT: u64 = 100_000;
    let server = Server::start().await;
    let (handle, messages) = open(valid(server.options()));
    handle.connect().unwrap();
    let mut peer = server.accept().await;
    let sender = tokio::spawn(async move {
        for n in 0..COUNT {
            let text =
                format!(r#"{{"type":"number","data":{n},"timestamp":{n},"id":"{n:0>100}"}}"#);
            peer.socket.feed(Message::text(text)).await.unwrap();
        }
        peer.socket.flush().await.unwrap();
        peer
    });
    // Until the client has stopped reading, nobody takes anything.
    while handle.metrics().reader_stalls == 0 {
        tokio::task::yield_now().await;
    }
    assert!(handle.metrics().messages <= 4_096, "{}", handle.metrics().messages);
    let mut reader = Reader::new(messages);
    for n in 0..COUNT {
        assert_eq!(reader.number().await, n);
    }
    soon(sender).await.unwrap();
    assert_eq!(handle.metrics().messages, COUNT);
}

#[tokio::test]
async fn a_busy_socket_is_not_read_ahead_of_a_reader_that_keeps_up() {
    const COUNT: u64 = 5_000;
    let server = Server::start().await;
    let (handle, mut messages) = open(valid(server.options()));
    handle.connect().unwrap();
    let mut peer = server.accept().await;
    let sender = tokio::spawn(async move {
        for n in 0..COUNT {
            let text = format!(r#"{{"type":"number","data":{n},"timestamp":{n},"id":"{n:0>50}"}}"#);
            peer.socket.feed(Message::text(text)).await.unwrap();
        }
        peer.socket.flush().await.unwrap();
        peer
    });
    let mut read = 0;
    while read < COUNT {
        read += soon(messages.recv()).await.unwrap().messages.len() as u64;
        assert_eq!(handle.metrics().messages, read, "no turn of the socket's came in between");
    }
    soon(sender).await.unwrap();
}

#[tokio::test]
async fn a_large_batch_comes_in_several_deliveries() {
    let server = Server::start().await;
    let (handle, messages) = open(valid(server.options()));
    handle.connect().unwrap();
    let mut peer = server.accept().await;
    let batch: Vec<wire::Message> = (0..1_000)
        .map(|n| wire::Message::new("number", &n, wire::UnixMillis(n), None).unwrap())
        .collect();
    for _ in 0..5 {
        peer.send(wire::Frame::pack(&batch, wire::UnixMillis(1))).await;
    }
    let mut reader = Reader::new(messages);
    for n in 0..5_000 {
        assert_eq!(reader.number().await, n % 1_000);
    }
}

#[tokio::test]
async fn what_is_sent_before_the_connection_stands_arrives_after() {
    let server = Server::start().await;
    let (handle, _messages) = open(valid(server.options()));
    assert_eq!(handle.send_typed("a", &0).unwrap_err().kind(), ErrorKind::Closed);
    handle.connect().unwrap();
    for n in 0..3 {
        handle.send_typed("a", &n).unwrap();
    }
    let mut peer = server.accept().await;
    for n in 0..3 {
        assert!(peer.text().await.starts_with(&format!(r#"{{"type":"a","data":{n},"#)));
    }
    handle.send_typed("a", &3).unwrap();
    assert!(peer.text().await.contains(r#""data":3"#));
}

#[tokio::test]
async fn one_message_too_many_is_refused_by_name() {
    let server = Server::start().await;
    let options = Options { queue_messages: 2, max_message_out: 1_024, ..server.options() };
    let (handle, _messages) = open(valid(options));
    handle.connect().unwrap();
    handle.send_typed("a", &1).unwrap();
    handle.send_typed("a", &2).unwrap();
    assert_eq!(handle.send_typed("a", &3).unwrap_err().kind(), ErrorKind::QueueFull);
    let large = "x".repeat(2_000);
    assert_eq!(handle.send_typed("a", &large).unwrap_err().kind(), ErrorKind::MessageTooLarge);
    assert_eq!(handle.send_typed("", &1).unwrap_err().kind(), ErrorKind::InvalidMessage);
    let mut peer = server.accept().await;
    peer.text().await;
    peer.text().await;
    handle.send_typed("a", &3).unwrap();
    assert!(peer.text().await.contains(r#""data":3"#));
}

#[tokio::test]
async fn disconnecting_closes_cleanly() {
    let server = Server::start().await;
    let (handle, _messages) = open(valid(server.options()));
    handle.connect().unwrap();
    let mut peer = server.accept().await;
    soon(handle.connected()).await.unwrap();
    let (code, ()) = tokio::join!(peer.closed(), soon(handle.disconnect()));
    assert_eq!(code, 1000);
    assert_eq!(handle.state(), ConnectionState::Closed);
    assert_eq!(handle.send_typed("a", &1).unwrap_err().kind(), ErrorKind::Closed);
    handle.connect().unwrap();
    server.accept().await;
}

#[tokio::test]
async fn dropping_the_last_handle_ends_the_connection() {
    let server = Server::start().await;
    let (handle, mut messages) = open(valid(server.options()));
    let mut events = handle.subscribe_events();
    handle.connect().unwrap();
    let mut peer = server.accept().await;
    soon(handle.connected()).await.unwrap();
    drop(handle);
    assert_eq!(peer.closed().await, 1000);
    assert!(soon(messages.recv()).await.is_none());
    while soon(events.recv()).await.is_some() {}
}

#[tokio::test]
async fn an_observer_that_never_looks_stalls_nothing() {
    let server = Server::start().await;
    let (handle, messages) = open(valid(server.options()));
    let mut reader = Reader::new(messages);
    let mut idle = handle.subscribe_events();
    handle.connect().unwrap();
    // Three changes of state each, so more than an observer can hold.
    for n in 0..100 {
        let mut peer = server.accept().await;
        peer.number(n).await;
        assert_eq!(reader.number().await, n);
        let (_, mut state) = handle.subscribe_state();
        drop(peer);
        soon(state.wait_for(|state| !state.is_connected())).await.unwrap();
        handle.connect().unwrap();
    }
    assert!(matches!(soon(idle.recv()).await, Some(Event::Missed { count }) if count > 40));
}
