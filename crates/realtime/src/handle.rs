use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use smol_str::SmolStr;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use wire::{Invalid, InvalidKind, Message};

use crate::clock::{self, Clock};
use crate::connection::Disk;
use crate::diagnostics::{Diagnostics, EventRing};
use crate::dialect::{self, Dialect};
use crate::machine::{
    Budget, Command, Keeping, Network, Outgoing, Publish, RequestId, TopicChange,
};
use crate::metrics::Counters;
use crate::middleware::Stages;
use crate::persistence::Entry;
use crate::transport::Meter;
use crate::{
    ConnectionState, EndpointHealth, Error, ErrorKind, Event, Metrics, OutboxDepth, Outcome,
    Publishing, StageMetrics, Topic, millis, publish,
};

/// A connection, to be asked for things. Cheap to clone; when the last clone is dropped the connection is closed
/// cleanly and its task ends.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(crate) orders: mpsc::Sender<Order>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) state: watch::Receiver<ConnectionState>,
    pub(crate) events: broadcast::WeakSender<Event>,
}

/// What a handle sends to the task.
#[derive(Debug)]
pub(crate) enum Order {
    Command(Command),
    Network(Network),
    Woke,
    /// A publish, and who waits for its end.
    Publish(Publish, oneshot::Sender<Outcome>),
    Topics(RequestId, TopicChange, oneshot::Sender<Outcome>),
    /// Answered when all orders before it have been carried out.
    Sync(oneshot::Sender<()>),
}

/// What a handle can look at without asking the task.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) budget: Arc<Budget>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) counters: Mutex<Counters>,
    pub(crate) stages: Stages,
    pub(crate) dialect: Option<Arc<dyn Dialect>>,
    pub(crate) max_message_out: usize,
    pub(crate) large_message_out: usize,
    /// How many were larger.
    pub(crate) large: AtomicU64,
    pub(crate) durable_ttl: Duration,
    pub(crate) requests: AtomicU64,
    /// For the ids of messages.
    pub(crate) ids: Mutex<fastrand::Rng>,
    pub(crate) disk: Option<Disk>,
    pub(crate) ring: EventRing,
    /// As of the last change of state.
    pub(crate) endpoints: Mutex<Vec<EndpointHealth>>,
    /// Whether a connection is wanted: set as soon as it is asked for, so that one can connect and send in one go.
    pub(crate) wanted: AtomicBool,
}

impl Shared {
    pub(crate) fn endpoints(&self) -> MutexGuard<'_, Vec<EndpointHealth>> {
        // Replaced as a whole: whoever panicked with the lock held left the one or the other.
        self.endpoints.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handle {
    /// Asks for a connection. While one is wanted it is made anew for as long as it takes. When an attempt is being
    /// waited for it is made at once; when there is a connection nothing happens.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] when the task has ended, which it does only with its runtime.
    pub fn connect(&self) -> Result<(), Error> {
        self.shared.wanted.store(true, Ordering::Relaxed);
        self.order(Order::Command(Command::Connect))
    }

    /// Waits until the connection stands.
    ///
    /// # Errors
    /// [`ErrorKind::Failed`] with the [`Cause`](crate::Cause) as its source when it failed for good,
    /// [`ErrorKind::Closed`] when nobody asked for it, or somebody asked for its end.
    pub async fn connected(&self) -> Result<(), Error> {
        self.sync().await?;
        let mut state = self.state.clone();
        let state = state
            .wait_for(|state| state.is_connected() || state.is_at_rest())
            .await
            .map_err(|_| Error::from(ErrorKind::Closed))?;
        if state.is_connected() { Ok(()) } else { Err(Error::of_rest(&state)) }
    }

    /// Closes the connection cleanly and waits until that is done: at most `closeTimeout`, when the server does not
    /// answer. Messages that wait to be sent stay until they expire.
    pub async fn disconnect(&self) {
        self.shared.wanted.store(false, Ordering::Relaxed);
        if self.orders.send(Order::Command(Command::Disconnect)).await.is_err() {
            return;
        }
        self.parted().await;
    }

    /// The first half of [`disconnect`](Self::disconnect): asks for the end.
    pub(crate) fn part(&self) -> Result<(), Error> {
        self.shared.wanted.store(false, Ordering::Relaxed);
        self.order(Order::Command(Command::Disconnect))
    }

    /// The second half: waits for it.
    pub(crate) async fn parted(&self) {
        if self.sync().await.is_ok() {
            let mut state = self.state.clone();
            // An error means that the task has ended, and the connection with it.
            let _ = state.wait_for(|state| *state != ConnectionState::Closing).await;
        }
    }

    /// Sends a message, or keeps it until there is a connection, for at most `queueTtl`. It returns at once; that it
    /// was written is all that plain mode ever knows.
    ///
    /// # Errors
    /// - [`ErrorKind::QueueFull`] when as much is waiting as may wait.
    /// - [`ErrorKind::Closed`], [`ErrorKind::Failed`] when no connection is wanted or to be had.
    /// - [`ErrorKind::MessageTooLarge`] when it is larger than `maxMessageOut`.
    /// - [`ErrorKind::Rejected`] when a [`Middleware`](crate::Middleware) stage refused it; the source tells why.
    pub fn send(&self, message: Message) -> Result<(), Error> {
        if !self.shared.wanted.load(Ordering::Relaxed) {
            return Err(Error::of_rest(&self.state.borrow()));
        }
        match self.through_stages(message)? {
            Some(message) => self.send_staged(message),
            None => Ok(()),
        }
    }

    /// What the stages leave of a message to send.
    pub(crate) fn through_stages(&self, message: Message) -> Result<Option<Message>, Error> {
        self.shared.stages.outbound(message)
    }

    /// Sends what went through the stages, or is made of what did.
    pub(crate) fn send_staged(&self, message: Message) -> Result<(), Error> {
        if !self.shared.wanted.load(Ordering::Relaxed) {
            return Err(Error::of_rest(&self.state.borrow()));
        }
        let text = self.encode(&message)?;
        self.check_size(message.ty(), text.len())?;
        let reservation = self.shared.budget.reserve(text.len()).ok_or(ErrorKind::QueueFull)?;
        let outgoing = Outgoing::new(message.ty().into(), text, reservation);
        self.order(Order::Command(Command::Send(outgoing)))
    }

    /// Sends `data` under a type, timestamped now, without an id.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), and [`ErrorKind::InvalidMessage`] when the type is out of its limits or the
    /// data cannot be written as JSON.
    pub fn send_typed(&self, ty: &str, data: &impl Serialize) -> Result<(), Error> {
        self.send(typed(ty, data)?)
    }

    /// Sends a message and tells how that ended: in `vaultwatch.v1` the server acknowledges it, in plain mode
    /// [`Outcome::Written`] is the best there is. It waits for a connection for at most `queueTtl`, and is sent again
    /// after a reconnect, in order. A message without an id is given one: by it the server knows it when it comes twice.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), and [`ErrorKind::Reserved`] for a type that is the protocol's own.
    pub fn publish(&self, message: Message) -> Result<Publishing, Error> {
        if !self.shared.wanted.load(Ordering::Relaxed) {
            return Err(Error::of_rest(&self.state.borrow()));
        }
        let (message, id, text) = self.prepare(message)?;
        let reservation = self.shared.budget.reserve(text.len()).ok_or(ErrorKind::QueueFull)?;
        self.publish_prepared(message.ty().into(), id, text, Keeping::Volatile(reservation))
    }

    /// Keeps a message on disk and then sends it: until it is acknowledged, for at most `durableTtl`, and through
    /// restarts. When this returns it is kept, whether there is a connection or not. What the server refuses for good is
    /// parked there with the reason.
    ///
    /// # Errors
    /// - [`ErrorKind::NoPersistence`] when the connection was opened without any.
    /// - [`ErrorKind::NotKept`] when the disk refused; the source tells why. Nothing was sent.
    /// - [`ErrorKind::MessageTooLarge`], [`ErrorKind::InvalidMessage`], [`ErrorKind::Reserved`],
    ///   [`ErrorKind::Rejected`] as of [`publish`](Self::publish).
    /// - [`ErrorKind::QueueFull`], [`ErrorKind::Closed`] when it *is* kept, but the connection has too much to do, or
    ///   its task has ended: it is sent after the next connect.
    pub async fn publish_durable(&self, message: Message) -> Result<Publishing, Error> {
        let Some(Disk { persistence, stream, .. }) = &self.shared.disk else {
            return Err(ErrorKind::NoPersistence.into());
        };
        let (message, id, text) = self.prepare(message)?;
        let ty = message.ty().into();
        let now = clock::wall();
        let expires = now.plus(self.shared.durable_ttl);
        let entry = Entry::new(stream.clone(), message, now, expires)
            .map_err(|error| Error::with_source(ErrorKind::InvalidMessage, error))?;
        // On its way at once where there is a connection: one commit instead of two.
        let at_once = self.state.borrow().is_connected();
        let entry = if at_once { entry.sent_at_once() } else { entry };
        let not_kept = |error| Error::with_source(ErrorKind::NotKept, error);
        let sequence = persistence.enqueue(entry).await.map_err(not_kept)?;
        let first_sent = at_once.then_some(now);
        let keeping = Keeping::Durable { sequence, expires, first_sent };
        self.publish_prepared(ty, id, text, keeping)
    }

    /// Through the stages, with an id, and as text.
    fn prepare(&self, message: Message) -> Result<(Message, SmolStr, String), Error> {
        if wire::control::is_reserved(message.ty()) {
            return Err(ErrorKind::Reserved.into());
        }
        let mut message = match self.shared.stages.outbound(message)? {
            Some(message) => message,
            // A sender who waits for the outcome must not be left without one.
            None => return Err(ErrorKind::Rejected.into()),
        };
        let id = match message.id() {
            Some(id) => id.into(),
            None => {
                let id = self.make_id();
                message = message.with_id(&id).expect("what is made here is an id");
                id
            }
        };
        let text = self.encode(&message)?;
        self.check_size(message.ty(), text.len())?;
        Ok((message, id, text))
    }

    fn encode(&self, message: &Message) -> Result<String, Error> {
        dialect::encode(self.shared.dialect.as_deref(), message).ok_or_else(|| {
            let reason = "cannot be said to this server";
            let invalid = Invalid::new(InvalidKind::Payload, reason, &[]).with_field("type");
            Error::with_source(ErrorKind::Rejected, invalid)
        })
    }

    fn check_size(&self, ty: &str, bytes: usize) -> Result<(), Error> {
        if bytes > self.shared.max_message_out {
            return Err(ErrorKind::MessageTooLarge.into());
        }
        if bytes > self.shared.large_message_out {
            self.shared.large.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(ty, bytes, "a large message is being sent");
        }
        Ok(())
    }

    fn make_id(&self) -> SmolStr {
        // Dice are good whoever threw them last.
        publish::make_id(&mut self.shared.ids.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn publish_prepared(
        &self,
        ty: SmolStr,
        id: SmolStr,
        text: String,
        keeping: Keeping,
    ) -> Result<Publishing, Error> {
        let request = self.request();
        let (sender, outcome) = oneshot::channel();
        let publish = Publish { request: Some(request), id: id.clone(), ty, text, keeping };
        self.order(Order::Publish(publish, sender))?;
        Ok(Publishing { id, request, outcome, orders: self.orders.downgrade() })
    }

    fn request(&self) -> RequestId {
        RequestId(self.shared.requests.fetch_add(1, Ordering::Relaxed))
    }

    /// Asks for more topics. In `vaultwatch.v1` it returns when the server has agreed, and a snapshot of what is new
    /// follows; in plain mode, and while there is no connection, it is noted at once. Whoever has everything, because
    /// the options name no topics, has nothing to ask for.
    ///
    /// # Errors
    /// [`ErrorKind::TimedOut`] when the server does not answer; the topics are asked for again with the next
    /// connection. [`ErrorKind::Closed`] when the connection ended meanwhile.
    pub async fn subscribe(&self, topics: Vec<Topic>) -> Result<(), Error> {
        self.change_topics(TopicChange::Subscribe(topics)).await
    }

    /// Does without some topics, named as they were asked for.
    ///
    /// # Errors
    /// Those of [`subscribe`](Self::subscribe).
    pub async fn unsubscribe(&self, topics: Vec<Topic>) -> Result<(), Error> {
        self.change_topics(TopicChange::Unsubscribe(topics)).await
    }

    async fn change_topics(&self, change: TopicChange) -> Result<(), Error> {
        match self.order_topics(change)?.await {
            Ok(outcome) if outcome.is_ok() => Ok(()),
            Ok(Outcome::TimedOut) => Err(ErrorKind::TimedOut.into()),
            Ok(_) | Err(_) => Err(ErrorKind::Closed.into()),
        }
    }

    /// Notes another choice of topics; what is returned is told what the server makes of it, and need not be awaited.
    pub(crate) fn order_topics(
        &self,
        change: TopicChange,
    ) -> Result<oneshot::Receiver<Outcome>, Error> {
        let (sender, outcome) = oneshot::channel();
        self.order(Order::Topics(self.request(), change, sender))?;
        Ok(outcome)
    }

    /// Everything worth seeing, for a person or a report.
    #[must_use]
    pub fn diagnostics(&self) -> Diagnostics {
        Diagnostics::new(self.metrics(), self.stages(), &self.shared.ring)
    }

    /// An event as JSON, with tokens taken out as in [`Diagnostics::to_json`].
    #[must_use]
    pub fn event_json(&self, event: &Event) -> String {
        self.shared.ring.event_json(event)
    }

    /// Passes on what the operating system says of the network: gone, then no attempts are made; back or changed,
    /// then an open connection is probed and a missing one tried at once. Means nothing to endpoints on loopback, and to
    /// a connection that has failed for good: whoever believes that it works now asks for it by
    /// [`connect`](Self::connect).
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] when the task has ended, [`ErrorKind::QueueFull`] in a flood of orders.
    pub fn network(&self, network: Network) -> Result<(), Error> {
        self.order(Order::Network(network))
    }

    /// Passes on that the machine has woken up: an open connection is probed and must answer within `probeTimeout`, a
    /// missing one is tried at once. Without it that is found out by the clocks, within 5 s, and for sleep of more than
    /// 10 s alone. At rest it means nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] when the task has ended, [`ErrorKind::QueueFull`] in a flood of orders.
    pub fn wake(&self) -> Result<(), Error> {
        self.order(Order::Woke)
    }

    /// The state now.
    #[must_use]
    pub fn state(&self) -> ConnectionState {
        self.state.borrow().clone()
    }

    /// The state now, and a watch that has seen it: no change falls between the two.
    #[must_use]
    pub fn subscribe_state(&self) -> (ConnectionState, watch::Receiver<ConnectionState>) {
        let mut receiver = self.state.clone();
        let now = receiver.borrow_and_update().clone();
        (now, receiver)
    }

    /// What happens from now on.
    #[must_use]
    pub fn subscribe_events(&self) -> Events {
        let sender = self.events.upgrade();
        Events { receiver: sender.map(|sender| sender.subscribe()) }
    }

    /// The figures so far.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        let shared = &self.shared;
        // Plain figures: whoever panicked with the lock held left nothing half-done that matters.
        let counters = shared.counters.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let bytes = (shared.meter.read(), shared.meter.written());
        let now = shared.clock.now().monotonic;
        let mut metrics = counters.snapshot(self.state(), shared.budget.used(), bytes, now);
        shared.stages.add_invalid(&mut metrics.invalid);
        metrics.large_sent = shared.large.load(Ordering::Relaxed);
        metrics.connect = shared.meter.phases();
        metrics.outbox = shared.disk.as_ref().map(|disk| {
            let depth = disk.persistence.depth();
            let age = |oldest| clock::wall().since(oldest);
            OutboxDepth {
                messages: depth.messages,
                bytes: depth.bytes,
                parked: depth.parked,
                oldest_ms: depth.oldest.map(age).map(millis::whole),
            }
        });
        metrics
    }

    /// What the [`Middleware`](crate::Middleware) stages did so far, the one next to the socket first.
    #[must_use]
    pub fn stages(&self) -> Vec<StageMetrics> {
        self.shared.stages.metrics()
    }

    /// What is known of each address, as of the last change of state; nothing before there was one.
    #[must_use]
    pub fn endpoints(&self) -> Vec<EndpointHealth> {
        self.shared.endpoints().clone()
    }

    fn order(&self, order: Order) -> Result<(), Error> {
        self.orders.try_send(order).map_err(|error| match error {
            // There is room for every message that has a reservation, and some more: this is a flood of others.
            mpsc::error::TrySendError::Full(_) => ErrorKind::QueueFull.into(),
            mpsc::error::TrySendError::Closed(_) => ErrorKind::Closed.into(),
        })
    }

    async fn sync(&self) -> Result<(), Error> {
        let (done, reply) = oneshot::channel();
        let closed = || Error::from(ErrorKind::Closed);
        self.orders.send(Order::Sync(done)).await.map_err(|_| closed())?;
        reply.await.map_err(|_| closed())
    }
}

/// A message timestamped now, without an id.
pub(crate) fn typed(ty: &str, data: &impl Serialize) -> Result<Message, Error> {
    Message::new(ty, data, clock::wall(), None)
        .map_err(|invalid| Error::with_source(ErrorKind::InvalidMessage, invalid))
}

/// A bounded stream of [`Event`]s. A reader that is too slow misses the oldest and is told how many.
#[derive(Debug)]
pub struct Events {
    receiver: Option<broadcast::Receiver<Event>>,
}

impl Events {
    /// How many events wait for a reader before the oldest are given up.
    pub const WAITING: usize = 256;

    /// The next event; `None` when the connection is gone. Cancel safe.
    pub async fn recv(&mut self) -> Option<Event> {
        match self.receiver.as_mut()?.recv().await {
            Ok(event) => Some(event),
            Err(broadcast::error::RecvError::Lagged(count)) => Some(Event::Missed { count }),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
