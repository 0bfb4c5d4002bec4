use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::jetstream::consumer::push::{Ordered, OrderedConfig};
use async_nats::jetstream::consumer::{Consumer, DeliverPolicy};
use futures_util::{FutureExt, StreamExt};
use thiserror::Error;
use tokio::time::MissedTickBehavior;
use tracing::{debug, error};

use super::super::logs::random_name;
use super::super::{Entry, Health, LogError};
use super::stream::Shared;
use super::{GENERATION, epoch, is_absent, unavailable};

/// Between attempts to read the stream again.
const RETRY: Duration = Duration::from_millis(250);
/// How often the stream is asked for its end. What was to come and did not by the next time comes no more: the server
/// that read for us died. The library would wait five times as long for a sign of life.
const LOOK: Duration = Duration::from_secs(2);
/// How often a server that stores nothing is asked whether it does again.
const PROBE: Duration = Duration::from_secs(1);
/// So many times in a row a server may say what would be the end of the log, if true.
const DOUBTS: u32 = 20;
/// Handed out at a time.
const BATCH: usize = 500;

/// Why the feed of messages ended.
#[derive(Debug)]
enum Interrupted {
    /// Something is wrong with the servers, for now.
    Trouble(LogError),
    /// There is more, and it does not come.
    Stalled,
    /// What comes next is not what followed, or so it seems.
    LostTrack(Loss),
}

/// How a stream can cease to be the log it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
enum Loss {
    #[error("the stream was deleted")]
    Deleted,
    #[error("the stream was made anew")]
    Replaced,
    #[error("the stream ends before what was delivered")]
    Shortened,
    #[error("what comes next is not retained any more")]
    Gap,
}

impl Loss {
    /// Whether a server of a cluster that has just started, or become the leader, might say so in error.
    fn may_be_an_error(self) -> bool {
        matches!(self, Self::Deleted | Self::Shortened)
    }
}

/// Hands out what the stream holds, for as long as anybody is there. Interruptions are told and waited for.
pub(super) async fn follow(shared: Arc<Shared>) {
    let mut doubts = 0;
    loop {
        let interrupted = match shared.attach().await {
            Ok(messages) => {
                doubts = 0;
                shared.tell(shared.refusal.health());
                shared.pump(messages).await
            }
            Err(interrupted) => interrupted,
        };
        match interrupted {
            Interrupted::Trouble(error) => {
                debug!(%error, "the feed is interrupted");
                shared.tell(Health::Degraded(error.to_string()));
            }
            Interrupted::Stalled => {
                debug!("the feed stalls, and is made anew");
                continue;
            }
            Interrupted::LostTrack(loss) if loss.may_be_an_error() && doubts < DOUBTS => {
                doubts += 1;
                shared.tell(Health::Degraded(loss.to_string()));
            }
            Interrupted::LostTrack(loss) => match shared.end(loss).await {
                Ok(()) => return,
                Err(error) => shared.tell(Health::Degraded(error.to_string())),
            },
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
        self.nats.reachable().map_err(trouble)?;
        let name = &self.coding.names.stream;
        let stream = match self.nats.context.get_stream(name).await {
            Ok(stream) => stream,
            Err(error) if is_absent(&error.kind()) => {
                return Err(Interrupted::LostTrack(Loss::Deleted));
            }
            Err(error) => return Err(trouble(unavailable(error))),
        };
        let info = stream.cached_info();
        let at = self.at.load(Ordering::Acquire);
        if epoch(info) != self.epoch {
            return Err(Interrupted::LostTrack(Loss::Replaced));
        }
        if info.state.last_sequence < at {
            return Err(Interrupted::LostTrack(Loss::Shortened));
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

    /// Gives up what was delivered, so that everybody begins anew.
    async fn end(&self, loss: Loss) -> Result<(), LogError> {
        if loss == Loss::Shortened {
            self.begin_generation().await?;
        }
        error!(stream = self.coding.names.stream, "{loss}; clients begin anew");
        if let Some(deliver) = self.deliver.upgrade() {
            deliver.lost_track();
        }
        Ok(())
    }

    /// Gives the stream another epoch: its next messages get offsets that others had.
    async fn begin_generation(&self) -> Result<(), LogError> {
        let info = self.stream.get_info().await.map_err(unavailable)?;
        if epoch(&info) != self.epoch {
            // Another gateway was faster.
            return Ok(());
        }
        let mut config = info.config;
        config.metadata.insert(GENERATION.into(), random_name()?.to_string());
        let updated = self.nats.context.update_stream(&config).await;
        updated.map(drop).map_err(unavailable)
    }

    async fn pump(&self, messages: Ordered) -> Interrupted {
        let mut connected = self.nats.connected.clone();
        // Trouble from before is over.
        let _ = self.trouble.notified().now_or_never();
        let mut batches = messages.ready_chunks(BATCH);
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut probe = tokio::time::interval(PROBE);
        probe.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut expected = 0;
        let mut before = self.at.load(Ordering::Acquire);
        loop {
            let batch = tokio::select! {
                biased;
                batch = batches.next() => batch,
                () = connected.wait_for(|connected| !connected).map(drop) => {
                    let error = LogError::Unavailable("the connection to NATS was lost".into());
                    return Interrupted::Trouble(error);
                }
                () = self.trouble.notified() => {
                    let error = LogError::Unavailable("NATS did not answer".into());
                    return Interrupted::Trouble(error);
                }
                () = self.refusal.noted() => {
                    self.tell(self.refusal.health());
                    probe.reset();
                    continue;
                }
                _ = probe.tick(), if self.refusal.stands() => {
                    self.probe().await;
                    self.tell(self.refusal.health());
                    continue;
                }
                _ = look.tick() => {
                    let at = self.at.load(Ordering::Acquire);
                    if at == before && at < expected {
                        return Interrupted::Stalled;
                    }
                    before = at;
                    expected = match self.head().await {
                        Ok(head) => head,
                        Err(error) => return Interrupted::Trouble(error),
                    };
                    continue;
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
                    interrupted = Some(Interrupted::LostTrack(Loss::Gap));
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
