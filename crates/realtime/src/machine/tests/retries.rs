//! When the next attempt is made.

use super::*;

#[test]
fn a_server_that_accepts_and_drops_is_not_hammered() {
    let mut bench = Bench::new(remote());
    bench.input(Input::Command(Command::Connect));
    let mut delays = Vec::new();
    for _ in 0..8 {
        bench.transport(TransportEvent::Opened { mode: Mode::Plain, renew_in: None });
        bench.text(r#"{"type":"a","data":1,"timestamp":1}"#);
        bench.lost();
        delays.push(bench.last().delay.unwrap());
        bench.wait(bench.last().delay.unwrap());
        assert_eq!(bench.kind(), StateKind::Connecting);
    }
    assert!(delays.iter().all(|delay| *delay >= ms(500)), "{delays:?}");
    assert_eq!(bench.last().attempt, 9);
}

#[test]
fn up_for_long_without_a_word_is_no_good_session() {
    let mut bench = Bench::new(remote());
    bench.connect();
    bench.wait(secs(6));
    bench.lost();
    assert!(bench.last().delay.unwrap() >= ms(500));
    assert_eq!(bench.last().attempt, 2);
}

#[test]
fn after_a_good_session_the_first_retry_is_quick() {
    let mut bench = Bench::new(remote());
    bench.good_session();
    bench.lost();
    assert_eq!(bench.last().attempt, 1);
    assert!(bench.last().delay.unwrap() <= ms(500));
}

#[test]
fn long_failure_suspends_and_never_gives_up() {
    let mut bench = Bench::new(remote());
    bench.input(Input::Command(Command::Connect));
    let mut attempts = 0;
    while bench.now.monotonic.0 < secs(24 * 3_600) {
        let error = ConnectError::new(ConnectErrorKind::Tcp, "refused");
        bench.transport(TransportEvent::Failed(error));
        let expected = if bench.now.monotonic.0 < secs(120) {
            StateKind::Backoff
        } else {
            StateKind::Suspended
        };
        assert_eq!(bench.kind(), expected);
        bench.wait(bench.last().delay.unwrap());
        assert_eq!(bench.kind(), StateKind::Connecting);
        attempts += 1;
    }
    assert!((2_400..3_700).contains(&attempts), "{attempts} attempts in a day");
    // One good session, and haste is of use again.
    bench.transport(TransportEvent::Opened { mode: Mode::Plain, renew_in: None });
    bench.transport(TransportEvent::Pong);
    bench.wait(secs(5));
    bench.lost();
    assert_eq!(bench.kind(), StateKind::Backoff);
}

#[test]
fn how_far_the_attempts_lie_apart_is_chosen() {
    let mut bench = Bench::new(Options {
        suspended_interval: secs(600),
        suspended_spread_percent: 0,
        first_retry_within: Duration::ZERO,
        ..remote()
    });
    bench.good_session();
    bench.lost();
    assert_eq!(bench.last().delay, Some(Duration::ZERO), "the first one");
    bench.wait(Duration::ZERO);
    while bench.kind() != StateKind::Suspended {
        bench.transport(TransportEvent::Failed(ConnectError::new(ConnectErrorKind::Tcp, "")));
        bench.wait(bench.last().delay.unwrap().min(secs(60)));
    }
    assert_eq!(bench.last().delay, Some(secs(600)), "to the millisecond");
    bench.input(Input::Network(Network::Up));
    assert_eq!(bench.last().delay, Some(Duration::ZERO), "there is hope");
}

#[test]
fn max_reconnect_attempts_is_reported_and_final() {
    let mut bench = Bench::new(Options { max_reconnect_attempts: Some(3), ..remote() });
    bench.input(Input::Command(Command::Connect));
    let fail = |bench: &mut Bench| {
        bench.transport(TransportEvent::Failed(ConnectError::new(ConnectErrorKind::Tcp, "")));
    };
    for _ in 0..3 {
        fail(&mut bench);
        bench.wait(bench.last().delay.unwrap());
        assert_eq!(bench.kind(), StateKind::Connecting);
    }
    fail(&mut bench);
    assert_eq!(bench.kind(), StateKind::Failed);
    let reached = |e: &Event| matches!(e, Event::MaxReconnectAttemptsReached { attempts: 3, .. });
    assert_eq!(bench.events.iter().filter(|e| reached(e)).count(), 1);
}

#[test]
fn a_hint_of_the_server_is_honoured() {
    let mut bench = Bench::new(remote());
    bench.input(Input::Command(Command::Connect));
    let mut error = ConnectError::new(ConnectErrorKind::Http { status: 503 }, "");
    error.retry_after = Some(secs(30));
    bench.transport(TransportEvent::Failed(error));
    let delay = bench.last().delay.unwrap();
    assert!(delay >= secs(30) && delay <= ms(30_500), "{delay:?}");
}
