use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::{How, UnwritableWord};

/// Why the start with the session could not be looked at or changed.
#[derive(Debug, Error)]
pub enum AutostartError {
    /// Nobody's configuration can be found.
    #[error("no home folder is known")]
    NoHome,
    /// Windows: nothing is changed there.
    #[error(
        "put a shortcut to `vaultwatch --hidden` into the folder `shell:startup`: Windows starts what is in there"
    )]
    ByHand,
    /// Another platform's.
    #[error("{0} is not for this platform")]
    NotOffered(How),
    /// The app cannot be written into such an entry.
    #[error(transparent)]
    Unwritable(#[from] UnwritableWord),
    /// What was to be started is not there. Nothing was changed.
    #[error("{} is not a program that can be started", .0.display())]
    NoProgram(PathBuf),
    /// Somebody else has written the file that would be ours. Nothing was changed.
    #[error("{} was not written by VaultWatch: move it away first", .0.display())]
    Foreign(PathBuf),
    /// A file or folder, or a program of the system that was to be asked.
    #[error("{path}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    /// What the system's own program said instead of doing it.
    #[error("{program}: {said}")]
    Refused { program: &'static str, said: String },
}

#[cfg(any(test, unix))]
impl AutostartError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
