//! How a connection comes and goes: attempts, ends, waiting, and the state that is told of.

use std::time::Duration;

use super::protocol::{self, Custom, Established, Opening};
use super::{Command, Machine, Network, Now, Output, Outputs, Record, Timer, wake};
use crate::backoff::{History, Plan};
use crate::close::{self, Verdict};
use crate::endpoint::Standing;
use crate::{Cause, ConnectErrorKind, ConnectionState, Endpoint, Event, Mode, Offer, StateChange};

/// The close code for a server that broke the protocol.
const PROTOCOL_ERROR: u16 = 1002;

impl Machine {
    pub(super) fn attempt(&mut self, now: Now, out: &mut Outputs) {
        self.timers.clear(Timer::Retry, out);
        self.generation = self.generation.next();
        self.counters.attempts += 1;
        self.record.attempted_at = now.monotonic;
        let at = now.monotonic.plus(self.options.values().connect_timeout);
        self.timers.set(Timer::Connect, at, out);
        let endpoint = self.endpoints.next(now.monotonic, &mut self.rng).clone();
        let token = self.renewal.for_attempt();
        out.push(Output::Connect { endpoint, generation: self.generation, token });
        let attempt = self.attempt_number();
        self.enter(ConnectionState::Connecting { attempt }, None, None, now, out);
    }

    /// The upgrade is done. In plain mode that is all; otherwise the two ends greet each other first.
    pub(super) fn opened(
        &mut self,
        mode: Mode,
        renew_in: Option<Duration>,
        now: Now,
        out: &mut Outputs,
    ) {
        self.timers.clear(Timer::Connect, out);
        let knows_v1 = self.dialect.is_none();
        let mode = if knows_v1 { mode } else { Mode::Plain };
        if knows_v1 && self.options.values().protocol == Offer::V1 && mode == Mode::Plain {
            return self.lost(Cause::NotV1, now, out);
        }
        self.hint = None;
        // Once, and only where the mode is the wanted one: a server that is left again is not fast.
        self.endpoints.opened(now.monotonic);
        self.record.opened_at = now.monotonic;
        self.record.heard = false;
        self.heartbeats.opened();
        self.outbound.opened(now.monotonic);
        self.protocol = match &self.dialect {
            Some(dialect) => Box::new(Custom::new(dialect.talk())),
            None => protocol::of(mode, &self.options),
        };
        self.counters.mode = mode;
        if let (Mode::V1, Some(delay)) = (mode, renew_in) {
            self.timers.set(Timer::Token, now.monotonic.plus(delay), out);
        }
        match self.protocol.open(self.progress.resume(), &self.topics, now) {
            Opening::Ready(texts) => {
                self.say(texts, out);
                self.ready(None, now, out);
            }
            Opening::Failed(fault) => self.lost(Cause::Protocol { fault }, now, out),
            Opening::Greet(texts) => {
                let at = now.monotonic.plus(self.options.values().welcome_timeout);
                self.timers.set(Timer::Answer, at, out);
                self.say(texts, out);
                let attempt = self.attempt_number();
                self.enter(ConnectionState::Handshaking { attempt }, None, None, now, out);
            }
        }
    }

    fn say(&self, texts: Vec<String>, out: &mut Outputs) {
        for text in texts {
            out.push(Output::Write { text, generation: self.generation });
        }
    }

    /// Messages may flow.
    pub(super) fn ready(&mut self, agreed: Option<&Established>, now: Now, out: &mut Outputs) {
        self.timers.clear(Timer::Answer, out);
        self.counters.connections += 1;
        self.renewal.accepted();
        self.renew_before(agreed.and_then(|agreed| agreed.token_expires), now, out);
        self.liveness.opened(agreed.map(|agreed| (agreed.heartbeat, agreed.grace)), now.monotonic);
        self.timers.set(Timer::Liveness, self.liveness.next(now.monotonic), out);
        let resumed = agreed.is_some_and(|agreed| agreed.resumed);
        self.enter(ConnectionState::Connected { resumed }, None, None, now, out);
        self.topics_are_in_force(now, out);
        self.publishes.opened(agreed.map(|agreed| agreed.dedup), now, &mut self.settled);
        self.tell_settled(now, out);
        self.drain(now, out);
    }

    /// The socket, or the attempt to get one, is gone, and nobody asked for that.
    pub(super) fn lost(&mut self, cause: Cause, now: Now, out: &mut Outputs) {
        let farewell = match &cause {
            Cause::Frame { fault } => Some(fault.close_code()),
            Cause::Protocol { .. } => Some(PROTOCOL_ERROR),
            Cause::NotV1 => Some(1000),
            _ => None,
        };
        self.drop_socket(farewell, out);
        self.counters.failed(&cause);
        let endpoint = self.endpoints.current().clone();
        let table = |code| {
            let own = self.dialect.as_ref().and_then(|dialect| dialect.verdict(code));
            own.unwrap_or_else(|| close::close_code(code))
        };
        let verdict = close::classify_by(&cause, &endpoint, self.options.values(), table);
        let is_fault = matches!(cause, Cause::Protocol { .. });
        let mut standing = Standing::Another;
        if self.state.is_connected() && self.was_good(now) && !is_fault {
            self.record = Record::default();
            self.endpoints.ended_well();
            if verdict == Verdict::Terminal {
                standing = self.endpoints.failed(now.monotonic, verdict);
            }
        } else {
            self.record.failures = self.record.failures.saturating_add(1);
            standing = self.endpoints.failed(now.monotonic, verdict);
        }
        let since = *self.record.failing_since.get_or_insert(now.monotonic);
        if standing == Standing::AllTerminal {
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
        if is_unauthorised(&cause) && self.renewal.renew_once() {
            return self.retry_in_hope(cause, now, out);
        }
        let history = History {
            failures: self.record.failures,
            failing_for: now.monotonic.since(since),
            hint: cause.retry_hint().or(self.hint.take()),
        };
        let plan = self.backoff.plan(history, &mut self.rng);
        self.wait_at(endpoint, plan, cause, now, out);
    }

    pub(super) fn fail(&mut self, error: Cause, endpoint: Endpoint, now: Now, out: &mut Outputs) {
        let state = ConnectionState::Failed { error: error.clone() };
        self.enter_at(endpoint, state, Some(error), None, now, out);
    }

    /// The close we asked for is done, or has taken too long.
    pub(super) fn closed(&mut self, now: Now, out: &mut Outputs) {
        self.drop_socket(None, out);
        self.enter(ConnectionState::Closed, None, None, now, out);
        if std::mem::take(&mut self.reopen) {
            self.command(Command::Connect, now, out);
        }
    }

    pub(super) fn network(&mut self, network: Network, now: Now, out: &mut Outputs) {
        if self.endpoints.all_loopback() {
            return;
        }
        self.network = network;
        match (network, &self.state) {
            (
                Network::Down,
                ConnectionState::Connecting { .. }
                | ConnectionState::Handshaking { .. }
                | ConnectionState::Connected { .. },
            ) => {
                self.drop_socket(None, out);
                self.counters.failed(&Cause::NetworkLost);
                if self.state.is_connected() && self.was_good(now) {
                    self.record = Record::default();
                    self.endpoints.ended_well();
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
            (
                Network::Down,
                ConnectionState::Idle
                | ConnectionState::Offline
                | ConnectionState::Closing
                | ConnectionState::Closed
                | ConnectionState::Failed { .. },
            ) => {}
        }
    }

    /// The operating system says that the machine woke up: sooner than the clocks do, and of short naps, too.
    pub(super) fn woke(&mut self, now: Now, out: &mut Outputs) {
        if !self.state.is_at_rest() {
            self.has_slept(now, out);
            self.distrust(now, out);
        }
    }

    /// Whether the clocks tell of sleep; told of, if so.
    pub(super) fn has_slept(&mut self, now: Now, out: &mut Outputs) -> bool {
        let slept = self.wake.tick(now);
        if let Some(slept) = slept {
            self.counters.wakes += 1;
            out.push(Output::Report(Event::Woke { at: now.wall, slept }));
        }
        slept.is_some()
    }

    /// The machine woke up or the network changed: what was open may be dead, what failed may work.
    pub(super) fn distrust(&mut self, now: Now, out: &mut Outputs) {
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
            // Begun over what is no more, it would be waited for in vain. One that has just begun may be what the change
            // made possible: a network that flaps must not keep it from ever being done.
            ConnectionState::Connecting { .. } | ConnectionState::Handshaking { .. }
                if now.monotonic.since(self.record.attempted_at)
                    >= self.options.values().probe_timeout =>
            {
                self.drop_socket(None, out);
                self.retry_in_hope(Cause::ProbeTimeout, now, out);
            }
            // An attempt has a limit of its own.
            ConnectionState::Connecting { .. }
            | ConnectionState::Handshaking { .. }
            | ConnectionState::Offline
            | ConnectionState::Idle
            | ConnectionState::Closing
            | ConnectionState::Closed
            | ConnectionState::Failed { .. } => {}
        }
    }

    pub(super) fn retry_in_hope(&mut self, cause: Cause, now: Now, out: &mut Outputs) {
        let delay = self.backoff.hopeful(&mut self.rng);
        self.wait(Plan::Soon(delay), cause, now, out);
    }

    pub(super) fn wait(&mut self, plan: Plan, cause: Cause, now: Now, out: &mut Outputs) {
        let endpoint = self.endpoints.current().clone();
        self.wait_at(endpoint, plan, cause, now, out);
    }

    pub(super) fn wait_at(
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

    pub(super) fn enter(
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

    pub(super) fn enter_at(
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
            self.publishes.rest(now, &mut self.settled);
            self.topics_rest();
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
        // What was on its way when the socket went has its limit again.
        self.arm_requests(now, out);
        self.tell_settled(now, out);
    }

    pub(super) fn drop_socket(&mut self, farewell: Option<u16>, out: &mut Outputs) {
        // Once per socket: moving on to a generation nobody has makes everything it still says stale.
        self.clear_session_timers(out);
        self.timers.clear(Timer::Connect, out);
        self.timers.clear(Timer::Close, out);
        self.publishes.lost();
        out.push(Output::Drop { generation: self.generation, farewell });
        self.generation = self.generation.next();
    }

    pub(super) fn clear_session_timers(&mut self, out: &mut Outputs) {
        self.timers.clear(Timer::Liveness, out);
        self.timers.clear(Timer::Drain, out);
        self.timers.clear(Timer::Answer, out);
        self.timers.clear(Timer::Token, out);
    }

    /// Whether the session that is ending was one: the peer did not just accept and drop.
    pub(super) fn was_good(&self, now: Now) -> bool {
        let up = now.monotonic.since(self.record.opened_at);
        self.record.heard && up >= self.options.values().stable_after
    }

    pub(super) fn attempt_number(&self) -> u32 {
        self.record.failures.saturating_add(1)
    }
}

fn is_unauthorised(cause: &Cause) -> bool {
    match cause {
        Cause::Connect(error) => error.kind == ConnectErrorKind::Http { status: 401 },
        Cause::ServerClosed { code, .. } => *code == Some(4401),
        _ => false,
    }
}
