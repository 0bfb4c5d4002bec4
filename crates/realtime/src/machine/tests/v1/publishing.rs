//! Publishes, from the queue or the disk to their end.

use super::*;

#[test]
fn a_publish_ends_with_its_acknowledgement() {
    let mut bench = Bench::new(remote());
    bench.v1();
    for n in 0..3 {
        bench.publish(n, &format!("p{n}"), false);
    }
    assert_eq!(bench.sent(), ["p0", "p1", "p2"]);
    bench.ack("p1", 21);
    bench.ack("p1", 21);
    bench.nack("p0", false);
    bench.ack("unknown", 5);
    assert_eq!(bench.outcome(1), Some(&Outcome::Acknowledged { offset: 21 }));
    let refused = Outcome::Refused { code: "no".into(), message: "m".into() };
    assert_eq!(bench.outcome(0), Some(&refused));
    assert_eq!(bench.outcome(2), None);
    for _ in 0..10 {
        bench.wait(secs(1));
        bench.transport(TransportEvent::Pong);
    }
    assert_eq!(bench.outcome(2), Some(&Outcome::TimedOut));
    assert_eq!(bench.settled.len(), 3);
    assert_eq!(bench.budget.used(), QueueDepth::default());
}

#[test]
fn a_hundred_at_most_are_on_their_way_and_in_order() {
    let mut bench = Bench::new(remote());
    bench.v1();
    for n in 0..250 {
        bench.publish(n, &format!("p{n}"), false);
    }
    let sent = bench.sent();
    assert_eq!((sent.len(), sent[0].as_str(), sent[99].as_str()), (100, "p0", "p99"));
    bench.ack("p0", 1);
    assert_eq!(bench.sent(), ["p100"]);
}

#[test]
fn what_was_not_acknowledged_goes_first_after_a_reconnect() {
    let mut bench = Bench::new(remote());
    bench.v1();
    bench.publish(0, "p0", false);
    bench.publish(1, "p1", false);
    bench.ack("p0", 11);
    bench.lost();
    bench.publish(2, "p2", false);
    bench.sent();
    bench.wait(secs(2));
    bench.upgrade();
    assert!(bench.sent().is_empty(), "not before the welcome");
    bench.text(&welcome(json!({})));
    assert_eq!(bench.sent(), ["p1", "p2"]);
}

#[test]
fn what_the_server_would_not_recognise_is_not_sent_blindly() {
    let mut bench = Bench::new(Options { queue_ttl: secs(3_600), ..remote() });
    bench.v1();
    bench.publish(0, "p0", false);
    bench.publish(1, "p1", true);
    bench.disk_agrees();
    assert_eq!(bench.sent(), ["p0", "p1"]);
    bench.lost();
    bench.publish(2, "p2", false);
    bench.input(Input::Network(Network::Down));
    bench.wait(secs(601));
    bench.input(Input::Network(Network::Up));
    bench.wait(secs(1));
    bench.upgrade();
    bench.text(&welcome(json!({})));
    assert_eq!(bench.sent(), ["p2"]);
    assert_eq!(bench.outcome(0), Some(&Outcome::OutcomeUnknown));
    assert_eq!(bench.outcome(1), Some(&Outcome::OutcomeUnknown));
    let settlements = bench.settlements();
    assert!(
        matches!(&settlements[..], [(id, Settlement::Parked(p))] if id == "p1" && p.code == "outcome_unknown")
    );
    assert!(bench.events.iter().any(|event| matches!(event, Event::Parked { .. })));
}

#[test]
fn a_retryable_refusal_is_tried_again_with_back_off() {
    let mut bench = Bench::new(remote());
    bench.v1();
    bench.publish(0, "p0", false);
    bench.publish(1, "p1", false);
    bench.sent();
    bench.nack("p0", true);
    bench.ack("p1", 11);
    assert_eq!(bench.outcome(1), Some(&Outcome::Acknowledged { offset: 11 }), "the rest goes on");
    bench.wait(ms(499));
    assert!(bench.sent().is_empty());
    bench.wait(ms(501));
    assert_eq!(bench.sent(), ["p0"]);
    bench.ack("p0", 12);
    assert_eq!(bench.settled.len(), 2);
}

#[test]
fn what_was_refused_for_now_is_not_overtaken() {
    for end in ["ack", "refusal", "cancel"] {
        let mut bench = Bench::new(remote());
        bench.v1();
        bench.publish(0, "p0", false);
        bench.nack("p0", true);
        bench.publish(1, "p1", false);
        bench.publish(2, "p2", false);
        assert_eq!(bench.sent(), ["p0"]);
        bench.wait(secs(1));
        assert_eq!(bench.sent(), ["p0"], "alone, until its outcome is known");
        bench.nack("p0", true);
        match end {
            "ack" => {
                bench.wait(secs(2));
                bench.ack("p0", 11);
            }
            "refusal" => {
                bench.wait(secs(2));
                bench.nack("p0", false);
            }
            _ => bench.input(Input::Command(Command::Cancel(RequestId(0)))),
        }
        let mut sent = bench.sent();
        sent.retain(|id| id != "p0");
        assert_eq!(sent, ["p1", "p2"], "{end}");
    }
}

#[test]
fn those_that_were_refused_together_go_again_one_by_one_and_in_order() {
    let mut bench = Bench::new(remote());
    bench.v1();
    for n in 0..4 {
        bench.publish(n, &format!("p{n}"), true);
    }
    // The first by itself, the others together.
    bench.disk_agrees();
    bench.disk_agrees();
    assert_eq!(bench.sent(), ["p0", "p1", "p2", "p3"]);
    for id in ["p2", "p0", "p1"] {
        bench.nack(id, true);
    }
    bench.ack("p3", 11);
    let mut order = Vec::new();
    for offset in 12..15 {
        while bench.written.is_empty() {
            bench.wait(ms(100));
        }
        let sent = bench.sent();
        assert_eq!(sent.len(), 1, "{sent:?}");
        // They have rested long enough, and still wait for the one before them.
        bench.wait(secs(5));
        assert!(bench.sent().is_empty());
        bench.ack(&sent[0], offset);
        order.extend(sent);
    }
    assert_eq!(order, ["p0", "p1", "p2"]);
    // The same over a reconnect.
    bench.publish(4, "p4", true);
    bench.disk_agrees();
    bench.nack("p4", true);
    bench.publish(5, "p5", true);
    bench.lost();
    bench.sent();
    bench.wait(secs(2));
    bench.upgrade();
    bench.text(&welcome(json!({})));
    assert_eq!(bench.sent(), ["p4"]);
    bench.ack("p4", 20);
    bench.disk_agrees();
    assert_eq!(bench.sent(), ["p5"]);
}

#[test]
fn what_is_on_disk_and_what_is_not_do_not_wait_for_each_others_refusals() {
    for (refused, same_lane, other_lane) in
        [(true, "durable", "volatile"), (false, "volatile", "durable")]
    {
        let mut bench = Bench::new(remote());
        bench.v1();
        bench.publish(0, "refused", refused);
        bench.disk_agrees();
        bench.nack("refused", true);
        bench.publish(1, same_lane, refused);
        bench.publish(2, other_lane, !refused);
        bench.disk_agrees();
        assert_eq!(bench.sent(), ["refused", other_lane]);
    }
}

#[test]
fn a_durable_publish_is_marked_before_it_is_sent_and_struck_when_acknowledged() {
    let mut bench = Bench::new(remote());
    bench.v1();
    bench.publish(0, "p0", true);
    assert!(bench.sent().is_empty());
    let marking = Persist::Sending { ids: vec!["p0".into()] };
    assert_eq!(bench.persisted, [marking]);
    bench.disk_agrees();
    assert_eq!(bench.sent(), ["p0"]);
    bench.ack("p0", 11);
    assert_eq!(bench.settlements(), [("p0".to_owned(), Settlement::Acked)]);
    assert_eq!(bench.outcome(0), Some(&Outcome::Acknowledged { offset: 11 }));
}

#[test]
fn a_durable_publish_outlives_timeouts_and_ends_when_it_expires() {
    let mut bench = Bench::new(remote());
    bench.publish(0, "p0", true);
    bench.wait(secs(24 * 3_600 - 1));
    assert_eq!(bench.outcome(0), None);
    bench.wait(secs(1));
    assert_eq!(bench.outcome(0), Some(&Outcome::Expired));
    assert_eq!(bench.settlements(), [("p0".to_owned(), Settlement::Expired)]);
    assert!(matches!(bench.events.last(), Some(Event::Expired { count: 1, .. })));
}

#[test]
fn what_an_earlier_run_left_behind_does_not_expire_unheard() {
    let mut bench = Bench::new(remote());
    let item = |n: i64| Publish {
        request: None,
        id: format!("d{n}").into(),
        ty: "t".into(),
        text: format!("publish d{n}"),
        keeping: Keeping::Durable {
            sequence: Sequence(n),
            expires: bench.now.wall.plus(secs(60)),
            first_sent: None,
        },
    };
    let items = vec![item(1), item(2)];
    bench.input(Input::Persisted(Persisted::Unsettled { items, unsayable: Vec::new() }));
    bench.wait(secs(60));
    assert!(
        matches!(&bench.events[..], [Event::Expired { count: 2, first_type, .. }] if first_type == "t")
    );
    assert_eq!(bench.machine.counters().expired, 2);
}

#[test]
fn what_was_noted_as_sent_and_held_back_is_sent_however_late() {
    let mut bench = Bench::new(remote());
    bench.v1();
    bench.publish(0, "p0", true);
    bench.disk_agrees();
    bench.nack("p0", true);
    // Noted together with being kept, as a sender does who is connected.
    let publish = Publish {
        request: Some(RequestId(1)),
        id: "p1".into(),
        ty: "t".into(),
        text: "publish p1".into(),
        keeping: Keeping::Durable {
            sequence: Sequence(1),
            expires: bench.now.wall.plus(secs(3_600)),
            first_sent: Some(bench.now.wall),
        },
    };
    bench.input(Input::Command(Command::Publish(publish)));
    assert_eq!(bench.sent(), ["p0"]);
    bench.lost();
    bench.input(Input::Network(Network::Down));
    bench.wait(secs(601));
    bench.input(Input::Network(Network::Up));
    bench.wait(secs(1));
    bench.upgrade();
    bench.text(&welcome(json!({})));
    assert_eq!(bench.outcome(0), Some(&Outcome::OutcomeUnknown), "it may have arrived");
    assert_eq!(bench.sent(), ["p1"], "this one cannot have");
}

#[test]
fn what_the_disk_kept_goes_first_and_in_its_order() {
    let mut bench = Bench::new(remote());
    let item = |n: i64| Publish {
        request: None,
        id: format!("d{n}").into(),
        ty: "t".into(),
        text: format!("publish d{n}"),
        keeping: Keeping::Durable {
            sequence: Sequence(n),
            expires: UnixMillis(i64::MAX),
            first_sent: Some(UnixMillis(1_000_000)),
        },
    };
    let items = vec![item(-3), item(-2)];
    bench.input(Input::Persisted(Persisted::Unsettled { items, unsayable: Vec::new() }));
    // The same ones are found again after the connect.
    let items = vec![item(-3), item(-2)];
    bench.v1();
    bench.input(Input::Persisted(Persisted::Unsettled { items, unsayable: Vec::new() }));
    assert_eq!(bench.sent(), ["d-3", "d-2"]);
}

#[test]
fn a_disk_that_refuses_is_told_and_delays_nothing() {
    let mut bench = Bench::new(remote());
    bench.v1();
    bench.publish(0, "p0", true);
    let failed = Some("the disk is full".to_owned());
    let ids = vec!["p0".into()];
    bench.input(Input::Persisted(Persisted::Sending { ids, failed }));
    assert!(matches!(bench.events.last(), Some(Event::Persistence { .. })));
    assert_eq!(bench.sent(), ["p0"]);
}

#[test]
fn plain_mode_knows_that_it_was_written_and_no_more() {
    let mut bench = Bench::new(remote());
    bench.connect();
    bench.publish(0, "p0", false);
    assert_eq!(bench.sent(), ["p0"]);
    assert_eq!(bench.outcome(0), None);
    bench.transport(TransportEvent::Flushed);
    assert_eq!(bench.outcome(0), Some(&Outcome::Written));
}

#[test]
fn the_end_of_the_connection_ends_its_requests() {
    let mut bench = Bench::new(remote());
    bench.v1();
    bench.publish(0, "p0", false);
    bench.lost();
    bench.publish(1, "p1", false);
    bench.publish(2, "p2", true);
    bench.input(Input::Command(Command::Disconnect));
    assert_eq!(bench.outcome(0), Some(&Outcome::OutcomeUnknown));
    assert_eq!(bench.outcome(1), Some(&Outcome::ConnectionFailed));
    assert_eq!(bench.outcome(2), None, "it is kept, and sent with the next connection");
    bench.input(Input::Command(Command::Cancel(RequestId(2))));
    assert_eq!(bench.outcome(2), Some(&Outcome::Cancelled));
    assert_eq!(bench.settlements(), [("p2".to_owned(), Settlement::Cancelled)]);
}

#[test]
fn a_publish_that_finds_no_connection_expires() {
    let mut bench = Bench::new(remote());
    bench.input(Input::Command(Command::Connect));
    bench.publish(0, "p0", false);
    bench.transport(TransportEvent::Failed(ConnectError::new(ConnectErrorKind::Tcp, "")));
    bench.wait(secs(60));
    assert_eq!(bench.outcome(0), Some(&Outcome::Expired));
    assert_eq!(bench.budget.used(), QueueDepth::default());
    assert!(bench.events.iter().any(|event| matches!(event, Event::Expired { count: 1, .. })));
}

#[test]
fn the_age_of_what_waits_is_known() {
    let mut bench = Bench::new(remote());
    bench.input(Input::Command(Command::Connect));
    let since = |bench: &Bench| bench.machine.queued_since().map(|at| at.0.as_secs());
    assert_eq!(since(&bench), None);
    bench.wait(secs(3));
    bench.publish(0, "p0", false);
    bench.wait(secs(3));
    bench.send("text".into());
    assert_eq!(since(&bench), Some(3));
    bench.input(Input::Command(Command::Cancel(RequestId(0))));
    assert_eq!(since(&bench), Some(6));
    bench.transport(TransportEvent::Opened { mode: Mode::Plain, renew_in: None });
    assert_eq!(since(&bench), None);
}
