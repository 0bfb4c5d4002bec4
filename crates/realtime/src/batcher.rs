use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use wire::{BATCH_LIMIT, BATCH_UPDATE, Message};

use crate::{Error, Handle, Topic, clock};

/// When what was gathered is sent.
#[derive(Clone, Debug)]
pub struct BatchOptions {
    /// This long after the first message. Default 100 ms: nobody sees the difference, and a burst becomes one frame.
    pub after: Duration,
    /// At this many messages. Default 64; at most [`wire::BATCH_LIMIT`].
    pub messages: usize,
    /// At this size, in bytes. Default 16 KiB.
    pub bytes: usize,
    /// What never waits: it goes at once, behind what was gathered before it. By default `risk_alert` and
    /// `alert_state`.
    pub at_once: Vec<Topic>,
}

impl Default for BatchOptions {
    fn default() -> Self {
        let alerts = ["risk_alert", "alert_state"];
        let topic = |name| Topic::parse(name).expect("the protocol's own names are topics");
        Self {
            after: Duration::from_millis(100),
            messages: 64,
            bytes: 16 * 1024,
            at_once: alerts.into_iter().map(topic).collect(),
        }
    }
}

/// Gathers outbound messages and sends them together as one `batch_update`, in order.
///
/// Each message passes the stages by itself before it is gathered. What cannot be sent stays, and is tried again;
/// when the batcher is full then, the sender is told. [`close`](Self::close) gives back what never left.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use realtime::{BatchOptions, Batcher};
/// # use realtime::testing::{MockSocket, options};
/// # let mock = MockSocket::new();
/// # let (handle, _messages) = realtime::open_with(options(), mock.dial());
/// # handle.connect()?;
/// # handle.connected().await?;
///
/// let batcher = Batcher::new(handle, BatchOptions::default());
/// for ltv in 70..75 {
///     batcher.send_typed("vault_update_ETH-001", &serde_json::json!({"ltv": ltv}))?;
/// }
/// assert!(batcher.close().is_empty());
/// # Ok(())
/// # }
/// ```
pub struct Batcher(Arc<Inner>);

struct Inner {
    handle: Handle,
    options: BatchOptions,
    gathered: Mutex<Gathered>,
    /// The first message of a batch came, or nobody sends any more.
    moved: Notify,
}

#[derive(Default)]
struct Gathered {
    messages: Vec<Message>,
    bytes: usize,
    due: Option<Instant>,
    closed: bool,
}

impl Batcher {
    /// Gathers for this connection.
    ///
    /// # Panics
    /// Outside of a Tokio runtime with time enabled.
    #[must_use]
    pub fn new(handle: Handle, mut options: BatchOptions) -> Self {
        options.messages = options.messages.clamp(1, BATCH_LIMIT);
        let inner = Inner { handle, options, gathered: Mutex::default(), moved: Notify::new() };
        let inner = Arc::new(inner);
        tokio::spawn(send_when_due(Arc::clone(&inner)));
        Self(inner)
    }

    /// Gathers a message, or sends it behind all others if it is not to wait.
    ///
    /// # Errors
    /// Those of [`Handle::send`]. The message was not taken then; what was gathered before it stays.
    pub fn send(&self, message: Message) -> Result<(), Error> {
        let inner = &*self.0;
        let at_once = inner.options.at_once.iter().any(|topic| topic.matches(message.ty()));
        let Some(message) = inner.handle.through_stages(message)? else { return Ok(()) };
        let bytes = message.data().len() + message.ty().len();
        let mut gathered = inner.gathered();
        let no_room = gathered.messages.len() >= inner.options.messages
            || gathered.bytes + bytes > inner.options.bytes;
        if at_once || no_room {
            inner.flush(&mut gathered)?;
        }
        if at_once || bytes > inner.options.bytes {
            return inner.handle.send_staged(message);
        }
        gathered.messages.push(message);
        gathered.bytes += bytes;
        if gathered.due.is_none() {
            gathered.due = Some(Instant::now() + inner.options.after);
            inner.moved.notify_one();
        }
        if gathered.messages.len() >= inner.options.messages {
            // It was taken; if it cannot leave now, the next sender is told, or the timer has more luck.
            let _ = inner.flush(&mut gathered);
        }
        Ok(())
    }

    /// Gathers `data` under a type, timestamped now, without an id.
    ///
    /// # Errors
    /// Those of [`Handle::send_typed`].
    pub fn send_typed(&self, ty: &str, data: &impl serde::Serialize) -> Result<(), Error> {
        self.send(crate::handle::typed(ty, data)?)
    }

    /// Sends what was gathered now.
    ///
    /// # Errors
    /// Those of [`Handle::send`]; what was gathered stays.
    pub fn flush(&self) -> Result<(), Error> {
        self.0.flush(&mut self.0.gathered())
    }

    /// Sends what was gathered and ends. Returns what could not be sent.
    #[must_use = "these messages were not sent"]
    pub fn close(self) -> Vec<Message> {
        // An error leaves what it is about in place.
        let _ = self.flush();
        std::mem::take(&mut self.0.gathered().messages)
    }
}

impl Drop for Batcher {
    fn drop(&mut self) {
        let mut gathered = self.0.gathered();
        if let Err(error) = self.0.flush(&mut gathered) {
            let count = gathered.messages.len();
            tracing::warn!(count, %error, "a batch was dropped with its batcher");
        }
        gathered.closed = true;
        self.0.moved.notify_one();
    }
}

impl fmt::Debug for Batcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gathered = self.0.gathered().messages.len();
        f.debug_struct("Batcher")
            .field("options", &self.0.options)
            .field("gathered", &gathered)
            .finish_non_exhaustive()
    }
}

impl Inner {
    fn flush(&self, gathered: &mut Gathered) -> Result<(), Error> {
        match &gathered.messages[..] {
            [] => return Ok(()),
            [one] => self.handle.send_staged(one.clone())?,
            many => self.handle.send_staged(batch(many))?,
        }
        *gathered = Gathered { closed: gathered.closed, ..Gathered::default() };
        Ok(())
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        // Held for no call of anybody else's code, so nothing can be half-done.
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn send_when_due(inner: Arc<Inner>) {
    loop {
        let (due, closed) = {
            let gathered = inner.gathered();
            (gathered.due, gathered.closed)
        };
        match due {
            _ if closed => return,
            None => inner.moved.notified().await,
            Some(due) => {
                tokio::select! {
                    () = sleep_until(due) => {}
                    () = inner.moved.notified() => continue,
                }
                let mut gathered = inner.gathered();
                let is_due = gathered.due.is_some_and(|due| due <= Instant::now());
                if is_due && inner.flush(&mut gathered).is_err() {
                    // No room, or no connection wanted: later, perhaps.
                    gathered.due = Some(Instant::now() + inner.options.after);
                }
            }
        }
    }
}

/// The frame of several messages, as a message: it is sent like one.
fn batch(messages: &[Message]) -> Message {
    #[derive(serde::Serialize)]
    struct Updates {
        updates: Vec<Box<RawValue>>,
    }
    let raw = |message: &Message| {
        RawValue::from_string(message.to_json()).expect("an envelope is written as JSON")
    };
    let updates = Updates { updates: messages.iter().map(raw).collect() };
    Message::new(BATCH_UPDATE, &updates, clock::wall(), None)
        .expect("the type is within its limits, and envelopes are JSON")
}
