//! Pictures of the window that are left behind for people to look at.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::Desktop;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    Dark,
    Light,
}

impl fmt::Display for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dark => "dark",
            Self::Light => "light",
        })
    }
}

/// Writes a PNG as `{view}-{theme}-{width}.png`.
///
/// # Errors
/// When it cannot be written.
pub fn save(view: &str, theme: Theme, width: usize, png: &[u8]) -> Result<PathBuf> {
    let path = folder()?.join(format!("{view}-{theme}-{width}.png"));
    fs::write(&path, png)?;
    Ok(path)
}

/// Writes a picture of the whole display as `{name}.png`.
///
/// # Errors
/// When it cannot be taken or written.
pub fn save_screen(desktop: &Desktop, name: &str) -> Result<PathBuf> {
    let path = folder()?.join(format!("{name}.png"));
    let png = desktop.session().bytes("import", &["-window", "root", "png:-"])?;
    fs::write(&path, png)?;
    Ok(path)
}

/// `VAULTWATCH_SCREENSHOTS`, or `target/screenshots`.
fn folder() -> Result<PathBuf> {
    let folder = std::env::var_os("VAULTWATCH_SCREENSHOTS")
        .map_or_else(|| target_folder().join("screenshots"), PathBuf::from);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The workspace's `target`, for what tests leave behind or keep for the next run.
pub(crate) fn target_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target")
}
