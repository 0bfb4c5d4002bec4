//! What SQLite does not do with its files.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The file whose name is `path` with `suffix` added.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Moves a database aside, with its log, in which the newest part of it may lie. Nothing is deleted.
pub(crate) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut aside = beside(path, &format!(".corrupt-{seconds}"));
    let mut again = 1;
    while aside.exists() {
        again += 1;
        aside = beside(path, &format!(".corrupt-{seconds}-{again}"));
    }
    // The database last: a crash on the way must not leave an old log beside a new database, which SQLite would apply.
    for suffix in ["-wal", "-journal", "-shm"] {
        match fs::rename(beside(path, suffix), beside(&aside, suffix)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    fs::rename(path, &aside)?;
    sync_folder_of(path);
    Ok(aside)
}

/// Makes the folder of a database, only for its owner, so that a power cut does not unmake it.
pub(crate) fn make_folder_of(path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    let missing: Vec<_> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    for made in missing {
        sync_folder_of(made);
    }
    private(folder, 0o700)
}

/// Makes an empty file that only its owner may read, which SQLite takes for a new database. It gives what it makes beside
/// it the same mode, so it must not be made first and locked later.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    match private_options().write(true).create_new(true).open(path) {
        // Another process was faster.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// For files that only their owner may read, if they are made.
pub(crate) fn private_options() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "there are modes on Unix alone"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

pub(crate) fn sync(path: &Path) -> io::Result<()> {
    // Windows syncs only what was opened for writing.
    OpenOptions::new().read(true).write(true).open(path)?.sync_all()
}

/// Makes the names in the folder last. Where folders cannot be opened, as on Windows, their names last by themselves.
pub(crate) fn sync_folder_of(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let synced = File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all());
    if let (Err(error), true) = (synced, cfg!(unix)) {
        tracing::warn!(%error, path = %path.display(), "the folder could not be synced");
    }
}

/// Only the owner may read what somebody owes.
#[cfg(unix)]
pub(crate) fn private(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
pub(crate) fn private(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}
