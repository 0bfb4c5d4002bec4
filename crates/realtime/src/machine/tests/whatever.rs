//! The machine under random input.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Connect,
    Disconnect,
    Send(usize),
    Publish(Durability),
    Cancel(u64),
    Topics(bool),
    Wait(u64),
    Sleep(i64),
    Network(Network),
    Woke,
    Transport(u8, Age),
    StaleTimer(usize, u64),
}

#[derive(Clone, Copy, Debug)]
enum Durability {
    Volatile,
    Durable,
}

#[derive(Clone, Copy, Debug)]
enum Age {
    Present,
    Old(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let network = prop_oneof![Just(Network::Up), Just(Network::Down)];
    let age = prop_oneof![6 => Just(Age::Present), 1 => (1_u64..5).prop_map(Age::Old)];
    prop_oneof![
        3 => Just(Step::Connect),
        1 => Just(Step::Disconnect),
        2 => (1_usize..3_000).prop_map(Step::Send),
        3 => prop_oneof![Just(Durability::Volatile), Just(Durability::Durable)].prop_map(Step::Publish),
        1 => (0_u64..20).prop_map(Step::Cancel),
        1 => any::<bool>().prop_map(Step::Topics),
        5 => (0_u64..40_000).prop_map(Step::Wait),
        1 => (-100_000_i64..100_000).prop_map(Step::Sleep),
        1 => network.prop_map(Step::Network),
        1 => Just(Step::Woke),
        12 => (0_u8..32, age).prop_map(|(event, age)| Step::Transport(event, age)),
        1 => (0..Timer::ALL.len(), 0_u64..200).prop_map(|(t, g)| Step::StaleTimer(t, g)),
    ]
}

fn event(which: u8) -> TransportEvent {
    let text = |text: &'static str| TransportEvent::Text(text.into());
    match which {
        0..=2 => TransportEvent::Opened { mode: Mode::Plain, renew_in: None },
        3 => TransportEvent::Failed(ConnectError::new(ConnectErrorKind::Tcp, "")),
        4 => text(r#"{"type":"a","data":1,"timestamp":1,"id":"x"}"#),
        5 => text(r#"{"type":"heartbeat","data":{"timestamp":7},"timestamp":7}"#),
        6 => text("{"),
        7 => TransportEvent::Binary(Bytes::from_static(b"x")),
        8 => TransportEvent::Pong,
        9 => TransportEvent::Flushed,
        10 => TransportEvent::Refused(FrameFault::NotUtf8),
        11 => TransportEvent::Closed { code: Some(1001), reason: String::new() },
        12 => TransportEvent::ReadPaused,
        13 => TransportEvent::Lost { reason: String::new() },
        14..=17 => TransportEvent::Opened { mode: Mode::V1, renew_in: Some(secs(20)) },
        18..=20 => text(
            r#"{"type":"welcome","data":{"session":"s","tenant":"t","epoch":"e","offset":3,"heartbeatMs":15000,"graceMs":10000,"maxMessageBytes":65536,"dedupMs":600000,"resumed":false},"timestamp":1}"#,
        ),
        21 => text(
            r#"{"type":"welcome","data":{"session":"s","tenant":"t","epoch":"e","offset":9,"heartbeatMs":1,"graceMs":99999999,"maxMessageBytes":65536,"dedupMs":1000,"resumed":true,"replay":2},"timestamp":1}"#,
        ),
        22 => text(r#"{"type":"snapshot_end","data":{"offset":3},"timestamp":1}"#),
        23 => text(r#"{"type":"resumed","data":{"ok":true,"replay":0,"offset":3},"timestamp":1}"#),
        24 => text(r#"{"type":"resumed","data":{"ok":false,"offset":1},"timestamp":1}"#),
        25 => text(r#"{"type":"ack","data":{"id":"p0","offset":4},"timestamp":1}"#),
        26 => text(
            r#"{"type":"nack","data":{"id":"p1","code":"x","message":"","retryable":true},"timestamp":1}"#,
        ),
        27 => text(
            r#"{"type":"nack","data":{"id":"p2","code":"x","message":"","retryable":false},"timestamp":1}"#,
        ),
        28 => text(r#"{"type":"subscribed","data":{"topics":["a"],"offset":5},"timestamp":1}"#),
        29 => text(r#"{"type":"a","data":1,"timestamp":1,"offset":4,"prev":3}"#),
        30 => text(r#"{"type":"a","data":1,"timestamp":1,"offset":9,"prev":7}"#),
        _ => text(r#"{"type":"authorised","data":{},"timestamp":1}"#),
    }
}

proptest! {
    /// Whatever comes: at most one socket, nothing from an old generation, no state twice (all asserted where outputs
    /// are applied), delays within bounds, a timer for every state that is meant to end, and no room lost.
    #[test]
    fn whatever_comes(seed: u64, steps in prop::collection::vec(step(), 1..150)) {
        let options = Options {
            max_message_out: 1_024,
            write_buffer: 4_096,
            topics: vec![crate::Topic::parse("a").unwrap()],
            ..remote()
        };
        let mut bench = Bench::seeded(options, seed);
        let mut requests = 0;
        for step in steps {
            let before = bench.states.len();
            match step {
                Step::Connect => bench.input(Input::Command(Command::Connect)),
                Step::Disconnect => bench.input(Input::Command(Command::Disconnect)),
                Step::Send(bytes) => {
                    bench.send("x".repeat(bytes));
                }
                Step::Publish(durability) => {
                    let id = format!("p{}", requests % 5);
                    bench.publish(requests, &id, matches!(durability, Durability::Durable));
                    requests += 1;
                }
                Step::Cancel(request) => {
                    bench.input(Input::Command(Command::Cancel(RequestId(request))));
                }
                Step::Topics(add) => {
                    let topics = vec![crate::Topic::parse("b").unwrap()];
                    let change = match add {
                        true => TopicChange::Subscribe(topics),
                        false => TopicChange::Unsubscribe(topics),
                    };
                    let request = RequestId(requests);
                    requests += 1;
                    bench.input(Input::Command(Command::Topics { request, change }));
                }
                Step::Wait(millis) => bench.wait(ms(millis)),
                Step::Sleep(millis) => bench.now.wall.0 += millis,
                Step::Network(network) => bench.input(Input::Network(network)),
                Step::Woke => bench.input(Input::Woke),
                Step::Transport(which, Age::Present) => bench.transport(event(which)),
                Step::Transport(which, Age::Old(age)) => {
                    let Some(present) = bench.live else { continue };
                    let generation = Generation(present.0.saturating_sub(age));
                    let (states, delivered) = (bench.states.len(), bench.delivered.len());
                    bench.input(Input::Transport { generation, event: event(which) });
                    prop_assert_eq!((states, delivered), (bench.states.len(), bench.delivered.len()));
                }
                Step::StaleTimer(timer, generation) => {
                    let (timer, generation) = (Timer::ALL[timer], Generation(generation));
                    if !bench.timers.iter().any(|(t, _, g)| (*t, *g) == (timer, generation)) {
                        let states = bench.states.len();
                        bench.input(Input::Timer { timer, generation });
                        prop_assert_eq!(states, bench.states.len());
                    }
                }
            }
            for change in &bench.states[before..] {
                if let Some(delay) = change.delay {
                    prop_assert!(delay <= secs(36), "{:?}", delay);
                }
            }
            let must_end = match bench.kind() {
                StateKind::Connecting => Some(Timer::Connect),
                StateKind::Handshaking => Some(Timer::Answer),
                StateKind::Connected => Some(Timer::Liveness),
                StateKind::Backoff | StateKind::Suspended => Some(Timer::Retry),
                StateKind::Closing => Some(Timer::Close),
                StateKind::Offline => Some(Timer::Wake),
                StateKind::Idle | StateKind::Closed | StateKind::Failed => None,
            };
            prop_assert!(must_end.is_none_or(|timer| bench.is_set(timer)), "{:?}", bench.kind());
            let has_socket = matches!(
                bench.kind(),
                StateKind::Connecting
                    | StateKind::Handshaking
                    | StateKind::Connected
                    | StateKind::Closing
            );
            prop_assert_eq!(has_socket, bench.live.is_some());
        }
        // Whatever still waits leaves or expires, and gives its room back.
        bench.wait(secs(120));
        if bench.machine.state().is_connected() {
            bench.transport(TransportEvent::Flushed);
        }
        bench.wait(secs(120));
        bench.wait(secs(25 * 3_600));
        prop_assert_eq!(bench.budget.used(), QueueDepth::default());
        // Every request has ended, and each only once.
        let mut ended: Vec<u64> = bench.settled.iter().map(|(request, _)| request.0).collect();
        ended.sort_unstable();
        let asked: Vec<u64> = (0..requests).collect();
        prop_assert_eq!(ended, asked);
    }
}
