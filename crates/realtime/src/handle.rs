use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use wire::Message;

use crate::clock::{self, Clock};
use crate::machine::{Budget, Command, Network, Outgoing};
use crate::metrics::Counters;
use crate::transport::Meter;
use crate::{ConnectionState, Error, ErrorKind, Event, Metrics};

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
    pub(crate) max_message_out: usize,
    /// Whether a connection is wanted: set as soon as it is asked for, so that one can connect and send in one go.
    pub(crate) wanted: AtomicBool,
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
    pub fn send(&self, message: Message) -> Result<(), Error> {
        if !self.shared.wanted.load(Ordering::Relaxed) {
            return Err(Error::of_rest(&self.state.borrow()));
        }
        let text = message.to_json();
        if text.len() > self.shared.max_message_out {
            return Err(ErrorKind::MessageTooLarge.into());
        }
        let reservation = self.shared.budget.reserve(text.len()).ok_or(ErrorKind::QueueFull)?;
        let outgoing = Outgoing::new(message.ty, text, reservation);
        self.order(Order::Command(Command::Send(outgoing)))
    }

    /// Sends `data` under a type, timestamped now, without an id.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), and [`ErrorKind::InvalidMessage`] when the type is out of its limits or the
    /// data cannot be written as JSON.
    pub fn send_typed(&self, ty: &str, data: &impl Serialize) -> Result<(), Error> {
        let message = Message::new(ty, data, clock::wall(), None)
            .map_err(|invalid| Error::with_source(ErrorKind::InvalidMessage, invalid))?;
        self.send(message)
    }

    /// Passes on what the operating system says of the network: gone, then no attempts are made; back or changed,
    /// then an open connection is probed and a missing one tried at once. Means nothing to endpoints on loopback.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] when the task has ended.
    pub fn network(&self, network: Network) -> Result<(), Error> {
        self.order(Order::Network(network))
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
        counters.snapshot(self.state(), shared.budget.used(), bytes, now)
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
