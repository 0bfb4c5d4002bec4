//! Messages that wait to be sent.

use super::*;

#[test]
fn what_waited_goes_out_at_a_measured_pace_in_order() {
    let mut bench = Bench::new(remote());
    for i in 0..200 {
        assert!(bench.send(format!("{i}")));
    }
    assert!(bench.written.is_empty());
    bench.connect();
    assert_eq!(bench.written.len(), 100, "the burst");
    bench.transport(TransportEvent::Flushed);
    bench.wait(secs(1));
    let sent = bench.written.len();
    assert!((149..=151).contains(&sent), "50 more in a second, not {sent}");
    // One that comes now waits behind those before it.
    assert!(bench.send("200".into()));
    bench.wait(ms(1_100));
    let expected: Vec<String> = (0..=200).map(|i| i.to_string()).collect();
    assert_eq!(bench.written, expected);
    assert_eq!(bench.budget.used(), QueueDepth::default());
}

#[test]
fn a_full_socket_holds_messages_back() {
    let options = Options { max_message_out: 1_024, write_buffer: 2_048, ..remote() };
    let mut bench = Bench::new(options);
    bench.connect();
    for _ in 0..3 {
        assert!(bench.send("x".repeat(600)));
    }
    assert_eq!(bench.written.len(), 1);
    bench.transport(TransportEvent::Flushed);
    assert_eq!(bench.written.len(), 2);
    bench.transport(TransportEvent::Flushed);
    assert_eq!(bench.written.len(), 3);
}

#[test]
fn what_waits_too_long_is_reported() {
    let mut bench = Bench::new(remote());
    assert!(bench.send("1".into()));
    bench.wait(secs(30));
    assert!(bench.send("2".into()));
    bench.wait(secs(30));
    assert!(matches!(bench.events.as_slice(), [Event::Expired { count: 1, .. }]));
    bench.wait(secs(30));
    assert_eq!(bench.events.len(), 2);
    assert_eq!(bench.budget.used(), QueueDepth::default());
    bench.connect();
    assert!(bench.written.is_empty());
}
