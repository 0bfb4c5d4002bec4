//! The files of a folder, looked at again and again.
//!
//! Polled, not watched: `stat` of at most 64 files every two seconds costs next to nothing, sees a folder that is
//! made later, one on a network share and an editor that writes beside and renames, and needs no thread of its own.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::{ErrorKind, PluginError};

/// Most files read; by name, the first ones.
pub const FILE_LIMIT: usize = 64;
/// Largest file, in bytes.
pub const SIZE_LIMIT: u64 = 256 * 1024;

/// A file as `stat` shows it. As long as it is equal, the file is not read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Without `.rhai`.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) stamp: Stamp,
}

/// What is there, in the order of names.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) files: Vec<File>,
    /// How many there were before the limit.
    pub(crate) found: usize,
}

/// Lists `*.rhai`. No folder is an empty one.
pub(crate) fn list(folder: &Path) -> std::io::Result<Listing> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Listing::default()),
        Err(e) => return Err(e),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "rhai") {
            continue;
        }
        let Some(name) = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()) else {
            continue;
        };
        // Gone between the two looks, or a link to nothing.
        let Ok(data) = std::fs::metadata(&path) else { continue };
        if !data.is_file() || name.starts_with('.') {
            continue;
        }
        let stamp = Stamp { modified: data.modified().ok(), bytes: data.len() };
        files.push(File { name, path, stamp });
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let found = files.len();
    files.truncate(FILE_LIMIT);
    Ok(Listing { files, found })
}

/// Reads a plugin's file.
///
/// # Errors
/// [`ErrorKind::File`]: it cannot be read, is larger than [`SIZE_LIMIT`] or not UTF-8.
pub(crate) fn read(path: &Path) -> Result<String, PluginError> {
    let wrong = |reason: String| PluginError::new(ErrorKind::File, reason);
    let file = std::fs::File::open(path).map_err(|e| wrong(format!("cannot be read: {e}")))?;
    let mut bytes = Vec::new();
    // It may grow while it is read.
    let read = file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes);
    read.map_err(|e| wrong(format!("cannot be read: {e}")))?;
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(wrong(format!("is larger than {} KiB", SIZE_LIMIT / 1024)));
    }
    String::from_utf8(bytes).map_err(|_| wrong("is not UTF-8 text".to_owned()))
}

/// Tells versions of a file apart for people; no proof of anything.
pub(crate) fn fingerprint(source: &str) -> String {
    let mut hasher = DefaultHasher::new();
    source.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
