//! The connection as a pure state machine: it does no I/O, reads no clock and rolls no dice of its own.
//!
//! [`Machine::step`] takes one [`Input`] and the time, and appends what is to be done to [`Outputs`]. Whoever drives
//! it owns the socket and the timers. Sockets and timers carry a [`Generation`]; what an older one says is ignored,
//! so a driver need not be careful about what was already under way when it was told to stop.
//!
//! ```text
//! Idle ──connect──▶ Connecting ──▶ Handshaking ──▶ Connected ──disconnect──▶ Closing ──▶ Closed
//!                     ▲   │ failed     │ lost          │ lost
//!               retry │   ▼            ▼               ▼
//!                   Backoff, Suspended, Offline          terminal causes ──▶ Failed
//! ```

mod heartbeat;
mod input;
mod intake;
mod lifecycle;
mod liveness;
mod outbound;
mod output;
mod progress;
mod protocol;
mod publishes;
mod renewal;
mod requests;
mod session;
mod subscriptions;
mod time;
mod timers;
mod wake;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use wire::Position;

use self::heartbeat::Heartbeats;
use self::intake::Intake;
use self::liveness::Liveness;
use self::outbound::Outbound;
use self::progress::Progress;
use self::protocol::{Plain, Protocol, Signal};
use self::publishes::{Publishes, Settled};
use self::renewal::Renewal;
use self::requests::TopicRequests;
use self::session::Frame;
use self::subscriptions::Subscriptions;
use self::timers::Timers;
use self::wake::WakeWatch;
use crate::backoff::Backoff;
use crate::endpoint::EndpointRing;
use crate::metrics::Counters;
use crate::{
    Cause, ConnectError, ConnectErrorKind, ConnectionState, Dialect, EndpointHealth, Event,
    ValidOptions,
};

pub use self::input::{Command, Input, Network, Outgoing, Persisted, TokenNews, TransportEvent};
pub use self::outbound::{Budget, Reservation};
pub use self::output::{Output, Outputs, Persist, TokenUse};
pub use self::protocol::TopicChange;
pub use self::publishes::{Keeping, Publish, RequestId};
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
    /// Spoken instead of what the library knows.
    dialect: Option<Arc<dyn Dialect>>,
    /// Of the present connection.
    protocol: Box<dyn Protocol>,
    /// Reused between frames.
    signals: Vec<Signal>,
    progress: Progress,
    topics: Subscriptions,
    topic_requests: TopicRequests,
    publishes: Publishes,
    /// What has ended and is not told yet.
    settled: Vec<Settled>,
    renewal: Renewal,
    /// What the request timer is set for.
    requests_at: Option<Monotonic>,
    /// How long the server asked us to stay away, should this session end.
    hint: Option<Duration>,
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
    /// When the last attempt began.
    attempted_at: Monotonic,
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
            endpoints: EndpointRing::new(options.endpoints().to_vec(), values),
            backoff: Backoff::new(values),
            record: Record::default(),
            network: Network::Up,
            reopen: false,
            timers: Timers::default(),
            liveness: Liveness::new(values),
            heartbeats: Heartbeats::default(),
            intake: Intake::new(values, &mut rng),
            outbound: Outbound::new(values),
            dialect: None,
            protocol: Box::new(Plain::default()),
            signals: Vec::new(),
            progress: Progress::default(),
            topics: Subscriptions::new(&values.topics),
            topic_requests: TopicRequests::default(),
            publishes: Publishes::new(values),
            settled: Vec::new(),
            renewal: Renewal::default(),
            requests_at: None,
            hint: None,
            wake: WakeWatch::default(),
            counters: Counters::default(),
            options,
            rng,
        }
    }

    /// The state now.
    #[must_use]
    pub fn state(&self) -> &ConnectionState {
        &self.state
    }

    /// Goes on where an earlier run of the program ended.
    #[must_use]
    pub fn at(mut self, position: Option<Position>) -> Self {
        self.progress.at(position);
        self
    }

    /// Whatever an earlier run knew of the state is gone: the first session brings a snapshot, wherever it goes on.
    #[must_use]
    pub fn without_state(mut self) -> Self {
        self.progress.without_state();
        self
    }

    /// Speaks this instead of what the library knows.
    #[must_use]
    pub fn speaking(mut self, dialect: Option<Arc<dyn Dialect>>) -> Self {
        self.dialect = dialect;
        self
    }

    /// Has tokens renewed, because there is somebody to ask for them.
    #[must_use]
    pub fn renewing(mut self) -> Self {
        self.renewal = Renewal::possible();
        self
    }

    /// Where the next run of the program has to go on, once all is taken that was delivered to [`Outputs::inbound`].
    #[must_use]
    pub fn position(&self) -> Option<&Position> {
        self.progress.to_note()
    }

    /// Since when the first of what is in memory only has waited to be sent.
    pub(crate) fn queued_since(&self) -> Option<Monotonic> {
        let waiting = [self.outbound.queued_since(), self.publishes.queued_since()];
        waiting.into_iter().flatten().min()
    }

    /// What is known of each address.
    pub(crate) fn endpoints(&self, now: Now) -> Vec<EndpointHealth> {
        self.endpoints.health(now)
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Takes one input in and appends what follows from it.
    // Inlined, and what it leads to is not: whoever calls knows which input it is, so that an input is never put
    // together just to be taken apart here.
    #[inline(always)]
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
            Input::Woke => self.woke(now, out),
            Input::Persisted(persisted) => self.persisted(persisted, now, out),
            Input::Token(news) => self.token_news(news, now, out),
        }
        self.counters.in_flight = self.publishes.in_flight();
    }

    #[inline(never)]
    fn command(&mut self, command: Command, now: Now, out: &mut Outputs) {
        use ConnectionState as S;
        match (command, &self.state) {
            (Command::Connect, S::Idle | S::Closed | S::Failed { .. }) => {
                self.record = Record::default();
                self.endpoints.reset();
                self.attempt(now, out);
            }
            // Somebody is impatient, or knows that it works again.
            (Command::Connect, S::Backoff { .. } | S::Suspended { .. } | S::Offline) => {
                self.attempt(now, out);
            }
            (Command::Connect, S::Closing) => self.reopen = true,
            (
                Command::Connect,
                S::Connecting { .. } | S::Handshaking { .. } | S::Connected { .. },
            ) => {}
            (Command::Disconnect, S::Connected { .. }) => {
                self.clear_session_timers(out);
                let at = now.monotonic.plus(self.options.values().close_timeout);
                self.timers.set(Timer::Close, at, out);
                out.push(Output::Close { code: 1000, generation: self.generation });
                self.enter(S::Closing, None, None, now, out);
            }
            (Command::Disconnect, S::Connecting { .. } | S::Handshaking { .. }) => {
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
            (Command::Publish(publish), _) => self.publish(publish, now, out),
            (Command::Cancel(request), _) => {
                self.publishes.cancel(request, now, &mut self.settled);
                // Others may have waited for it.
                self.answered(now, out);
            }
            (Command::Topics { request, change }, _) => {
                self.change_topics(request, change, now, out);
            }
        }
    }

    #[inline(never)]
    fn transport(&mut self, event: TransportEvent, now: Now, out: &mut Outputs) {
        match &self.state {
            ConnectionState::Connecting { .. } => match event {
                TransportEvent::Opened { mode, renew_in } => {
                    self.opened(mode, renew_in, now, out);
                }
                TransportEvent::Failed(error) => self.lost(Cause::Connect(error), now, out),
                // There is no socket yet that could say any of this.
                TransportEvent::Text(_)
                | TransportEvent::Binary(_)
                | TransportEvent::Pong
                | TransportEvent::Activity
                | TransportEvent::Flushed
                | TransportEvent::ReadPaused
                | TransportEvent::ReadResumed
                | TransportEvent::Refused(_)
                | TransportEvent::Closed { .. }
                | TransportEvent::Lost { .. } => {}
            },
            ConnectionState::Handshaking { .. } => self.handshake(event, now, out),
            ConnectionState::Connected { .. } => self.session(event, now, out),
            ConnectionState::Closing => match event {
                // What was under way when we asked for the end still counts.
                TransportEvent::Text(frame) => self.frame(Frame::Text(frame), now, out),
                TransportEvent::Binary(frame) => self.frame(Frame::Binary(frame), now, out),
                TransportEvent::Closed { .. }
                | TransportEvent::Lost { .. }
                | TransportEvent::Refused(_) => self.closed(now, out),
                TransportEvent::Flushed => {
                    self.publishes.flushed(now, &mut self.settled);
                    self.tell_settled(now, out);
                }
                TransportEvent::Opened { .. }
                | TransportEvent::Failed(_)
                | TransportEvent::Pong
                | TransportEvent::Activity
                | TransportEvent::ReadPaused
                | TransportEvent::ReadResumed => {}
            },
            // No socket belongs to these.
            ConnectionState::Idle
            | ConnectionState::Backoff { .. }
            | ConnectionState::Suspended { .. }
            | ConnectionState::Offline
            | ConnectionState::Closed
            | ConnectionState::Failed { .. } => {}
        }
    }

    #[inline(never)]
    fn timer(&mut self, timer: Timer, now: Now, out: &mut Outputs) {
        match timer {
            Timer::Connect => {
                let limit = self.options.values().connect_timeout;
                let detail = format!("no connection within {limit:?}");
                let error = ConnectError::new(ConnectErrorKind::Timeout, detail);
                self.lost(Cause::Connect(error), now, out);
            }
            Timer::Answer => {
                let fault = self.protocol.overdue();
                out.push(Output::Report(Event::ProtocolFault {
                    at: now.wall,
                    fault: fault.clone(),
                }));
                self.counters.protocol_faults += 1;
                self.lost(Cause::Protocol { fault }, now, out);
            }
            Timer::Request => self.requests_due(now, out),
            Timer::Token => self.token_due(out),
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
                if self.has_slept(now, out) {
                    self.distrust(now, out);
                }
            }
        }
    }
}
