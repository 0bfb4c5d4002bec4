//! The window: `src-ui` built into `src-ui/dist`, which the app embeds; and the same window playing a recording, for a
//! browser.

mod binaryen;
mod page;
mod program;

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::{Context, Result};

use crate::{
    command::{command, run},
    setup::{self, Purpose},
    step::{note, step},
    tools, workspace,
};

use self::program::Form;

/// As it is shipped, it is built with this feature.
pub(crate) const SHIPPED: &str = "divided";

/// Everything the window is made of: a change in any of them makes it stale.
const SOURCES: &[&str] = &[
    "src-ui",
    "crates/catalogue",
    "crates/domain",
    "crates/wire",
    "Cargo.toml",
    "Cargo.lock",
    // What is made of it afterwards.
    "xtask/src/ui",
];

/// Stands in the stamp of a window that was made as small as can be.
const SMALL: &[u8] = b"small";
/// And of one with which that failed. It is not tried again before something changes.
const LARGE: &[u8] = b"large";

/// Builds the window unless it is newer than all it is made of.
pub(crate) fn build() -> Result<()> {
    let root = workspace::root();
    let dist = root.join("src-ui/dist");
    let stamp = workspace::target().join("ui.stamp");
    // Built where there was nothing to make it smaller with, it is built anew where there is.
    let made = fs::read(&stamp).unwrap_or_default();
    if is_current(root, &dist, &stamp) && (!made.is_empty() || !binaryen::is_at_hand()) {
        note("window: nothing changed since it was built");
        return Ok(());
    }
    step("building the window", || {
        // What is edited meanwhile counts as newer than the result.
        let begin = SystemTime::now();
        forget(&stamp)?;
        let programs = write(Form::Shipped, root, &dist)?;
        let made = if !binaryen::is_at_hand() {
            note(
                "npm is not here, which brings Binaryen: the window's programs are larger than need be",
            );
            &[]
        } else if let Err(error) = binaryen::shrink(&programs) {
            // Nobody waits for the app because of that.
            note(&format!("{error:#}: the window's programs are larger than need be"));
            LARGE
        } else {
            SMALL
        };
        fs::create_dir_all(workspace::target())?;
        let mut file = File::create(&stamp)
            .with_context(|| format!("{} cannot be written", stamp.display()))?;
        file.write_all(made)?;
        file.set_modified(begin).context("the time of ui.stamp cannot be set")
    })
}

/// A build that breaks off is none.
fn forget(stamp: &Path) -> Result<()> {
    if stamp.exists() {
        fs::remove_file(stamp).with_context(|| format!("{} cannot be removed", stamp.display()))?;
    }
    Ok(())
}

/// All files of the page, into that folder and nothing else. Tells where its programs lie.
fn write(form: Form, root: &Path, dist: &Path) -> Result<Vec<PathBuf>> {
    if dist.exists() {
        fs::remove_dir_all(dist)
            .with_context(|| format!("{} cannot be emptied", dist.display()))?;
    }
    fs::create_dir_all(dist).with_context(|| format!("{} cannot be made", dist.display()))?;
    let programs = program::build(form, dist)?;
    page::write(&root.join("src-ui"), dist)?;
    Ok(programs)
}

/// Builds the window that plays its recording. Tells where it lies.
pub(crate) fn build_recorded() -> Result<PathBuf> {
    let root = workspace::root();
    let dist = workspace::target().join("ui-recorded");
    let stamp = workspace::target().join("ui-recorded.stamp");
    let rules = newest(&root.join("crates/alerts"), &dist);
    let built = fs::metadata(&stamp).and_then(|data| data.modified()).ok();
    if is_current(root, &dist, &stamp) && rules <= built {
        note("window with its recording: nothing changed since it was built");
        return Ok(dist);
    }
    step("building the window with its recording", || {
        let begin = SystemTime::now();
        forget(&stamp)?;
        write(Form::Recorded, root, &dist)?;
        let file = File::create(&stamp)
            .with_context(|| format!("{} cannot be written", stamp.display()))?;
        file.set_modified(begin).context("the time of ui-recorded.stamp cannot be set")
    })?;
    Ok(dist)
}

/// Serves the window that plays its recording, built anew with each change of a source, until it is stopped.
pub(crate) fn serve() -> Result<()> {
    setup::ensure(Purpose::Build)?;
    tools::ensure(&tools::serve())?;
    let mut trunk = command("trunk");
    trunk.current_dir(workspace::root().join("src-ui"));
    // Trunk wants `true` or `false` in there and refuses the customary `1`.
    trunk.env_remove("NO_COLOR");
    // Offline, so that it takes the wasm-bindgen that was installed and never fetches a tool of its own.
    trunk.args(["serve", "--offline", "--skip-version-check", "--features", "recorded"]);
    // Not into the folder that the app embeds.
    trunk.arg("--dist").arg(workspace::target().join("ui-served"));
    run(&mut trunk)
}

/// Building costs half a minute even when nothing changed (all is bound and made small anew), so ages are compared with a
/// file that is touched after each build. The folder itself would not do: the app's build script
/// puts a stand-in page there, which holds no wasm.
fn is_current(root: &Path, dist: &Path, stamp: &Path) -> bool {
    let Ok(built) = fs::metadata(stamp).and_then(|data| data.modified()) else { return false };
    let made = root.join("src-ui/dist");
    let newest = SOURCES.iter().filter_map(|source| newest(&root.join(source), &made)).max();
    wasm_in(dist).is_some() && newest.is_some_and(|time| time <= built)
}

/// When a file below `path` last changed, or one was added to or removed from a folder there. `skip` is left out.
fn newest(path: &Path, skip: &Path) -> Option<SystemTime> {
    let data = fs::metadata(path).ok()?;
    let own = data.modified().ok();
    if !data.is_dir() {
        return own;
    }
    let entries: Vec<_> = fs::read_dir(path).ok()?.flatten().map(|entry| entry.path()).collect();
    let inside =
        entries.iter().filter(|entry| *entry != skip).filter_map(|e| newest(e, skip)).max();
    // A folder's own time tells of deletions, but that of the one that holds `dist` changes with every build.
    if entries.iter().any(|entry| entry == skip) { inside } else { own.max(inside) }
}

fn wasm_in(dist: &Path) -> Option<PathBuf> {
    let list = |dir: &Path| -> io::Result<Vec<_>> {
        fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect()
    };
    list(dist).ok()?.into_iter().find(|path| path.extension().is_some_and(|e| e == "wasm"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Dates a file or folder so many seconds after an arbitrary beginning.
    fn date(path: &Path, seconds: u64) {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds);
        File::open(path).unwrap().set_modified(time).unwrap();
    }

    /// Changes a window built at second 10 of sources from second 5, and asks whether it is still current.
    fn current_after(change: impl FnOnce(&Path)) -> bool {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        for folder in ["src-ui/src", "src-ui/dist", "crates/domain", "crates/wire"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        let old = ["src-ui/src/main.rs", "src-ui/src/table.rs", "crates/wire/lib.rs", "Cargo.lock"];
        for file in old {
            fs::write(root.join(file), "").unwrap();
            date(&root.join(file), 5);
        }
        for folder in ["src-ui/src", "crates/domain", "crates/wire"] {
            date(&root.join(folder), 5);
        }
        let stamp = root.join("ui.stamp");
        fs::write(&stamp, "").unwrap();
        date(&stamp, 10);
        fs::write(root.join("src-ui/dist/window.wasm"), "").unwrap();
        change(root);
        is_current(root, &root.join("src-ui/dist"), &stamp)
    }

    #[test]
    fn an_untouched_window_is_current_though_its_own_files_are_newer() {
        assert!(current_after(|_| ()));
    }

    #[test]
    fn an_edited_source_makes_it_stale() {
        assert!(!current_after(|root| date(&root.join("crates/wire/lib.rs"), 11)));
        assert!(!current_after(|root| date(&root.join("Cargo.lock"), 11)));
    }

    #[test]
    fn a_deleted_source_makes_it_stale() {
        assert!(!current_after(|root| fs::remove_file(root.join("src-ui/src/table.rs")).unwrap()));
    }

    #[test]
    fn a_stand_in_page_is_not_a_window() {
        assert!(!current_after(|root| {
            fs::remove_file(root.join("src-ui/dist/window.wasm")).unwrap();
        }));
    }
}
