//! From an endpoint to a WebSocket. A [`Dial`] makes the byte stream; the upgrade and the framing on top of it are
//! the same for all.

mod handshake;
mod metered;
mod phases;
mod proxy;
mod rewound;
mod socket;
mod tcp;
mod tls;
mod unblocked;
mod upgrade;

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::{ConnectError, Endpoint};

pub use self::phases::{ConnectPhase, ConnectPhases, TlsFacts, Trace};
pub use self::proxy::{Proxies, Proxy};
pub use self::rewound::Rewound;
pub use self::tcp::TcpDial;
pub use self::upgrade::upgrade;

pub(crate) use self::metered::Meter;
pub(crate) use self::socket::{Left, Reading, Socket, Turn, TurnLimit};
pub(crate) use self::upgrade::open;

/// A connected stream of bytes, encrypted already where the endpoint wants that.
pub trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for T {}

/// What [`Dial::dial`] promises.
pub type Dialing = Pin<Box<dyn Future<Output = Result<Box<dyn ByteStream>, ConnectError>> + Send>>;

/// Makes byte streams to endpoints: [`TcpDial`] in earnest, a pair of pipes in a test.
pub trait Dial: Debug + Send + Sync + 'static {
    /// Connects. The caller limits the time and drops the future when it is over.
    fn dial(&self, endpoint: &Endpoint) -> Dialing;

    /// Connects, and notes the steps for whoever asks where the time went. By default they are not noted.
    fn dial_traced(&self, endpoint: &Endpoint, trace: Trace) -> Dialing {
        drop(trace);
        self.dial(endpoint)
    }
}
