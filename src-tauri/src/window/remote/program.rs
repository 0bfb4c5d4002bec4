//! The program that shows the window. It is opened when the watch starts and started from what was opened then, so that
//! the two are of one version, whatever an update has put in its place meanwhile.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const NAME: &str = "vaultwatch-window";
/// Where packages put it, seen from the folder of the program that is started by hand.
const INSTALLED: &str = "../libexec/vaultwatch";

/// It, open.
#[derive(Debug)]
pub(super) struct Program(File);

/// Why there is none.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be opened: {source}. It is a part of VaultWatch: install it again")]
pub(in crate::window) struct NoProgram {
    path: String,
    source: io::Error,
}

impl Program {
    /// The one that belongs to this program.
    ///
    /// # Errors
    /// It is neither beside it nor where packages put it.
    pub(super) fn find() -> Result<Self, NoProgram> {
        let own = std::env::current_exe()
            .map_err(|source| NoProgram { path: NAME.to_owned(), source })?;
        Self::of(own.parent().unwrap_or(Path::new("/")))
    }

    fn of(folder: &Path) -> Result<Self, NoProgram> {
        let beside = folder.join(NAME);
        let (path, opened) = match File::open(&beside) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let installed: PathBuf = folder.join(INSTALLED).join(NAME);
                let opened = File::open(&installed);
                (installed, opened)
            }
            opened => (beside, opened),
        };
        opened.map(Self).map_err(|source| NoProgram { path: path.display().to_string(), source })
    }

    /// Starts it, when that is spawned while this is held.
    pub(super) fn command(&self) -> Command {
        // The child has this descriptor until it is the other program.
        Command::new(format!("/proc/self/fd/{}", self.0.as_raw_fd()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn install(folder: &Path, says: &Path) {
        fs::create_dir_all(folder).unwrap();
        let path = folder.join(NAME);
        // Not a script: its interpreter would look for the descriptor, which is closed by then.
        fs::copy(says, &path).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn it_is_beside_or_where_packages_put_it() {
        let root = tempfile::tempdir().unwrap();
        let bin = root.path().join("usr/bin");
        fs::create_dir_all(&bin).unwrap();
        let missing = Program::of(&bin).unwrap_err();
        assert!(missing.to_string().contains("libexec/vaultwatch/vaultwatch-window"), "{missing}");
        install(&root.path().join("usr/libexec/vaultwatch"), Path::new("/bin/false"));
        let status = |program: &Program| program.command().status().unwrap();
        assert_eq!(status(&Program::of(&bin).unwrap()).code(), Some(1));
        install(&bin, Path::new("/bin/true"));
        assert!(status(&Program::of(&bin).unwrap()).success());
    }

    #[test]
    fn an_update_does_not_change_what_is_started() {
        let root = tempfile::tempdir().unwrap();
        install(root.path(), Path::new("/bin/true"));
        let program = Program::of(root.path()).unwrap();
        fs::remove_file(root.path().join(NAME)).unwrap();
        install(root.path(), Path::new("/bin/false"));
        assert!(program.command().status().unwrap().success());
    }
}
