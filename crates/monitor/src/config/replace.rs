//! A file of the user's, replaced as a whole.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// Puts the text in place of the file's. The new file is complete, and on the disk, before it takes the old one's name;
/// a link stays one, and owner and mode stay what they were.
///
/// # Errors
/// What the operating system says. Then the file is as it was.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // Only its owner may read a new one: there may be tokens in it.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    keep_owner(&path, file.path())?;
    file.persist(&path).map_err(|error| error.error)?;
    sync_folder(folder)
}

#[cfg(unix)]
fn keep_owner(old: &Path, new: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let Ok(known) = fs::metadata(old) else { return Ok(()) };
    let made = fs::metadata(new)?;
    if (known.uid(), known.gid()) != (made.uid(), made.gid()) {
        chown(new, Some(known.uid()), Some(known.gid()))?;
    }
    fs::set_permissions(new, known.permissions())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn keep_owner(_old: &Path, _new: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_link_stays_a_link_and_the_mode_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("dotfiles.toml"), folder.path().join("config.toml"));
        fs::write(&real, "old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&real, &link).unwrap();
        replace(&link, "new").unwrap();
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        let new = folder.path().join("sub/config.toml");
        replace(&new, "x").unwrap();
        assert_eq!(fs::metadata(new).unwrap().permissions().mode() & 0o777, 0o600);
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 3, "nothing is left lying about");
    }

    #[test]
    fn where_nothing_can_be_written_the_file_stays_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let in_the_way = folder.path().join("config.toml");
        fs::create_dir(&in_the_way).unwrap();
        assert!(replace(&in_the_way, "new").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
