//! How a connection comes and goes, and what is told of it.

use super::*;

#[test]
fn a_change_of_state_says_what_it_is_about() {
    let mut bench = Bench::new(remote());
    bench.connect();
    bench.transport(TransportEvent::Closed { code: Some(1006), reason: "x".into() });
    let change = bench.last();
    assert_eq!(change.previous, ConnectionState::Connected { resumed: false });
    assert_eq!(change.current.kind(), StateKind::Backoff);
    assert_eq!(change.cause.as_ref().unwrap().kind(), crate::CauseKind::ServerClosed);
    assert_eq!(change.endpoint.to_string(), "wss://feed.example/ws");
    assert_eq!(change.attempt, 2);
    let ConnectionState::Backoff { retry_at, .. } = &change.current else { unreachable!() };
    assert_eq!(bench.now.wall.plus(change.delay.unwrap()), *retry_at);
}

#[test]
fn a_state_equal_to_the_last_is_not_told() {
    let mut bench = Bench::new(Options { first_retry_within: ms(10), ..remote() });
    bench.connect();
    bench.lost();
    // Each one plans the retry anew, and among so many some hit the same millisecond twice in a row.
    for _ in 0..200 {
        bench.input(Input::Network(Network::Up));
    }
    assert!(bench.states.len() < 200);
}

#[test]
fn clean_closes_of_the_server_are_retried() {
    for code in [1000, 1001, 1012] {
        let mut bench = Bench::new(remote());
        bench.connect();
        bench.transport(TransportEvent::Closed { code: Some(code), reason: String::new() });
        assert_eq!(bench.kind(), StateKind::Backoff, "{code}");
        bench.wait(secs(2));
        assert_eq!(bench.kind(), StateKind::Connecting, "{code}");
    }
}

#[test]
fn a_terminal_close_waits_to_be_asked() {
    let mut bench = Bench::new(remote());
    bench.connect();
    bench.transport(TransportEvent::Closed { code: Some(4403), reason: "no".into() });
    assert_eq!(bench.kind(), StateKind::Failed);
    bench.wait(secs(3_600));
    assert_eq!(bench.kind(), StateKind::Failed);
    bench.connect();
}

#[test]
fn an_attempt_has_ten_seconds() {
    let mut bench = Bench::new(remote());
    bench.input(Input::Command(Command::Connect));
    bench.wait(ms(9_999));
    assert_eq!(bench.kind(), StateKind::Connecting);
    bench.wait(ms(1));
    assert_eq!(bench.last().cause.as_ref().unwrap().kind(), crate::CauseKind::Timeout);
}

#[test]
fn a_clean_close_has_two_seconds() {
    let mut bench = Bench::new(remote());
    bench.connect();
    bench.input(Input::Command(Command::Disconnect));
    assert_eq!(bench.actions.last().unwrap(), "close 1000");
    assert_eq!(bench.kind(), StateKind::Closing);
    bench.wait(secs(2));
    assert_eq!(bench.kind(), StateKind::Closed);
    assert_eq!(bench.actions.last().unwrap(), "drop");
    bench.wait(secs(3_600));
    assert_eq!(bench.kind(), StateKind::Closed);
}

#[test]
fn connect_during_the_close_connects_again() {
    let mut bench = Bench::new(remote());
    bench.connect();
    bench.input(Input::Command(Command::Disconnect));
    bench.input(Input::Command(Command::Connect));
    bench.transport(TransportEvent::Closed { code: Some(1000), reason: String::new() });
    assert_eq!(bench.kind(), StateKind::Connecting);
}

#[test]
fn what_an_older_socket_or_timer_says_is_ignored() {
    let mut bench = Bench::new(remote());
    bench.connect();
    let old = bench.live.unwrap();
    let (timer, _, stale) = *bench.timers.iter().find(|(t, ..)| *t == Timer::Liveness).unwrap();
    bench.lost();
    bench.wait(secs(2));
    bench.transport(TransportEvent::Opened { mode: Mode::Plain, renew_in: None });
    let states = bench.states.len();
    let text = r#"{"type":"a","data":1,"timestamp":1}"#.into();
    bench.input(Input::Transport { generation: old, event: TransportEvent::Text(text) });
    bench.input(Input::Transport {
        generation: old,
        event: TransportEvent::Lost { reason: String::new() },
    });
    bench.advance(secs(100));
    bench.input(Input::Timer { timer, generation: stale });
    assert!(bench.delivered.is_empty() && bench.states.len() == states);
}
