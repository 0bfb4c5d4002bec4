//! Files the person asked for, in the folder where downloads go.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use monitor::Diagnostics;
use tauri::{AppHandle, Manager as _};

/// Writes the diagnostics as JSON and tells where.
///
/// # Errors
/// A sentence with the file and what is wrong with it.
pub(super) fn diagnostics(app: &AppHandle, diagnostics: &Diagnostics) -> Result<PathBuf, String> {
    let paths = app.path();
    let folder = paths.download_dir().or_else(|_| paths.home_dir());
    let folder = folder.map_err(|_| "no folder for downloads is known".to_owned())?;
    let path = folder.join(format!("vaultwatch-diagnostics-{}.json", diagnostics.at));
    let json = serde_json::to_vec_pretty(diagnostics).map_err(|error| error.to_string())?;
    write(&path, &json).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

/// Makes a new file; one that is there is not written over.
fn write(path: &Path, content: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)?.write_all(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/file.json");
        write(&path, b"one").unwrap();
        assert!(write(&path, b"two").is_err());
        assert_eq!(std::fs::read(path).unwrap(), b"one");
    }
}
