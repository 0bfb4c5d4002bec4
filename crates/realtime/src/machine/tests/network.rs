//! A network that goes, comes and changes.

use super::*;

#[test]
fn without_a_network_there_are_no_attempts() {
    let mut bench = Bench::new(remote());
    bench.good_session();
    bench.input(Input::Network(Network::Down));
    assert_eq!(bench.kind(), StateKind::Offline);
    assert_eq!(bench.live, None);
    bench.wait(secs(3_600));
    assert_eq!(bench.kind(), StateKind::Offline);
    bench.input(Input::Network(Network::Up));
    bench.wait(ms(500));
    assert_eq!(bench.kind(), StateKind::Connecting);
    assert_eq!(bench.last().attempt, 1, "being offline is no failure");
}

#[test]
fn losing_the_network_ends_the_waiting_too() {
    let mut bench = Bench::new(remote());
    bench.connect();
    bench.lost();
    bench.input(Input::Network(Network::Down));
    assert_eq!(bench.kind(), StateKind::Offline);
    assert!(!bench.is_set(Timer::Retry));
}

/// A network that comes and goes each second lets an attempt that takes two succeed.
#[test]
fn a_network_that_flaps_keeps_nobody_from_connecting() {
    let mut bench = Bench::new(remote());
    bench.input(Input::Command(Command::Connect));
    for _ in 0..2 {
        bench.wait(secs(1));
        bench.input(Input::Network(Network::Up));
    }
    bench.transport(TransportEvent::Opened { mode: Mode::Plain, renew_in: None });
    assert!(bench.machine.state().is_connected());
}

#[test]
fn loopback_needs_no_network() {
    let mut bench = Bench::new(Options::new("ws://127.0.0.1:1/"));
    bench.connect();
    bench.input(Input::Network(Network::Down));
    assert!(bench.machine.state().is_connected());
}
