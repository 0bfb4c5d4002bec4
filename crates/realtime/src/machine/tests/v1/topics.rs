//! Topics that change while the connection stands.

use super::*;

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
