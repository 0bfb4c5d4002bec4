//! `vaultwatch.v1` from the client's side: a server that keeps the rules, and servers that do not.

use proptest::prelude::*;
use serde_json::{Value, json};
use wire::control::{Codec, ServerState};
use wire::{Compressed, Place, Position};

use super::super::publishes::Keeping;
use super::*;
use crate::close::{CloseOverride, Verdict};
use crate::persistence::{Sequence, Settlement};
use crate::{Offer, ProtocolFault, Topic};

mod liar;
mod restart;

fn envelope(ty: &str, data: Value) -> String {
    json!({"type": ty, "data": data, "timestamp": 1}).to_string()
}

fn logged(offset: u64, prev: u64) -> String {
    let id = format!("m{offset}");
    json!({"type": "number", "data": offset, "timestamp": offset, "id": id, "offset": offset, "prev": prev})
        .to_string()
}

fn welcome(change: Value) -> String {
    let mut data = json!({
        "session": "s", "tenant": "t", "epoch": "e", "offset": 10, "heartbeatMs": 15_000, "graceMs": 10_000,
        "compress": null, "maxMessageBytes": 1 << 20, "dedupMs": 600_000, "resumed": false, "replay": 0,
    });
    for (key, value) in change.as_object().unwrap() {
        data[key] = value.clone();
    }
    envelope("welcome", data)
}

impl Bench {
    /// Up to `hello`, which is returned.
    fn greet(&mut self) -> Value {
        self.input(Input::Command(Command::Connect));
        self.upgrade()
    }

    fn upgrade(&mut self) -> Value {
        self.transport(TransportEvent::Opened { mode: Mode::V1, renew_in: None });
        assert_eq!(self.kind(), StateKind::Handshaking);
        let hello: Value = serde_json::from_str(&self.written.pop().unwrap()).unwrap();
        assert_eq!(hello["type"], "hello");
        hello["data"].clone()
    }

    /// A session that began with an empty snapshot at 10.
    fn v1(&mut self) {
        self.greet();
        self.text(&welcome(json!({})));
        self.text(&envelope("snapshot_end", json!({"offset": 10, "lostEvents": 0})));
        assert!(self.machine.state().is_connected());
        self.delivered.clear();
        self.events.clear();
    }

    /// The numbers that were delivered since this was asked last.
    fn numbers(&mut self) -> Vec<u64> {
        let number = |inbound| match inbound {
            Inbound::Message(message) => Some(message.decode().unwrap()),
            Inbound::Invalid(_) | Inbound::SnapshotEnd(_) => None,
        };
        self.delivered.drain(..).filter_map(number).collect()
    }

    fn faults(&self) -> Vec<&ProtocolFault> {
        self.events
            .iter()
            .filter_map(|event| match event {
                Event::ProtocolFault { fault, .. } => Some(fault),
                _ => None,
            })
            .collect()
    }

    fn gaps(&self) -> Vec<(u64, u64, bool)> {
        let gap = |event: &Event| match event {
            Event::Gap { from, to, recovered, .. } => Some((*from, *to, *recovered)),
            _ => None,
        };
        self.events.iter().filter_map(gap).collect()
    }

    fn position(&self) -> Option<u64> {
        self.machine.position().map(|position| position.offset)
    }

    /// What was written since this was asked last, as types and data.
    fn said(&mut self) -> Vec<(String, Value)> {
        let parse = |text: String| {
            let value: Value = serde_json::from_str(&text).unwrap();
            (value["type"].as_str().unwrap().to_owned(), value["data"].clone())
        };
        self.written.drain(..).map(parse).collect()
    }

    /// The ids of the publishes written since this was asked last.
    fn sent(&mut self) -> Vec<String> {
        self.written
            .drain(..)
            .filter_map(|text| text.strip_prefix("publish ").map(Into::into))
            .collect()
    }

    pub(super) fn publish(&mut self, request: u64, id: &str, durable: bool) {
        let keeping = if durable {
            Keeping::Durable {
                sequence: Sequence(i64::try_from(request).unwrap()),
                expires: self.now.wall.plus(secs(24 * 3_600)),
                first_sent: None,
            }
        } else {
            let Some(reservation) = self.budget.reserve(10) else { return };
            Keeping::Volatile(reservation)
        };
        let publish = Publish {
            request: Some(RequestId(request)),
            id: id.into(),
            ty: "t".into(),
            text: format!("publish {id}"),
            keeping,
        };
        self.input(Input::Command(Command::Publish(publish)));
    }

    fn ack(&mut self, id: &str, offset: u64) {
        self.text(&envelope("ack", json!({"id": id, "offset": offset})));
    }

    fn nack(&mut self, id: &str, retryable: bool) {
        let data = json!({"id": id, "code": "no", "message": "m", "retryable": retryable});
        self.text(&envelope("nack", data));
    }

    fn outcome(&self, request: u64) -> Option<&Outcome> {
        self.settled.iter().find(|(r, _)| r.0 == request).map(|(_, outcome)| outcome)
    }

    /// The disk notes what it is told to.
    fn disk_agrees(&mut self) {
        for persist in std::mem::take(&mut self.persisted) {
            if let Persist::Sending { ids } = persist {
                self.input(Input::Persisted(Persisted::Sending { ids, failed: None }));
            }
        }
    }

    fn settlements(&mut self) -> Vec<(String, Settlement)> {
        let mut all = Vec::new();
        for persist in self.persisted.drain(..) {
            if let Persist::Settle { settled } = persist {
                all.extend(settled.into_iter().map(|(id, s)| (id.to_string(), s)));
            }
        }
        all
    }
}

fn topic(name: &str) -> Topic {
    Topic::parse(name).unwrap()
}

#[test]
fn the_first_frame_is_hello_and_says_who_we_are() {
    let options = Options {
        client: "test/1".into(),
        tenant: Some("acme".into()),
        topics: vec![topic("risk_alert"), topic("vault_update_*")],
        ..remote()
    };
    let mut bench = Bench::new(options);
    let hello = bench.greet();
    let expected = json!({
        "client": "test/1", "tenant": "acme", "topics": ["risk_alert", "vault_update_*"],
        "compress": ["zstd", "deflate"], "resume": null,
    });
    assert_eq!(hello, expected);
    bench.text(&welcome(json!({})));
    assert_eq!(bench.last().current, ConnectionState::Connected { resumed: false });
}

#[test]
fn a_server_that_does_not_select_v1_is_plain_unless_v1_is_demanded() {
    let mut bench = Bench::new(remote());
    bench.connect();
    let mut bench = Bench::new(Options { protocol: Offer::V1, ..remote() });
    bench.input(Input::Command(Command::Connect));
    bench.transport(TransportEvent::Opened { mode: Mode::Plain, renew_in: None });
    assert_eq!(bench.machine.state(), &ConnectionState::Failed { error: Cause::NotV1 });
}

#[test]
fn a_welcome_that_does_not_come_ends_the_attempt_after_ten_seconds() {
    let mut bench = Bench::new(remote());
    bench.greet();
    bench.wait(ms(9_999));
    assert_eq!(bench.kind(), StateKind::Handshaking);
    bench.wait(ms(1));
    let cause = Cause::Protocol { fault: ProtocolFault::WelcomeOverdue };
    assert_eq!(bench.last().cause, Some(cause));
    assert_eq!(bench.kind(), StateKind::Backoff);
}

#[test]
fn a_second_welcome_ends_the_session() {
    let mut bench = Bench::new(remote());
    bench.v1();
    bench.text(&welcome(json!({})));
    assert_eq!(bench.faults(), [&ProtocolFault::WelcomeTwice]);
    assert_eq!(bench.kind(), StateKind::Backoff);
    assert!(bench.last().delay.unwrap() >= ms(500), "with back-off");
}

#[test]
fn an_absurd_heartbeat_is_clamped_and_told() {
    for (heartbeat, grace, silence) in
        [(u64::MAX, u64::MAX, 25), (0, 0, 2), (20_000, 60_000, 25), (10_000, 5_000, 15)]
    {
        let mut bench = Bench::new(remote());
        bench.greet();
        bench.text(&welcome(json!({"heartbeatMs": heartbeat, "graceMs": grace})));
        assert_eq!(bench.faults().is_empty(), silence == 15, "{heartbeat} {grace}");
        bench.wait(secs(silence) - ms(1));
        assert!(bench.machine.state().is_connected(), "{heartbeat} {grace}");
        bench.wait(ms(1));
        assert_eq!(bench.last().cause, Some(Cause::HeartbeatTimeout), "{heartbeat} {grace}");
    }
}

#[test]
fn a_welcome_that_cannot_be_read_ends_the_attempt() {
    let mut bench = Bench::new(remote());
    bench.greet();
    bench.text(&envelope("welcome", json!({"session": 1})));
    assert!(matches!(bench.faults()[..], [ProtocolFault::BadWelcome { .. }]));
    assert_eq!(bench.kind(), StateKind::Backoff);
    // Compression that was not offered.
    let mut bench = Bench::new(Options { compress: false, ..remote() });
    assert_eq!(bench.greet()["compress"], json!([]));
    bench.text(&welcome(json!({"compress": "zstd"})));
    assert_eq!(bench.faults(), [&ProtocolFault::Compression]);
}

#[test]
fn live_messages_move_the_position_and_duplicates_are_dropped() {
    let mut bench = Bench::new(remote());
    bench.v1();
    assert_eq!(bench.position(), Some(10));
    for (offset, prev) in [(11, 10), (11, 10), (15, 11), (9, 8), (16, 15)] {
        bench.text(&logged(offset, prev));
    }
    assert_eq!(bench.numbers(), [11, 15, 16]);
    assert_eq!(bench.position(), Some(16));
    assert!(bench.gaps().is_empty() && bench.written.is_empty());
}

#[test]
fn a_reconnect_resumes_where_the_last_session_ended() {
    let mut bench = Bench::new(remote());
    bench.v1();
    bench.text(&logged(11, 10));
    bench.lost();
    bench.wait(secs(2));
    let hello = bench.upgrade();
    assert_eq!(hello["resume"], json!({"epoch": "e", "offset": 11}));
    bench.text(&welcome(json!({"resumed": true, "replay": 2, "offset": 14})));
    assert_eq!(bench.last().current, ConnectionState::Connected { resumed: true });
    bench.numbers();
    for (offset, prev) in [(12, 11), (14, 12), (15, 14)] {
        bench.text(&logged(offset, prev));
    }
    assert_eq!(bench.numbers(), [12, 14, 15]);
    assert!(bench.faults().is_empty(), "{:?}", bench.faults());
}

#[test]
fn a_position_from_disk_is_resumed_though_nothing_was_received_yet() {
    let options = remote().validate().unwrap();
    let mut bench = Bench::new(remote());
    let position = Position { epoch: "e".into(), offset: 7 };
    bench.machine = Machine::new(options, fastrand::Rng::with_seed(1)).at(Some(position));
    assert_eq!(bench.greet()["resume"], json!({"epoch": "e", "offset": 7}));
}

#[test]
fn a_resume_beyond_the_head_or_of_another_log_begins_anew() {
    for lie in [
        json!({"resumed": true, "offset": 10}),
        json!({"resumed": true, "offset": 99, "epoch": "other"}),
    ] {
        let mut bench = Bench::new(remote());
        bench.v1();
        bench.text(&logged(50, 10));
        bench.lost();
        bench.wait(secs(2));
        bench.upgrade();
        bench.events.clear();
        bench.text(&welcome(lie));
        assert!(matches!(bench.faults()[..], [ProtocolFault::FalseResume { asked: Some(50), .. }]));
        bench.wait(secs(2));
        assert_eq!(bench.upgrade()["resume"], Value::Null, "the position is forgotten");
    }
}

#[test]
fn a_wrong_replay_count_is_told_and_costs_nothing() {
    for (announced, sent) in [(3, 1), (1, 2)] {
        let mut bench = Bench::new(remote());
        bench.v1();
        bench.lost();
        bench.wait(secs(2));
        bench.upgrade();
        bench.text(&welcome(json!({"resumed": true, "replay": announced, "offset": 12})));
        for offset in 11..11 + sent {
            bench.text(&logged(offset, offset - 1));
        }
        bench.text(&logged(13, 10 + sent));
        assert_eq!(bench.faults(), [&ProtocolFault::ReplayCount { announced, sent }]);
        assert_eq!(bench.numbers().len() as u64, sent + 1);
        assert!(bench.machine.state().is_connected());
    }
}

#[test]
fn a_snapshot_is_delivered_and_its_end_tells_what_is_there() {
    let mut bench = Bench::new(Options { topics: vec![topic("vault_update_*")], ..remote() });
    bench.greet();
    bench.text(&welcome(json!({})));
    let item = |ty: &str, offset: u64, extra: Value| {
        let mut value = json!({"type": ty, "data": offset, "timestamp": 1, "offset": offset});
        for (key, field) in extra.as_object().unwrap() {
            value[key] = field.clone();
        }
        value.to_string()
    };
    // A retained event, two keys, and a live message that overtakes one of them.
    bench.text(&item("risk_alert", 4, json!({"prev": 0})));
    bench.text(&item("vault_update_A", 6, json!({"snapshot": true})));
    bench.text(&item("vault_update_B", 12, json!({"prev": 10})));
    bench.text(&item("vault_update_B", 7, json!({"snapshot": true})));
    assert_eq!(bench.position(), None, "incomplete until its end");
    bench.text(&envelope("snapshot_end", json!({"offset": 10, "lostEvents": 3})));
    let Some(Inbound::SnapshotEnd(end)) = bench.delivered.pop() else { panic!() };
    assert_eq!((end.topics, end.lost_events), (vec![topic("vault_update_*")], Some(3)));
    let mut keys = end.keys;
    keys.sort();
    assert_eq!(keys, ["risk_alert", "vault_update_A", "vault_update_B"]);
    assert_eq!(bench.numbers(), [4, 6, 12], "what is live wins");
    assert_eq!(bench.position(), Some(12));
    assert!(matches!(bench.events.last(), Some(Event::Snapshot { lost_events: Some(3), .. })));
    bench.text(&logged(13, 10));
    assert_eq!(bench.numbers(), [13], "the snapshot's end was told last");
    assert!(bench.gaps().is_empty() && bench.faults().is_empty(), "{:?}", bench.faults());
}

#[test]
fn a_gap_is_asked_for_again_and_told() {
    let mut bench = Bench::new(remote());
    bench.v1();
    bench.text(&logged(13, 12));
    let resume = ("resume".to_owned(), json!({"epoch": "e", "offset": 10}));
    assert_eq!(bench.said(), [resume]);
    bench.text(&logged(14, 13));
    assert!(bench.numbers().is_empty(), "live messages are discarded until `resumed`");
    bench.text(&envelope("resumed", json!({"ok": true, "replay": 4, "offset": 10})));
    for offset in 11..=14 {
        bench.text(&logged(offset, offset - 1));
    }
    assert_eq!(bench.numbers(), [11, 12, 13, 14]);
    assert_eq!(bench.gaps(), [(10, 12, true)]);
    assert!(!bench.is_set(Timer::Answer));
}

#[test]
fn a_gap_the_server_cannot_fill_ends_in_a_snapshot() {
    let mut bench = Bench::new(remote());
    bench.v1();
    bench.text(&logged(13, 12));
    bench.text(&envelope("resumed", json!({"ok": false, "offset": 13})));
    bench.text(&logged(12, 10));
    bench.text(&envelope("snapshot_end", json!({"offset": 13, "lostEvents": null})));
    bench.text(&logged(14, 13));
    assert_eq!(bench.numbers(), [12, 14]);
    assert_eq!(bench.gaps(), [(10, 12, false)]);
    assert_eq!(bench.position(), Some(14));
}

#[test]
fn a_resume_that_is_not_answered_ends_the_session() {
    let mut bench = Bench::new(remote());
    bench.v1();
    bench.text(&logged(13, 12));
    bench.wait(secs(10));
    let cause = Cause::Protocol { fault: ProtocolFault::ResumeOverdue };
    assert_eq!(bench.last().cause, Some(cause));
}

#[test]
fn a_gap_that_is_there_after_the_resume_as_well_is_lost_and_told() {
    let mut bench = Bench::new(remote());
    bench.v1();
    for _ in 0..2 {
        bench.text("{ not json");
        bench.text(&logged(13, 12));
        bench.text(&envelope("resumed", json!({"ok": true, "replay": 2, "offset": 10})));
    }
    // `resumed` the second time was asked for by nobody: the message was delivered.
    assert_eq!(bench.numbers(), [13]);
    assert_eq!(bench.gaps(), [(10, 12, true), (10, 12, false)]);
    bench.text(&logged(14, 13));
    assert_eq!(bench.numbers(), [14]);
}

#[test]
fn positions_that_never_fit_end_the_session_with_back_off() {
    let mut bench = Bench::new(remote());
    bench.v1();
    let mut asked = 0;
    for n in 0..1_000_u64 {
        let told = bench.position().unwrap();
        bench.text(&logged(told + 5, told + 3));
        for (ty, _) in bench.said() {
            assert_eq!(ty, "resume");
            asked += 1;
            let resumed = json!({"ok": true, "replay": 0, "offset": told});
            bench.text(&envelope("resumed", resumed));
            bench.text(&logged(told + 5, told + 3));
        }
        if !bench.machine.state().is_connected() {
            assert!(n < 10, "{n}");
            break;
        }
    }
    assert_eq!(asked, 5, "no more within a minute");
    assert_eq!(bench.faults(), [&ProtocolFault::ResyncLoop { count: 5 }]);
    assert!(bench.last().delay.unwrap() >= ms(500));
}

#[test]
fn a_message_without_a_place_is_a_gap() {
    let mut bench = Bench::new(remote());
    bench.v1();
    bench.text(&envelope("number", json!(1)));
    assert_eq!(bench.said()[0].0, "resume");
    assert!(
        matches!(&bench.delivered[..], [Inbound::Invalid(i)] if i.kind == InvalidKind::Control)
    );
    bench.text(&envelope("resumed", json!({"ok": true, "replay": 1, "offset": 10})));
    // It comes again as it was: it is not lost for that.
    bench.delivered.clear();
    bench.text(&envelope("number", json!(1)));
    assert_eq!(bench.numbers(), [1]);
    assert!(matches!(bench.faults()[..], [ProtocolFault::NoPlace { .. }]));
}

#[test]
fn compressed_frames_are_read_where_agreed_and_refused_where_not() {
    let text = json!({"type": "note", "data": "a".repeat(2_000), "timestamp": 1}).to_string();
    let place = Place::Log { offset: 11, prev: 10 };
    let frame = Compressed::new(Codec::Zstd, &text).unwrap().frame(Some(place));
    let mut bench = Bench::new(remote());
    bench.greet();
    bench.text(&welcome(json!({"compress": "zstd"})));
    bench.text(&envelope("snapshot_end", json!({"offset": 10})));
    bench.delivered.clear();
    bench.transport(TransportEvent::Binary(frame.clone()));
    assert!(matches!(&bench.delivered[..], [Inbound::Message(m)] if m.place == Some(place)));
    assert_eq!(bench.position(), Some(11));
    // A bomb: larger inside than the server's own limit.
    let bomb = json!({"type": "note", "data": "0".repeat(4 << 20), "timestamp": 1}).to_string();
    let bomb = Compressed::new(Codec::Deflate, &bomb).unwrap().frame(Some(place));
    bench.transport(TransportEvent::Binary(bomb));
    let mut plain = Bench::new(remote());
    plain.v1();
    plain.transport(TransportEvent::Binary(frame));
    for bench in [bench, plain] {
        assert!(
            matches!(bench.delivered.last(), Some(Inbound::Invalid(i)) if i.kind == InvalidKind::Compressed)
        );
        assert!(bench.machine.state().is_connected());
    }
}

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
    bench.input(Input::Persisted(Persisted::Unsettled { items }));
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
    bench.input(Input::Persisted(Persisted::Unsettled { items }));
    // The same ones are found again after the connect.
    let items = vec![item(-3), item(-2)];
    bench.v1();
    bench.input(Input::Persisted(Persisted::Unsettled { items }));
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
fn topics_are_asked_for_answered_and_named_again_in_hello() {
    let mut bench = Bench::new(Options { topics: vec![topic("a")], ..remote() });
    bench.v1();
    let change = TopicChange::Subscribe(vec![topic("b*")]);
    bench.input(Input::Command(Command::Topics { request: RequestId(0), change }));
    assert_eq!(bench.said(), [("subscribe".to_owned(), json!({"topics": ["b*"]}))]);
    assert_eq!(bench.outcome(0), None);
    bench.text(&envelope("subscribed", json!({"topics": ["a", "b*"], "offset": 12})));
    assert_eq!(bench.outcome(0), Some(&Outcome::Acknowledged { offset: 12 }));
    assert_eq!(bench.position(), Some(12));
    bench.text(
        &json!({"type": "b1", "data": 1, "timestamp": 1, "offset": 5, "snapshot": true})
            .to_string(),
    );
    bench.text(&logged(13, 12));
    bench.text(&envelope("snapshot_end", json!({"offset": 13, "lostEvents": 0})));
    assert_eq!(bench.delivered.len(), 3);
    let Some(Inbound::SnapshotEnd(end)) = bench.delivered.last() else { panic!() };
    assert_eq!(end.topics, [topic("b*")]);
    bench.lost();
    bench.wait(secs(2));
    assert_eq!(bench.upgrade()["topics"], json!(["a", "b*"]));
    assert!(bench.faults().is_empty(), "{:?}", bench.faults());
}

#[test]
fn topics_that_change_during_the_greeting_are_asked_for_after_it() {
    let mut bench = Bench::new(Options { topics: vec![topic("a")], ..remote() });
    bench.greet();
    let change = TopicChange::Unsubscribe(vec![topic("a")]);
    bench.input(Input::Command(Command::Topics { request: RequestId(0), change }));
    bench.text(&welcome(json!({})));
    assert_eq!(bench.said()[0].0, "unsubscribe");
    bench.wait(secs(10));
    assert_eq!(bench.outcome(0), Some(&Outcome::TimedOut));
    bench.text(&envelope("subscribed", json!({"topics": [], "offset": 10})));
    assert_eq!(bench.settled.len(), 1, "an answer that comes late changes nothing");
}

#[test]
fn in_plain_mode_topics_are_a_filter() {
    let mut bench = Bench::new(Options { topics: vec![topic("a*")], ..remote() });
    bench.connect();
    bench.text(r#"{"type":"a1","data":1,"timestamp":1}"#);
    bench.text(r#"{"type":"b1","data":2,"timestamp":1}"#);
    let change = TopicChange::Subscribe(vec![topic("b1")]);
    bench.input(Input::Command(Command::Topics { request: RequestId(0), change }));
    bench.text(r#"{"type":"b1","data":3,"timestamp":1}"#);
    assert_eq!(bench.numbers(), [1, 3]);
    assert_eq!(bench.outcome(0), Some(&Outcome::Written));
}

#[test]
fn goodbye_and_error_say_how_long_to_stay_away() {
    for (ty, data) in [
        ("goodbye", json!({"reason": "restart", "retryAfterMs": 5_000})),
        ("error", json!({"code": "rate_limited", "message": "m", "retryAfterMs": 5_000})),
        ("goodbye", json!({"reason": "restart", "retryAfterMs": 3_600_000})),
    ] {
        let mut bench = Bench::new(remote());
        bench.v1();
        bench.text(&envelope(ty, data.clone()));
        bench.transport(TransportEvent::Closed { code: Some(1012), reason: String::new() });
        let delay = bench.last().delay.unwrap();
        let asked = ms(data["retryAfterMs"].as_u64().unwrap()).min(secs(60));
        assert!(delay >= asked && delay <= asked + ms(500), "{delay:?}");
    }
}

#[test]
fn trouble_behind_the_server_is_told() {
    let mut bench = Bench::new(remote());
    bench.v1();
    bench.text(&envelope("status", json!({"state": "degraded", "reason": "database"})));
    let Some(Event::ServerStatus { status, .. }) = bench.events.last() else { panic!() };
    assert_eq!(status.state, ServerState::Degraded);
    assert!(bench.machine.counters().degraded);
}

#[test]
fn a_refused_token_is_renewed_once() {
    let mut bench = Bench::new(remote());
    bench.machine =
        Machine::new(remote().validate().unwrap(), fastrand::Rng::with_seed(1)).renewing();
    bench.greet();
    bench.text(&welcome(json!({})));
    let unauthorised = || TransportEvent::Closed { code: Some(4401), reason: String::new() };
    bench.transport(unauthorised());
    assert!(bench.last().delay.unwrap() <= ms(500), "at once");
    bench.wait(ms(500));
    assert_eq!(bench.tokens, [TokenUse::Present, TokenUse::Fresh]);
    let error = ConnectError::new(ConnectErrorKind::Http { status: 401 }, "");
    bench.transport(TransportEvent::Failed(error));
    assert!(bench.last().delay.unwrap() >= ms(500), "then with back-off");
}

#[test]
fn a_token_is_renewed_in_place() {
    let mut bench = Bench::new(remote());
    bench.machine =
        Machine::new(remote().validate().unwrap(), fastrand::Rng::with_seed(1)).renewing();
    bench.input(Input::Command(Command::Connect));
    bench.transport(TransportEvent::Opened { mode: Mode::V1, renew_in: Some(secs(8)) });
    bench.text(&welcome(json!({})));
    bench.written.clear();
    bench.wait(secs(8));
    assert_eq!(bench.actions.last().unwrap(), "renew token");
    let failed = TokenNews::Failed { reason: "no".into() };
    bench.input(Input::Token(failed));
    assert!(matches!(bench.events.last(), Some(Event::TokenFailed { .. })));
    bench.text(&envelope("status", json!({"state": "ok"})));
    bench.wait(secs(20));
    bench.text(&envelope("status", json!({"state": "ok"})));
    bench.wait(secs(10));
    assert_eq!(bench.actions.iter().filter(|a| *a == "renew token").count(), 2);
    bench.said();
    let token = crate::Secret::new("new");
    bench.input(Input::Token(TokenNews::Renewed { token, renew_in: None }));
    assert_eq!(bench.said(), [("auth".to_owned(), json!({"token": "new"}))]);
    bench.text(&envelope("authorised", json!({})));
    assert_eq!(bench.machine.counters().token_renewals, 1);
}

#[test]
fn nothing_counts_after_a_fault() {
    let mut bench = Bench::new(remote());
    bench.v1();
    let twice = welcome(json!({}));
    let batch = format!(
        r#"{{"type":"batch_update","data":{{"updates":[{twice},{}]}},"timestamp":1}}"#,
        logged(11, 10)
    );
    bench.text(&batch);
    assert!(bench.numbers().is_empty());
    assert_eq!(bench.kind(), StateKind::Backoff);
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

#[test]
fn the_verdict_on_a_close_code_can_be_chosen_for_an_endpoint() {
    let chosen = |code, verdict, endpoint: Option<&str>| CloseOverride {
        endpoint: endpoint.map(Into::into),
        code,
        verdict,
    };
    for (overrides, code, expected) in [
        (vec![], 4403, StateKind::Failed),
        (vec![chosen(4403, Verdict::Retry, None)], 4403, StateKind::Backoff),
        (vec![chosen(1001, Verdict::Terminal, None)], 1001, StateKind::Failed),
        (
            vec![chosen(1001, Verdict::Terminal, Some("wss://other.example/"))],
            1001,
            StateKind::Backoff,
        ),
        (
            vec![
                chosen(1001, Verdict::Retry, Some("wss://feed.example/ws")),
                chosen(1001, Verdict::Terminal, None),
            ],
            1001,
            StateKind::Backoff,
        ),
    ] {
        let mut bench = Bench::new(Options { close_overrides: overrides.clone(), ..remote() });
        bench.v1();
        bench.transport(TransportEvent::Closed { code: Some(code), reason: String::new() });
        assert_eq!(bench.kind(), expected, "{code} {overrides:?}");
    }
}

/// What happens between an honest server and us.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Message,
    /// A message that is swallowed on the way.
    Swallowed,
    /// The last message once more.
    Again,
    /// A message about something that was not asked for: only its offset passes.
    Elsewhere,
    Reconnect,
}

/// A server with a log, as far as one client sees it.
#[derive(Default)]
struct Log {
    /// Offsets of what the client should get.
    offsets: Vec<u64>,
    head: u64,
    told: u64,
}

impl Log {
    fn append(&mut self) -> String {
        self.head += 1;
        self.offsets.push(self.head);
        let prev = std::mem::replace(&mut self.told, self.head);
        logged(self.head, prev)
    }

    fn replay(&mut self, after: u64) -> Vec<String> {
        let missed: Vec<u64> = self.offsets.iter().copied().filter(|o| *o > after).collect();
        self.told = after;
        missed
            .into_iter()
            .map(|offset| logged(offset, std::mem::replace(&mut self.told, offset)))
            .collect()
    }

    /// Answers whatever the client asks for.
    fn serve(&mut self, bench: &mut Bench) {
        for (ty, data) in bench.said() {
            if ty == "resume" {
                let after = data["offset"].as_u64().unwrap();
                let missed = self.replay(after);
                let resumed = json!({"ok": true, "replay": missed.len(), "offset": after});
                bench.text(&envelope("resumed", resumed));
                missed.iter().for_each(|text| bench.text(text));
            }
        }
    }
}

proptest! {
    /// Whatever is swallowed, repeated or cut off: the client ends up with every message of the log exactly once and
    /// in order.
    #[test]
    fn every_message_of_the_log_comes_once_and_in_order(
        happenings in prop::collection::vec(
            prop_oneof![
                6 => Just(Happening::Message),
                2 => Just(Happening::Swallowed),
                1 => Just(Happening::Again),
                2 => Just(Happening::Elsewhere),
                1 => Just(Happening::Reconnect),
            ],
            1..60,
        ),
    ) {
        let mut bench = Bench::new(Options { resyncs_per_minute: 1_000, dedup_ids: 0, ..remote() });
        bench.v1();
        let mut log = Log { offsets: Vec::new(), head: 10, told: 10 };
        let mut last = String::new();
        for happening in happenings.into_iter().chain([Happening::Message]) {
            match happening {
                Happening::Message => {
                    last = log.append();
                    bench.text(&last);
                }
                Happening::Swallowed => drop(log.append()),
                Happening::Again if last.is_empty() => {}
                Happening::Again => bench.text(&last),
                Happening::Elsewhere => log.head += 1,
                Happening::Reconnect => {
                    bench.lost();
                    // No further than the attempt, which would time out.
                    while bench.kind() != StateKind::Connecting {
                        bench.wait(Duration::from_millis(100));
                    }
                    let hello = bench.upgrade();
                    let after = hello["resume"]["offset"].as_u64().unwrap();
                    let missed = log.replay(after);
                    let resumed = json!({"resumed": true, "replay": missed.len(), "offset": log.head});
                    bench.text(&welcome(resumed));
                    missed.iter().for_each(|text| bench.text(text));
                }
            }
            log.serve(&mut bench);
        }
        prop_assert_eq!(bench.numbers(), log.offsets);
        prop_assert_eq!(bench.position(), Some(log.told));
        prop_assert!(bench.faults().is_empty(), "{:?}", bench.faults());
        prop_assert!(bench.gaps().iter().all(|(_, _, recovered)| *recovered));
    }
}
