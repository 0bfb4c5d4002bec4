//! Where the app lies, and whether it can be started.

use std::env;
use std::path::{Path, PathBuf};

#[cfg(unix)]
use crate::{Remark, Status};

const NAME: &str = "vaultwatch";

/// The app that belongs to the running program: the one in the same folder, which may be itself, or else the first on the
/// path. An upgrade that replaced the running program's file does not change where that is.
#[must_use]
pub fn find() -> Option<PathBuf> {
    let file = format!("{NAME}{}", env::consts::EXE_SUFFIX);
    let own = env::current_exe().ok();
    let folder = own.as_deref().and_then(Path::parent);
    let beside = folder.map(|folder| folder.join(&file));
    let on_path = || {
        let path = env::var_os("PATH")?;
        env::split_paths(&path).map(|folder| folder.join(&file)).find(|path| can_start(path))
    };
    beside.filter(|path| can_start(path)).or_else(on_path)
}

/// Whether the file is there and may be run.
pub(crate) fn can_start(path: &Path) -> bool {
    let Ok(about) = path.metadata() else { return false };
    path.is_absolute() && about.is_file() && is_executable(&about)
}

#[cfg(unix)]
fn is_executable(about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    about.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_about: &std::fs::Metadata) -> bool {
    true
}

/// Whether both paths lead to the same file.
#[cfg(unix)]
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    real(one) == real(other)
}

/// Remarks on what the entries start. `here`: the app that belongs to whoever asks.
#[cfg(unix)]
pub(crate) fn judge(status: &mut Status, here: Option<&Path>) {
    for launch in status.entries.iter().filter_map(|entry| entry.launch.as_ref()) {
        let starts = launch.program();
        if !can_start(&starts) {
            status.remarks.push(Remark::NoProgram(starts));
        } else if let Some(here) = here.filter(|here| !is_same(here, &starts)) {
            status.remarks.push(Remark::OtherProgram { starts, here: here.to_owned() });
        }
    }
}
