use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{DuplexStream, duplex};
use tokio::sync::mpsc;

use super::{Peer, PeerError};
use crate::Mode;
use crate::transport::{ByteStream, Dial, Dialing};
use crate::{ConnectError, ConnectErrorKind, Endpoint};

/// Bytes a pipe holds before the writer waits.
const PIPE_BYTES: usize = 64 * 1024;
/// Clients that wait to be accepted; one more is refused, as a listener's backlog does.
const BACKLOG: usize = 1_024;

/// A listener without a network: whoever dials gets one end of a pipe, the test the other.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use realtime::Mode;
/// use realtime::testing::{Pipes, options};
///
/// let mut pipes = Pipes::new();
/// let (handle, _messages) = realtime::open_with(options(), pipes.dial());
/// handle.connect()?;
/// let mut peer = pipes.accept(Mode::Plain).await?;
/// handle.send_typed("greeting", &"hello")?;
/// assert_eq!(peer.next().await?.ty(), "greeting");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Pipes {
    ends: mpsc::Receiver<DuplexStream>,
    dial: PipeDial,
}

#[derive(Clone, Debug)]
struct PipeDial {
    ends: mpsc::Sender<DuplexStream>,
    dialled: Arc<AtomicU32>,
}

impl Default for Pipes {
    fn default() -> Self {
        Self::new()
    }
}

impl Pipes {
    /// Pipes that nobody has dialled yet.
    #[must_use]
    pub fn new() -> Self {
        let (sender, ends) = mpsc::channel(BACKLOG);
        Self { ends, dial: PipeDial { ends: sender, dialled: Arc::default() } }
    }

    /// What [`open_with`](crate::open_with) or [`Builder::dial`](crate::Builder::dial) takes. When the pipes are
    /// dropped it refuses, as a server that is down.
    #[must_use]
    pub fn dial(&self) -> impl Dial + Clone + use<> {
        self.dial.clone()
    }

    /// How often somebody dialled.
    #[must_use]
    pub fn dialled(&self) -> u32 {
        self.dial.dialled.load(Ordering::Relaxed)
    }

    /// The next client, once it has asked for the upgrade.
    ///
    /// # Errors
    /// [`PeerError::Upgrade`] when it asks for something else, or leaves.
    pub async fn accept(&mut self, mode: Mode) -> Result<Peer, PeerError> {
        let stream = self.next_stream().await;
        Peer::accept(stream, mode).await
    }

    /// The other end of the next pipe, for what is no WebSocket.
    pub async fn next_stream(&mut self) -> DuplexStream {
        self.ends.recv().await.expect("the pipes hold a sender themselves")
    }
}

impl Dial for PipeDial {
    fn dial(&self, _: &Endpoint) -> Dialing {
        self.dialled.fetch_add(1, Ordering::Relaxed);
        let (ours, theirs) = duplex(PIPE_BYTES);
        let sent = self.ends.try_send(theirs);
        Box::pin(async move {
            let refused = |_| ConnectError::new(ConnectErrorKind::Tcp, "nobody accepts");
            sent.map_err(refused)?;
            Ok(Box::new(ours) as Box<dyn ByteStream>)
        })
    }
}
