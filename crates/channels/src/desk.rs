use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::book::{Book, Key, Outcome, Step};
use crate::{
    AuthorityError, Caller, ChannelError, Clock, Journal, Kind, Page, SecretStore, Settings,
};

/// Calls people, in the background, until each call was taken or somebody has looked. What is to be done is on disk
/// before it is done, so that a restart neither forgets nor repeats it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Desk {
    orders: mpsc::Sender<Order>,
    journal: Arc<Mutex<Journal>>,
}

/// What became of one call.
#[derive(Clone, Debug)]
pub struct Report {
    pub key: Key,
    pub channel: Kind,
    /// Why nobody took it; it is tried again.
    pub result: Result<(), String>,
}

/// Why nobody can be called.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DeskError {
    #[error(transparent)]
    Authorities(#[from] AuthorityError),
    /// Where it is kept who is to be called cannot be read.
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: std::io::Error },
}

#[derive(Debug)]
enum Order {
    Call(Box<Page>),
    End(Box<Page>),
    Reconcile(Vec<Page>),
    /// Answered when what was ordered before is kept.
    Kept(oneshot::Sender<()>),
}

/// What is kept in the file.
#[derive(Deserialize)]
struct Kept {
    calls: Box<RawValue>,
    #[serde(default)]
    journal: Journal,
}

#[derive(Serialize)]
struct Keeping<'a> {
    calls: &'a RawValue,
    journal: &'a Journal,
}

/// Orders that may wait. The desk takes them at once, so a full queue means that it has died.
const ORDERS: usize = 4_096;
/// Longest sleep: the clock it is measured by may have stood still while the machine slept.
const LONGEST: Duration = Duration::from_secs(60);

impl Desk {
    /// Takes up its work, on the current Tokio runtime.
    ///
    /// # Errors
    /// One variant of [`DeskError`] for each way in which nobody could be called.
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub fn open(
        settings: Settings,
        agent: &'static str,
        file: PathBuf,
        secrets: Arc<dyn SecretStore>,
        report: impl Fn(Report) + Send + Sync + 'static,
    ) -> Result<Self, DeskError> {
        let caller = settings.caller(agent)?;
        let kept = read(&file).map_err(|source| DeskError::File { path: file.clone(), source })?;
        let (calls, journal) = kept.map_or_else(
            || (String::new(), Journal::default()),
            |kept| (kept.calls.get().to_owned(), kept.journal),
        );
        let book = Book::open(settings.kinds(), &calls);
        let journal = Arc::new(Mutex::new(journal));
        let (orders, inbox) = mpsc::channel(ORDERS);
        let (settings, report) = (Arc::new(settings), Arc::new(report));
        let work = Work { settings, caller, secrets, file, journal: Arc::clone(&journal), report };
        tokio::spawn(work.run(book, inbox));
        Ok(Self { orders, journal })
    }

    /// Somebody is to be told, by every channel there is.
    pub fn call(&self, page: Page) {
        self.order(Order::Call(Box::new(page)));
    }

    /// Somebody has looked, or it is over: calls about it that were not taken yet are given up, and whoever took one is
    /// told this page.
    pub fn end(&self, page: Page) {
        self.order(Order::End(Box::new(page)));
    }

    /// Takes up what an earlier run may not have got to order, by a page for each alert on how it stands: see
    /// [`Book::reconcile`].
    pub fn reconcile(&self, pages: Vec<Page>) {
        self.order(Order::Reconcile(pages));
    }

    /// Returns when everything that was ordered so far is on disk: a program that ends after that forgets none of it.
    pub async fn kept(&self) {
        let (answer, answered) = oneshot::channel();
        if self.orders.send(Order::Kept(answer)).await.is_ok() {
            // It ended: then nothing more is kept.
            let _ = answered.await;
        }
    }

    /// What became of the last calls.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What became of the last calls of whoever keeps `file`; empty when there is none.
    ///
    /// # Errors
    /// [`DeskError::File`].
    pub fn journal_in(file: &Path) -> Result<Journal, DeskError> {
        let kept = read(file);
        let kept = kept.map_err(|source| DeskError::File { path: file.to_owned(), source })?;
        Ok(kept.map(|kept| kept.journal).unwrap_or_default())
    }

    fn order(&self, order: Order) {
        if let Err(error) = self.orders.try_send(order) {
            tracing::error!(%error, "nobody can be called any more");
        }
    }
}

struct Work<R> {
    settings: Arc<Settings>,
    caller: Caller,
    secrets: Arc<dyn SecretStore>,
    file: PathBuf,
    journal: Arc<Mutex<Journal>>,
    report: Arc<R>,
}

type Done = (Step, Result<(), ChannelError>);

impl<R: Fn(Report) + Send + Sync + 'static> Work<R> {
    async fn run(self, mut book: Book, mut inbox: mpsc::Receiver<Order>) {
        let clock = Clock::start();
        let mut calls: JoinSet<Done> = JoinSet::new();
        if !book.is_empty() {
            tracing::info!(alerts = book.len(), "somebody is still to be called");
        }
        loop {
            while let Some(step) = book.next(clock.now()) {
                let (settings, caller) = (Arc::clone(&self.settings), self.caller.clone());
                let secrets = Arc::clone(&self.secrets);
                calls.spawn(async move {
                    // By the clock that its receiver has, too.
                    let now = Clock::wall();
                    let sent = settings.send(step.kind, &step.page, &caller, &*secrets, now).await;
                    (step, sent)
                });
            }
            let now = tokio::time::Instant::now();
            let wake = book.wake_at().map_or(now + LONGEST, |at| clock.instant(at, LONGEST));
            tokio::select! {
                order = inbox.recv() => match order {
                    Some(Order::Call(page)) => {
                        book.begin(*page, clock.now());
                        // Before anybody is called: after a crash it must be known that it was to happen.
                        self.keep(&book).await;
                    }
                    Some(Order::End(page)) => {
                        book.end(*page, clock.now());
                        self.keep(&book).await;
                    }
                    Some(Order::Reconcile(pages)) => {
                        if book.reconcile(pages, clock.now()) {
                            tracing::warn!("somebody was to be called, or need be no more, and it was not kept: made up for");
                            self.keep(&book).await;
                        }
                    }
                    // Nobody may wait for it any more.
                    Some(Order::Kept(answer)) => {
                        let _ = answer.send(());
                    }
                    // The last handle is gone, and the app with it.
                    None => return,
                },
                Some(done) = calls.join_next() => {
                    if let Ok((step, result)) = done {
                        let report = self.called(&mut book, &step, result, &clock);
                        self.keep(&book).await;
                        // What is told is on disk.
                        (self.report)(report);
                    }
                }
                () = sleep_until(wake) => {}
            }
        }
    }

    fn called(
        &self,
        book: &mut Book,
        step: &Step,
        result: Result<(), ChannelError>,
        clock: &Clock,
    ) -> Report {
        let Step { kind, page } = step;
        let (outcome, failure) = match &result {
            Ok(()) => {
                tracing::info!(channel = %kind, id = page.id, title = page.title, "somebody was called");
                (Outcome::Delivered, None)
            }
            Err(error) => {
                tracing::warn!(channel = %kind, id = page.id, %error, "nobody was reached; trying again");
                let retry_after = match error {
                    ChannelError::Call(call) => call.retry_after(),
                    _ => None,
                };
                (Outcome::Failed { retry_after }, Some(error.to_string()))
            }
        };
        book.done(step, outcome, clock.now());
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        journal.note(*kind, page, failure.clone(), Clock::wall());
        drop(journal);
        let result = failure.map_or(Ok(()), Err);
        Report { key: page.id, channel: *kind, result }
    }

    /// Nobody stays uncalled because a disk is full.
    async fn keep(&self, book: &Book) {
        let calls = RawValue::from_string(book.kept()).expect("it was written as JSON");
        let journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = serde_json::to_vec(&Keeping { calls: &calls, journal: &journal });
        let text = text.expect("string keys only");
        let path = self.file.clone();
        let written = tokio::task::spawn_blocking(move || write(&path, &text)).await;
        let written = written.unwrap_or_else(|panicked| Err(std::io::Error::other(panicked)));
        if let Err(error) = written {
            tracing::error!(%error, path = %self.file.display(), "who is to be called cannot be kept");
        }
    }
}

/// `None` when nothing was kept yet, or nothing that can be read: a damaged file must not keep anybody from being called.
fn read(path: &Path) -> std::io::Result<Option<Kept>> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match serde_json::from_slice(&text) {
        Ok(kept) => Ok(Some(kept)),
        Err(error) => {
            tracing::error!(%error, path = %path.display(), "who was still to be called is lost");
            Ok(None)
        }
    }
}

/// All or nothing, and on the disk when it returns.
fn write(path: &Path, text: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&beside)?;
    file.write_all(text)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}
