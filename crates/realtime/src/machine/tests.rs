use std::time::Duration;

use bytes::Bytes;
use wire::{InvalidKind, Message, UnixMillis};

use super::*;
use crate::{FrameFault, Inbound, Mode, Options, Outcome, QueueDepth, StateChange, StateKind};

mod endpoints;
mod v1;
mod whatever;

/// A driver without a socket: it keeps the timers and the generation, and checks every output against what a driver
/// may rely on.
struct Bench {
    machine: Machine,
    out: Outputs,
    now: Now,
    budget: Arc<Budget>,
    timers: Vec<(Timer, Monotonic, Generation)>,
    /// The socket, or the attempt to get one, that was asked for and not dropped.
    live: Option<Generation>,
    actions: Vec<String>,
    events: Vec<Event>,
    states: Vec<StateChange>,
    delivered: Vec<Inbound>,
    written: Vec<String>,
    persisted: Vec<Persist>,
    tokens: Vec<TokenUse>,
    settled: Vec<(RequestId, Outcome)>,
}

impl Bench {
    fn new(options: Options) -> Self {
        Self::seeded(options, 1)
    }

    fn seeded(options: Options, seed: u64) -> Self {
        let budget = Budget::new(QueueDepth {
            messages: options.queue_messages,
            bytes: options.queue_bytes,
        });
        let machine = Machine::new(options.validate().unwrap(), fastrand::Rng::with_seed(seed));
        Self {
            machine,
            out: Outputs::default(),
            now: Now { monotonic: Monotonic::default(), wall: UnixMillis(1_000_000) },
            budget,
            timers: Vec::new(),
            live: None,
            actions: Vec::new(),
            events: Vec::new(),
            states: Vec::new(),
            delivered: Vec::new(),
            written: Vec::new(),
            persisted: Vec::new(),
            tokens: Vec::new(),
            settled: Vec::new(),
        }
    }

    fn input(&mut self, input: Input) {
        self.machine.step(input, self.now, &mut self.out);
        self.delivered.append(&mut self.out.inbound);
        while let Some(action) = self.out.actions.pop_front() {
            self.apply(action);
        }
        if let Some(last) = self.states.last() {
            assert_eq!(&last.current, self.machine.state(), "a change was not told");
        }
    }

    fn apply(&mut self, action: Output) {
        match action {
            Output::Connect { generation, token, .. } => {
                self.tokens.push(token);
                assert_eq!(self.live, None, "two sockets at once");
                self.live = Some(generation);
                self.actions.push("connect".into());
            }
            Output::Write { text, generation } => {
                assert_eq!(self.live, Some(generation), "a write to a socket that is gone");
                self.written.push(text);
            }
            Output::Ping { generation } => {
                assert_eq!(self.live, Some(generation));
                self.actions.push("ping".into());
            }
            Output::Close { code, generation } => {
                assert_eq!(self.live, Some(generation));
                self.actions.push(format!("close {code}"));
            }
            Output::Drop { generation, farewell } => {
                assert_eq!(self.live.take(), Some(generation), "dropped what was not there");
                self.actions.push(match farewell {
                    Some(code) => format!("drop {code}"),
                    None => "drop".into(),
                });
            }
            Output::SetTimer { timer, at, generation } => {
                self.timers.retain(|(t, ..)| *t != timer);
                self.timers.push((timer, at, generation));
            }
            Output::ClearTimer { timer } => self.timers.retain(|(t, ..)| *t != timer),
            Output::Persist(persist) => self.persisted.push(persist),
            Output::RenewToken => self.actions.push("renew token".into()),
            Output::Settle { request, outcome } => self.settled.push((request, outcome)),
            Output::Report(Event::State(change)) => {
                assert_ne!(change.previous, change.current, "a state was emitted twice");
                if let Some(last) = self.states.last() {
                    assert_eq!(last.current, change.previous);
                }
                self.states.push(change);
            }
            Output::Report(event) => self.events.push(event),
        }
    }

    fn transport(&mut self, event: TransportEvent) {
        if let Some(generation) = self.live {
            self.input(Input::Transport { generation, event });
        }
    }

    fn advance(&mut self, time: Duration) {
        self.now.monotonic = self.now.monotonic.plus(time);
        self.now.wall = self.now.wall.plus(time);
    }

    /// Lets time pass and fires what comes due on the way.
    fn wait(&mut self, time: Duration) {
        let end = self.now.monotonic.plus(time);
        while let Some((timer, at, generation)) =
            self.timers.iter().copied().filter(|(_, at, _)| *at <= end).min_by_key(|(_, at, _)| *at)
        {
            self.advance(at.since(self.now.monotonic));
            self.timers.retain(|(t, ..)| *t != timer);
            self.input(Input::Timer { timer, generation });
        }
        self.advance(end.since(self.now.monotonic));
    }

    fn connect(&mut self) {
        self.input(Input::Command(Command::Connect));
        self.transport(TransportEvent::Opened { mode: Mode::Plain, renew_in: None });
        assert!(self.machine.state().is_connected());
    }

    /// A session that was good: 5 s up, and a message.
    fn good_session(&mut self) {
        self.connect();
        self.text(r#"{"type":"a","data":1,"timestamp":1}"#);
        self.wait(secs(5));
        self.text(r#"{"type":"a","data":1,"timestamp":2}"#);
    }

    fn text(&mut self, text: &str) {
        self.transport(TransportEvent::Text(text.into()));
    }

    fn send(&mut self, text: String) -> bool {
        let Some(reservation) = self.budget.reserve(text.len()) else { return false };
        let outgoing = Outgoing::new("t".into(), text, reservation);
        self.input(Input::Command(Command::Send(outgoing)));
        true
    }

    fn kind(&self) -> StateKind {
        self.machine.state().kind()
    }

    fn last(&self) -> &StateChange {
        self.states.last().unwrap()
    }

    fn lost(&mut self) {
        self.transport(TransportEvent::Lost { reason: "gone".into() });
    }

    fn is_set(&self, timer: Timer) -> bool {
        self.timers.iter().any(|(t, ..)| *t == timer)
    }
}

fn remote() -> Options {
    Options::new("wss://feed.example/ws")
}

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

#[test]
fn a_change_of_state_says_what_it_is_about() {
    let mut bench = Bench::new(remote());
    bench.connect();
    bench.transport(TransportEvent::Closed { code: Some(1006), reason: "x".into() });
    let change = bench.last();
    assert_eq!(change.previous, ConnectionState::Connected { resumed: false });
    assert_eq!(change.current.kind(), StateKind::Backoff);
    assert_eq!(change.cause.as_ref().unwrap().kind(), crate::CauseKind::ServerClosed);
    assert_eq!(change.endpoint.to_string(), "wss://feed.example/ws");
    assert_eq!(change.attempt, 2);
    let ConnectionState::Backoff { retry_at, .. } = &change.current else { unreachable!() };
    assert_eq!(bench.now.wall.plus(change.delay.unwrap()), *retry_at);
}

#[test]
fn clean_closes_of_the_server_are_retried() {
    for code in [1000, 1001, 1012] {
        let mut bench = Bench::new(remote());
        bench.connect();
        bench.transport(TransportEvent::Closed { code: Some(code), reason: String::new() });
        assert_eq!(bench.kind(), StateKind::Backoff, "{code}");
        bench.wait(secs(2));
        assert_eq!(bench.kind(), StateKind::Connecting, "{code}");
    }
}

#[test]
fn a_terminal_close_waits_to_be_asked() {
    let mut bench = Bench::new(remote());
    bench.connect();
    bench.transport(TransportEvent::Closed { code: Some(4403), reason: "no".into() });
    assert_eq!(bench.kind(), StateKind::Failed);
    bench.wait(secs(3_600));
    assert_eq!(bench.kind(), StateKind::Failed);
    bench.connect();
}

#[test]
fn a_server_that_accepts_and_drops_is_not_hammered() {
    let mut bench = Bench::new(remote());
    bench.input(Input::Command(Command::Connect));
    let mut delays = Vec::new();
    for _ in 0..8 {
        bench.transport(TransportEvent::Opened { mode: Mode::Plain, renew_in: None });
        bench.text(r#"{"type":"a","data":1,"timestamp":1}"#);
        bench.lost();
        delays.push(bench.last().delay.unwrap());
        bench.wait(bench.last().delay.unwrap());
        assert_eq!(bench.kind(), StateKind::Connecting);
    }
    assert!(delays.iter().all(|delay| *delay >= ms(500)), "{delays:?}");
    assert_eq!(bench.last().attempt, 9);
}

#[test]
fn up_for_long_without_a_word_is_no_good_session() {
    let mut bench = Bench::new(remote());
    bench.connect();
    bench.wait(secs(6));
    bench.lost();
    assert!(bench.last().delay.unwrap() >= ms(500));
    assert_eq!(bench.last().attempt, 2);
}

#[test]
fn after_a_good_session_the_first_retry_is_quick() {
    let mut bench = Bench::new(remote());
    bench.good_session();
    bench.lost();
    assert_eq!(bench.last().attempt, 1);
    assert!(bench.last().delay.unwrap() <= ms(500));
}

#[test]
fn long_failure_suspends_and_never_gives_up() {
    let mut bench = Bench::new(remote());
    bench.input(Input::Command(Command::Connect));
    let mut attempts = 0;
    while bench.now.monotonic.0 < secs(24 * 3_600) {
        let error = ConnectError::new(ConnectErrorKind::Tcp, "refused");
        bench.transport(TransportEvent::Failed(error));
        let expected = if bench.now.monotonic.0 < secs(120) {
            StateKind::Backoff
        } else {
            StateKind::Suspended
        };
        assert_eq!(bench.kind(), expected);
        bench.wait(bench.last().delay.unwrap());
        assert_eq!(bench.kind(), StateKind::Connecting);
        attempts += 1;
    }
    assert!((2_400..3_700).contains(&attempts), "{attempts} attempts in a day");
    // One good session, and haste is of use again.
    bench.transport(TransportEvent::Opened { mode: Mode::Plain, renew_in: None });
    bench.transport(TransportEvent::Pong);
    bench.wait(secs(5));
    bench.lost();
    assert_eq!(bench.kind(), StateKind::Backoff);
}

#[test]
fn how_far_the_attempts_lie_apart_is_chosen() {
    let mut bench = Bench::new(Options {
        suspended_interval: secs(600),
        suspended_spread_percent: 0,
        first_retry_within: Duration::ZERO,
        ..remote()
    });
    bench.good_session();
    bench.lost();
    assert_eq!(bench.last().delay, Some(Duration::ZERO), "the first one");
    bench.wait(Duration::ZERO);
    while bench.kind() != StateKind::Suspended {
        bench.transport(TransportEvent::Failed(ConnectError::new(ConnectErrorKind::Tcp, "")));
        bench.wait(bench.last().delay.unwrap().min(secs(60)));
    }
    assert_eq!(bench.last().delay, Some(secs(600)), "to the millisecond");
    bench.input(Input::Network(Network::Up));
    assert_eq!(bench.last().delay, Some(Duration::ZERO), "there is hope");
}

#[test]
fn max_reconnect_attempts_is_reported_and_final() {
    let mut bench = Bench::new(Options { max_reconnect_attempts: Some(3), ..remote() });
    bench.input(Input::Command(Command::Connect));
    let fail = |bench: &mut Bench| {
        bench.transport(TransportEvent::Failed(ConnectError::new(ConnectErrorKind::Tcp, "")));
    };
    for _ in 0..3 {
        fail(&mut bench);
        bench.wait(bench.last().delay.unwrap());
        assert_eq!(bench.kind(), StateKind::Connecting);
    }
    fail(&mut bench);
    assert_eq!(bench.kind(), StateKind::Failed);
    let reached = |e: &Event| matches!(e, Event::MaxReconnectAttemptsReached { attempts: 3, .. });
    assert_eq!(bench.events.iter().filter(|e| reached(e)).count(), 1);
}

#[test]
fn a_hint_of_the_server_is_honoured() {
    let mut bench = Bench::new(remote());
    bench.input(Input::Command(Command::Connect));
    let mut error = ConnectError::new(ConnectErrorKind::Http { status: 503 }, "");
    error.retry_after = Some(secs(30));
    bench.transport(TransportEvent::Failed(error));
    let delay = bench.last().delay.unwrap();
    assert!(delay >= secs(30) && delay <= ms(30_500), "{delay:?}");
}

#[test]
fn a_dead_peer_is_found_in_25_seconds() {
    let mut bench = Bench::new(remote());
    bench.good_session();
    bench.wait(ms(14_999));
    assert!(bench.written.is_empty());
    bench.wait(ms(1));
    assert_eq!(bench.written.len(), 1, "a heartbeat message");
    assert!(bench.written[0].starts_with(r#"{"type":"heartbeat","data":{"timestamp":"#));
    assert_eq!(bench.actions.last().unwrap(), "ping");
    bench.wait(ms(9_999));
    assert!(bench.machine.state().is_connected());
    bench.wait(ms(1));
    assert_eq!(bench.last().cause, Some(Cause::HeartbeatTimeout));
    assert_eq!(bench.kind(), StateKind::Backoff);
}

#[test]
fn any_inbound_byte_proves_life() {
    let signs: [fn() -> TransportEvent; 4] = [
        || TransportEvent::Pong,
        || TransportEvent::Activity,
        || TransportEvent::Text("not json".into()),
        || TransportEvent::Binary(Bytes::from_static(b"x")),
    ];
    for sign in signs {
        let mut bench = Bench::new(remote());
        bench.connect();
        for _ in 0..20 {
            bench.wait(secs(24));
            bench.transport(sign());
        }
        assert!(bench.machine.state().is_connected(), "{:?}", sign());
    }
}

#[test]
fn a_busy_connection_still_sends_heartbeats() {
    let mut bench = Bench::new(remote());
    bench.connect();
    for i in 0..60 {
        bench.wait(secs(1));
        bench.text(&format!(r#"{{"type":"a","data":1,"timestamp":{i}}}"#));
    }
    assert_eq!(bench.written.len(), 2);
    assert!(!bench.actions.contains(&"ping".to_owned()));
}

#[test]
fn a_slow_reader_is_not_taken_for_a_dead_peer() {
    let mut bench = Bench::new(remote());
    bench.connect();
    bench.wait(secs(20));
    bench.transport(TransportEvent::ReadPaused);
    bench.wait(secs(600));
    assert!(bench.machine.state().is_connected());
    assert!(bench.written.len() >= 20, "the server is told that we are here");
    bench.transport(TransportEvent::ReadResumed);
    bench.wait(secs(24));
    assert!(bench.machine.state().is_connected());
    bench.wait(secs(1));
    assert_eq!(bench.kind(), StateKind::Backoff);
}

#[test]
fn heartbeats_are_answered_measured_and_not_delivered() {
    let mut bench = Bench::new(remote());
    bench.connect();
    bench.text(r#"{"type":"heartbeat","data":{"timestamp":42},"timestamp":42}"#);
    assert!(bench.written[0].contains(r#""data":{"timestamp":42}"#));
    bench.wait(secs(15));
    let ours = bench.written[1].clone();
    bench.advance(ms(80));
    bench.text(&ours);
    assert_eq!(bench.written.len(), 2);
    assert!(bench.delivered.is_empty());
    let metrics = bench.machine.counters().snapshot(
        bench.machine.state().clone(),
        QueueDepth::default(),
        (0, 0),
        bench.now.monotonic,
    );
    assert_eq!(metrics.rtt.last, Some(80.0));
    assert_eq!(metrics.heartbeats, 2);
}

#[test]
fn after_sleep_an_open_socket_is_probed_for_three_seconds() {
    let mut bench = Bench::new(remote());
    bench.good_session();
    bench.now.wall = bench.now.wall.plus(secs(3_600));
    bench.wait(secs(5));
    assert!(
        bench
            .events
            .iter()
            .any(|e| matches!(e, Event::Woke { slept, .. } if *slept >= secs(3_590)))
    );
    assert_eq!(bench.actions.last().unwrap(), "ping");
    bench.wait(secs(3));
    assert_eq!(bench.last().cause, Some(Cause::ProbeTimeout));
}

/// On loopback, too: whatever listens there may have died in the meantime.
#[test]
fn told_of_waking_it_probes_at_once_whatever_the_clocks_say() {
    let mut bench = Bench::new(Options::new("ws://127.0.0.1:1/"));
    bench.good_session();
    bench.input(Input::Woke);
    assert_eq!(bench.actions.last().unwrap(), "ping");
    bench.wait(ms(2_999));
    assert!(bench.machine.state().is_connected());
    bench.wait(ms(1));
    assert_eq!(bench.last().cause, Some(Cause::ProbeTimeout));
    assert_eq!(woke(&bench), 0, "a nap is no sleep");
}

#[test]
fn sleep_that_was_told_of_is_not_found_a_second_time_by_the_clocks() {
    let mut bench = Bench::new(remote());
    bench.good_session();
    bench.now.wall = bench.now.wall.plus(secs(8 * 3_600));
    bench.input(Input::Woke);
    bench.transport(TransportEvent::Pong);
    bench.wait(secs(10));
    assert_eq!(woke(&bench), 1);
    assert!(bench.machine.state().is_connected(), "it answered");
    // At rest there is nothing to do.
    let mut idle = Bench::new(remote());
    idle.input(Input::Woke);
    assert_eq!((idle.kind(), idle.actions.len(), woke(&idle)), (StateKind::Idle, 0, 0));
}

fn woke(bench: &Bench) -> usize {
    bench.events.iter().filter(|event| matches!(event, Event::Woke { .. })).count()
}

#[test]
fn an_attempt_from_before_a_change_is_begun_anew_unless_it_has_just_begun() {
    let changes: [fn() -> Input; 2] = [|| Input::Network(Network::Up), || Input::Woke];
    for change in changes {
        let mut bench = Bench::new(remote());
        bench.input(Input::Command(Command::Connect));
        let first = bench.live;
        bench.wait(ms(2_999));
        bench.input(change());
        assert_eq!((bench.kind(), bench.live), (StateKind::Connecting, first));
        bench.wait(ms(1));
        bench.input(change());
        assert_eq!((bench.kind(), bench.live), (StateKind::Backoff, None));
        bench.wait(ms(500));
        assert_eq!((bench.kind(), bench.last().attempt), (StateKind::Connecting, 1));
    }
}

/// A network that comes and goes each second lets an attempt that takes two succeed.
#[test]
fn a_network_that_flaps_keeps_nobody_from_connecting() {
    let mut bench = Bench::new(remote());
    bench.input(Input::Command(Command::Connect));
    for _ in 0..2 {
        bench.wait(secs(1));
        bench.input(Input::Network(Network::Up));
    }
    bench.transport(TransportEvent::Opened { mode: Mode::Plain, renew_in: None });
    assert!(bench.machine.state().is_connected());
}

#[test]
fn after_sleep_a_suspended_connection_tries_at_once() {
    let mut bench = Bench::new(remote());
    bench.input(Input::Command(Command::Connect));
    while bench.kind() != StateKind::Suspended {
        bench.transport(TransportEvent::Failed(ConnectError::new(ConnectErrorKind::Tcp, "")));
        if bench.kind() == StateKind::Backoff {
            bench.wait(bench.last().delay.unwrap());
        }
    }
    bench.now.wall = bench.now.wall.plus(secs(3_600));
    bench.wait(ms(5_500));
    assert_eq!(bench.kind(), StateKind::Connecting);
}

#[test]
fn without_a_network_there_are_no_attempts() {
    let mut bench = Bench::new(remote());
    bench.good_session();
    bench.input(Input::Network(Network::Down));
    assert_eq!(bench.kind(), StateKind::Offline);
    assert_eq!(bench.live, None);
    bench.wait(secs(3_600));
    assert_eq!(bench.kind(), StateKind::Offline);
    bench.input(Input::Network(Network::Up));
    bench.wait(ms(500));
    assert_eq!(bench.kind(), StateKind::Connecting);
    assert_eq!(bench.last().attempt, 1, "being offline is no failure");
}

#[test]
fn losing_the_network_ends_the_waiting_too() {
    let mut bench = Bench::new(remote());
    bench.connect();
    bench.lost();
    bench.input(Input::Network(Network::Down));
    assert_eq!(bench.kind(), StateKind::Offline);
    assert!(!bench.is_set(Timer::Retry));
}

#[test]
fn a_state_equal_to_the_last_is_not_told() {
    let mut bench = Bench::new(Options { first_retry_within: ms(10), ..remote() });
    bench.connect();
    bench.lost();
    // Each one plans the retry anew, and among so many some hit the same millisecond twice in a row.
    for _ in 0..200 {
        bench.input(Input::Network(Network::Up));
    }
    assert!(bench.states.len() < 200);
}

#[test]
fn loopback_needs_no_network() {
    let mut bench = Bench::new(Options::new("ws://127.0.0.1:1/"));
    bench.connect();
    bench.input(Input::Network(Network::Down));
    assert!(bench.machine.state().is_connected());
}

#[test]
fn a_clean_close_has_two_seconds() {
    let mut bench = Bench::new(remote());
    bench.connect();
    bench.input(Input::Command(Command::Disconnect));
    assert_eq!(bench.actions.last().unwrap(), "close 1000");
    assert_eq!(bench.kind(), StateKind::Closing);
    bench.wait(secs(2));
    assert_eq!(bench.kind(), StateKind::Closed);
    assert_eq!(bench.actions.last().unwrap(), "drop");
    bench.wait(secs(3_600));
    assert_eq!(bench.kind(), StateKind::Closed);
}

#[test]
fn connect_during_the_close_connects_again() {
    let mut bench = Bench::new(remote());
    bench.connect();
    bench.input(Input::Command(Command::Disconnect));
    bench.input(Input::Command(Command::Connect));
    bench.transport(TransportEvent::Closed { code: Some(1000), reason: String::new() });
    assert_eq!(bench.kind(), StateKind::Connecting);
}

#[test]
fn an_attempt_has_ten_seconds() {
    let mut bench = Bench::new(remote());
    bench.input(Input::Command(Command::Connect));
    bench.wait(ms(9_999));
    assert_eq!(bench.kind(), StateKind::Connecting);
    bench.wait(ms(1));
    assert_eq!(bench.last().cause.as_ref().unwrap().kind(), crate::CauseKind::Timeout);
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
fn failures_move_on_to_the_next_endpoint() {
    let mut bench = Bench::new(Options {
        endpoints: vec!["wss://a.example/".into(), "wss://b.example/".into()],
        ..Options::default()
    });
    bench.input(Input::Command(Command::Connect));
    bench.transport(TransportEvent::Failed(ConnectError::new(ConnectErrorKind::Tcp, "")));
    assert_eq!(bench.last().endpoint.host(), "a.example", "the one that failed");
    bench.wait(secs(1));
    assert_eq!(bench.last().endpoint.host(), "b.example", "the one being tried");
}

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

#[test]
fn what_an_older_socket_or_timer_says_is_ignored() {
    let mut bench = Bench::new(remote());
    bench.connect();
    let old = bench.live.unwrap();
    let (timer, _, stale) = *bench.timers.iter().find(|(t, ..)| *t == Timer::Liveness).unwrap();
    bench.lost();
    bench.wait(secs(2));
    bench.transport(TransportEvent::Opened { mode: Mode::Plain, renew_in: None });
    let states = bench.states.len();
    let text = r#"{"type":"a","data":1,"timestamp":1}"#.into();
    bench.input(Input::Transport { generation: old, event: TransportEvent::Text(text) });
    bench.input(Input::Transport {
        generation: old,
        event: TransportEvent::Lost { reason: String::new() },
    });
    bench.advance(secs(100));
    bench.input(Input::Timer { timer, generation: stale });
    assert!(bench.delivered.is_empty() && bench.states.len() == states);
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
