//! Files and folders that nobody but their owner may read: what somebody owes stands in them.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// Makes a folder, and those above it that are missing, with mode 0700. One that is there stays as it is: it may be
/// anybody's.
///
/// # Errors
/// What the operating system says.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// For files of mode 0600, if they are made.
pub(crate) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Puts a file of mode 0600 in the place of another, or where there was none. Whoever reads sees the one or the other.
///
/// # Errors
/// What the operating system says.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    options().write(true).create(true).truncate(true).open(&beside)?.write_all(bytes)?;
    fs::rename(&beside, path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_is_made_is_its_owners_alone_and_what_is_there_stays() {
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        fs::create_dir(&home).unwrap();
        fs::set_permissions(&home, fs::Permissions::from_mode(0o755)).unwrap();
        let inner = home.join("data/inner");
        make_folder(&inner).unwrap();
        assert_eq!([mode(&home), mode(&home.join("data")), mode(&inner)], [0o755, 0o700, 0o700]);
        options().write(true).create(true).truncate(true).open(inner.join("file")).unwrap();
        assert_eq!(mode(&inner.join("file")), 0o600);
    }

    #[test]
    fn a_file_takes_anothers_place_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.json");
        for text in ["a longer one", "short"] {
            replace(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
