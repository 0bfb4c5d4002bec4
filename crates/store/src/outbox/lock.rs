use std::fs::{File, TryLockError};
use std::path::Path;

use crate::{StoreError, StoreErrorKind, files};

/// The right to send what is in an outbox. The operating system takes it back from a process that dies, however it
/// dies.
///
/// It is a file of its own: whoever opens and closes a database's file by itself takes away SQLite's own locks on it.
#[derive(Debug)]
pub(super) struct OwnerLock {
    _file: File,
}

impl OwnerLock {
    /// # Errors
    /// [`StoreErrorKind::InUse`] when another process has it.
    pub(super) fn take(database: &Path) -> Result<Self, StoreError> {
        let path = files::beside(database, ".lock");
        let fault = |e: std::io::Error| StoreError::from(e).at(&path);
        let mut options = files::private_options();
        let file = options.create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(fault)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::new(StoreErrorKind::InUse).at(database));
            }
            // Some network file systems have no locks. Without one two processes can send the same message; the
            // server recognises its id.
            Err(TryLockError::Error(error)) => {
                tracing::warn!(%error, path = %path.display(), "no lock is to be had here; run one program only");
            }
        }
        Ok(Self { _file: file })
    }
}
