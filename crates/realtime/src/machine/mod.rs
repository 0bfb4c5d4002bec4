//! The connection as a pure state machine: it does no I/O, reads no clock and rolls no dice of its own.
//!
//! [`Machine::step`] takes one [`Input`] and the time, and appends what is to be done to [`Outputs`]. Whoever drives
//! it owns the socket and the timers. Sockets and timers carry a [`Generation`]; what an older one says is ignored,
//! so a driver need not be careful about what was already under way when it was told to stop.
//!
//! ```text
//! Idle ──connect──▶ Connecting ──opened──▶ Connected ──disconnect──▶ Closing ──▶ Closed
//!                     ▲   │ failed            │ lost
//!               retry │   ▼                   ▼
//!                   Backoff, Suspended, Offline          terminal causes ──▶ Failed
//! ```

mod heartbeat;
mod input;
mod intake;
mod liveness;
mod outbound;
mod output;
mod time;
mod timers;
mod wake;

#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use wire::{Invalid, InvalidKind};

use self::heartbeat::{Heard, Heartbeats};
use self::intake::Intake;
use self::liveness::{Check, Liveness, Reason};
use self::outbound::{Head, Outbound};
use self::timers::Timers;
use self::wake::WakeWatch;
use crate::backoff::{Backoff, History, Plan};
use crate::close::{self, Verdict};
use crate::endpoint::EndpointRing;
use crate::metrics::Counters;
use crate::{
    Cause, ConnectError, ConnectErrorKind, ConnectionState, Endpoint, Event, FrameFault,
    StateChange, ValidOptions,
};

pub use self::input::{Command, Input, Network, Outgoing, TransportEvent};
pub use self::outbound::{Budget, Reservation};
pub use self::output::{Output, Outputs};
pub use self::time::{Monotonic, Now};
pub use self::timers::Timer;

/// Tells a socket, or the setting of a timer, from those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u64);

impl Generation {
    fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// The machine of one connection.
#[derive(Debug)]
pub struct Machine {
    options: ValidOptions,
    rng: fastrand::Rng,
    state: ConnectionState,
    /// Of the last socket asked for.
    generation: Generation,
    endpoints: EndpointRing,
    backoff: Backoff,
    record: Record,
    network: Network,
    /// Connect again as soon as the close that is under way is done.
    reopen: bool,
    timers: Timers,
    liveness: Liveness,
    heartbeats: Heartbeats,
    intake: Intake,
    outbound: Outbound,
    wake: WakeWatch,
    counters: Counters,
}

/// How it has gone so far.
#[derive(Debug, Default)]
struct Record {
    /// Attempts that failed, or became sessions too short to count, since the last good session.
    failures: u32,
    /// Attempts made to reconnect since then.
    reconnects: u32,
    failing_since: Option<Monotonic>,
    opened_at: Monotonic,
    /// A message or a pong came in during this session.
    heard: bool,
}

impl Machine {
    /// A machine at rest. The dice decide jitter and nothing else.
    #[must_use]
    pub fn new(options: ValidOptions, mut rng: fastrand::Rng) -> Self {
        let values = options.values();
        Self {
            state: ConnectionState::Idle,
            generation: Generation::default(),
            endpoints: EndpointRing::new(options.endpoints().to_vec()),
            backoff: Backoff::new(values),
            record: Record::default(),
            network: Network::Up,
            reopen: false,
            timers: Timers::default(),
            liveness: Liveness::new(values),
            heartbeats: Heartbeats::default(),
            intake: Intake::new(values, &mut rng),
            outbound: Outbound::new(values),
            wake: WakeWatch::default(),
            counters: Counters::default(),
            options,
            rng,
        }
    }

    #[must_use]
    pub fn state(&self) -> &ConnectionState {
        &self.state
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Takes one input in and appends what follows from it.
    pub fn step(&mut self, input: Input, now: Now, out: &mut Outputs) {
        match input {
            Input::Transport { generation, event } if generation == self.generation => {
                self.transport(event, now, out);
            }
            Input::Timer { timer, generation } if self.timers.fired(timer, generation) => {
                self.timer(timer, now, out);
            }
            Input::Transport { .. } | Input::Timer { .. } => {}
            Input::Command(command) => self.command(command, now, out),
            Input::Network(network) => self.network(network, now, out),
        }
    }

    fn command(&mut self, command: Command, now: Now, out: &mut Outputs) {
        use ConnectionState as S;
        match (command, &self.state) {
            (Command::Connect, S::Idle | S::Closed | S::Failed { .. }) => {
                self.record = Record::default();
                self.endpoints.primary();
                self.attempt(now, out);
            }
            // Somebody is impatient, or knows that it works again.
            (Command::Connect, S::Backoff { .. } | S::Suspended { .. } | S::Offline) => {
                self.attempt(now, out);
            }
            (Command::Connect, S::Closing) => self.reopen = true,
            (Command::Connect, S::Connecting { .. } | S::Connected { .. }) => {}
            (Command::Disconnect, S::Connected { .. }) => {
                self.clear_session_timers(out);
                let at = now.monotonic.plus(self.options.values().close_timeout);
                self.timers.set(Timer::Close, at, out);
                out.push(Output::Close { code: 1000, generation: self.generation });
                self.enter(S::Closing, None, None, now, out);
            }
            (Command::Disconnect, S::Connecting { .. }) => {
                self.drop_socket(None, out);
                self.enter(S::Closed, None, None, now, out);
            }
            (Command::Disconnect, S::Closing) => self.reopen = false,
            (Command::Disconnect, S::Idle | S::Closed) => {}
            (
                Command::Disconnect,
                S::Backoff { .. } | S::Suspended { .. } | S::Offline | S::Failed { .. },
            ) => self.enter(S::Closed, None, None, now, out),
            (Command::Send(outgoing), state) => {
                if state.is_connected() {
                    if let Some(text) = self.outbound.submit(outgoing, now.monotonic) {
                        self.write(text, out);
                    }
                } else {
                    self.outbound.keep(outgoing, now.monotonic);
                }
                self.arm_expiry(out);
            }
        }
    }

    fn transport(&mut self, event: TransportEvent, now: Now, out: &mut Outputs) {
        match &self.state {
            ConnectionState::Connecting { .. } => match event {
                TransportEvent::Opened => self.opened(now, out),
                TransportEvent::Failed(error) => self.lost(Cause::Connect(error), now, out),
                _ => {}
            },
            ConnectionState::Connected { .. } => self.session(event, now, out),
            ConnectionState::Closing => match event {
                // What was under way when we asked for the end still counts.
                TransportEvent::Text(frame) => self.text(&frame, now, out),
                TransportEvent::Closed { .. }
                | TransportEvent::Lost { .. }
                | TransportEvent::Refused(_) => self.closed(now, out),
                _ => {}
            },
            _ => {}
        }
    }

    fn session(&mut self, event: TransportEvent, now: Now, out: &mut Outputs) {
        match event {
            TransportEvent::Text(frame) => self.text(&frame, now, out),
            TransportEvent::Binary(frame) => {
                self.liveness.heard(now.monotonic);
                self.intake.binary(&frame, &mut self.counters, now, out);
            }
            TransportEvent::Pong => {
                self.record.heard = true;
                self.liveness.heard(now.monotonic);
            }
            TransportEvent::Activity => self.liveness.heard(now.monotonic),
            TransportEvent::ReadPaused => {
                self.counters.reader_stalls += 1;
                self.liveness.pause();
            }
            TransportEvent::ReadResumed => self.liveness.resume(now.monotonic),
            TransportEvent::Flushed => {
                self.outbound.flushed();
                self.drain(now, out);
            }
            TransportEvent::Refused(fault) => self.refused(fault, now, out),
            TransportEvent::Closed { code, reason } => {
                self.lost(Cause::ServerClosed { code, reason }, now, out);
            }
            TransportEvent::Lost { reason } => self.lost(Cause::Lost { reason }, now, out),
            TransportEvent::Opened | TransportEvent::Failed(_) => {}
        }
    }

    fn text(&mut self, frame: &Bytes, now: Now, out: &mut Outputs) {
        self.liveness.heard(now.monotonic);
        let found = self.intake.text(frame, &mut self.counters, now, out);
        self.record.heard |= found.valid;
        let Some(heartbeat) = found.heartbeat else { return };
        match self.heartbeats.hear(&heartbeat, now) {
            Heard::Answer { rtt, skew_ms } => {
                self.counters.round_trip(rtt);
                self.counters.clock_skew_ms = skew_ms.or(self.counters.clock_skew_ms);
            }
            Heard::Question(timestamp) if self.state.is_connected() => {
                let text = heartbeat::text(timestamp, now.wall);
                out.push(Output::Write { text, generation: self.generation });
            }
            Heard::Question(_) | Heard::Noise => {}
        }
    }

    /// A frame nobody can read past: it is invalid input like any other, but it costs the connection.
    fn refused(&mut self, fault: FrameFault, now: Now, out: &mut Outputs) {
        let kind = match &fault {
            FrameFault::TooLarge { .. } => Some(InvalidKind::TooLarge),
            FrameFault::NotUtf8 => Some(InvalidKind::NotText),
            FrameFault::Protocol { .. } => None,
        };
        if let Some(kind) = kind {
            let invalid = Invalid::new(kind, fault.to_string(), b"");
            self.intake.invalid(invalid, &mut self.counters, now, out);
        }
        self.lost(Cause::Frame { fault }, now, out);
    }

    fn timer(&mut self, timer: Timer, now: Now, out: &mut Outputs) {
        match timer {
            Timer::Connect => {
                let limit = self.options.values().connect_timeout;
                let detail = format!("no connection within {limit:?}");
                let error = ConnectError::new(ConnectErrorKind::Timeout, detail);
                self.lost(Cause::Connect(error), now, out);
            }
            Timer::Close => self.closed(now, out),
            Timer::Liveness => self.look_for_life(now, out),
            Timer::Retry => {
                self.record.reconnects = self.record.reconnects.saturating_add(1);
                self.attempt(now, out);
            }
            Timer::Drain => self.drain(now, out),
            Timer::Expiry => {
                if let Some((count, first_type)) = self.outbound.expire(now.monotonic) {
                    self.counters.expired += count as u64;
                    out.push(Output::Report(Event::Expired { at: now.wall, count, first_type }));
                }
                self.arm_expiry(out);
            }
            Timer::Wake => {
                self.timers.set(Timer::Wake, now.monotonic.plus(wake::TICK), out);
                if let Some(slept) = self.wake.tick(now) {
                    self.counters.wakes += 1;
                    out.push(Output::Report(Event::Woke { at: now.wall, slept }));
                    self.distrust(now, out);
                }
            }
        }
    }

    fn network(&mut self, network: Network, now: Now, out: &mut Outputs) {
        if self.endpoints.all_loopback() {
            return;
        }
        self.network = network;
        match (network, &self.state) {
            (
                Network::Down,
                ConnectionState::Connecting { .. } | ConnectionState::Connected { .. },
            ) => {
                self.drop_socket(None, out);
                self.counters.failed(&Cause::NetworkLost);
                if self.state.is_connected() && self.was_good(now) {
                    self.record = Record::default();
                    self.endpoints.primary();
                }
                self.enter(ConnectionState::Offline, Some(Cause::NetworkLost), None, now, out);
            }
            (
                Network::Down,
                ConnectionState::Backoff { .. } | ConnectionState::Suspended { .. },
            ) => {
                self.timers.clear(Timer::Retry, out);
                self.enter(ConnectionState::Offline, Some(Cause::NetworkLost), None, now, out);
            }
            (Network::Up, _) => self.distrust(now, out),
            (Network::Down, _) => {}
        }
    }

    /// The machine woke up or the network changed: what was open may be dead, what failed may work.
    fn distrust(&mut self, now: Now, out: &mut Outputs) {
        match &self.state {
            ConnectionState::Connected { .. } => {
                self.liveness.doubt(self.options.values().probe_timeout, now.monotonic);
                self.ask(now, out);
                self.timers.set(Timer::Liveness, self.liveness.next(now.monotonic), out);
            }
            ConnectionState::Offline if self.network == Network::Up => {
                self.retry_in_hope(Cause::NetworkLost, now, out);
            }
            ConnectionState::Backoff { cause, .. } | ConnectionState::Suspended { cause, .. } => {
                let cause = cause.clone();
                self.retry_in_hope(cause, now, out);
            }
            _ => {}
        }
    }

    fn retry_in_hope(&mut self, cause: Cause, now: Now, out: &mut Outputs) {
        let delay = self.backoff.hopeful(&mut self.rng);
        self.wait(Plan::Soon(delay), cause, now, out);
    }

    fn attempt(&mut self, now: Now, out: &mut Outputs) {
        self.timers.clear(Timer::Retry, out);
        self.generation = self.generation.next();
        self.counters.attempts += 1;
        let at = now.monotonic.plus(self.options.values().connect_timeout);
        self.timers.set(Timer::Connect, at, out);
        let endpoint = self.endpoints.current().clone();
        out.push(Output::Connect { endpoint, generation: self.generation });
        let attempt = self.attempt_number();
        self.enter(ConnectionState::Connecting { attempt }, None, None, now, out);
    }

    fn opened(&mut self, now: Now, out: &mut Outputs) {
        self.timers.clear(Timer::Connect, out);
        self.counters.connections += 1;
        self.record.opened_at = now.monotonic;
        self.record.heard = false;
        self.liveness.opened(now.monotonic);
        self.heartbeats.opened();
        self.outbound.opened(now.monotonic);
        self.timers.set(Timer::Liveness, self.liveness.next(now.monotonic), out);
        self.enter(ConnectionState::Connected { resumed: false }, None, None, now, out);
        self.drain(now, out);
    }

    /// The socket, or the attempt to get one, is gone, and nobody asked for that.
    fn lost(&mut self, cause: Cause, now: Now, out: &mut Outputs) {
        let farewell = match &cause {
            Cause::Frame { fault } => Some(fault.close_code()),
            _ => None,
        };
        self.drop_socket(farewell, out);
        self.counters.failed(&cause);
        let endpoint = self.endpoints.current().clone();
        if self.state.is_connected() && self.was_good(now) {
            self.record = Record::default();
            self.endpoints.primary();
        } else {
            self.record.failures = self.record.failures.saturating_add(1);
            self.endpoints.failed();
        }
        let since = *self.record.failing_since.get_or_insert(now.monotonic);
        if close::classify(&cause) == Verdict::Terminal {
            return self.fail(cause, endpoint, now, out);
        }
        let attempts = self.record.reconnects;
        if self.options.values().max_reconnect_attempts.is_some_and(|max| attempts >= max) {
            let at = now.wall;
            out.push(Output::Report(Event::MaxReconnectAttemptsReached { at, attempts }));
            let last = Box::new(cause);
            return self.fail(Cause::AttemptsExhausted { attempts, last }, endpoint, now, out);
        }
        if self.network == Network::Down {
            return self.enter_at(endpoint, ConnectionState::Offline, Some(cause), None, now, out);
        }
        let history = History {
            failures: self.record.failures,
            failing_for: now.monotonic.since(since),
            hint: cause.retry_hint(),
        };
        let plan = self.backoff.plan(history, &mut self.rng);
        self.wait_at(endpoint, plan, cause, now, out);
    }

    fn fail(&mut self, error: Cause, endpoint: Endpoint, now: Now, out: &mut Outputs) {
        let state = ConnectionState::Failed { error: error.clone() };
        self.enter_at(endpoint, state, Some(error), None, now, out);
    }

    /// The close we asked for is done, or has taken too long.
    fn closed(&mut self, now: Now, out: &mut Outputs) {
        self.drop_socket(None, out);
        self.enter(ConnectionState::Closed, None, None, now, out);
        if std::mem::take(&mut self.reopen) {
            self.command(Command::Connect, now, out);
        }
    }

    fn wait(&mut self, plan: Plan, cause: Cause, now: Now, out: &mut Outputs) {
        let endpoint = self.endpoints.current().clone();
        self.wait_at(endpoint, plan, cause, now, out);
    }

    fn wait_at(
        &mut self,
        endpoint: Endpoint,
        plan: Plan,
        cause: Cause,
        now: Now,
        out: &mut Outputs,
    ) {
        let delay = plan.delay();
        self.timers.set(Timer::Retry, now.monotonic.plus(delay), out);
        let (attempt, retry_at) = (self.attempt_number(), now.wall.plus(delay));
        let state = match plan {
            Plan::Soon(_) => ConnectionState::Backoff { attempt, retry_at, cause: cause.clone() },
            Plan::Suspended(_) => {
                ConnectionState::Suspended { attempt, retry_at, cause: cause.clone() }
            }
        };
        self.enter_at(endpoint, state, Some(cause), Some(delay), now, out);
    }

    fn enter(
        &mut self,
        state: ConnectionState,
        cause: Option<Cause>,
        delay: Option<Duration>,
        now: Now,
        out: &mut Outputs,
    ) {
        let endpoint = self.endpoints.current().clone();
        self.enter_at(endpoint, state, cause, delay, now, out);
    }

    fn enter_at(
        &mut self,
        endpoint: Endpoint,
        state: ConnectionState,
        cause: Option<Cause>,
        delay: Option<Duration>,
        now: Now,
        out: &mut Outputs,
    ) {
        if self.state == state {
            return;
        }
        let previous = std::mem::replace(&mut self.state, state);
        self.counters.entered(self.state.kind(), now.monotonic);
        if self.state.is_at_rest() {
            self.timers.clear(Timer::Wake, out);
            self.timers.clear(Timer::Retry, out);
        } else if !self.timers.is_set(Timer::Wake) {
            self.wake.start(now);
            self.timers.set(Timer::Wake, now.monotonic.plus(wake::TICK), out);
        }
        let change = StateChange {
            at: now.wall,
            previous,
            current: self.state.clone(),
            cause,
            endpoint,
            attempt: self.attempt_number(),
            delay,
        };
        out.push(Output::Report(Event::State(change)));
    }

    fn look_for_life(&mut self, now: Now, out: &mut Outputs) {
        match self.liveness.check(now.monotonic) {
            Check::Alive => {}
            Check::Remind => self.heartbeat(now, out),
            Check::Ask => self.ask(now, out),
            Check::Dead(reason) => {
                let cause = match reason {
                    Reason::Silence => Cause::HeartbeatTimeout,
                    Reason::Doubt => Cause::ProbeTimeout,
                };
                return self.lost(cause, now, out);
            }
        }
        self.timers.set(Timer::Liveness, self.liveness.next(now.monotonic), out);
    }

    /// A message and a ping: some servers answer only the one, some only the other.
    fn ask(&mut self, now: Now, out: &mut Outputs) {
        self.heartbeat(now, out);
        out.push(Output::Ping { generation: self.generation });
    }

    fn heartbeat(&mut self, now: Now, out: &mut Outputs) {
        let text = self.heartbeats.ask(now);
        out.push(Output::Write { text, generation: self.generation });
    }

    fn drain(&mut self, now: Now, out: &mut Outputs) {
        loop {
            match self.outbound.head(now.monotonic) {
                Head::Ready(text) => self.write(text, out),
                Head::Wait(at) => return self.timers.set(Timer::Drain, at, out),
                Head::Blocked => return,
            }
        }
    }

    fn write(&mut self, text: String, out: &mut Outputs) {
        self.counters.sent += 1;
        out.push(Output::Write { text, generation: self.generation });
    }

    fn arm_expiry(&mut self, out: &mut Outputs) {
        // Set once for the oldest; those behind it come due later, and the timer finds nothing if it left in time.
        if !self.timers.is_set(Timer::Expiry)
            && let Some(at) = self.outbound.next_expiry()
        {
            self.timers.set(Timer::Expiry, at, out);
        }
    }

    fn drop_socket(&mut self, farewell: Option<u16>, out: &mut Outputs) {
        // Once per socket: moving on to a generation nobody has makes everything it still says stale.
        self.clear_session_timers(out);
        self.timers.clear(Timer::Connect, out);
        self.timers.clear(Timer::Close, out);
        out.push(Output::Drop { generation: self.generation, farewell });
        self.generation = self.generation.next();
    }

    fn clear_session_timers(&mut self, out: &mut Outputs) {
        self.timers.clear(Timer::Liveness, out);
        self.timers.clear(Timer::Drain, out);
    }

    /// Whether the session that is ending was one: the peer did not just accept and drop.
    fn was_good(&self, now: Now) -> bool {
        let up = now.monotonic.since(self.record.opened_at);
        self.record.heard && up >= self.options.values().stable_after
    }

    fn attempt_number(&self) -> u32 {
        self.record.failures.saturating_add(1)
    }
}
