//! Every message of the log once and in order: places, resuming, snapshots, gaps.

use super::*;

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
