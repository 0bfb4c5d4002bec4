//! Files and folders that are their owner's alone, from their first moment on.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;

/// For a file that only its owner may read, if it is made.
pub(crate) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes an empty file, which SQLite takes for a new database, unless there is one. What SQLite makes beside it gets the same
/// mode, so it must not be made first and locked later.
pub(crate) fn make(path: &Path) -> io::Result<()> {
    match options().write(true).create_new(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Makes a folder and those above it, unless they are there.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
