use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::io::{DuplexStream, duplex};
use tokio::sync::{mpsc, watch};
use wire::{Message, UnixMillis};

use super::{Peer, PeerError};
use crate::Mode;
use crate::transport::{ByteStream, Dial, Dialing};
use crate::{ConnectError, Endpoint};

/// What a test asks for and the socket's task has not done yet.
const ORDERS: usize = 1_024;

/// A socket without a server: a test sees what was sent on it and decides what is received.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use realtime::testing::{MockSocket, ReadyState, options};
///
/// let mock = MockSocket::new();
/// let (handle, mut messages) = realtime::open_with(options(), mock.dial());
/// assert_eq!(mock.ready_state(), ReadyState::Closed);
/// handle.connect()?;
/// handle.connected().await?;
/// mock.is(ReadyState::Open).await;
///
/// handle.send_typed("acknowledge", &"ETH-001")?;
/// mock.has_sent(1).await;
/// assert_eq!(mock.sent()[0].ty(), "acknowledge");
///
/// mock.receive("risk_alert", &"LTV is high").await;
/// assert_eq!(messages.recv().await.unwrap().messages.len(), 1);
///
/// mock.close(1000).await;
/// mock.is(ReadyState::Closed).await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct MockSocket(Arc<Shared>);

/// The present socket's state, in the words browsers use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadyState {
    /// The client has dialled and not finished the upgrade.
    Connecting,
    /// Messages flow.
    Open,
    /// We have asked for the end, and the client has not agreed yet.
    Closing,
    /// There is no socket.
    #[default]
    Closed,
}

#[derive(Debug, Default)]
struct Shared {
    state: watch::Sender<ReadyState>,
    sent: watch::Sender<Vec<Message>>,
    /// Of the present socket.
    orders: Mutex<Option<mpsc::Sender<Order>>>,
    refusal: Mutex<Option<ConnectError>>,
    /// Made so far; the last one is the present one.
    sockets: AtomicU32,
}

#[derive(Debug)]
enum Order {
    Text(String),
    Close(u16),
    Fail,
}

impl MockSocket {
    /// A server that accepts whoever dials.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What [`open_with`](crate::open_with) or [`Builder::dial`](crate::Builder::dial) takes.
    #[must_use]
    pub fn dial(&self) -> impl Dial + Clone + use<> {
        self.clone()
    }

    /// The state now.
    #[must_use]
    pub fn ready_state(&self) -> ReadyState {
        *self.0.state.borrow()
    }

    /// Waits for a state.
    pub async fn is(&self, wanted: ReadyState) {
        let mut state = self.0.state.subscribe();
        let _ = state.wait_for(|state| *state == wanted).await;
    }

    /// What the client has sent, over all sockets, heartbeats left out.
    #[must_use]
    pub fn sent(&self) -> Vec<Message> {
        self.0.sent.borrow().clone()
    }

    /// Waits until it has sent as much.
    pub async fn has_sent(&self, count: usize) {
        let mut sent = self.0.sent.subscribe();
        let _ = sent.wait_for(|sent| sent.len() >= count).await;
    }

    /// Has the client receive a message. Without a socket it is lost.
    ///
    /// # Panics
    /// When it is none: type out of its limits, data that is no JSON.
    pub async fn receive(&self, ty: &str, data: &impl Serialize) {
        let message = Message::new(ty, data, UnixMillis(0), None);
        self.receive_text(message.expect("a test receives messages").to_json()).await;
    }

    /// Has the client receive a text frame, whatever it holds. Without a socket it is lost.
    pub async fn receive_text(&self, text: impl Into<String>) {
        self.order(Order::Text(text.into())).await;
    }

    /// Closes the socket with a code.
    pub async fn close(&self, code: u16) {
        self.order(Order::Close(code)).await;
    }

    /// Breaks the socket without a word.
    pub async fn fail(&self) {
        self.order(Order::Fail).await;
    }

    /// Refuses every attempt to connect with this error; `None` accepts them again.
    pub fn refuse(&self, error: Option<ConnectError>) {
        *lock(&self.0.refusal) = error;
    }

    async fn order(&self, order: Order) {
        let orders = lock(&self.0.orders).clone();
        if let Some(orders) = orders {
            // An error means that the socket has gone meanwhile.
            let _ = orders.send(order).await;
        }
    }
}

impl Dial for MockSocket {
    fn dial(&self, _: &Endpoint) -> Dialing {
        if let Some(error) = lock(&self.0.refusal).clone() {
            return Box::pin(async move { Err(error) });
        }
        let shared = Arc::clone(&self.0);
        Box::pin(async move {
            let (ours, theirs) = duplex(64 * 1024);
            let socket = shared.sockets.fetch_add(1, Ordering::Relaxed) + 1;
            shared.state.send_replace(ReadyState::Connecting);
            tokio::spawn(async move { shared.serve(socket, theirs).await });
            Ok(Box::new(ours) as Box<dyn ByteStream>)
        })
    }
}

impl Shared {
    async fn serve(&self, socket: u32, stream: DuplexStream) {
        if let Ok(peer) = Peer::accept(stream, Mode::Plain).await {
            let (sender, orders) = mpsc::channel(ORDERS);
            *lock(&self.orders) = Some(sender);
            self.state.send_replace(ReadyState::Open);
            self.talk(peer, orders).await;
        }
        // The next one may be there before the end of this one was noticed.
        if self.sockets.load(Ordering::Relaxed) == socket {
            *lock(&self.orders) = None;
            self.state.send_replace(ReadyState::Closed);
        }
    }

    async fn talk(&self, mut peer: Peer, mut orders: mpsc::Receiver<Order>) {
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(Order::Text(text)) => {
                        if peer.send_text(text).await.is_err() {
                            return;
                        }
                    }
                    Some(Order::Close(code)) => {
                        self.state.send_replace(ReadyState::Closing);
                        return peer.close(code, "").await;
                    }
                    Some(Order::Fail) | None => return,
                },
                message = peer.next() => match message {
                    Ok(message) => self.sent.send_modify(|sent| sent.push(message)),
                    Err(PeerError::NoMessage(_) | PeerError::Binary { .. }) => {}
                    Err(_) => return,
                },
            }
        }
    }
}

/// Whoever panicked with the lock held left nothing half-done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
