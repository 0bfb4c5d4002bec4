//! The machine without a socket and without a clock: a bench that checks every output, and a file for each theme.

use std::time::Duration;

use bytes::Bytes;
use wire::{InvalidKind, Message, UnixMillis};

use super::*;
use crate::{FrameFault, Inbound, Mode, Options, Outcome, QueueDepth, StateChange, StateKind};

mod endpoints;
mod inbound;
mod liveness;
mod network;
mod outbound;
mod retries;
mod sleep;
mod states;
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
