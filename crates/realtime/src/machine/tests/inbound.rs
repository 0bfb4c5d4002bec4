//! What comes in, whatever the mode: what is invalid, what came before, and in which order it is delivered.

use super::*;

#[test]
fn invalid_input_is_delivered_always_and_reported_once_a_minute() {
    let mut bench = Bench::new(remote());
    bench.connect();
    for _ in 0..5 {
        bench.text("{");
        bench.text("[]");
    }
    assert_eq!(bench.delivered.len(), 10);
    assert_eq!(bench.events.len(), 2, "one of each kind");
    for _ in 0..6 {
        bench.wait(secs(10));
        bench.transport(TransportEvent::Pong);
    }
    bench.text("{");
    assert!(matches!(bench.events.last(), Some(Event::Invalid { suppressed: 4, .. })));
    assert!(bench.machine.state().is_connected());
}

#[test]
fn a_frame_too_large_is_reported_and_costs_one_connection() {
    let mut bench = Bench::new(remote());
    bench.connect();
    let fault = FrameFault::TooLarge { size: 20 << 20, limit: 16 << 20 };
    bench.transport(TransportEvent::Refused(fault));
    let Inbound::Invalid(invalid) = &bench.delivered[0] else { panic!("{:?}", bench.delivered) };
    assert_eq!(invalid.kind, InvalidKind::TooLarge);
    assert!(bench.actions.contains(&"drop 1009".to_owned()), "{:?}", bench.actions);
    assert_eq!(bench.kind(), StateKind::Backoff);
}

#[test]
fn duplicates_are_recognised_across_connections() {
    let mut bench = Bench::new(remote());
    bench.good_session();
    bench.delivered.clear();
    let message = r#"{"type":"a","data":1,"timestamp":9,"id":"1"}"#;
    bench.text(message);
    bench.lost();
    bench.wait(ms(500));
    bench.transport(TransportEvent::Opened { mode: Mode::Plain, renew_in: None });
    bench.text(message);
    assert_eq!(bench.delivered.len(), 1);
}

#[test]
fn messages_arrive_in_order_out_of_batches_too() {
    let mut bench = Bench::new(remote());
    bench.connect();
    let messages: Vec<Message> =
        (0..3).map(|i| Message::new("a", &i, UnixMillis(i), None).unwrap()).collect();
    bench.text(&wire::Frame::pack(&messages, UnixMillis(1)));
    let expected: Vec<Inbound> = messages.into_iter().map(Inbound::Message).collect();
    assert_eq!(bench.delivered, expected);
}
