use std::sync::Arc;

use crate::connection::{Disk, Notes};
use crate::persistence::StreamKey;
use crate::token::TokenProvider;
use crate::transport::{Dial, TcpDial};
use crate::{
    Dialect, Endpoint, Handle, Messages, Middleware, Persistence, ValidOptions, connection,
};
use wire::Position;

/// A connection in the making: what [`open`](crate::open) does, with a choice of parts.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use realtime::{Builder, Middleware, Options};
/// # fn example(stage: Arc<dyn Middleware>) -> Result<(), Box<dyn std::error::Error>> {
/// let options = Options::new("wss://feed.example/ws").validate()?;
/// let (handle, messages) = Builder::new(options).stage(stage).open();
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Builder {
    pub(crate) options: ValidOptions,
    pub(crate) dial: Arc<dyn Dial>,
    pub(crate) stages: Vec<Arc<dyn Middleware>>,
    pub(crate) token_provider: Option<Arc<dyn TokenProvider>>,
    persistence: Option<Arc<dyn Persistence>>,
    stream: Option<StreamKey>,
    pub(crate) dialect: Option<Arc<dyn Dialect>>,
    pub(crate) notes: Notes,
    pub(crate) start: Start,
}

/// What there is of the state when the connection is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    Kept,
    Empty,
}

impl Builder {
    /// TCP and TLS, and no stages.
    #[must_use]
    pub fn new(options: ValidOptions) -> Self {
        Self {
            dial: Arc::new(TcpDial::new(options.values())),
            stages: Vec::new(),
            token_provider: options.token_provider(),
            persistence: None,
            stream: None,
            dialect: None,
            notes: Notes::Persistence,
            start: Start::Kept,
            options,
        }
    }

    /// Another way to make byte streams: a proxy, or a pair of pipes in a test.
    #[must_use]
    pub fn dial(mut self, dial: impl Dial) -> Self {
        self.dial = Arc::new(dial);
        self
    }

    /// One more stage, behind those there are: further from the socket.
    #[must_use]
    pub fn stage(mut self, stage: Arc<dyn Middleware>) -> Self {
        self.stages.push(stage);
        self
    }

    /// Whom to ask for tokens, instead of the one token of the options: before an attempt when most of the last one's
    /// life is over or the server refused it, and, in `vaultwatch.v1`, in time for a connection that stands.
    #[must_use]
    pub fn token_provider(mut self, provider: Arc<dyn TokenProvider>) -> Self {
        self.token_provider = Some(provider);
        self
    }

    /// Speaks this instead of plain mode or `vaultwatch.v1`; `protocol` of the options then means nothing.
    #[must_use]
    pub fn dialect(mut self, dialect: Arc<dyn Dialect>) -> Self {
        self.dialect = Some(dialect);
        self
    }

    /// Where durable publishes and the stream's position are kept. Without it a publish ends with the program, and a
    /// stream begins with a snapshot after each start.
    #[must_use]
    pub fn persistence(mut self, persistence: Arc<dyn Persistence>) -> Self {
        self.persistence = Some(persistence);
        self
    }

    /// The name of the stream there. Without it, it is made of the endpoints and the tenant.
    #[must_use]
    pub fn stream(mut self, stream: StreamKey) -> Self {
        self.stream = Some(stream);
        self
    }

    /// The state ends with the program: each run begins with a snapshot, wherever in the stream it goes on. So events of
    /// the time in between arrive as well as what became of the state meanwhile.
    ///
    /// Without this a stream that goes on at a position brings what was missed, message by message, and no more.
    #[must_use]
    pub fn begin_with_snapshot(mut self) -> Self {
        self.start = Start::Empty;
        self
    }

    /// Goes on after a position that the reader has noted itself, as each [`Delivery`](crate::Delivery) tells it:
    /// together with what the messages did, so that a crash can neither lose nor repeat an effect. The persistence is
    /// then asked for no position and given none.
    #[must_use]
    pub fn resume_at(mut self, position: Option<Position>) -> Self {
        self.notes = Notes::Reader(position);
        self
    }

    pub(crate) fn disk(&self) -> Option<Disk> {
        let persistence = Arc::clone(self.persistence.as_ref()?);
        let stream = self.stream.clone().unwrap_or_else(|| {
            let urls: Vec<_> = self.options.endpoints().iter().map(Endpoint::url).collect();
            StreamKey::endpoints(&urls, self.options.values().tenant.as_deref())
        });
        Some(Disk { persistence, stream, dialect: self.dialect.clone() })
    }

    /// Opens the connection. It is idle until [`Handle::connect`].
    ///
    /// # Panics
    /// Outside of a Tokio runtime with time enabled, and I/O where the dial needs it.
    #[must_use]
    pub fn open(self) -> (Handle, Messages) {
        connection::start(self)
    }
}
