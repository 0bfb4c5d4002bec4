//! Pictures of the window: left behind for people to look at, and compared with those that are part of the documentation.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::{Desktop, likeness::difference, processes::Session, screen::Screen};

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

/// What became of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Likeness {
    Alike,
    /// It is the one to compare with from now on.
    Updated,
    /// In words, with the file that was left behind.
    Other(String),
}

/// Whether a PNG looks as the one of its name in `docs/screenshots`. With `UPDATE_SCREENSHOTS` set it takes that one's place
/// where it does not: a picture that looks the same is not written anew.
///
/// # Errors
/// When a picture cannot be read or written.
pub fn compare(
    session: &Session,
    view: &str,
    theme: Theme,
    width: u64,
    png: &[u8],
) -> Result<Likeness> {
    let name = format!("{view}-{theme}-{width}.png");
    // Beside those of the app, some of which have the same name.
    let taken = folder()?.join("views");
    fs::create_dir_all(&taken)?;
    let (known, taken) = (documented().join(&name), taken.join(&name));
    fs::write(&taken, png)?;
    let how = if known.exists() {
        match difference(&Screen::open(session, &known)?, &Screen::open(session, &taken)?) {
            Some(difference) if difference.is_none() => return Ok(Likeness::Alike),
            Some(difference) => format!(
                "{:.1} of a thousand parts look otherwise, most at {:?}",
                difference.blocks, difference.at
            ),
            None => "it has another size".to_owned(),
        }
    } else {
        "there is none to compare with".to_owned()
    };
    if std::env::var_os("UPDATE_SCREENSHOTS").is_some() {
        fs::create_dir_all(documented())?;
        fs::write(&known, png)?;
        return Ok(Likeness::Updated);
    }
    Ok(Likeness::Other(format!("{name}: {how}; it is now {}", taken.display())))
}

fn documented() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/screenshots")
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
