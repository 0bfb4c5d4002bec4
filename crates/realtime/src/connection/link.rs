use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;

use crate::machine::{Generation, TransportEvent};
use crate::transport::{self, BatchLimit, Dial, Meter, Reading, Socket};
use crate::{ConnectError, Endpoint, ValidOptions};

/// The one socket of a connection, or the attempt to get one.
pub(super) struct Link {
    dial: Arc<dyn Dial>,
    options: ValidOptions,
    meter: Arc<Meter>,
    generation: Generation,
    phase: Phase,
}

enum Phase {
    Nothing,
    Dialing(Pin<Box<dyn Future<Output = Result<Socket, ConnectError>> + Send>>),
    Open(Box<Socket>),
}

impl Link {
    pub(super) fn new(dial: Arc<dyn Dial>, options: ValidOptions, meter: Arc<Meter>) -> Self {
        Self { dial, options, meter, generation: Generation::default(), phase: Phase::Nothing }
    }

    /// Of whatever [`next`](Self::next) tells.
    pub(super) fn generation(&self) -> Generation {
        self.generation
    }

    pub(super) fn dial(&mut self, endpoint: Endpoint, generation: Generation) {
        let (dial, meter) = (Arc::clone(&self.dial), Arc::clone(&self.meter));
        let options = self.options.clone();
        self.generation = generation;
        // What was there before is dropped here, if the machine left anything.
        self.phase = Phase::Dialing(Box::pin(async move {
            transport::open(dial, endpoint, options.values(), meter).await
        }));
    }

    /// Waits for news and appends it to the batch; returns the size of the messages. Cancel safe.
    pub(super) async fn next(
        &mut self,
        reading: Reading,
        limit: BatchLimit,
        batch: &mut Vec<TransportEvent>,
    ) -> usize {
        match &mut self.phase {
            Phase::Nothing => pending().await,
            Phase::Open(socket) => socket.next(reading, limit, batch).await,
            Phase::Dialing(dialing) => {
                let (phase, event) = match dialing.await {
                    Ok(socket) => (Phase::Open(Box::new(socket)), TransportEvent::Opened),
                    Err(error) => (Phase::Nothing, TransportEvent::Failed(error)),
                };
                self.phase = phase;
                batch.push(event);
                0
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
