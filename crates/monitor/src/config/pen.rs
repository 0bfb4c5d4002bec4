use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as Queue, MutexGuard};

use super::ConfigText;

/// What this program writes into `config.toml` with: one change at a time, whichever part of the window makes it, and it
/// is known afterwards that it was nobody's edit. Clones are the same pen.
#[derive(Clone, Debug, Default)]
pub struct Pen {
    queue: Arc<Queue<()>>,
    written: Arc<Mutex<Option<ConfigText>>>,
}

impl Pen {
    /// Waits until nobody else reads the file to change it. To be held until the change is written.
    pub async fn hold(&self) -> MutexGuard<'_, ()> {
        self.queue.lock().await
    }

    /// This was written, and is put in force by whoever wrote it.
    pub fn wrote(&self, text: ConfigText) {
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    }

    /// What was written last, once.
    pub(crate) fn take_written(&self) -> Option<ConfigText> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
