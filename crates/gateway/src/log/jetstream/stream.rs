use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::stream::{Info, Stream};
use foldhash::HashMap;
use smol_str::SmolStr;
use tokio::sync::{Notify, Semaphore};
use tokio_util::task::AbortOnDropHandle;
use tracing::{debug, warn};
use wire::UnixMillis;

use super::super::gone::Gone;
use super::super::{Appended, Counts, Deliver, Entry, Log, LogError, Pending, Record};
use super::checkpoint::Checkpoint;
use super::coding::{Coding, Outgoing};
use super::names::Names;
use super::refusal::Refusal;
use super::{JetStream, at_hand, direct, epoch, range, unavailable};

/// A tenant's log on JetStream.
#[derive(Debug)]
pub(super) struct JetStreamLog {
    shared: Arc<Shared>,
    _tasks: [AbortOnDropHandle<()>; 2],
}

/// What publishing, reading and the two tasks of a log have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) nats: JetStream,
    pub(super) coding: Coding,
    pub(super) stream: Stream,
    pub(super) epoch: SmolStr,
    pub(super) deliver: Weak<dyn Deliver>,
    /// Everything up to here was delivered.
    pub(super) at: AtomicU64,
    /// Keys whose values changed after they were last kept, and where.
    pub(super) touched: Mutex<HashMap<SmolStr, u64>>,
    /// The events that were delivered since this gateway is here: the server does not tell how many it has removed.
    pub(super) events: Mutex<Gone>,
    /// A publish was not answered: something is wrong that the feed may not have noticed yet.
    pub(super) trouble: Notify,
    pub(super) refusal: Refusal,
    /// When a message was last complained of.
    complained: Mutex<Option<Instant>>,
    /// Who may read many messages in a row right now.
    ranges: Semaphore,
}

/// Read at a time without a consumer.
const PAGE: usize = 1_000;
/// Read at a time while a log is opened.
const OPENING: usize = 10_000;
/// Readers of many messages at a time: each may hold some megabytes.
const RANGES: usize = 4;
/// A stream's subjects, all of them.
const EVERYTHING: &str = ">";
/// A replica that is behind gets so many more chances, a pause apart.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);
/// Between two complaints about messages that others wrote.
const COMPLAINTS: Duration = Duration::from_secs(60);
/// What the server adds to a message when it hands it out.
const ENVELOPE: usize = 512;

impl JetStreamLog {
    pub(super) async fn open(
        nats: JetStream,
        names: Names,
        stream: Stream,
        info: &Info,
        values: Stream,
        deliver: Weak<dyn Deliver>,
    ) -> Result<Self, LogError> {
        let ttl = info.config.allow_message_ttl && nats.retention.age < nats.retention.event_age;
        let ttl = ttl.then(|| format!("{}s", nats.retention.age.as_secs().max(1)));
        let coding = Coding { names, gateway: nats.gateway.clone(), state_ttl: ttl };
        let shared = Arc::new(Shared {
            nats,
            coding,
            stream,
            epoch: epoch(info).into(),
            deliver,
            at: AtomicU64::new(0),
            touched: Mutex::default(),
            events: Mutex::default(),
            trouble: Notify::new(),
            refusal: Refusal::default(),
            complained: Mutex::default(),
            ranges: Semaphore::new(RANGES),
        });
        let mut checkpoint = Checkpoint::new(Arc::clone(&shared), values);
        let (kept, mark) = checkpoint.load().await?;
        // What a value has already is not applied to it again.
        let since = mark.min(at_hand::before_last(shared.nats.history, &info.state));
        let since = since.max(info.state.first_sequence.saturating_sub(1).min(mark));
        let seen = since.max(info.state.first_sequence.saturating_sub(1));
        *shared.events.lock().unwrap_or_else(PoisonError::into_inner) = Gone::since(seen);
        if let Some(deliver) = shared.deliver.upgrade() {
            deliver.restore(kept, since);
        }
        shared.catch_up(since, info.state.last_sequence).await?;
        // Those are kept as they are.
        shared.touched.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, at| *at > mark);
        let follow = tokio::spawn(super::follow::follow(Arc::clone(&shared)));
        let checkpoint = tokio::spawn(checkpoint.run());
        let tasks = [AbortOnDropHandle::new(follow), AbortOnDropHandle::new(checkpoint)];
        Ok(Self { shared, _tasks: tasks })
    }
}

impl Shared {
    /// Delivers what is left of the log after a position.
    async fn catch_up(&self, after: u64, upto: u64) -> Result<(), LogError> {
        let mut at = after;
        while at < upto {
            let page = self.run(at, upto, OPENING).await?;
            let Some(last) = page.last() else { break };
            at = last.sequence;
            let entries: Vec<_> = page.into_iter().filter_map(|found| self.entry(found)).collect();
            self.hand_out(&entries, at);
        }
        // What is missing at the end is not retained any more, and counts all the same.
        self.hand_out(&[], upto.max(at));
        Ok(())
    }

    /// Delivers what comes next and ends at `upto`.
    pub(super) fn hand_out(&self, entries: &[Arc<Entry>], upto: u64) {
        {
            let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
            let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
            for entry in entries {
                match entry.kind.key() {
                    Some(key) => drop(touched.insert(key.clone(), entry.offset)),
                    None => events.note(entry.offset, entry.kind.ty.clone()),
                }
            }
        }
        if let Some(deliver) = self.deliver.upgrade() {
            deliver.deliver(entries, upto);
        }
        self.at.store(upto, Ordering::Release);
    }

    /// At most `count` messages with `after < sequence <= upto`, fewer if they are long; none only if there are none.
    async fn run(
        &self,
        after: u64,
        upto: u64,
        count: usize,
    ) -> Result<Vec<direct::Found>, LogError> {
        self.nats.reachable()?;
        let left = upto.saturating_sub(after);
        let wanted = usize::try_from(left).map_or(count, |left| left.min(count));
        if wanted >= range::WORTH_IT {
            let _turn = self.ranges.acquire().await;
            match range::read(&self.nats, &self.stream, after + 1, wanted).await {
                Ok(mut found) => {
                    found.retain(|found| found.sequence <= upto);
                    if !found.is_empty() {
                        return Ok(found);
                    }
                }
                Err(error) => debug!(%error, "reading page by page"),
            }
        }
        // The filter for everything is one the server need not look subjects up for.
        self.page(EVERYTHING, after + 1, count.min(PAGE), upto).await
    }

    /// At most `count` messages from a sequence on, fewer if they are long; none only if there are none up to `upto`.
    async fn page(
        &self,
        subjects: &str,
        from: u64,
        count: usize,
        upto: u64,
    ) -> Result<Vec<direct::Found>, LogError> {
        let (client, name) = (&self.nats.client, &self.coding.names.stream);
        for _ in 0..ATTEMPTS {
            let mut page = direct::page(client, name, subjects, from, count).await?;
            page.retain(|found| found.sequence <= upto);
            // Whatever is missing at its end comes with the next page.
            if !page.is_empty() || direct::is_end(&self.stream, subjects, from, upto).await? {
                return Ok(page);
            }
            // Answered by a replica that is behind.
            tokio::time::sleep(PAUSE).await;
        }
        Err(LogError::Unavailable("a replica of NATS does not catch up".into()))
    }

    fn entry(&self, found: direct::Found) -> Option<Arc<Entry>> {
        let direct::Found { sequence, subject, message } = found;
        self.decode(sequence, &subject, &message)
    }

    /// A message of the stream; None, with a warning now and then, for one that is not ours.
    pub(super) fn decode(
        &self,
        sequence: u64,
        subject: &str,
        message: &async_nats::Message,
    ) -> Option<Arc<Entry>> {
        let (headers, payload) = (message.headers.as_ref(), message.payload.clone());
        let entry = self.coding.decode(sequence, subject, headers, payload);
        if entry.is_none() && subject != self.coding.names.probe() {
            self.complain(sequence, subject);
        }
        entry
    }

    /// Now and then: whoever writes what nobody can read must not fill a disk with it.
    fn complain(&self, sequence: u64, subject: &str) {
        let mut last = self.complained.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() >= COMPLAINTS) {
            *last = Some(Instant::now());
            warn!(sequence, subject, "a message that no gateway wrote is left out");
        }
    }

    async fn append(&self, records: Vec<Record>) -> Result<Vec<Appended>, LogError> {
        self.nats.reachable()?;
        let mut connected = self.nats.connected.clone();
        let outgoing: Vec<_> = records.into_iter().map(|r| self.coding.encode(r)).collect();
        let limit = self.nats.client.max_payload();
        for Outgoing { payload, .. } in &outgoing {
            let bytes = payload.len() + ENVELOPE;
            if bytes > limit {
                return Err(LogError::TooLarge { bytes, limit });
            }
        }
        tokio::select! {
            stored = self.store(outgoing) => stored,
            // Answers that were on their way do not come any more.
            _ = connected.wait_for(|connected| !connected) => {
                Err(LogError::Unavailable("the connection to NATS was lost".into()))
            }
        }
    }

    /// Sends everything, then waits for the answers: one round trip for all of it.
    async fn store(&self, outgoing: Vec<Outgoing>) -> Result<Vec<Appended>, LogError> {
        let context = &self.nats.context;
        let mut answers = Vec::with_capacity(outgoing.len());
        for Outgoing { subject, headers, payload } in outgoing {
            let sent = context.publish_with_headers(subject, headers, payload).await;
            answers.push(sent.map_err(unavailable)?);
        }
        let mut appended = Vec::with_capacity(answers.len());
        for answer in answers {
            let ack = answer.await.map_err(|error| self.refused(error))?;
            appended.push(if ack.duplicate {
                Appended::Duplicate(ack.sequence)
            } else {
                Appended::Stored(ack.sequence)
            });
        }
        Ok(appended)
    }

    /// What became of a publish that was not acknowledged. Without an answer the feed is looked after, too; a server that
    /// has no room goes on to feed us.
    fn refused(&self, error: PublishError) -> LogError {
        match error.kind() {
            PublishErrorKind::TimedOut => {
                self.trouble.notify_one();
                let reason = "NATS does not answer: does the stream have a leader?";
                LogError::Unavailable(reason.into())
            }
            PublishErrorKind::StreamNotFound | PublishErrorKind::BrokenPipe => {
                self.trouble.notify_one();
                unavailable(error)
            }
            _ => {
                self.refusal.note(&error);
                unavailable(error)
            }
        }
    }

    async fn read(&self, after: u64, upto: u64, count: usize) -> Result<Vec<Arc<Entry>>, LogError> {
        let found = self.run(after, upto, count).await?;
        let complete =
            (after + 1..).zip(&found).all(|(expected, found)| found.sequence == expected);
        if !complete || (found.is_empty() && after < upto) {
            return Err(LogError::Trimmed(after));
        }
        Ok(found.into_iter().filter_map(|found| self.entry(found)).collect())
    }

    async fn events(
        &self,
        after: u64,
        upto: u64,
        count: usize,
    ) -> Result<Vec<Arc<Entry>>, LogError> {
        self.nats.reachable()?;
        let events = self.coding.names.events();
        let page = self.page(&events, after + 1, count, upto).await?;
        Ok(page.into_iter().filter_map(|found| self.entry(found)).collect())
    }

    async fn gone(&self, after: u64) -> Result<Option<Counts>, LogError> {
        self.nats.reachable()?;
        // Events go from the front alone; state may go anywhere before its time is up.
        let state = self.stream.get_info().await.map_err(unavailable)?.state;
        if state.first_sequence <= after + 1 {
            return Ok(Some(Counts::new()));
        }
        let events = self.coding.names.events();
        let first = direct::next(&self.stream, &events, after + 1).await?;
        let before = first.unwrap_or(state.last_sequence + 1);
        Ok(self.events.lock().unwrap_or_else(PoisonError::into_inner).between(after, before))
    }

    pub(super) async fn head(&self) -> Result<u64, LogError> {
        Ok(self.stream.get_info().await.map_err(unavailable)?.state.last_sequence)
    }
}

impl Log for JetStreamLog {
    fn epoch(&self) -> SmolStr {
        self.shared.epoch.clone()
    }

    fn is_far(&self) -> bool {
        true
    }

    fn append(&self, records: Vec<Record>, _now: UnixMillis) -> Pending<'_, Vec<Appended>> {
        Box::pin(self.shared.append(records))
    }

    fn read(&self, after: u64, upto: u64, count: usize) -> Pending<'_, Vec<Arc<Entry>>> {
        Box::pin(self.shared.read(after, upto, count))
    }

    fn events(&self, after: u64, upto: u64, count: usize) -> Pending<'_, Vec<Arc<Entry>>> {
        Box::pin(self.shared.events(after, upto, count))
    }

    fn gone(&self, after: u64) -> Pending<'_, Option<Counts>> {
        Box::pin(self.shared.gone(after))
    }

    fn head(&self) -> Pending<'_, u64> {
        Box::pin(self.shared.head())
    }
}
