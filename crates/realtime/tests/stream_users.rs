//! Several users of one stream, and types that a stage gives.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use realtime::testing::{MockSocket, ReadyState, options};
use realtime::wire::Message;
use realtime::{Builder, ConnectionState, Hub, Middleware, RealTimeData, Topic, Verdict};
use serde_json::{Map, Value, json};

fn topic(text: &str) -> Topic {
    Topic::parse(text).unwrap()
}

fn parts(hub: &Hub) -> RealTimeData<Map<String, Value>> {
    RealTimeData::folded(hub, topic("vault"), |before: Option<&Map<String, Value>>, message| {
        let mut whole = before.cloned().unwrap_or_default();
        whole.extend(message.decode::<Map<String, Value>>().unwrap());
        Ok(whole)
    })
}

#[tokio::test(start_paused = true)]
async fn users_share_the_value_and_nothing_else() {
    let mock = MockSocket::new();
    let hub = Hub::new(Builder::new(options()).dial(mock.dial()));
    let mut first = parts(&hub);
    first.connect().unwrap();
    mock.is(ReadyState::Open).await;
    mock.receive("vault", &json!({"ltv": 70, "name": "a"})).await;
    while first.state().message_count == 0 {
        first.changed().await;
    }

    let mut second = first.downgrade().upgrade().unwrap();
    let state = second.state();
    assert_eq!(state.data.unwrap()["ltv"], 70, "what is known is known to both");
    assert!(!state.is_connected, "it has not asked yet");
    second.connect().unwrap();
    assert!(second.state().is_connected);
    mock.receive("vault", &json!({"ltv": 71})).await;
    while second.state().message_count == 1 {
        second.changed().await;
    }
    let state = second.state();
    assert_eq!(state.message_count, 2, "taken once, however many use it");
    assert_eq!(Value::from((*state.data.unwrap()).clone()), json!({"ltv": 71, "name": "a"}));

    first.disconnect().await;
    assert!(!first.state().is_connected && second.state().is_connected);
    mock.receive("vault", &json!({"ltv": 72})).await;
    while second.state().message_count == 2 {
        second.changed().await;
    }
    drop(first);
    let way_back = second.downgrade();
    let (_, mut state) = hub.handle().subscribe_state();
    drop(second);
    state.wait_for(|state| *state == ConnectionState::Closed).await.unwrap();
    assert!(way_back.upgrade().is_none(), "nobody uses it any more");
}

/// Gives every message the type that its data name.
#[derive(Debug)]
struct Sorted;

impl Middleware for Sorted {
    fn name(&self) -> &str {
        "sorted"
    }

    fn inbound(&self, message: &Message) -> Verdict {
        let data: Value = message.decode().unwrap();
        let ty = data["of"].as_str().unwrap();
        Verdict::Replace(Message::new(ty, &data, message.timestamp, None).unwrap())
    }
}

/// Plain mode left out what nobody had asked for before any stage saw it.
#[tokio::test(start_paused = true)]
async fn a_type_given_by_a_stage_reaches_its_stream_in_plain_mode() {
    let mock = MockSocket::new();
    let builder = Builder::new(options()).dial(mock.dial()).stage(Arc::new(Sorted));
    let hub = Hub::new(builder);
    let mut stream = RealTimeData::<Value>::json(&hub, topic("vault_1"));
    stream.connect().unwrap();
    mock.is(ReadyState::Open).await;
    mock.receive("vault", &json!({"of": "vault_2", "ltv": 1})).await;
    mock.receive("vault", &json!({"of": "vault_1", "ltv": 2})).await;
    while stream.state().message_count == 0 {
        stream.changed().await;
    }
    assert_eq!(stream.state().data.unwrap()["ltv"], 2);
}
