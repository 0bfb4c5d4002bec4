use std::path::Path;
use std::sync::Arc;

use domain::Level;
use monitor::Notice;
use realtime::Persistence;
use realtime::persistence::Bounds;
use store::{Durable, OUTBOX_FILE, Opened, Outbox, Store, StoreError};

use crate::say::notices as say;

/// The profile's outbox, and what the person should know of it. Where there can be none the watch goes on without:
/// seeing a vault fall matters more than sending.
///
/// How far the server's log was read is no affair of it: the monitor writes that with the notifications it raised.
pub(crate) fn open(store_path: &Path) -> (Option<Arc<dyn Persistence>>, Option<Notice>) {
    let path = store_path.with_file_name(OUTBOX_FILE);
    let opened = Outbox::open(&path, Bounds::default())
        .and_then(|(outbox, opened)| Ok((Durable::new(Store::in_memory()?, outbox), opened)));
    match opened {
        Ok((durable, opened)) => (Some(Arc::new(durable)), set_aside(&opened)),
        Err(error) => (None, Some(unusable(&error))),
    }
}

fn set_aside(opened: &Opened) -> Option<Notice> {
    let Opened::SetAside(aside) = opened else { return None };
    let path = aside.display().to_string();
    Some(Notice::system(Level::High, |language| {
        (say::outbox_damaged(language), say::outbox_damaged_how(language, &path))
    }))
}

fn unusable(error: &StoreError) -> Notice {
    let reason = error.to_string();
    Notice::system(Level::High, |language| {
        (say::outbox_unusable(language), say::outbox_unusable_how(language, &reason))
    })
}
