use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use wire::Message;

use super::routes::Routes;
use super::{Sink, StreamError};
use crate::handlers::{Handlers, Occurrence, Registration};
use crate::machine::TopicChange;
use crate::{
    Builder, Cause, ConnectionState, Error, Event, Events, Handle, Inbound, Messages, Topic,
};

/// One connection that streams and handlers share. Cheap to clone.
///
/// The connection belongs to its streams: it is made when the first of them is connected and ends when the last one
/// is not any more. A topic is subscribed for as long as a stream uses it; topics that the options name are subscribed
/// all the time. A server of plain mode sends everything, and what nobody uses is left out here.
///
/// With a persistence, a message counts as handled when its streams have it. Whoever must have *done* something with
/// each message before the position moves on reads [`Messages`] instead.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

pub(crate) struct Inner {
    handle: Handle,
    routes: Arc<Routes>,
    handlers: Arc<Handlers>,
    /// Since the streams asked for a connection there has been one.
    was_connected: Arc<AtomicBool>,
    interest: Mutex<Interest>,
}

/// Who uses what.
#[derive(Default)]
struct Interest {
    users: usize,
    topics: HashMap<Topic, usize>,
}

impl Interest {
    fn use_topic(&mut self, topic: &Topic, handle: &Handle) -> Result<(), Error> {
        let count = self.topics.entry(topic.clone()).or_default();
        *count += 1;
        if *count == 1 {
            // Noted before the connection is asked for, so that the first `hello` names it already. Nobody waits for
            // the answer: a server that gives none is asked again with the next connection.
            drop(handle.order_topics(TopicChange::Subscribe(vec![topic.clone()]))?);
        }
        Ok(())
    }

    fn leave_topic(&mut self, topic: &Topic, handle: &Handle) {
        let Some(count) = self.topics.get_mut(topic) else { return };
        *count -= 1;
        if *count == 0 {
            self.topics.remove(topic);
            // If there is no room for the order, the topic stays and its messages go nowhere.
            let _ = handle.order_topics(TopicChange::Unsubscribe(vec![topic.clone()]));
        }
    }
}

impl Hub {
    /// Opens a connection and begins to hand out what comes in. It is idle until a stream is connected.
    ///
    /// # Panics
    /// As [`Builder::open`].
    #[must_use]
    pub fn new(mut builder: Builder) -> Self {
        // Without any topic a connection has everything. One that never carries a message stands for nothing yet.
        let nothing = Topic::parse(wire::HEARTBEAT).expect("a type is a topic");
        builder.options = builder.options.sorted_by_reader(&[nothing]);
        let (handle, messages) = builder.open();
        let routes = Arc::new(Routes::default());
        let handlers = Arc::new(Handlers::default());
        let was_connected = Arc::new(AtomicBool::new(false));
        // Neither of them holds a handle: the last stream or hub that goes ends the connection, and that ends them.
        tokio::spawn(hand_out(messages, Arc::clone(&routes), Arc::clone(&handlers)));
        let events = handle.subscribe_events();
        tokio::spawn(tell(events, Arc::clone(&handlers), Arc::clone(&was_connected)));
        let interest = Mutex::default();
        Self(Arc::new(Inner { handle, routes, handlers, was_connected, interest }))
    }

    /// The connection, for what streams have no words for. A call of its `disconnect` cuts off all of them.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        &self.0.handle
    }

    /// Calls this for every message that comes in, of all topics: they are subscribed for as long.
    ///
    /// All handlers run on threads of their own, within the runtime's context: one that is slow or blocks stalls
    /// nobody, and a panic is contained and counted. One that is so slow that 1,024 things wait for it misses what
    /// comes then, and that is counted, too. Dropping the registration ends it.
    ///
    /// # Panics
    /// All of these do when the system has no thread to give.
    pub fn on_message(&self, mut call: impl FnMut(&Message) + Send + 'static) -> Registration {
        let everything = Topic::parse("*").expect("this is everything");
        // A flood of orders is the only reason to fail; then it gets what others have asked for.
        let _ = self.0.interest().use_topic(&everything, &self.0.handle);
        let inner = Arc::downgrade(&self.0);
        let end = move || {
            if let Some(inner) = inner.upgrade() {
                inner.interest().leave_topic(&everything, &inner.handle);
            }
        };
        let registration = self.0.handlers.add(move |occurrence| {
            if let Occurrence::Message(message) = occurrence {
                call(message);
            }
        });
        registration.and_then(end)
    }

    /// Calls this each time the connection stands.
    pub fn on_connect(&self, mut call: impl FnMut() + Send + 'static) -> Registration {
        self.0.handlers.add_rare(move |occurrence| {
            if matches!(occurrence, Occurrence::Connected) {
                call();
            }
        })
    }

    /// Calls this each time the connection has ended; without a cause, because somebody asked for it.
    pub fn on_disconnect(
        &self,
        mut call: impl FnMut(Option<&Cause>) + Send + 'static,
    ) -> Registration {
        self.0.handlers.add_rare(move |occurrence| {
            if let Occurrence::Disconnected(cause) = occurrence {
                call(cause.as_ref());
            }
        })
    }

    /// Calls this for each failed attempt and lost connection, and for invalid input, once per kind and minute.
    pub fn on_error(&self, mut call: impl FnMut(&StreamError) + Send + 'static) -> Registration {
        self.0.handlers.add_rare(move |occurrence| {
            if let Occurrence::Error(error) = occurrence {
                call(error);
            }
        })
    }

    /// Calls this with their number when `maxReconnectAttempts` was reached and the connection is given up.
    pub fn on_max_attempts_reached(
        &self,
        mut call: impl FnMut(u32) + Send + 'static,
    ) -> Registration {
        self.0.handlers.add_rare(move |occurrence| {
            if let Occurrence::MaxAttempts(attempts) = occurrence {
                call(*attempts);
            }
        })
    }

    pub(super) fn lease(&self, topic: Topic, sink: Arc<dyn Sink>) -> Lease {
        Lease { hub: self.clone(), topic, sink, used: watch::Sender::new(false) }
    }

    pub(crate) fn downgrade(&self) -> std::sync::Weak<Inner> {
        Arc::downgrade(&self.0)
    }

    pub(crate) fn upgrade(inner: &std::sync::Weak<Inner>) -> Option<Self> {
        inner.upgrade().map(Self)
    }
}

impl Inner {
    fn interest(&self) -> MutexGuard<'_, Interest> {
        // Held for no call of anybody else's code, so nothing can be half-done.
        self.interest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let users = self.0.interest().users;
        f.debug_struct("Hub").field("state", &self.0.handle.state()).field("users", &users).finish()
    }
}

/// A stream's share of the connection. Dropping it gives it back.
pub(super) struct Lease {
    hub: Hub,
    topic: Topic,
    sink: Arc<dyn Sink>,
    used: watch::Sender<bool>,
}

impl Lease {
    pub(super) fn hub(&self) -> &Hub {
        &self.hub
    }

    pub(super) fn handle(&self) -> &Handle {
        self.hub.handle()
    }

    pub(super) fn was_connected(&self) -> bool {
        self.hub.0.was_connected.load(Ordering::Relaxed)
    }

    pub(super) fn observe(&self) -> watch::Receiver<bool> {
        self.used.subscribe()
    }

    pub(super) fn is_used(&self) -> bool {
        *self.used.borrow()
    }

    /// Asks for the topic and the connection.
    pub(super) fn acquire(&self) -> Result<(), Error> {
        let inner = &self.hub.0;
        let mut interest = inner.interest();
        if !self.used.send_replace(true) {
            interest.users += 1;
            inner.routes.add(&self.topic, &self.sink);
            if let Err(error) = interest.use_topic(&self.topic, &inner.handle) {
                drop(interest);
                self.release();
                return Err(error);
            }
        }
        // With the lock held, like the end of it: the last word of all streams has to be the last order.
        inner.handle.connect()
    }

    /// Gives both back. Returns whether that ended the connection.
    pub(super) fn release(&self) -> bool {
        let inner = &self.hub.0;
        let mut interest = inner.interest();
        if !self.used.send_replace(false) {
            return false;
        }
        inner.routes.remove(&self.topic, &self.sink);
        interest.users -= 1;
        interest.leave_topic(&self.topic, &inner.handle);
        if interest.users == 0 {
            inner.was_connected.store(false, Ordering::Relaxed);
            // It fails only when the task has ended.
            let _ = inner.handle.part();
        }
        interest.users == 0
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.release();
    }
}

/// Hands messages to whom they concern. A reader that waits for every value makes all wait, and with them the server.
async fn hand_out(mut messages: Messages, routes: Arc<Routes>, handlers: Arc<Handlers>) {
    while let Some(delivery) = messages.recv().await {
        let table = routes.table();
        for inbound in delivery.messages {
            // Invalid input is an event as well, and goes to handlers as such.
            let Inbound::Message(message) = inbound else { continue };
            handlers.tell_message(&message);
            for sink in table.select(message.ty()) {
                sink.take(&message);
                while let Some(full) = sink.full() {
                    full.await;
                }
            }
        }
    }
}

/// Turns events into calls of handlers.
async fn tell(mut events: Events, handlers: Arc<Handlers>, was_connected: Arc<AtomicBool>) {
    while let Some(event) = events.recv().await {
        match event {
            Event::State(change) => {
                use ConnectionState as S;
                let (before, now) = (&change.previous, &change.current);
                if now.is_connected() && !before.is_connected() {
                    was_connected.store(true, Ordering::Relaxed);
                    handlers.tell(&Occurrence::Connected);
                }
                let ended = before.is_connected() || *before == S::Closing;
                if ended && !now.is_connected() && *now != S::Closing {
                    handlers.tell(&Occurrence::Disconnected(change.cause.clone()));
                }
                let was_waiting =
                    matches!(before, S::Backoff { .. } | S::Suspended { .. } | S::Offline);
                if let Some(cause) = change.cause
                    && !was_waiting
                {
                    handlers.tell(&Occurrence::Error(StreamError::Connection(cause)));
                }
            }
            Event::Invalid { invalid, .. } => {
                handlers.tell(&Occurrence::Error(StreamError::Invalid(invalid)));
            }
            Event::MaxReconnectAttemptsReached { attempts, .. } => {
                handlers.tell(&Occurrence::MaxAttempts(attempts));
            }
            _ => {}
        }
    }
}
