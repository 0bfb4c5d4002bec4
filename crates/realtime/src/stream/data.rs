use std::fmt;
use std::sync::{Arc, Weak};

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use tokio::sync::watch;
use wire::{Invalid, InvalidKind, Message};

use super::Sink;
use super::core::{Core, Fold, Values};
use super::hub::{Inner as HubInner, Lease};
use super::queue::{Overflow, Updates};
use crate::{Cause, ConnectionState, Error, ErrorKind, Hub, Topic};

/// The live value of a topic, and how its connection is doing. Cheap to clone.
///
/// It is made of a [`Hub`], whose connection it shares with other streams, and a way from messages to values. Nothing
/// happens before [`connect`](Self::connect): then its topic is subscribed and the connection made, unless another
/// stream has done so already. When the last clone goes, or [`disconnect`](Self::disconnect) is called, both are
/// given back; the connection ends with its last user. Several users of one stream are made with
/// [`another`](Self::another).
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use realtime::{Builder, Hub, RealTimeData, Topic};
/// # use realtime::testing::{Script, ScriptedServer, options};
///
/// #[derive(serde::Deserialize)]
/// struct Vault {
///     ltv: f64,
/// }
/// # let server = ScriptedServer::new([Script::plain().send("vault_update_1", &serde_json::json!({"ltv": 75}))]);
///
/// let hub = Hub::new(Builder::new(options()).dial(server.dial()));
/// let mut vault = RealTimeData::<Vault>::json(&hub, Topic::parse("vault_update_1")?);
/// assert!(!vault.state().is_connected);
/// vault.connect()?;
/// while vault.state().data.is_none() {
///     vault.changed().await;
/// }
/// let state = vault.state();
/// assert_eq!(state.data.unwrap().ltv, 75.0);
/// assert_eq!((state.is_connected, state.message_count), (true, 1));
/// # Ok(())
/// # }
/// ```
pub struct RealTimeData<T> {
    core: Arc<Core<T>>,
    lease: Arc<Lease>,
    values: watch::Receiver<Values<T>>,
    connection: watch::Receiver<ConnectionState>,
    used: watch::Receiver<bool>,
}

/// A stream that is not kept alive by this: see [`RealTimeData::downgrade`].
pub struct WeakRealTimeData<T> {
    core: Weak<Core<T>>,
    hub: Weak<HubInner>,
}

impl<T: Send + Sync + 'static> WeakRealTimeData<T> {
    /// [Another user](RealTimeData::another) of the stream; `None` when it has none any more.
    #[must_use]
    pub fn upgrade(&self) -> Option<RealTimeData<T>> {
        let core = self.core.upgrade()?;
        Some(RealTimeData::of(&Hub::upgrade(&self.hub)?, core))
    }

    /// Whether nobody uses it any more. It does not come back.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.core.strong_count() == 0
    }
}

impl<T> fmt::Debug for WeakRealTimeData<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakRealTimeData").field("users", &self.core.strong_count()).finish()
    }
}

/// What there is to know of a stream now.
pub struct RealTimeState<T> {
    /// The last value, if there was one since the beginning or [`RealTimeData::clear_data`].
    pub data: Option<Arc<T>>,
    /// Messages flow.
    pub is_connected: bool,
    /// A first connection is being made.
    pub is_connecting: bool,
    /// There was a connection, or an attempt that failed, and another one is being made or waited for.
    pub is_reconnecting: bool,
    /// The connection's own state, which all streams over it share.
    pub connection_state: ConnectionState,
    /// Why there is no connection, or why the last message could not be used.
    pub error: Option<StreamError>,
    /// The last message, whether it could be used or not.
    pub last_message: Option<Message>,
    /// Messages that came in for this stream, those that could not be used included.
    pub message_count: u64,
}

/// What went wrong last.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StreamError {
    /// The connection is not there; it comes back by itself unless the state says `Failed`.
    #[error(transparent)]
    Connection(#[from] Cause),
    /// The last message was not what the topic promises; the value is that of the one before.
    #[error("a message could not be used: {0}")]
    Invalid(#[from] Invalid),
}

impl<T: Send + Sync + 'static> RealTimeData<T> {
    /// A stream whose messages carry the value as JSON.
    #[must_use]
    pub fn json(hub: &Hub, topic: Topic) -> Self
    where
        T: DeserializeOwned,
    {
        Self::decoded(hub, topic, |message| {
            message.decode().map_err(|error| {
                Invalid::new(InvalidKind::Payload, error.to_string(), message.data())
            })
        })
    }

    /// A stream with a decoder of its own.
    #[must_use]
    pub fn decoded(
        hub: &Hub,
        topic: Topic,
        decode: impl Fn(&Message) -> Result<T, Invalid> + Send + Sync + 'static,
    ) -> Self {
        Self::folded(hub, topic, move |_, message| decode(message))
    }

    /// A stream whose messages may be parts: the fold makes the new value from the one before, if there is one, and
    /// the message. It runs on the connection's reader and must not block; if it panics the message is invalid.
    #[must_use]
    pub fn folded(
        hub: &Hub,
        topic: Topic,
        fold: impl Fn(Option<&T>, &Message) -> Result<T, Invalid> + Send + Sync + 'static,
    ) -> Self {
        let fold: Box<Fold<T>> = Box::new(fold);
        Self::of(hub, Arc::new(Core::new(topic, fold)))
    }

    fn of(hub: &Hub, core: Arc<Core<T>>) -> Self {
        let lease = hub.lease(core.topic.clone(), Arc::clone(&core) as Arc<dyn Sink>);
        let (_, connection) = hub.handle().subscribe_state();
        let (values, used) = (core.observe(), lease.observe());
        Self { core, lease: Arc::new(lease), values, connection, used }
    }

    /// Another user of this stream, not connected yet. Value, last message and count are those of all its users; each
    /// connects and disconnects for itself, and the topic is given back by the last one. A clone is the same user.
    #[must_use]
    pub fn another(&self) -> Self {
        Self::of(self.lease.hub(), Arc::clone(&self.core))
    }

    /// What leads back to this stream for as long as somebody else holds it.
    #[must_use]
    pub fn downgrade(&self) -> WeakRealTimeData<T> {
        WeakRealTimeData { core: Arc::downgrade(&self.core), hub: self.lease.hub().downgrade() }
    }

    /// Everything now.
    #[must_use]
    pub fn state(&self) -> RealTimeState<T> {
        let connection_state = match self.lease.is_used() {
            true => self.lease.handle().state(),
            false => ConnectionState::Idle,
        };
        state(&self.core.observe().borrow(), connection_state, self.lease.was_connected())
    }

    /// Waits until something has changed since this was last called, or the stream was made or cloned. Cancel safe.
    pub async fn changed(&mut self) {
        let changed = tokio::select! {
            changed = self.values.changed() => changed,
            changed = self.connection.changed() => changed,
            changed = self.used.changed() => changed,
        };
        if changed.is_err() {
            // The connection's task is gone, and its runtime with it: nothing will ever change.
            std::future::pending::<()>().await;
        }
    }

    /// Everything now, and every value from now on: none falls between the two. When as many values wait as
    /// [`Updates::WAITING`] the connection's reader waits, and so does the server; nothing is lost. For events.
    #[must_use]
    pub fn subscribe(&self) -> (RealTimeState<T>, Updates<T>) {
        self.read(Overflow::Wait)
    }

    /// As [`subscribe`](Self::subscribe), but for a reader that is slow the newer value of a type takes the place of
    /// the older one, and nobody waits for it. For state.
    #[must_use]
    pub fn subscribe_conflated(&self) -> (RealTimeState<T>, Updates<T>) {
        self.read(Overflow::Conflate)
    }

    fn read(&self, overflow: Overflow) -> (RealTimeState<T>, Updates<T>) {
        let connection_state = self.state().connection_state;
        let was_connected = self.lease.was_connected();
        self.core.read(overflow, |values| state(values, connection_state, was_connected))
    }

    /// Subscribes the topic and makes the connection, where that has not been done.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] when the connection's task has ended, which it does only with its runtime.
    pub fn connect(&self) -> Result<(), Error> {
        self.lease.acquire()
    }

    /// Gives the topic back, and the connection if nobody else uses it; then it waits until that is closed. The last
    /// value stays.
    pub async fn disconnect(&self) {
        if self.lease.release() {
            self.lease.handle().parted().await;
        }
    }

    /// Sends data under this stream's type, timestamped now.
    ///
    /// # Errors
    /// Those of [`Handle::send_typed`](crate::Handle::send_typed), and [`ErrorKind::InvalidMessage`] when the topic
    /// is a prefix: then there is no one type; use the hub's handle.
    pub fn send_message(&self, data: &impl Serialize) -> Result<(), Error> {
        let ty = self.core.topic.to_string();
        if ty.ends_with('*') {
            let reason = "a stream of a prefix has no type of its own; send with the handle";
            let invalid = Invalid::new(InvalidKind::Envelope, reason, ty.as_bytes());
            return Err(Error::with_source(ErrorKind::InvalidMessage, invalid));
        }
        self.lease.handle().send_typed(&ty, data)
    }

    /// Forgets the value, the last message and what was wrong with it. The count stays.
    pub fn clear_data(&self) {
        self.core.clear();
    }

    /// What it is about.
    #[must_use]
    pub fn topic(&self) -> &Topic {
        &self.core.topic
    }
}

fn state<T>(
    values: &Values<T>,
    connection_state: ConnectionState,
    was_connected: bool,
) -> RealTimeState<T> {
    use ConnectionState as S;
    let again = match &connection_state {
        S::Connecting { attempt } => *attempt > 1 || was_connected,
        S::Backoff { .. } | S::Suspended { .. } | S::Offline => true,
        _ => false,
    };
    let is_connected = connection_state.is_connected();
    let underway = !connection_state.is_at_rest() && !is_connected;
    let cause = match &connection_state {
        S::Backoff { cause, .. } | S::Suspended { cause, .. } | S::Failed { error: cause } => {
            Some(cause.clone())
        }
        _ => None,
    };
    let invalid = || values.invalid.clone().map(StreamError::Invalid);
    RealTimeState {
        data: values.data.clone(),
        is_connected,
        is_connecting: underway && !again && connection_state != S::Closing,
        is_reconnecting: again,
        error: cause.map(StreamError::Connection).or_else(invalid),
        connection_state,
        last_message: values.last_message.clone(),
        message_count: values.message_count,
    }
}

impl<T> Clone for RealTimeData<T> {
    fn clone(&self) -> Self {
        let mut clone = Self {
            core: Arc::clone(&self.core),
            lease: Arc::clone(&self.lease),
            values: self.values.clone(),
            connection: self.connection.clone(),
            used: self.used.clone(),
        };
        clone.values.mark_unchanged();
        clone.connection.mark_unchanged();
        clone.used.mark_unchanged();
        clone
    }
}

impl<T> Clone for RealTimeState<T> {
    fn clone(&self) -> Self {
        Self {
            data: self.data.clone(),
            is_connected: self.is_connected,
            is_connecting: self.is_connecting,
            is_reconnecting: self.is_reconnecting,
            connection_state: self.connection_state.clone(),
            error: self.error.clone(),
            last_message: self.last_message.clone(),
            message_count: self.message_count,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for RealTimeState<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RealTimeState")
            .field("data", &self.data)
            .field("connection_state", &self.connection_state)
            .field("error", &self.error)
            .field("message_count", &self.message_count)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for RealTimeData<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RealTimeData")
            .field("topic", &self.core.topic)
            .field("connection", &*self.connection.borrow())
            .finish_non_exhaustive()
    }
}
