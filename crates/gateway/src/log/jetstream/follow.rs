use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::jetstream::consumer::push::{Ordered, OrderedConfig};
use async_nats::jetstream::consumer::{Consumer, DeliverPolicy};
use futures_util::{FutureExt, StreamExt};
use tracing::{debug, error};

use super::super::{Entry, Health, LogError};
use super::stream::Shared;
use super::{epoch, is_absent, unavailable};

/// Between attempts to read the stream again.
const RETRY: Duration = Duration::from_millis(250);
/// Handed out at a time.
const BATCH: usize = 500;

/// Why the feed of messages ended.
#[derive(Debug)]
enum Interrupted {
    /// Something is wrong with the servers, for now.
    Trouble(LogError),
    /// What comes next is not what followed.
    LostTrack(String),
}

/// Hands out what the stream holds, for as long as anybody is there. Interruptions are told and waited for.
pub(super) async fn follow(shared: Arc<Shared>) {
    loop {
        let interrupted = match shared.attach().await {
            Ok(messages) => {
                shared.tell(Health::Ok);
                shared.pump(messages).await
            }
            Err(interrupted) => interrupted,
        };
        match interrupted {
            Interrupted::Trouble(error) => {
                debug!(%error, "the feed is interrupted");
                shared.tell(Health::Degraded(error.to_string()));
            }
            Interrupted::LostTrack(reason) => {
                error!(stream = shared.coding.names.stream, "{reason}; clients begin anew");
                if let Some(deliver) = shared.deliver.upgrade() {
                    deliver.lost_track();
                }
                return;
            }
        }
        if shared.deliver.strong_count() == 0 {
            return;
        }
        tokio::time::sleep(RETRY).await;
    }
}

impl Shared {
    fn tell(&self, health: Health) {
        if let Some(deliver) = self.deliver.upgrade() {
            deliver.health(health);
        }
    }

    /// Begins to read behind what was delivered, if the stream is still the one it was.
    async fn attach(&self) -> Result<Ordered, Interrupted> {
        let trouble = |error| Interrupted::Trouble(error);
        if !*self.nats.connected.borrow() {
            return Err(trouble(LogError::Unavailable("there is no connection to NATS".into())));
        }
        let name = &self.coding.names.stream;
        let stream = match self.nats.context.get_stream(name).await {
            Ok(stream) => stream,
            Err(error) if is_absent(&error.kind()) => {
                return Err(Interrupted::LostTrack("the stream was deleted".into()));
            }
            Err(error) => return Err(trouble(unavailable(error))),
        };
        let info = stream.cached_info();
        let at = self.at.load(Ordering::Acquire);
        if epoch(info) != self.epoch {
            return Err(Interrupted::LostTrack("the stream was made anew".into()));
        }
        let head = info.state.last_sequence;
        if head < at {
            let reason = format!("the stream ends at {head}, though {at} was delivered");
            return Err(Interrupted::LostTrack(reason));
        }
        let config = OrderedConfig {
            deliver_subject: self.nats.client.new_inbox(),
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: at + 1 },
            ..OrderedConfig::default()
        };
        let consumer: Consumer<OrderedConfig> =
            stream.create_consumer(config).await.map_err(|error| trouble(unavailable(error)))?;
        consumer.messages().await.map_err(|error| trouble(unavailable(error)))
    }

    async fn pump(&self, messages: Ordered) -> Interrupted {
        let mut connected = self.nats.connected.clone();
        // Trouble from before is over.
        let _ = self.trouble.notified().now_or_never();
        let mut batches = messages.ready_chunks(BATCH);
        loop {
            let batch = tokio::select! {
                biased;
                batch = batches.next() => batch,
                _ = connected.wait_for(|connected| !connected) => {
                    let error = LogError::Unavailable("the connection to NATS was lost".into());
                    return Interrupted::Trouble(error);
                }
                () = self.trouble.notified() => {
                    let error = LogError::Unavailable("NATS did not answer".into());
                    return Interrupted::Trouble(error);
                }
            };
            let Some(batch) = batch else {
                return Interrupted::Trouble(LogError::Unavailable(
                    "the feed of NATS ended".into(),
                ));
            };
            let mut entries: Vec<Arc<Entry>> = Vec::with_capacity(batch.len());
            let mut at = self.at.load(Ordering::Acquire);
            let mut interrupted = None;
            for message in batch {
                let message = match message {
                    Ok(message) => message,
                    Err(error) => {
                        interrupted = Some(Interrupted::Trouble(unavailable(error)));
                        break;
                    }
                };
                let Ok(sequence) = message.info().map(|info| info.stream_sequence) else {
                    continue;
                };
                if sequence <= at {
                    continue;
                }
                if sequence != at + 1 {
                    let reason = format!("{sequence} follows {at}: the rest is not retained");
                    interrupted = Some(Interrupted::LostTrack(reason));
                    break;
                }
                at = sequence;
                entries.extend(self.decode(sequence, &message.message.subject, &message.message));
            }
            self.hand_out(&entries, at);
            if let Some(interrupted) = interrupted {
                return interrupted;
            }
        }
    }
}
