//! A machine that sleeps: what is done when it wakes, and how that is known.

use super::*;

#[test]
fn after_sleep_an_open_socket_is_probed_for_three_seconds() {
    let mut bench = Bench::new(remote());
    bench.good_session();
    bench.now.wall = bench.now.wall.plus(secs(3_600));
    bench.wait(secs(5));
    assert!(
        bench
            .events
            .iter()
            .any(|e| matches!(e, Event::Woke { slept, .. } if *slept >= secs(3_590)))
    );
    assert_eq!(bench.actions.last().unwrap(), "ping");
    bench.wait(secs(3));
    assert_eq!(bench.last().cause, Some(Cause::ProbeTimeout));
}

/// On loopback, too: whatever listens there may have died in the meantime.
#[test]
fn told_of_waking_it_probes_at_once_whatever_the_clocks_say() {
    let mut bench = Bench::new(Options::new("ws://127.0.0.1:1/"));
    bench.good_session();
    bench.input(Input::Woke);
    assert_eq!(bench.actions.last().unwrap(), "ping");
    bench.wait(ms(2_999));
    assert!(bench.machine.state().is_connected());
    bench.wait(ms(1));
    assert_eq!(bench.last().cause, Some(Cause::ProbeTimeout));
    assert_eq!(woke(&bench), 0, "a nap is no sleep");
}

#[test]
fn sleep_that_was_told_of_is_not_found_a_second_time_by_the_clocks() {
    let mut bench = Bench::new(remote());
    bench.good_session();
    bench.now.wall = bench.now.wall.plus(secs(8 * 3_600));
    bench.input(Input::Woke);
    bench.transport(TransportEvent::Pong);
    bench.wait(secs(10));
    assert_eq!(woke(&bench), 1);
    assert!(bench.machine.state().is_connected(), "it answered");
    // At rest there is nothing to do.
    let mut idle = Bench::new(remote());
    idle.input(Input::Woke);
    assert_eq!((idle.kind(), idle.actions.len(), woke(&idle)), (StateKind::Idle, 0, 0));
}

#[test]
fn after_sleep_a_suspended_connection_tries_at_once() {
    let mut bench = Bench::new(remote());
    bench.input(Input::Command(Command::Connect));
    while bench.kind() != StateKind::Suspended {
        bench.transport(TransportEvent::Failed(ConnectError::new(ConnectErrorKind::Tcp, "")));
        if bench.kind() == StateKind::Backoff {
            bench.wait(bench.last().delay.unwrap());
        }
    }
    bench.now.wall = bench.now.wall.plus(secs(3_600));
    bench.wait(ms(5_500));
    assert_eq!(bench.kind(), StateKind::Connecting);
}

#[test]
fn an_attempt_from_before_a_change_is_begun_anew_unless_it_has_just_begun() {
    let changes: [fn() -> Input; 2] = [|| Input::Network(Network::Up), || Input::Woke];
    for change in changes {
        let mut bench = Bench::new(remote());
        bench.input(Input::Command(Command::Connect));
        let first = bench.live;
        bench.wait(ms(2_999));
        bench.input(change());
        assert_eq!((bench.kind(), bench.live), (StateKind::Connecting, first));
        bench.wait(ms(1));
        bench.input(change());
        assert_eq!((bench.kind(), bench.live), (StateKind::Backoff, None));
        bench.wait(ms(500));
        assert_eq!((bench.kind(), bench.last().attempt), (StateKind::Connecting, 1));
    }
}

fn woke(bench: &Bench) -> usize {
    bench.events.iter().filter(|event| matches!(event, Event::Woke { .. })).count()
}
