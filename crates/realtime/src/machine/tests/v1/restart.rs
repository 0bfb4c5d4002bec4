//! A program that starts again at a position, with what it knew of the state or without.

use super::*;

/// Started again at 7; with ids forgotten, so that positions alone tell what is new.
fn restarted(without_state: bool) -> Bench {
    let mut bench = Bench::new(Options { dedup_ids: 0, ..remote() });
    let options = Options { dedup_ids: 0, ..remote() }.validate().unwrap();
    let position = Position { epoch: "e".into(), offset: 7 };
    let machine = Machine::new(options, fastrand::Rng::with_seed(1)).at(Some(position));
    bench.machine = if without_state { machine.without_state() } else { machine };
    bench
}

fn state(offset: u64) -> String {
    json!({"type": "vault_update_A", "data": offset, "timestamp": 1, "offset": offset, "snapshot": true})
        .to_string()
}

impl Bench {
    fn reconnect(&mut self) -> Value {
        self.lost();
        self.wait(secs(2));
        self.upgrade()
    }

    fn end(&mut self, offset: u64) {
        self.text(&envelope("snapshot_end", json!({"offset": offset, "lostEvents": 0})));
    }

    fn ends(&self) -> usize {
        self.delivered.iter().filter(|inbound| matches!(inbound, Inbound::SnapshotEnd(_))).count()
    }
}

#[test]
fn without_state_the_events_since_and_a_snapshot_are_asked_for() {
    let mut bench = restarted(true);
    let hello = bench.greet();
    assert_eq!(hello["resume"], json!({"epoch": "e", "offset": 7, "snapshot": true}));
    bench.text(&welcome(json!({})));
    for (offset, prev) in [(6, 5), (7, 6), (8, 7), (10, 8)] {
        bench.text(&logged(offset, prev));
    }
    assert_eq!(bench.position(), Some(10), "the next start will ask for a snapshot as well");
    bench.text(&state(3));
    bench.end(10);
    assert_eq!(bench.ends(), 1);
    assert_eq!(bench.numbers(), [8, 10, 3], "each event after the position, and the state");
    assert_eq!(bench.reconnect()["resume"], json!({"epoch": "e", "offset": 10}), "all is known");
    let counters = bench.machine.counters();
    assert_eq!((counters.resumes_ok, counters.resumes_failed), (1, 0));
    assert!(bench.faults().is_empty() && bench.gaps().is_empty());
}

#[test]
fn a_snapshot_that_was_cut_off_is_asked_for_again_and_its_events_do_not_come_twice() {
    for without_state in [true, false] {
        let mut bench = restarted(without_state);
        bench.greet();
        bench.text(&welcome(json!({})));
        bench.text(&logged(8, 7));
        bench.text(&state(3));
        // A program that ends here and will have its state again must not believe that it is whole.
        assert_eq!(bench.position(), Some(if without_state { 8 } else { 7 }));
        let resume = bench.reconnect()["resume"].clone();
        assert_eq!(resume, json!({"epoch": "e", "offset": 8, "snapshot": true}));
        bench.text(&welcome(json!({})));
        bench.text(&logged(8, 7));
        bench.text(&logged(9, 8));
        bench.text(&state(3));
        bench.end(10);
        assert_eq!(bench.numbers(), [8, 3, 9, 3]);
        assert_eq!(bench.position(), Some(10));
    }
}

#[test]
fn a_server_that_only_replays_is_asked_in_a_way_every_server_knows() {
    let mut bench = restarted(true);
    bench.greet();
    bench.text(&welcome(json!({"resumed": true, "replay": 2})));
    let said = bench.said();
    let [(ty, resume)] = &said[..] else { panic!("{said:?}") };
    assert_eq!((ty.as_str(), &resume["offset"]), ("resume", &json!(7)));
    assert_ne!(resume["epoch"], "e", "a position of another log is refused by every server");
    // The replay goes on meanwhile, and so does life; what does not fit comes again.
    for (offset, prev) in [(8, 7), (10, 8), (11, 10), (13, 12)] {
        bench.text(&logged(offset, prev));
    }
    assert_eq!(bench.numbers(), [8, 10, 11]);
    bench.text(&envelope("resumed", json!({"ok": false, "offset": 0})));
    for (offset, prev) in [(2, 0), (8, 2), (10, 8), (12, 10), (13, 12)] {
        bench.text(&logged(offset, prev));
    }
    bench.text(&state(9));
    bench.end(13);
    bench.text(&logged(14, 13));
    assert_eq!(bench.ends(), 1);
    assert_eq!(bench.numbers(), [12, 13, 9, 14], "nothing twice and nothing lost");
    assert!(!bench.is_set(Timer::Answer));
    assert!(bench.faults().is_empty() && bench.gaps().is_empty(), "{:?}", bench.faults());
    assert_eq!(bench.reconnect()["resume"], json!({"epoch": "e", "offset": 14}));
}

#[test]
fn a_server_that_resumes_at_anything_has_no_snapshot_to_give() {
    let mut bench = restarted(true);
    bench.greet();
    bench.text(&welcome(json!({"resumed": true, "replay": 1})));
    bench.text(&logged(8, 7));
    bench.text(&envelope("resumed", json!({"ok": true, "replay": 1, "offset": 7})));
    bench.text(&logged(8, 7));
    bench.text(&logged(11, 8));
    assert_eq!(bench.numbers(), [8, 11]);
    assert_eq!(bench.faults(), [&ProtocolFault::NoSnapshot]);
    assert!(bench.machine.state().is_connected());
}

#[test]
fn a_server_that_never_answers_is_left() {
    let mut bench = restarted(true);
    bench.greet();
    bench.text(&welcome(json!({"resumed": true})));
    bench.wait(secs(10));
    let cause = Cause::Protocol { fault: ProtocolFault::ResumeOverdue };
    assert_eq!(bench.last().cause, Some(cause));
}

#[test]
fn the_state_of_new_topics_is_not_lost_in_a_gap() {
    let mut bench = Bench::new(Options { topics: vec![topic("number")], ..remote() });
    bench.v1();
    let change = TopicChange::Subscribe(vec![topic("vault_update_*")]);
    bench.input(Input::Command(Command::Topics { request: RequestId(0), change }));
    bench.text(&logged(13, 12));
    // The server had answered before it heard of the gap.
    let topics = json!({"topics": ["number", "vault_update_*"], "offset": 13});
    bench.text(&envelope("subscribed", topics));
    bench.text(&state(3));
    bench.end(13);
    assert_eq!(bench.ends(), 1);
    assert_eq!(bench.position(), Some(10), "that is for `resumed` to say");
    bench.text(&envelope("resumed", json!({"ok": true, "replay": 2, "offset": 10})));
    for (offset, prev) in [(12, 10), (13, 12), (14, 13)] {
        bench.text(&logged(offset, prev));
    }
    assert_eq!(bench.numbers(), [3, 12, 13, 14]);
    assert!(bench.faults().is_empty(), "{:?}", bench.faults());
}
