use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::writer::Boxed;

/// So few are told by the writer itself: handing them over would take as long.
const FEW: usize = 4;

/// Groups that may wait to be told, each of which took a sync.
const WAITING: usize = 8;

/// Tells the callers of a group that it is committed, while the next group is written. To wake a task of another thread
/// can take a system call each, and the disk would wait for all of them.
#[derive(Debug)]
pub(super) struct Teller {
    /// Both are there until the end.
    groups: Option<SyncSender<Vec<Boxed>>>,
    /// `None` where no thread could be had: then the writer tells all of them itself.
    join: Option<JoinHandle<()>>,
}

impl Teller {
    pub(super) fn start() -> Self {
        let (groups, queue) = sync_channel::<Vec<Boxed>>(WAITING);
        let work = move || queue.into_iter().for_each(tell);
        let join = std::thread::Builder::new().name("outbox-told".to_owned()).spawn(work);
        match join {
            Ok(join) => Self { groups: Some(groups), join: Some(join) },
            Err(error) => {
                tracing::debug!(%error, "the outbox's writer tells its callers itself");
                Self { groups: None, join: None }
            }
        }
    }

    pub(super) fn committed(&self, group: Vec<Boxed>) {
        match &self.groups {
            Some(groups) if group.len() > FEW => {
                // The other side is gone only when it panicked; its callers were told by the drop.
                if let Err(unsent) = groups.send(group) {
                    tell(unsent.0);
                }
            }
            _ => tell(group),
        }
    }
}

impl Drop for Teller {
    /// When the writer has ended, everybody was told.
    fn drop(&mut self) {
        self.groups = None;
        if let Some(thread) = self.join.take() {
            // It panicked: told on standard error.
            let _ = thread.join();
        }
    }
}

fn tell(group: Vec<Boxed>) {
    for request in group {
        request.finish(Ok(()));
    }
}
