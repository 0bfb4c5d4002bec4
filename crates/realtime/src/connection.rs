//! The task of a connection: it owns the socket, the timers and the machine, and carries out what the machine wants.

mod alarms;
mod link;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::{Instant, sleep_until};

use self::alarms::Alarms;
use self::link::Link;
use crate::clock::Clock;
use crate::delivery::{self, Outlet};
use crate::handle::{Order, Shared};
use crate::machine::{
    Budget, Command, Input, Machine, Now, Output, Outputs, Timer, TransportEvent,
};
use crate::metrics::Counters;
use crate::transport::{BatchLimit, Dial, Meter, Reading, TcpDial};
use crate::{
    ConnectionState, Delivery, Event, Events, Handle, Messages, QueueDepth, StateKind, ValidOptions,
};

/// Orders that are no messages and may wait: a few of each handle.
const SPARE_ORDERS: usize = 64;
/// Orders taken before the socket has its turn again.
const ORDERS_PER_TURN: usize = 64;
/// No timer is set: look again some time.
const IDLE: Duration = Duration::from_secs(3600);

/// Opens a connection over TCP and TLS. It is idle until [`Handle::connect`].
///
/// # Panics
/// Outside of a Tokio runtime with time and I/O enabled.
#[must_use]
pub fn open(options: ValidOptions) -> (Handle, Messages) {
    open_with(options, TcpDial::default())
}

/// Opens a connection over another way to make byte streams: a proxy, or a pair of pipes in a test.
///
/// # Panics
/// Outside of a Tokio runtime with time enabled.
#[must_use]
pub fn open_with(options: ValidOptions, dial: impl Dial) -> (Handle, Messages) {
    let values = options.values();
    let budget =
        Budget::new(QueueDepth { messages: values.queue_messages, bytes: values.queue_bytes });
    let shared = Arc::new(Shared {
        clock: Clock::start(),
        budget,
        meter: Arc::new(Meter::default()),
        counters: Mutex::new(Counters::default()),
        max_message_out: values.max_message_out,
        wanted: AtomicBool::new(false),
    });
    let (orders, inbox) = mpsc::channel(values.queue_messages + SPARE_ORDERS);
    let (state_sender, state) = watch::channel(ConnectionState::Idle);
    let (event_sender, _) = broadcast::channel(Events::WAITING);
    let events = event_sender.downgrade();
    let (outlet, messages) = delivery::channel();
    let driver = Driver {
        machine: Machine::new(options.clone(), fastrand::Rng::new()),
        out: Outputs::default(),
        orders: inbox,
        link: Link::new(Arc::new(dial), options, Arc::clone(&shared.meter)),
        alarms: Alarms::default(),
        batch: Vec::new(),
        gathered_bytes: 0,
        told: Reading::Yes,
        bytes_heard: 0,
        outlet,
        state: state_sender,
        events: event_sender,
        shared: Arc::clone(&shared),
    };
    tokio::spawn(driver.run());
    (Handle { orders, shared, state, events }, messages)
}

struct Driver {
    machine: Machine,
    out: Outputs,
    orders: mpsc::Receiver<Order>,
    link: Link,
    alarms: Alarms,
    /// Reused, like the outputs.
    batch: Vec<TransportEvent>,
    /// Size of what was gathered for the reader and not handed over yet.
    gathered_bytes: usize,
    /// What the machine was last told about reading.
    told: Reading,
    /// The meter when the machine was last told of bytes.
    bytes_heard: u64,
    outlet: Outlet,
    state: watch::Sender<ConnectionState>,
    events: broadcast::Sender<Event>,
    shared: Arc<Shared>,
}

/// Whether any handle is left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Yes,
    No,
}

impl Driver {
    async fn run(mut self) {
        let sleep = sleep_until(Instant::now() + IDLE);
        tokio::pin!(sleep);
        let mut wanted = Wanted::Yes;
        loop {
            let due = match self.alarms.earliest() {
                Some(at) => self.shared.clock.instant(at),
                None => Instant::now() + IDLE,
            };
            // The timer wheel is touched when the earliest deadline moves, not for every message.
            if self.alarms.take_moved() || sleep.is_elapsed() {
                sleep.as_mut().reset(due);
            }
            let reading = self.reading();
            // In this order, so that what the socket has to say is known before a timer judges it. Nothing starves:
            // orders and timers are looked at in every turn, whatever woke us.
            let first = tokio::select! {
                biased;
                bytes = self.link.next(reading, LIMIT, &mut self.batch) => {
                    self.gathered_bytes += bytes;
                    None
                }
                order = self.orders.recv(), if wanted == Wanted::Yes => Some(order),
                () = &mut sleep => None,
                () = self.outlet.room(), if !self.out.inbound.is_empty() => None,
            };
            let now = self.shared.clock.now();
            self.hear(now);
            match first {
                Some(Some(order)) => self.carry_out(order, now),
                Some(None) => {
                    wanted = Wanted::No;
                    self.step(Input::Command(Command::Disconnect), now);
                }
                None => {}
            }
            self.take_orders(now);
            self.fire(now);
            self.hand_over(now);
            self.apply(now);
            self.publish();
            if wanted == Wanted::No && self.machine.state().is_at_rest() {
                return;
            }
        }
    }

    fn step(&mut self, input: Input, now: Now) {
        self.machine.step(input, now, &mut self.out);
    }

    /// Passes on what the socket had to say.
    fn hear(&mut self, now: Now) {
        if self.batch.is_empty() {
            return;
        }
        self.bytes_heard = self.shared.meter.read();
        let generation = self.link.generation();
        for event in self.batch.drain(..) {
            self.machine.step(Input::Transport { generation, event }, now, &mut self.out);
        }
    }

    fn take_orders(&mut self, now: Now) {
        for _ in 0..ORDERS_PER_TURN {
            let Ok(order) = self.orders.try_recv() else { return };
            self.carry_out(order, now);
        }
    }

    fn carry_out(&mut self, order: Order, now: Now) {
        match order {
            Order::Command(command) => self.step(Input::Command(command), now),
            Order::Network(network) => self.step(Input::Network(network), now),
            Order::Sync(done) => {
                // Carried out includes that the new state can be seen. Whoever waited may have given up.
                self.apply(now);
                let _ = done.send(());
            }
        }
    }

    fn fire(&mut self, now: Now) {
        while let Some((timer, generation)) = self.alarms.due(now.monotonic) {
            if timer == Timer::Liveness {
                self.hear_bytes(now);
            }
            self.step(Input::Timer { timer, generation }, now);
            // What it set or cleared has to be known before the next one fires.
            self.apply(now);
        }
    }

    /// Bytes of a message that is not complete yet prove life, too.
    fn hear_bytes(&mut self, now: Now) {
        let read = self.shared.meter.read();
        if read != self.bytes_heard {
            self.bytes_heard = read;
            let generation = self.link.generation();
            let event = TransportEvent::Activity;
            self.step(Input::Transport { generation, event }, now);
        }
    }

    /// Hands the reader what it has room for, and tells the machine when the socket has to wait for it.
    fn hand_over(&mut self, now: Now) {
        self.outlet.offer(&mut self.out.inbound, now.wall);
        if self.out.inbound.is_empty() {
            self.gathered_bytes = 0;
        }
        let reading = self.reading();
        if self.told != reading && self.machine.state().is_connected() {
            self.told = reading;
            let event = match reading {
                Reading::Paused => TransportEvent::ReadPaused,
                Reading::Yes => TransportEvent::ReadResumed,
            };
            let generation = self.link.generation();
            self.step(Input::Transport { generation, event }, now);
        }
    }

    fn reading(&self) -> Reading {
        let full = self.out.inbound.len() >= Delivery::LIMIT
            || self.gathered_bytes >= Delivery::BYTES && !self.out.inbound.is_empty();
        if full { Reading::Paused } else { Reading::Yes }
    }

    /// Does what the machine wants.
    fn apply(&mut self, now: Now) {
        while let Some(action) = self.out.actions.pop_front() {
            let failed = match action {
                Output::Connect { endpoint, generation } => {
                    self.told = Reading::Yes;
                    self.link.dial(endpoint, generation);
                    None
                }
                Output::Write { text, generation } => self.link.write(text, generation),
                Output::Ping { generation } => self.link.ping(generation),
                Output::Close { code, generation } => self.link.close(code, generation),
                Output::Drop { generation, farewell } => {
                    self.link.drop_socket(generation, farewell);
                    None
                }
                Output::SetTimer { timer, at, generation } => {
                    self.alarms.set(timer, at, generation);
                    None
                }
                Output::ClearTimer { timer } => {
                    self.alarms.clear(timer);
                    None
                }
                Output::Report(event) => {
                    self.report(event);
                    None
                }
            };
            if let Some(event) = failed {
                let generation = self.link.generation();
                self.step(Input::Transport { generation, event }, now);
            }
        }
    }

    fn report(&self, event: Event) {
        if let Event::State(change) = &event {
            tracing::debug!(
                endpoint = %change.endpoint,
                from = change.previous.name(),
                to = change.current.name(),
                cause = change.cause.as_ref().map(tracing::field::display),
                "connection"
            );
            let wanted =
                !change.current.is_at_rest() && change.current.kind() != StateKind::Closing;
            self.shared.wanted.store(wanted, Ordering::Relaxed);
            self.state.send_replace(change.current.clone());
        }
        // An error means that nobody is watching.
        let _ = self.events.send(event);
    }

    fn publish(&self) {
        let mut counters = self.shared.counters.lock().unwrap_or_else(PoisonError::into_inner);
        counters.clone_from(self.machine.counters());
    }
}

/// One turn's reading.
const LIMIT: BatchLimit = BatchLimit { frames: Delivery::LIMIT, bytes: Delivery::BYTES };
