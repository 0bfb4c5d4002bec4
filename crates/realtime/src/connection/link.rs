use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::tokens::Tokens;
use crate::handle::Shared;
use crate::machine::{Generation, TokenUse, TransportEvent};
use crate::token::TokenError;
use crate::transport::{self, Dial, Left, Reading, Socket, Turn, TurnLimit};
use crate::{ConnectError, ConnectErrorKind, Endpoint, Mode, Offer, ValidOptions};

/// The one socket of a connection, or the attempt to get one.
pub(super) struct Link {
    dial: Arc<dyn Dial>,
    options: ValidOptions,
    tokens: Tokens,
    shared: Arc<Shared>,
    generation: Generation,
    phase: Phase,
}

enum Phase {
    Nothing,
    Dialing(Pin<Box<dyn Future<Output = Dialed> + Send>>),
    Open(Box<Socket>),
}

type Dialed = Result<(Socket, Mode, Option<Duration>), ConnectError>;

impl Link {
    pub(super) fn new(
        dial: Arc<dyn Dial>,
        options: ValidOptions,
        tokens: Tokens,
        shared: Arc<Shared>,
    ) -> Self {
        let (generation, phase) = (Generation::default(), Phase::Nothing);
        Self { dial, options, tokens, shared, generation, phase }
    }

    /// Of whatever [`next`](Self::next) tells.
    pub(super) fn generation(&self) -> Generation {
        self.generation
    }

    pub(super) fn dial(&mut self, endpoint: Endpoint, generation: Generation, token: TokenUse) {
        let (dial, meter) = (Arc::clone(&self.dial), Arc::clone(&self.shared.meter));
        let (tokens, shared) = (self.tokens.clone(), Arc::clone(&self.shared));
        let options = self.options.clone();
        self.generation = generation;
        // What was there before is dropped here, if the machine left anything.
        self.phase = Phase::Dialing(Box::pin(async move {
            let no_token =
                |error: TokenError| ConnectError::new(ConnectErrorKind::Token, error.to_string());
            let (token, renew_in) = tokens.take(token).await.map_err(no_token)?;
            if let Some(token) = &token {
                shared.ring.hide(token);
            }
            let offer = match &shared.dialect {
                Some(dialect) => dialect.subprotocol(),
                None if options.values().protocol == Offer::Plain => None,
                None => Some(wire::control::V1),
            };
            let values = options.values();
            let opening = transport::open(dial, endpoint, values, offer, token.as_ref(), meter);
            let (socket, mode) = opening.await?;
            Ok((socket, mode, renew_in))
        }));
    }

    /// Waits for news and tells it, all there is within the limit. Cancel safe.
    pub(super) async fn next(
        &mut self,
        reading: Reading,
        limit: TurnLimit,
        mut tell: impl FnMut(TransportEvent) -> usize,
    ) -> Turn {
        match &mut self.phase {
            Phase::Nothing => pending().await,
            Phase::Open(socket) => socket.next(reading, limit, tell).await,
            Phase::Dialing(dialing) => {
                let (phase, event) = match dialing.await {
                    Ok((socket, mode, renew_in)) => {
                        (Phase::Open(Box::new(socket)), TransportEvent::Opened { mode, renew_in })
                    }
                    Err(error) => (Phase::Nothing, TransportEvent::Failed(error)),
                };
                self.phase = phase;
                tell(event);
                Turn { bytes: 0, left: Left::Nothing }
            }
        }
    }

    /// What went wrong is returned, and belongs to the present generation.
    pub(super) fn write(&mut self, text: String, generation: Generation) -> Option<TransportEvent> {
        self.open_socket(generation)?.write(text).err()
    }

    pub(super) fn ping(&mut self, generation: Generation) -> Option<TransportEvent> {
        self.open_socket(generation)?.ping().err()
    }

    pub(super) fn close(&mut self, code: u16, generation: Generation) -> Option<TransportEvent> {
        self.open_socket(generation)?.close(code).err()
    }

    pub(super) fn drop_socket(&mut self, generation: Generation, farewell: Option<u16>) {
        if generation != self.generation {
            return;
        }
        let phase = std::mem::replace(&mut self.phase, Phase::Nothing);
        if let (Phase::Open(socket), Some(code)) = (phase, farewell) {
            let limit = self.options.values().close_timeout;
            tokio::spawn(socket.farewell(code, limit));
        }
    }

    fn open_socket(&mut self, generation: Generation) -> Option<&mut Socket> {
        match &mut self.phase {
            Phase::Open(socket) if generation == self.generation => Some(socket),
            _ => None,
        }
    }
}
