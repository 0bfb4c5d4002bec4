//! Servers that do not keep the rules: each lie is told of, and none costs more than the connection.

use super::*;

/// A session at 10 in which binary frames were agreed on.
fn compressed() -> Bench {
    let mut bench = Bench::new(remote());
    bench.greet();
    bench.text(&welcome(json!({"compress": "zstd"})));
    bench.text(&envelope("snapshot_end", json!({"offset": 10, "lostEvents": 0})));
    bench.delivered.clear();
    bench
}

#[test]
fn a_control_message_that_cannot_be_read_is_invalid_and_costs_nothing() {
    // What each must hold is tested in `wire`; here, what becomes of one that does not.
    for ty in [
        "resumed",
        "snapshot_end",
        "subscribed",
        "ack",
        "nack",
        "authorised",
        "status",
        "error",
        "goodbye",
        "heartbeat",
        "welcome",
    ] {
        let mut bench = Bench::new(remote());
        bench.v1();
        for data in [json!(null), json!([1]), json!({"offset": -1, "id": 5, "tokenExpiresAt": "x"})]
        {
            bench.text(&envelope(ty, data));
        }
        let is_control = |inbound: &Inbound| matches!(inbound, Inbound::Invalid(i) if i.kind == InvalidKind::Control);
        assert!(bench.delivered.len() == 3 && bench.delivered.iter().all(is_control), "{ty}");
        assert!(bench.machine.state().is_connected(), "{ty}");
        bench.delivered.clear();
        bench.text(&logged(11, 10));
        assert_eq!(bench.numbers(), [11], "{ty}");
    }
}

#[test]
fn a_clients_words_from_a_server_are_ignored() {
    for ty in ["hello", "resume", "subscribe", "unsubscribe", "auth"] {
        let mut bench = Bench::new(remote());
        bench.v1();
        bench.text(&envelope(ty, json!({"epoch": "e", "offset": 1})));
        assert!(matches!(bench.faults()[..], [ProtocolFault::Unexpected { .. }]), "{ty}");
        assert!(bench.delivered.is_empty() && bench.written.is_empty());
    }
}

#[test]
fn answers_nobody_waits_for_and_words_before_the_welcome_are_told_and_ignored() {
    let answers = [
        ("resumed", json!({"ok": true, "offset": 3})),
        ("snapshot_end", json!({"offset": 3})),
        ("subscribed", json!({"topics": [], "offset": 3})),
    ];
    for (ty, data) in answers {
        let mut bench = Bench::new(remote());
        bench.v1();
        bench.text(&envelope(ty, data.clone()));
        assert!(matches!(bench.faults()[..], [ProtocolFault::Unexpected { .. }]), "{ty}");
        assert_eq!(bench.position(), Some(10), "{ty}");
        let mut bench = Bench::new(remote());
        bench.greet();
        bench.text(&envelope(ty, data));
        assert!(matches!(bench.faults()[..], [ProtocolFault::Early { .. }]), "{ty}");
        bench.text(&welcome(json!({})));
        assert!(bench.machine.state().is_connected());
    }
    let mut bench = Bench::new(remote());
    bench.greet();
    bench.text(&envelope("number", json!(1)));
    assert!(matches!(bench.faults()[..], [ProtocolFault::Early { .. }]));
    assert!(bench.delivered.is_empty());
}

#[test]
fn positions_that_go_backwards_move_nobody_back() {
    let mut bench = Bench::new(Options { topics: vec![topic("number")], ..remote() });
    bench.v1();
    bench.text(&logged(20, 10));
    let subscribe = TopicChange::Subscribe(vec![topic("b")]);
    bench.input(Input::Command(Command::Topics { request: RequestId(0), change: subscribe }));
    bench.said();
    bench.text(&envelope("subscribed", json!({"topics": ["number", "b"], "offset": 4})));
    bench.text(&envelope("snapshot_end", json!({"offset": 5, "lostEvents": 0})));
    assert_eq!(bench.faults(), [&ProtocolFault::Backwards { from: 20, to: 5 }]);
    assert_eq!(bench.position(), Some(20));
    for (offset, prev) in [(15, 5), (20, 15), (21, 20)] {
        bench.text(&logged(offset, prev));
    }
    assert_eq!(bench.numbers(), [20, 21], "what was delivered does not come again");
    assert_eq!(bench.position(), Some(21));
}

#[test]
fn a_message_that_goes_before_itself_is_no_way_around_the_order() {
    // `prev` behind `offset`, the same as it, and far in the future.
    for (offset, prev) in [(11, 12), (11, 11), (1 << 62, (1 << 62) - 1)] {
        let mut bench = Bench::new(remote());
        bench.v1();
        bench.text(&logged(offset, prev));
        let resume = ("resume".to_owned(), json!({"epoch": "e", "offset": 10}));
        assert_eq!(bench.said(), [resume], "{offset} {prev}");
        bench.text(&envelope("resumed", json!({"ok": true, "replay": 1, "offset": 10})));
        bench.text(&logged(11, 10));
        assert_eq!(bench.numbers(), [11]);
    }
}

#[test]
fn who_resumes_elsewhere_than_asked_is_left() {
    for offset in [9, 11] {
        let mut bench = Bench::new(remote());
        bench.v1();
        bench.text(&logged(13, 12));
        bench.text(&envelope("resumed", json!({"ok": true, "replay": 0, "offset": offset})));
        assert_eq!(bench.faults(), [&ProtocolFault::ResumedElsewhere { asked: 10, offset }]);
        assert_eq!(bench.gaps(), [(10, 12, false)]);
        assert_eq!(bench.kind(), StateKind::Backoff);
    }
}

#[test]
fn a_codec_nobody_knows_is_refused_in_the_welcome_and_in_a_frame() {
    let mut bench = Bench::new(remote());
    bench.greet();
    bench.text(&welcome(json!({"compress": "br"})));
    assert!(matches!(bench.faults()[..], [ProtocolFault::BadWelcome { .. }]));
    assert_eq!(bench.kind(), StateKind::Backoff);

    let mut bench = compressed();
    let mut frame = vec![9];
    frame.extend_from_slice(&11_u64.to_be_bytes());
    frame.extend_from_slice(&10_u64.to_be_bytes());
    frame.extend_from_slice(b"whatever");
    for frame in [frame, vec![], vec![2; 17]] {
        bench.transport(TransportEvent::Binary(frame.into()));
        let last = bench.delivered.pop();
        assert!(matches!(last, Some(Inbound::Invalid(i)) if i.kind == InvalidKind::Compressed));
    }
    assert!(bench.machine.state().is_connected());
    // The message within is lost with its frame: what follows tells of the gap.
    bench.text(&logged(12, 11));
    assert_eq!(bench.said(), [("resume".to_owned(), json!({"epoch": "e", "offset": 10}))]);
}

#[test]
fn a_server_does_not_raise_our_own_limit_nor_make_it_useless() {
    let text = json!({"type": "note", "data": "0".repeat(40_000), "timestamp": 1}).to_string();
    let place = Place::Log { offset: 11, prev: 10 };
    let frame = Compressed::new(Codec::Zstd, &text).unwrap().frame(Some(place));
    for (announced, ours, is_read) in
        [(u64::MAX, 1 << 20, true), (u64::MAX, 32_768, false), (30_000, 1 << 20, false)]
    {
        let mut bench = Bench::new(Options { max_message_in: ours, ..remote() });
        bench.greet();
        bench.text(&welcome(json!({"compress": "zstd", "maxMessageBytes": announced})));
        bench.delivered.clear();
        bench.transport(TransportEvent::Binary(frame.clone()));
        let is_message = matches!(bench.delivered[..], [Inbound::Message(_)]);
        assert_eq!(is_message, is_read, "{announced} {ours}");
    }
    // A limit of nothing would make every frame a bomb.
    let text = json!({"type": "note", "data": "0".repeat(930), "timestamp": 1}).to_string();
    let text = format!("{text}{}", " ".repeat(1_024 - text.len()));
    let frame = Compressed::new(Codec::Zstd, &text).unwrap().frame(Some(place));
    let mut bench = Bench::new(remote());
    bench.greet();
    bench.text(&welcome(json!({"compress": "zstd", "maxMessageBytes": 0})));
    bench.delivered.clear();
    bench.transport(TransportEvent::Binary(frame));
    assert!(matches!(bench.delivered[..], [Inbound::Message(_)]));
}

#[test]
fn numbers_at_the_end_of_their_range_hurt_nobody() {
    let extreme = json!({
        "offset": u64::MAX, "heartbeatMs": u64::MAX, "graceMs": u64::MAX, "maxMessageBytes": u64::MAX,
        "dedupMs": u64::MAX, "replay": u64::MAX, "tokenExpiresAt": i64::MIN,
    });
    let mut bench = Bench::renewing(remote());
    bench.greet();
    bench.text(&welcome(extreme));
    bench.text(&envelope("snapshot_end", json!({"offset": u64::MAX, "lostEvents": u64::MAX})));
    for n in [i64::MIN, 0, i64::MAX] {
        bench.text(&envelope("heartbeat", json!({"timestamp": n, "serverTime": n})));
        bench.text(&envelope("authorised", json!({"tokenExpiresAt": n})));
    }
    bench.publish(0, "p0", false);
    bench.ack("p0", u64::MAX);
    let last = json!({
        "type": "n", "data": 1, "timestamp": i64::MIN, "offset": u64::MAX, "prev": u64::MAX,
    });
    bench.text(&last.to_string());
    bench.text(&envelope("error", json!({"code": "c", "message": "m", "retryAfterMs": u64::MAX})));
    assert!(bench.machine.state().is_connected());
    bench.transport(TransportEvent::Closed { code: Some(1012), reason: String::new() });
    assert!(bench.last().delay.unwrap() <= secs(61), "an hour away is nobody's wish");
    bench.wait(secs(120));
}
