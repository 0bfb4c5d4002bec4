use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use smol_str::SmolStr;
use tokio::time::{Instant, timeout};
use wire::Position;

use crate::dialect::{self, Dialect};
use crate::machine::{Keeping, Persist, Persisted, Publish};
use crate::persistence::{EntryState, Error, Item, Persistence, StreamKey};

/// How late a position may be noted after its messages were taken.
const POSITION_DELAY: Duration = Duration::from_millis(500);
/// Items read at once.
const PAGE: usize = 256;
/// Positions that wait for the reader; among more, some are passed over.
const MARKS: usize = 64;
/// What the disk may take at the beginning and at the end. In between it is waited for by nobody.
const PATIENCE: Duration = Duration::from_secs(10);

/// Carries what must outlive the process to the disk, and the answers back, while the socket goes on.
pub(super) struct Keeper {
    disk: Option<Disk>,
    answers: FuturesUnordered<BoxFuture<'static, Answered>>,
    /// Positions, each with the number of messages up to it, that the reader has not taken yet.
    marks: VecDeque<(u64, Position)>,
    marked: Option<Position>,
    noted_by: NotedBy,
    save_at: Option<Instant>,
    saving: bool,
}

/// Who notes how far the stream was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notes {
    Persistence,
    /// The reader, and this is what it has noted.
    Reader(Option<Position>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NotedBy {
    Nobody,
    Keeper,
    Reader,
}

#[derive(Clone, Debug)]
pub(crate) struct Disk {
    pub(crate) persistence: Arc<dyn Persistence>,
    pub(crate) stream: StreamKey,
    pub(crate) dialect: Option<Arc<dyn Dialect>>,
}

enum Answered {
    Told(Persisted),
    /// All is well, and there is nothing to say about it.
    Done,
    PositionSaved(Result<(), Error>),
}

impl Keeper {
    pub(super) fn new(disk: Option<Disk>, notes: &Notes) -> Self {
        let noted_by = match notes {
            Notes::Reader(_) => NotedBy::Reader,
            Notes::Persistence if disk.is_some() => NotedBy::Keeper,
            Notes::Persistence => NotedBy::Nobody,
        };
        Self {
            disk,
            noted_by,
            answers: FuturesUnordered::new(),
            marks: VecDeque::new(),
            marked: None,
            save_at: None,
            saving: false,
        }
    }

    /// What an earlier run left behind. Nothing is connected yet, so there is time.
    pub(super) async fn load(
        disk: Option<Disk>,
        notes: Notes,
    ) -> (Option<Position>, Vec<Persisted>) {
        let Some(disk) = disk else {
            return match notes {
                Notes::Reader(position) => (position, Vec::new()),
                Notes::Persistence => (None, Vec::new()),
            };
        };
        let late = |doing| Persisted::Failed { doing, reason: "it took too long".to_owned() };
        let mut news = Vec::new();
        let reading = "reading the position";
        let position = match notes {
            Notes::Reader(position) => position,
            Notes::Persistence => {
                match timeout(PATIENCE, disk.persistence.load_position(&disk.stream)).await {
                    Ok(Ok(position)) => position,
                    Ok(Err(error)) => {
                        news.push(failed(reading, &error));
                        None
                    }
                    Err(_) => {
                        news.push(late(reading));
                        None
                    }
                }
            }
        };
        let unsettled = timeout(PATIENCE, unsettled(disk)).await;
        news.push(unsettled.unwrap_or_else(|_| late("reading the outbox")));
        (position, news)
    }

    /// Looks for items that another process put back.
    pub(super) fn look_again(&self) {
        if let Some(disk) = self.disk.clone() {
            self.answers.push(Box::pin(async move { Answered::Told(unsettled(disk).await) }));
        }
    }

    pub(super) fn persist(&self, persist: Persist, now: wire::UnixMillis) {
        let Some(disk) = &self.disk else { return };
        match persist {
            Persist::Sending { ids } => {
                let answer = disk.persistence.sending(ids.clone(), now);
                self.answers.push(Box::pin(async move {
                    let failed = answer.await.err().map(|error| error.to_string());
                    Answered::Told(Persisted::Sending { ids, failed })
                }));
            }
            Persist::Settle { settled } => {
                let answer = disk.persistence.settle(settled);
                self.answers.push(Box::pin(async move {
                    match answer.await {
                        Ok(()) => Answered::Done,
                        Err(error) => {
                            Answered::Told(failed("noting what was acknowledged", &error))
                        }
                    }
                }));
            }
        }
    }

    /// Up to its `count`th message the stream was read to this position.
    pub(super) fn mark(&mut self, count: u64, position: Option<&Position>) {
        if self.noted_by == NotedBy::Nobody || position == self.marked.as_ref() {
            return;
        }
        let Some(position) = position else { return };
        self.marked = Some(position.clone());
        if self.marks.len() >= MARKS {
            self.marks.pop_back();
        }
        self.marks.push_back((count, position.clone()));
        if self.noted_by == NotedBy::Keeper {
            self.save_at.get_or_insert_with(|| Instant::now() + POSITION_DELAY);
        }
    }

    /// For a reader that notes it: how far it has read with the `handed`th message, if that is further than before.
    pub(super) fn tell(&mut self, handed: u64) -> Option<Position> {
        if self.noted_by == NotedBy::Reader { self.reached(handed) } else { None }
    }

    fn reached(&mut self, count: u64) -> Option<Position> {
        let mut last = None;
        while self.marks.front().is_some_and(|(marked, _)| *marked <= count) {
            last = self.marks.pop_front();
        }
        last.map(|(_, position)| position)
    }

    /// Messages that were waiting were merged: what lay among them now ends with the last of them.
    pub(super) fn merged(&mut self, handed: u64, end: u64) {
        for (count, _) in &mut self.marks {
            if *count > handed {
                *count = end;
            }
        }
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.save_at
    }

    /// Notes the position of what was taken, if it is time to.
    pub(super) fn save_if_due(&mut self, taken: u64) {
        if self.save_at.is_none_or(|at| at > Instant::now()) {
            return;
        }
        self.save_at = None;
        self.save(taken);
        if !self.marks.is_empty() {
            self.save_at = Some(Instant::now() + POSITION_DELAY);
        }
    }

    fn save(&mut self, taken: u64) {
        if self.saving || self.noted_by != NotedBy::Keeper {
            return;
        }
        if let Some(position) = self.reached(taken)
            && let Some(disk) = &self.disk
        {
            self.saving = true;
            let answer = disk.persistence.save_position(&disk.stream, position);
            self.answers.push(Box::pin(async move { Answered::PositionSaved(answer.await) }));
        }
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.answers.is_empty()
    }

    /// The next answer that says something. Cancel safe.
    pub(super) async fn next(&mut self) -> Option<Persisted> {
        let answered = self.answers.next().await?;
        self.digest(answered)
    }

    fn digest(&mut self, answered: Answered) -> Option<Persisted> {
        match answered {
            Answered::Told(persisted) => Some(persisted),
            Answered::Done => None,
            Answered::PositionSaved(saved) => {
                self.saving = false;
                saved.err().map(|error| failed("noting the position", &error))
            }
        }
    }

    /// The end: what was taken is noted, and what was asked for is waited for, within limits.
    pub(super) async fn finish(&mut self, taken: u64) {
        let _ = timeout(PATIENCE, async {
            while self.is_waiting() {
                self.next().await;
            }
            self.save(taken);
            while self.is_waiting() {
                self.next().await;
            }
        })
        .await;
    }
}

fn failed(doing: &'static str, error: &Error) -> Persisted {
    Persisted::Failed { doing, reason: error.to_string() }
}

async fn unsettled(disk: Disk) -> Persisted {
    let (mut items, mut unsayable) = (Vec::new(), Vec::new());
    let mut after = None;
    loop {
        match disk.persistence.unsettled(&disk.stream, after, PAGE).await {
            Ok(page) => {
                let is_last = page.len() < PAGE;
                after = page.last().map(|item| item.sequence);
                for item in page {
                    match publish(item, disk.dialect.as_deref()) {
                        Ok(publish) => items.extend(publish),
                        Err(Unsayable { id, ty }) => unsayable.push((id, ty)),
                    }
                }
                if is_last {
                    return Persisted::Unsettled { items, unsayable };
                }
            }
            Err(error) => return failed("reading the outbox", &error),
        }
    }
}

/// A message that the dialect has no words for.
struct Unsayable {
    id: SmolStr,
    ty: SmolStr,
}

/// `None` for an item that waits for a person.
fn publish(item: Item, dialect: Option<&dyn Dialect>) -> Result<Option<Publish>, Unsayable> {
    let first_sent = match item.state {
        EntryState::Queued => None,
        EntryState::Sent { first } => Some(first),
        EntryState::Parked(_) => return Ok(None),
    };
    let (id, ty) = (item.id, SmolStr::new(item.message.ty()));
    let Some(text) = dialect::encode(dialect, &item.message) else {
        return Err(Unsayable { id, ty });
    };
    let (sequence, expires) = (item.sequence, item.expires);
    let keeping = Keeping::Durable { sequence, expires, first_sent };
    Ok(Some(Publish { request: None, id, ty, text, keeping }))
}
