//! What the window is made again with after it was closed, or after a restart: its place, and what the page left. It is
//! destroyed with its page, so nobody else remembers.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{fs, io};

use domain::view::LEFT_BYTES;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::place::Place;
use crate::private;

const FILE: &str = "window.json";
/// A change is written after this long; those that come meanwhile are written with it.
const GATHER: Duration = Duration::from_secs(2);
/// Nobody has written a larger file. What the page left is a text within a text.
const MOST_BYTES: u64 = 4 * LEFT_BYTES as u64;

/// In memory at once, in the data folder soon after.
#[derive(Debug)]
pub(crate) struct Memory {
    path: PathBuf,
    kept: watch::Sender<Kept>,
    written: Mutex<Kept>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Kept {
    place: Option<Place>,
    /// In the page's own words.
    left: Option<String>,
}

/// Why what the page left is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unkept {
    #[error("{bytes} bytes are more than the {LEFT_BYTES} that are kept")]
    TooLong { bytes: usize },
    #[error("it is no object in JSON")]
    NoObject,
}

impl Memory {
    /// Of the last run. A file that cannot be read is one that is not there.
    pub(crate) fn open(data_dir: &Path) -> Self {
        let path = data_dir.join(FILE);
        let kept = read(&path).unwrap_or_else(|error| {
            if error.kind() != io::ErrorKind::NotFound {
                tracing::warn!(%error, path = %path.display(), "the window begins anew");
            }
            Kept::default()
        });
        Self { path, kept: watch::Sender::new(kept.clone()), written: Mutex::new(kept) }
    }

    pub(super) fn place(&self) -> Option<Place> {
        self.kept.borrow().place
    }

    pub(super) fn left(&self) -> Option<String> {
        self.kept.borrow().left.clone()
    }

    pub(super) fn set_place(&self, place: Place) {
        self.set(|kept| kept.place = Some(place));
    }

    /// Takes what the page wants to be given the next time.
    ///
    /// # Errors
    /// It is too long, or nothing that the page could have made.
    pub(crate) fn leave(&self, left: String) -> Result<(), Unkept> {
        if left.len() > LEFT_BYTES {
            return Err(Unkept::TooLong { bytes: left.len() });
        }
        if serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&left).is_err() {
            return Err(Unkept::NoObject);
        }
        self.set(|kept| kept.left = Some(left));
        Ok(())
    }

    fn set(&self, change: impl FnOnce(&mut Kept)) {
        self.kept.send_if_modified(|kept| {
            let before = kept.clone();
            change(kept);
            *kept != before
        });
    }

    /// Writes what changes, for as long as it is polled.
    pub(crate) async fn follow(&self) {
        let mut changes = self.kept.subscribe();
        while changes.changed().await.is_ok() {
            tokio::time::sleep(GATHER).await;
            changes.mark_unchanged();
            self.write();
        }
    }

    /// Writes what is unwritten. Nothing depends on it: it is told in the log if that fails.
    pub(crate) fn write(&self) {
        let kept = self.kept.borrow().clone();
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if *written == kept {
            return;
        }
        let text = serde_json::to_vec(&kept).expect("its keys are words");
        match private::replace(&self.path, &text) {
            Ok(()) => *written = kept,
            Err(error) => {
                tracing::warn!(%error, path = %self.path.display(), "the window's place is not kept");
            }
        }
    }
}

fn read(path: &Path) -> io::Result<Kept> {
    if fs::metadata(path)?.len() > MOST_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "nobody of ours wrote that"));
    }
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

#[cfg(test)]
mod tests {
    use super::super::place::Shape;
    use super::*;

    const PLACE: Place =
        Place { x: 10.0, y: 20.5, width: 900.0, height: 700.0, shape: Shape::Maximized };

    #[test]
    fn what_was_left_is_there_after_a_restart() {
        let data = tempfile::tempdir().unwrap();
        let memory = Memory::open(data.path());
        assert_eq!((memory.place(), memory.left()), (None, None));
        memory.set_place(PLACE);
        memory.leave(r#"{"page":"alerts"}"#.to_owned()).unwrap();
        assert_eq!(memory.place(), Some(PLACE), "at once");
        memory.write();
        let again = Memory::open(data.path());
        assert_eq!(again.place(), Some(PLACE));
        assert_eq!(again.left().as_deref(), Some(r#"{"page":"alerts"}"#));
    }

    #[test]
    fn only_an_object_of_some_size_is_kept() {
        let data = tempfile::tempdir().unwrap();
        let memory = Memory::open(data.path());
        let object = |bytes: usize| format!(r#"{{"x":"{}"}}"#, "x".repeat(bytes - 8));
        assert_eq!(memory.leave(object(LEFT_BYTES)), Ok(()));
        for (left, expected) in [
            (object(LEFT_BYTES + 1), Unkept::TooLong { bytes: LEFT_BYTES + 1 }),
            ("[]".to_owned(), Unkept::NoObject),
            ("{} {}".to_owned(), Unkept::NoObject),
            ("alert(1)".to_owned(), Unkept::NoObject),
            (String::new(), Unkept::NoObject),
        ] {
            assert_eq!(memory.leave(left), Err(expected));
        }
        assert_eq!(memory.left(), Some(object(LEFT_BYTES)), "what was kept stays");
    }

    #[test]
    fn the_longest_that_is_kept_is_read_again() {
        let data = tempfile::tempdir().unwrap();
        let memory = Memory::open(data.path());
        // Each character becomes two in the file's text.
        let longest = format!(r#"{{"x":"{}"}}"#, "\\\\".repeat((LEFT_BYTES - 8) / 2));
        memory.leave(longest.clone()).unwrap();
        memory.write();
        assert_eq!(Memory::open(data.path()).left(), Some(longest));
    }

    #[test]
    fn a_file_that_is_none_of_ours_is_as_good_as_none() {
        let data = tempfile::tempdir().unwrap();
        for text in ["{", r#"{"place":"here"}"#, &"x".repeat(100_000)] {
            fs::write(data.path().join(FILE), text).unwrap();
            let memory = Memory::open(data.path());
            assert_eq!((memory.place(), memory.left()), (None, None), "{text:.20}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn it_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let data = tempfile::tempdir().unwrap();
        let memory = Memory::open(data.path());
        memory.leave("{}".to_owned()).unwrap();
        memory.write();
        let mode = fs::metadata(data.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "what somebody searched for stands in it");
    }

    #[tokio::test(start_paused = true)]
    async fn many_changes_are_written_together() {
        let data = tempfile::tempdir().unwrap();
        let memory = Memory::open(data.path());
        let path = data.path().join(FILE);
        let changes = async {
            // Whoever follows has to be there first.
            tokio::task::yield_now().await;
            for n in 0..10 {
                memory.leave(format!(r#"{{"n":{n}}}"#)).unwrap();
                tokio::time::sleep(GATHER / 20).await;
            }
            assert!(!path.exists(), "not yet");
            tokio::time::sleep(GATHER).await;
        };
        tokio::select! {
            () = memory.follow() => {}
            () = changes => {}
        }
        assert_eq!(Memory::open(data.path()).left().as_deref(), Some(r#"{"n":9}"#));
    }
}
