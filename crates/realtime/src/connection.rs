//! The task of a connection: it owns the socket, the timers and the machine, and carries out what the machine wants.

mod alarms;
mod conflation;
mod keeper;
mod link;
mod tokens;

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

use self::alarms::Alarms;
use self::keeper::Keeper;
pub(crate) use self::keeper::{Disk, Notes};
use self::link::Link;
use self::tokens::Tokens;
use crate::builder::Start;
use crate::clock::Clock;
use crate::delivery::{self, Outlet};
use crate::diagnostics::EventRing;
use crate::handle::{Order, Shared};
use crate::machine::{
    Budget, Command, Input, Machine, Monotonic, Now, Output, Outputs, RequestId, Timer, TokenNews,
    TransportEvent,
};
use crate::metrics::Counters;
use crate::middleware::Stages;
use crate::transport::{Dial, Left, Meter, Reading, TurnLimit};
use crate::{
    Builder, ConnectionState, Delivery, Event, Events, Handle, Inbound, Messages, Outcome,
    QueueDepth, StateKind, ValidOptions,
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
    Builder::new(options).open()
}

/// Opens a connection over another way to make byte streams: a proxy, or a pair of pipes in a test.
///
/// # Panics
/// Outside of a Tokio runtime with time enabled.
#[must_use]
pub fn open_with(options: ValidOptions, dial: impl Dial) -> (Handle, Messages) {
    Builder::new(options).dial(dial).open()
}

pub(crate) fn start(builder: Builder) -> (Handle, Messages) {
    let disk = builder.disk();
    let Builder { options, dial, stages, token_provider, dialect, notes, start, .. } = builder;
    let values = options.values();
    let budget =
        Budget::new(QueueDepth { messages: values.queue_messages, bytes: values.queue_bytes });
    let shared = Arc::new(Shared {
        clock: Clock::start(),
        budget,
        meter: Arc::new(Meter::default()),
        counters: Mutex::new(Counters::default()),
        stages: Stages::new(stages),
        dialect: dialect.clone(),
        max_message_out: values.max_message_out,
        large_message_out: values.large_message_out,
        large: AtomicU64::new(0),
        durable_ttl: values.durable_ttl,
        wanted: AtomicBool::new(false),
        requests: AtomicU64::new(0),
        ids: Mutex::new(dice()),
        disk: disk.clone(),
        ring: EventRing::default(),
        endpoints: Mutex::default(),
    });
    let (orders, inbox) = mpsc::channel(values.queue_messages + SPARE_ORDERS);
    let (state_sender, state) = watch::channel(ConnectionState::Idle);
    let (event_sender, _) = broadcast::channel(Events::WAITING);
    let events = event_sender.downgrade();
    let (outlet, messages) = delivery::channel();
    let renews = token_provider.is_some();
    let tokens = Tokens::new(values, token_provider);
    if let Some(token) = &values.token {
        shared.ring.hide(token);
    }
    let machine = Machine::new(options.clone(), dice()).speaking(dialect);
    let machine = match start {
        Start::Kept => machine,
        Start::Empty => machine.without_state(),
    };
    let inbound_limit = values.inbound_messages;
    let driver = Driver {
        machine: if renews { machine.renewing() } else { machine },
        keeper: Keeper::new(disk, &notes),
        tokens: tokens.clone(),
        renewal: None,
        waiting: HashMap::new(),
        inbound_limit,
        options: options.clone(),
        out: Outputs::default(),
        orders: inbox,
        link: Link::new(dial, options, tokens, Arc::clone(&shared)),
        alarms: Alarms::default(),
        gathered_bytes: 0,
        conflated: 0,
        told_slow: None,
        staged: 0,
        told: Reading::Yes,
        bytes_heard: 0,
        outlet,
        state: state_sender,
        events: event_sender,
        shared: Arc::clone(&shared),
    };
    tokio::spawn(driver.run(notes));
    (Handle { orders, shared, state, events }, messages)
}

/// Dice that no two programs throw alike: the hasher's keys are the operating system's.
fn dice() -> fastrand::Rng {
    fastrand::Rng::with_seed(std::hash::RandomState::new().hash_one(0_u8))
}

struct Driver {
    machine: Machine,
    keeper: Keeper,
    tokens: Tokens,
    /// A new token that is being asked for, for a connection that stands.
    renewal: Option<BoxFuture<'static, TokenNews>>,
    /// Who waits for the end of a request.
    waiting: HashMap<RequestId, oneshot::Sender<Outcome>>,
    /// Messages that may wait for the reader before it counts as slow.
    inbound_limit: usize,
    options: ValidOptions,
    out: Outputs,
    orders: mpsc::Receiver<Order>,
    link: Link,
    alarms: Alarms,
    /// Size of what was gathered for the reader and not handed over yet.
    gathered_bytes: usize,
    conflated: u64,
    told_slow: Option<Monotonic>,
    /// How much of it went through the stages already.
    staged: usize,
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
    async fn run(mut self, notes: Notes) {
        let (position, news) = Keeper::load(self.shared.disk.clone(), notes).await;
        self.machine = self.machine.at(position);
        for persisted in news {
            let now = self.shared.clock.now();
            self.step(Input::Persisted(persisted), now);
        }
        let sleep = sleep_until(Instant::now() + IDLE);
        tokio::pin!(sleep);
        let mut wanted = Wanted::Yes;
        let mut held = None;
        let mut saving = None;
        loop {
            let due = match self.alarms.earliest() {
                Some(at) => self.shared.clock.instant(at),
                None => Instant::now() + IDLE,
            };
            let due = self.keeper.due().map_or(due, |save| save.min(due));
            let held_before = std::mem::replace(&mut held, self.shared.stages.due());
            let saving_before = std::mem::replace(&mut saving, self.keeper.due());
            // The timer wheel is touched when the earliest deadline moves, not for every message.
            if self.alarms.take_moved()
                || sleep.is_elapsed()
                || held != held_before
                || saving != saving_before
            {
                // A stage that is due and hands nothing on costs a turn each millisecond, not a whole core.
                let held = held.map(|held| held.max(Instant::now() + Duration::from_millis(1)));
                sleep.as_mut().reset(held.map_or(due, |held| held.min(due)));
            }
            let reading = self.reading();
            let generation = self.link.generation();
            // When the first of what the socket has to say was read.
            let mut heard = None;
            let mut left = Left::Nothing;
            // In this order, so that what the socket has to say is known before a timer judges it. Nothing starves:
            // orders, timers and answers are looked at in every turn, whatever woke us.
            let first = tokio::select! {
                biased;
                turn = self.link.next(reading, LIMIT, |event| {
                    let now = *heard.get_or_insert_with(|| self.shared.clock.now());
                    let before = self.machine.counters().bytes_inflated;
                    self.machine.step(Input::Transport { generation, event }, now, &mut self.out);
                    (self.machine.counters().bytes_inflated - before) as usize
                }) => {
                    self.gathered_bytes += turn.bytes;
                    left = turn.left;
                    None
                }
                order = self.orders.recv(), if wanted == Wanted::Yes => order,
                persisted = self.keeper.next(), if self.keeper.is_waiting() => {
                    if let Some(persisted) = persisted {
                        self.step(Input::Persisted(persisted), self.shared.clock.now());
                    }
                    None
                }
                news = asked(&mut self.renewal) => {
                    self.renewed(news, self.shared.clock.now());
                    None
                }
                () = &mut sleep => None,
                () = self.outlet.room(), if !self.out.inbound.is_empty() => None,
            };
            if heard.is_some() {
                self.bytes_heard = self.shared.meter.read();
            }
            let now = heard.unwrap_or_else(|| self.shared.clock.now());
            if let Some(order) = first {
                self.carry_out(order, now);
            }
            if self.take_orders(now) == Wanted::No && wanted == Wanted::Yes {
                wanted = Wanted::No;
                self.step(Input::Command(Command::Disconnect), now);
            }
            if heard.is_some() {
                self.take_answers(now);
            }
            self.fire(now);
            let handed = self.outlet.handed();
            self.hand_over(now);
            self.apply(now);
            self.keeper.save_if_due(self.outlet.taken());
            self.publish();
            // With more to read, this task would go on and on. A reader on the same thread is not slow before it had its
            // turn, a message is late when others are read before it is looked at, and what was just read is at hand for
            // the processor. Without, it comes to rest by itself.
            let goes_on = left == Left::Something && self.outlet.handed() != handed;
            if goes_on || !self.out.inbound.is_empty() {
                tokio::task::yield_now().await;
            }
            if wanted == Wanted::No && self.machine.state().is_at_rest() {
                self.keeper.finish(self.outlet.taken()).await;
                return;
            }
        }
    }

    fn step(&mut self, input: Input, now: Now) {
        self.machine.step(input, now, &mut self.out);
    }

    /// Returns whether there is anybody who could give more of them.
    fn take_orders(&mut self, now: Now) -> Wanted {
        for _ in 0..ORDERS_PER_TURN {
            match self.orders.try_recv() {
                Ok(order) => self.carry_out(order, now),
                Err(TryRecvError::Empty) => return Wanted::Yes,
                Err(TryRecvError::Disconnected) => return Wanted::No,
            }
        }
        Wanted::Yes
    }

    /// Takes what the disk and the token provider have answered. A socket that always has more to say would keep them
    /// from being asked.
    fn take_answers(&mut self, now: Now) {
        while self.keeper.is_waiting()
            && let Some(answer) = self.keeper.next().now_or_never()
        {
            if let Some(persisted) = answer {
                self.step(Input::Persisted(persisted), now);
            }
        }
        if let Some(news) = self.renewal.as_mut().and_then(FutureExt::now_or_never) {
            self.renewed(news, now);
        }
    }

    fn renewed(&mut self, news: TokenNews, now: Now) {
        self.renewal = None;
        if let TokenNews::Renewed { token, .. } = &news {
            self.shared.ring.hide(token);
        }
        self.step(Input::Token(news), now);
    }

    fn carry_out(&mut self, order: Order, now: Now) {
        match order {
            Order::Command(command) => self.step(Input::Command(command), now),
            Order::Publish(publish, outcome) => {
                if let Some(request) = publish.request {
                    self.waiting.insert(request, outcome);
                }
                self.step(Input::Command(Command::Publish(publish)), now);
            }
            Order::Topics(request, change, outcome) => {
                self.waiting.insert(request, outcome);
                self.step(Input::Command(Command::Topics { request, change }), now);
            }
            Order::Network(network) => self.step(Input::Network(network), now),
            Order::Woke => self.step(Input::Woke, now),
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
        self.shared.stages.inbound(&mut self.out.inbound, self.staged);
        let end = self.outlet.handed() + self.out.inbound.len() as u64;
        // What a stage has released by now is among what was gathered, and what it still holds is not.
        if !self.shared.stages.hold_back() {
            self.keeper.mark(end, self.machine.position());
        }
        let keeper = &mut self.keeper;
        self.outlet.offer(&mut self.out.inbound, now.wall, |handed| keeper.tell(handed));
        if self.out.inbound.len() >= self.inbound_limit {
            self.conflate(now);
        }
        self.staged = self.out.inbound.len();
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

    /// The reader is slow. State it would see replaced at once makes room; events stay, and make the socket wait.
    fn conflate(&mut self, now: Now) {
        let states = &self.options.values().state_types;
        let conflated = conflation::conflate(&mut self.out.inbound, states);
        if conflated == 0 {
            return;
        }
        let handed = self.outlet.handed();
        self.keeper.merged(handed, handed + self.out.inbound.len() as u64);
        let bytes = |inbound: &Inbound| match inbound {
            Inbound::Message(message) => message.data().len(),
            Inbound::Invalid(_) | Inbound::SnapshotEnd(_) => 0,
        };
        self.gathered_bytes = self.out.inbound.iter().map(bytes).sum();
        self.conflated += conflated;
        // Told once for each stretch of being slow, and again when it goes on for long.
        let is_news = self.told_slow.is_none_or(|at| now.monotonic.since(at) >= SLOW_AGAIN);
        if is_news {
            self.told_slow = Some(now.monotonic);
            self.report(Event::SlowConsumer { at: now.wall, conflated });
        }
    }

    fn reading(&self) -> Reading {
        let full = self.out.inbound.len() >= self.inbound_limit
            || self.gathered_bytes >= Delivery::BYTES && !self.out.inbound.is_empty();
        if full { Reading::Paused } else { Reading::Yes }
    }

    /// Does what the machine wants.
    fn apply(&mut self, now: Now) {
        while let Some(action) = self.out.actions.pop_front() {
            let failed = match action {
                Output::Connect { endpoint, generation, token } => {
                    self.told = Reading::Yes;
                    self.link.dial(endpoint, generation, token);
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
                Output::Persist(persist) => {
                    self.keeper.persist(persist, now.wall);
                    None
                }
                Output::RenewToken => {
                    // One at a time: whoever asks again meanwhile gets the same answer.
                    if self.renewal.is_none() {
                        self.renewal = Some(Box::pin(self.tokens.clone().renew()));
                    }
                    None
                }
                Output::Settle { request, outcome } => {
                    if let Some(waiting) = self.waiting.remove(&request) {
                        // Whoever asked may not care any more.
                        let _ = waiting.send(outcome);
                    }
                    None
                }
                Output::Report(event) => {
                    if let Event::State(_) = &event {
                        *self.shared.endpoints() = self.machine.endpoints(now);
                    }
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
            if change.current.is_connected() {
                self.keeper.look_again();
            }
        }
        self.shared.ring.push(event.clone());
        // An error means that nobody is watching.
        let _ = self.events.send(event);
    }

    fn publish(&self) {
        let mut counters = self.shared.counters.lock().unwrap_or_else(PoisonError::into_inner);
        counters.clone_from(self.machine.counters());
        counters.conflated = self.conflated;
        counters.queued_since = self.machine.queued_since();
    }
}

/// Waits for a token that is being asked for.
async fn asked(renewal: &mut Option<BoxFuture<'static, TokenNews>>) -> TokenNews {
    match renewal {
        Some(renewal) => renewal.await,
        None => std::future::pending().await,
    }
}

/// How often a reader that stays slow is told of.
const SLOW_AGAIN: Duration = Duration::from_secs(60);
/// One turn's reading.
const LIMIT: TurnLimit = TurnLimit { frames: Delivery::LIMIT, bytes: Delivery::BYTES };
