//! From an endpoint to a WebSocket. A [`Dial`] makes the byte stream; the upgrade and the framing on top of it are
//! the same for all.

mod metered;
mod socket;
mod tcp;
mod tls;
mod upgrade;

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::{ConnectError, Endpoint};

pub use self::tcp::TcpDial;

pub(crate) use self::metered::Meter;
pub(crate) use self::socket::{BatchLimit, Reading, Socket};
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
}
