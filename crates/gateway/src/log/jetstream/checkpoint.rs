use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::stream::Stream;
use foldhash::HashMap;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use tracing::{debug, warn};

use super::super::{Kept, LogError};
use super::stream::Shared;
use super::{direct, unavailable};

/// Keeps the values of state in a stream of their own, so that they outlive the messages they came from and a gateway
/// that starts reads little.
///
/// Every gateway may do that at any time. A value says as of which offset it is, and is written only over the one its
/// writer had read. The mark says that all values are as of its offset or newer: who starts takes the values, then
/// reads the log from the mark on, and what a value has already is not applied to it again.
#[derive(Debug)]
pub(super) struct Checkpoint {
    shared: Arc<Shared>,
    values: Stream,
    /// Where each value lies in its stream.
    written: HashMap<SmolStr, Written>,
    mark: Written,
    /// The stream of values was read up to here.
    seen: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Written {
    /// Of the message in the stream of values.
    sequence: u64,
    /// In the log.
    offset: u64,
}

#[derive(Serialize, Deserialize)]
struct StoredValue {
    /// Of another log it means nothing.
    epoch: SmolStr,
    value: Kept,
}

#[derive(Serialize, Deserialize)]
struct StoredMark {
    epoch: SmolStr,
    offset: u64,
}

/// Between two attempts. Gateways that share a log are spread over it by when they started.
const INTERVAL: Duration = Duration::from_secs(15);
const PAGE: usize = 1_000;
/// Somebody else may be writing the same values.
const ROUNDS: usize = 5;

enum Wrote {
    At(u64),
    /// Somebody else wrote it meanwhile.
    Outrun,
}

impl Checkpoint {
    pub(super) fn new(shared: Arc<Shared>, values: Stream) -> Self {
        let (written, mark) = (HashMap::default(), Written::default());
        Self { shared, values, written, mark, seen: 0 }
    }

    /// All values, and the offset after which the log has to be read.
    pub(super) async fn load(&mut self) -> Result<(Vec<Kept>, u64), LogError> {
        let kept = self.refresh().await?;
        Ok((kept, self.mark.offset))
    }

    pub(super) async fn run(mut self) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            if self.shared.deliver.strong_count() == 0 {
                return;
            }
            if let Err(error) = self.keep().await {
                debug!(%error, "values are kept later");
            }
        }
    }

    /// Reads what was written since, and forgets to write what others did.
    async fn refresh(&mut self) -> Result<Vec<Kept>, LogError> {
        let upto = self.values.get_info().await.map_err(unavailable)?.state.last_sequence;
        let (shared, names) = (Arc::clone(&self.shared), &self.shared.coding.names);
        let (all, mark) = (names.all_values(), names.mark());
        let mut kept = Vec::new();
        while self.seen < upto {
            let client = &shared.nats.client;
            let page = direct::page(client, &names.values, &all, self.seen + 1, PAGE).await?;
            if page.is_empty() {
                if direct::is_end(&self.values, &all, self.seen + 1, upto).await? {
                    self.seen = upto;
                    break;
                }
                // A replica that is behind.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            for found in page {
                self.seen = found.sequence;
                let payload = &found.message.payload;
                if found.subject == mark {
                    let stored: Option<StoredMark> = serde_json::from_slice(payload).ok();
                    let ours = stored.filter(|stored| stored.epoch == shared.epoch);
                    let offset = ours.map_or(0, |stored| stored.offset);
                    self.mark = Written { sequence: found.sequence, offset };
                } else if let Ok(stored) = serde_json::from_slice::<StoredValue>(payload) {
                    let StoredValue { epoch, value } = stored;
                    let ours = epoch == shared.epoch;
                    let offset = if ours { value.offset() } else { 0 };
                    let written = Written { sequence: found.sequence, offset };
                    self.written.insert(value.key.clone(), written);
                    if ours {
                        kept.push(value);
                    }
                }
            }
        }
        let mut touched = shared.touched.lock().unwrap_or_else(PoisonError::into_inner);
        touched.retain(|_, offset| *offset > self.mark.offset);
        Ok(kept)
    }

    /// Writes the values that changed, then the mark.
    async fn keep(&mut self) -> Result<(), LogError> {
        let upto = self.shared.at.load(Ordering::Acquire);
        self.refresh().await?;
        let touched = || {
            let touched = self.shared.touched.lock().unwrap_or_else(PoisonError::into_inner);
            touched.keys().cloned().collect::<Vec<SmolStr>>()
        };
        if self.mark.offset >= upto {
            return Ok(());
        }
        let mut keys = touched();
        for _ in 0..ROUNDS {
            let mut outrun = Vec::new();
            for chunk in keys.chunks(PAGE) {
                outrun.extend(self.write(chunk).await?);
            }
            if outrun.is_empty() {
                return self.advance(upto).await;
            }
            self.refresh().await?;
            keys = outrun;
        }
        Err(LogError::Unavailable("other gateways write the same values".into()))
    }

    /// Writes these values, and answers which of them somebody else was faster with.
    async fn write(&mut self, keys: &[SmolStr]) -> Result<Vec<SmolStr>, LogError> {
        let Some(deliver) = self.shared.deliver.upgrade() else { return Ok(Vec::new()) };
        let mut answers = Vec::with_capacity(keys.len());
        for value in deliver.keep(keys) {
            let (key, offset) = (value.key.clone(), value.offset());
            let written = self.written.get(&key).copied().unwrap_or_default();
            if written.offset >= offset {
                continue;
            }
            let stored = StoredValue { epoch: self.shared.epoch.clone(), value };
            let payload = serde_json::to_vec(&stored).expect("strings and numbers");
            if payload.len() + 512 > self.shared.nats.client.max_payload() {
                warn!(%key, bytes = payload.len(), "too long for NATS: kept only while its messages are retained");
                continue;
            }
            let subject = self.shared.coding.names.value(&key);
            answers.push((key, offset, self.send(subject, written.sequence, payload).await?));
        }
        let mut outrun = Vec::new();
        for (key, offset, answer) in answers {
            match wrote(answer).await? {
                Wrote::At(sequence) => {
                    self.written.insert(key, Written { sequence, offset });
                }
                Wrote::Outrun => outrun.push(key),
            }
        }
        Ok(outrun)
    }

    async fn advance(&mut self, upto: u64) -> Result<(), LogError> {
        let stored = StoredMark { epoch: self.shared.epoch.clone(), offset: upto };
        let payload = serde_json::to_vec(&stored).expect("a string and a number");
        let subject = self.shared.coding.names.mark();
        let answer = self.send(subject, self.mark.sequence, payload).await?;
        if let Wrote::At(sequence) = wrote(answer).await? {
            self.mark = Written { sequence, offset: upto };
            let mut touched = self.shared.touched.lock().unwrap_or_else(PoisonError::into_inner);
            touched.retain(|_, offset| *offset > upto);
        }
        Ok(())
    }

    async fn send(
        &self,
        subject: String,
        over: u64,
        payload: Vec<u8>,
    ) -> Result<async_nats::jetstream::context::PublishAckFuture, LogError> {
        let mut headers = HeaderMap::new();
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, over.to_string());
        let context = &self.shared.nats.context;
        let sent = context.publish_with_headers(subject, headers, payload.into()).await;
        sent.map_err(unavailable)
    }
}

async fn wrote(
    answer: async_nats::jetstream::context::PublishAckFuture,
) -> Result<Wrote, LogError> {
    match answer.await {
        Ok(ack) => Ok(Wrote::At(ack.sequence)),
        Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => Ok(Wrote::Outrun),
        Err(error) => Err(unavailable(error)),
    }
}
