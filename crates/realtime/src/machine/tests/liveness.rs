//! Signs of life: which count, who is asked for one, and when a peer is dead.

use super::*;

#[test]
fn a_dead_peer_is_found_in_25_seconds() {
    let mut bench = Bench::new(remote());
    bench.good_session();
    bench.wait(ms(14_999));
    assert!(bench.written.is_empty());
    bench.wait(ms(1));
    assert_eq!(bench.written.len(), 1, "a heartbeat message");
    assert!(bench.written[0].starts_with(r#"{"type":"heartbeat","data":{"timestamp":"#));
    assert_eq!(bench.actions.last().unwrap(), "ping");
    bench.wait(ms(9_999));
    assert!(bench.machine.state().is_connected());
    bench.wait(ms(1));
    assert_eq!(bench.last().cause, Some(Cause::HeartbeatTimeout));
    assert_eq!(bench.kind(), StateKind::Backoff);
}

#[test]
fn any_inbound_byte_proves_life() {
    let signs: [fn() -> TransportEvent; 4] = [
        || TransportEvent::Pong,
        || TransportEvent::Activity,
        || TransportEvent::Text("not json".into()),
        || TransportEvent::Binary(Bytes::from_static(b"x")),
    ];
    for sign in signs {
        let mut bench = Bench::new(remote());
        bench.connect();
        for _ in 0..20 {
            bench.wait(secs(24));
            bench.transport(sign());
        }
        assert!(bench.machine.state().is_connected(), "{:?}", sign());
    }
}

#[test]
fn a_busy_connection_still_sends_heartbeats() {
    let mut bench = Bench::new(remote());
    bench.connect();
    for i in 0..60 {
        bench.wait(secs(1));
        bench.text(&format!(r#"{{"type":"a","data":1,"timestamp":{i}}}"#));
    }
    assert_eq!(bench.written.len(), 2);
    assert!(!bench.actions.contains(&"ping".to_owned()));
}

#[test]
fn a_slow_reader_is_not_taken_for_a_dead_peer() {
    let mut bench = Bench::new(remote());
    bench.connect();
    bench.wait(secs(20));
    bench.transport(TransportEvent::ReadPaused);
    bench.wait(secs(600));
    assert!(bench.machine.state().is_connected());
    assert!(bench.written.len() >= 20, "the server is told that we are here");
    bench.transport(TransportEvent::ReadResumed);
    bench.wait(secs(24));
    assert!(bench.machine.state().is_connected());
    bench.wait(secs(1));
    assert_eq!(bench.kind(), StateKind::Backoff);
}

#[test]
fn heartbeats_are_answered_measured_and_not_delivered() {
    let mut bench = Bench::new(remote());
    bench.connect();
    bench.text(r#"{"type":"heartbeat","data":{"timestamp":42},"timestamp":42}"#);
    assert!(bench.written[0].contains(r#""data":{"timestamp":42}"#));
    bench.wait(secs(15));
    let ours = bench.written[1].clone();
    bench.advance(ms(80));
    bench.text(&ours);
    assert_eq!(bench.written.len(), 2);
    assert!(bench.delivered.is_empty());
    let metrics = bench.machine.counters().snapshot(
        bench.machine.state().clone(),
        QueueDepth::default(),
        (0, 0),
        bench.now.monotonic,
    );
    assert_eq!(metrics.rtt.last, Some(80.0));
    assert_eq!(metrics.heartbeats, 2);
}
