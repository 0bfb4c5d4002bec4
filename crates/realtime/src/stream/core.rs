use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use wire::{Invalid, InvalidKind, Message};

use super::queue::{Overflow, Queue, Updates};
use crate::Topic;

/// From the value so far and a message to the new value.
pub(super) type Fold<T> = dyn Fn(Option<&T>, &Message) -> Result<T, Invalid> + Send + Sync;

/// Done when there is room again.
pub(super) type Room = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a connection hands messages to.
pub(super) trait Sink: Send + Sync {
    /// Takes a message of its topic.
    fn take(&self, message: &Message);

    /// A place to wait when its readers are slow.
    fn full(&self) -> Option<Room>;
}

/// One stream, seen from both of its ends.
pub(super) struct Core<T> {
    pub(super) topic: Topic,
    fold: Box<Fold<T>>,
    values: watch::Sender<Values<T>>,
    readers: Mutex<Vec<Arc<Queue<T>>>>,
}

/// What came in so far.
pub(super) struct Values<T> {
    pub(super) data: Option<Arc<T>>,
    /// Why the last message could not be used.
    pub(super) invalid: Option<Invalid>,
    pub(super) last_message: Option<Message>,
    pub(super) message_count: u64,
}

impl<T> Core<T> {
    pub(super) fn new(topic: Topic, fold: Box<Fold<T>>) -> Self {
        let values = Values { data: None, invalid: None, last_message: None, message_count: 0 };
        Self { topic, fold, values: watch::Sender::new(values), readers: Mutex::default() }
    }

    pub(super) fn observe(&self) -> watch::Receiver<Values<T>> {
        self.values.subscribe()
    }

    pub(super) fn clear(&self) {
        self.values.send_modify(|values| {
            values.data = None;
            values.invalid = None;
            values.last_message = None;
        });
    }

    /// What there is now, and a reader of everything from then on.
    pub(super) fn read<S>(
        &self,
        overflow: Overflow,
        now: impl FnOnce(&Values<T>) -> S,
    ) -> (S, Updates<T>) {
        // Values change with this lock held, so that none falls between the two, and none is in both.
        let mut readers = self.readers();
        let queue = Queue::new(overflow);
        readers.push(Arc::clone(&queue));
        (now(&self.values.borrow()), Updates::new(queue))
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Arc<Queue<T>>>> {
        // Nothing that panics is called with the lock held but the fold, and that is contained.
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn folded(&self, message: &Message) -> Result<T, Invalid> {
        let before = self.values.borrow().data.clone();
        // Unwind safe: the value so far is only lent.
        let fold = AssertUnwindSafe(|| (self.fold)(before.as_deref(), message));
        catch_unwind(fold).unwrap_or_else(|_| {
            let reason = "the decoder panicked over it";
            Err(Invalid::new(InvalidKind::Payload, reason, message.data()))
        })
    }
}

impl<T: Send + Sync + 'static> Sink for Core<T> {
    fn take(&self, message: &Message) {
        let folded = self.folded(message).map(Arc::new);
        let mut readers = self.readers();
        if let Ok(value) = &folded {
            readers.retain(|queue| Arc::strong_count(queue) > 1);
            for queue in readers.iter() {
                queue.push(message.ty(), Arc::clone(value));
            }
        }
        self.values.send_modify(|values| {
            values.message_count += 1;
            values.last_message = Some(message.detached());
            match folded {
                Ok(value) => {
                    values.data = Some(value);
                    values.invalid = None;
                }
                Err(invalid) => values.invalid = Some(invalid),
            }
        });
    }

    fn full(&self) -> Option<Room> {
        let queue = self.readers().iter().find(|queue| queue.is_full()).cloned()?;
        Some(Box::pin(async move { queue.room().await }))
    }
}

impl<T> Drop for Core<T> {
    fn drop(&mut self) {
        for queue in self.readers().iter() {
            queue.close();
        }
    }
}
