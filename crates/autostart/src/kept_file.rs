use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::AutostartError;

/// A file that is ours as long as it has our mark in it.
#[derive(Clone, Debug)]
pub(crate) struct KeptFile {
    pub(crate) path: PathBuf,
    mark: &'static str,
    /// Folders up to this one, not included, go with the file when nothing else is in them.
    root: PathBuf,
}

/// What stands at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Nothing,
    Ours(String),
    /// Somebody else's: another file, or one of ours that was rewritten.
    Foreign,
}

impl KeptFile {
    /// `place` is a path within `root`.
    pub(crate) fn new(root: &Path, place: &str, mark: &'static str) -> Self {
        Self { path: root.join(place), mark, root: root.to_owned() }
    }

    pub(crate) fn held(&self) -> Result<Held, AutostartError> {
        match fs::read(&self.path) {
            Ok(bytes) => Ok(match String::from_utf8(bytes) {
                Ok(text) if text.contains(self.mark) => Held::Ours(text),
                _ => Held::Foreign,
            }),
            // A link to nowhere is there, too.
            Err(error) if error.kind() == ErrorKind::NotFound => match self.path.is_symlink() {
                true => Ok(Held::Foreign),
                false => Ok(Held::Nothing),
            },
            Err(error) => Err(AutostartError::io(&self.path)(error)),
        }
    }

    /// Puts the text there, whole, where nothing or something of ours is.
    pub(crate) fn write(&self, text: &str) -> Result<(), AutostartError> {
        match self.held()? {
            Held::Foreign => return Err(AutostartError::Foreign(self.path.clone())),
            Held::Ours(held) if held == text => return Ok(()),
            Held::Ours(_) | Held::Nothing => {}
        }
        replace(&self.path, text).map_err(AutostartError::io(&self.path))
    }

    /// Removes what is ours. Somebody else's stays.
    pub(crate) fn remove(&self) -> Result<(), AutostartError> {
        if let Held::Ours(_) = self.held()? {
            fs::remove_file(&self.path).map_err(AutostartError::io(&self.path))?;
            remove_empty(self.path.parent(), &self.root);
        }
        Ok(())
    }
}

/// Through a link, so that a file kept elsewhere stays there. On the disk before it takes the old one's name.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    make_readable(file.as_file())?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

/// As every other entry there: a temporary file is its owner's alone, and there is no secret in it.
#[cfg(unix)]
fn make_readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_file: &File) -> io::Result<()> {
    Ok(())
}

/// Removes the folder and those around it, as far as they are empty and within `root`.
pub(crate) fn remove_empty(folder: Option<&Path>, root: &Path) {
    let around = folder.into_iter().flat_map(Path::ancestors);
    for folder in around.take_while(|folder| *folder != root && folder.starts_with(root)) {
        // One that is not empty ends it.
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(root: &Path) -> KeptFile {
        KeptFile::new(root, "a/b/entry", "# mark")
    }

    #[test]
    fn it_comes_and_goes_with_its_folders() {
        let root = tempfile::tempdir().unwrap();
        let kept = kept(root.path());
        assert_eq!(kept.held().unwrap(), Held::Nothing);
        kept.write("# mark\nold").unwrap();
        kept.write("# mark\nnew").unwrap();
        assert_eq!(kept.held().unwrap(), Held::Ours("# mark\nnew".to_owned()));
        assert_eq!(fs::read_dir(root.path().join("a/b")).unwrap().count(), 1);
        kept.remove().unwrap();
        kept.remove().unwrap();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0, "nothing is left");
        kept.write("# mark").unwrap();
        fs::write(root.path().join("a/other"), "").unwrap();
        kept.remove().unwrap();
        assert!(root.path().join("a/other").exists() && !root.path().join("a/b").exists());
    }

    #[test]
    fn what_is_not_ours_is_neither_written_over_nor_removed() {
        let root = tempfile::tempdir().unwrap();
        let kept = kept(root.path());
        fs::create_dir_all(root.path().join("a/b")).unwrap();
        fs::write(&kept.path, "my own").unwrap();
        assert!(
            matches!(kept.write("# mark"), Err(AutostartError::Foreign(path)) if path == kept.path)
        );
        kept.remove().unwrap();
        assert_eq!(fs::read_to_string(&kept.path).unwrap(), "my own");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_one_and_one_to_nowhere_is_foreign() {
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().unwrap();
        let kept = kept(root.path());
        fs::create_dir_all(root.path().join("a/b")).unwrap();
        symlink(root.path().join("real"), &kept.path).unwrap();
        assert_eq!(kept.held().unwrap(), Held::Foreign);
        fs::write(root.path().join("real"), "# mark\nold").unwrap();
        kept.write("# mark\nnew").unwrap();
        assert!(kept.path.is_symlink());
        assert_eq!(fs::read_to_string(root.path().join("real")).unwrap(), "# mark\nnew");
        // As `systemctl mask` has it.
        fs::remove_file(&kept.path).unwrap();
        symlink("/dev/null", &kept.path).unwrap();
        assert_eq!(kept.held().unwrap(), Held::Foreign);
    }
}
