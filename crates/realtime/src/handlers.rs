use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use wire::Message;

use crate::{Cause, StreamError};

/// What may wait for a handler.
const WAITING: usize = 1_024;

/// What handlers are called for.
#[derive(Clone, Debug)]
pub(crate) enum Occurrence {
    Message(Message),
    Connected,
    Disconnected(Option<Cause>),
    Error(StreamError),
    MaxAttempts(u32),
}

/// Everybody who wants to be called.
#[derive(Debug, Default)]
pub(crate) struct Handlers {
    entries: Mutex<Vec<Entry>>,
    next: AtomicU64,
    /// How many want messages: without any, a message costs one look.
    for_messages: AtomicUsize,
}

#[derive(Debug)]
struct Entry {
    id: u64,
    wants: Wants,
    sender: SyncSender<Occurrence>,
    figures: Arc<Figures>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wants {
    Messages,
    /// Everything else, which is rare.
    Rare,
}

#[derive(Debug, Default)]
struct Figures {
    ended: AtomicBool,
    missed: AtomicU64,
    panics: AtomicU64,
}

/// A handler that is being called. Dropping this ends it: at most the call that is under way goes on.
#[must_use = "dropping it ends the handler"]
pub struct Registration {
    id: u64,
    handlers: Weak<Handlers>,
    figures: Arc<Figures>,
    end: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Registration {
    /// Does this, too, when it ends.
    pub(crate) fn and_then(mut self, end: impl FnOnce() + Send + Sync + 'static) -> Self {
        self.end = Some(Box::new(end));
        self
    }

    /// Calls that were left out because as many waited already as may wait.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.figures.missed.load(Ordering::Relaxed)
    }

    /// Calls that panicked. The handler is called again all the same.
    #[must_use]
    pub fn panics(&self) -> u64 {
        self.figures.panics.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("missed", &self.missed())
            .field("panics", &self.panics())
            .finish_non_exhaustive()
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.figures.ended.store(true, Ordering::Relaxed);
        if let Some(handlers) = self.handlers.upgrade() {
            handlers.remove(self.id);
        }
        if let Some(end) = self.end.take() {
            end();
        }
    }
}

impl Handlers {
    pub(crate) fn add(
        self: &Arc<Self>,
        call: impl FnMut(&Occurrence) + Send + 'static,
    ) -> Registration {
        self.for_messages.fetch_add(1, Ordering::Relaxed);
        self.register(Wants::Messages, call)
    }

    pub(crate) fn add_rare(
        self: &Arc<Self>,
        call: impl FnMut(&Occurrence) + Send + 'static,
    ) -> Registration {
        self.register(Wants::Rare, call)
    }

    fn register(
        self: &Arc<Self>,
        wants: Wants,
        call: impl FnMut(&Occurrence) + Send + 'static,
    ) -> Registration {
        let (sender, receiver) = sync_channel(WAITING);
        let figures = Arc::new(Figures::default());
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (of_thread, runtime) =
            (Arc::clone(&figures), tokio::runtime::Handle::try_current().ok());
        // A thread, not a task: whoever blocks in a handler blocks nothing else, on any runtime.
        let run = move || {
            let _context = runtime.as_ref().map(tokio::runtime::Handle::enter);
            serve(&receiver, &of_thread, call);
        };
        std::thread::Builder::new()
            .name("realtime-handler".into())
            .spawn(run)
            .expect("the system has a thread to give");
        let of_entry = Arc::clone(&figures);
        self.entries().push(Entry { id, wants, sender, figures: of_entry });
        Registration { id, handlers: Arc::downgrade(self), figures, end: None }
    }

    fn remove(&self, id: u64) {
        let mut entries = self.entries();
        if let Some(i) = entries.iter().position(|entry| entry.id == id)
            && entries.remove(i).wants == Wants::Messages
        {
            self.for_messages.fetch_sub(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn tell_message(&self, message: &Message) {
        if self.for_messages.load(Ordering::Relaxed) > 0 {
            self.offer(Wants::Messages, &Occurrence::Message(message.clone()));
        }
    }

    pub(crate) fn tell(&self, occurrence: &Occurrence) {
        self.offer(Wants::Rare, occurrence);
    }

    fn offer(&self, wanted: Wants, occurrence: &Occurrence) {
        for entry in self.entries().iter().filter(|entry| entry.wants == wanted) {
            if let Err(TrySendError::Full(_)) = entry.sender.try_send(occurrence.clone()) {
                entry.figures.missed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        // Held for no call of anybody else's code, so nothing can be half-done.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends when nothing can come any more.
fn serve(
    receiver: &Receiver<Occurrence>,
    figures: &Figures,
    mut call: impl FnMut(&Occurrence) + Send,
) {
    for occurrence in receiver {
        if figures.ended.load(Ordering::Relaxed) {
            return;
        }
        // Unwind safe: what state the handler leaves its own things in is its affair.
        if catch_unwind(AssertUnwindSafe(|| call(&occurrence))).is_err() {
            figures.panics.fetch_add(1, Ordering::Relaxed);
        }
    }
}
