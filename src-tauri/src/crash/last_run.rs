//! Whether the last run came to its end, and when it was last seen: a file that says that a run goes on, and whose time
//! follows it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::private;

const FILE: &str = "last-run.json";
/// How exactly it is known when a run was cut. More often would wake the disk for nothing.
const EVERY: Duration = Duration::from_secs(15);

/// A run as its file tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LastRun {
    pub(crate) started: UnixMillis,
    /// What was watched; `None`: the demo.
    pub(crate) profile: Option<String>,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Ended,
    /// It went on until then, at least.
    Cut {
        seen: UnixMillis,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    started: UnixMillis,
    profile: Option<String>,
    ended: bool,
}

/// The run before this one; `None`: there was none, or its file cannot be read.
pub(crate) fn previous(data_dir: &Path) -> Option<LastRun> {
    let path = data_dir.join(FILE);
    let Kept { started, profile, ended } = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
    let outcome = if ended {
        Outcome::Ended
    } else {
        let seen = fs::metadata(&path).ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Outcome::Cut { seen: UnixMillis(i64::try_from(seen.as_millis()).unwrap_or(i64::MAX)) }
    };
    Some(LastRun { started, profile, outcome })
}

/// This run. Where its file cannot be written, the next one knows nothing of it.
#[derive(Debug)]
pub(crate) struct Run {
    path: PathBuf,
    kept: Mutex<Kept>,
}

impl Run {
    pub(crate) fn begin(data_dir: &Path, profile: Option<String>, started: UnixMillis) -> Self {
        let kept = Kept { started, profile, ended: false };
        let run = Self { path: data_dir.join(FILE), kept: Mutex::new(kept.clone()) };
        run.told(run.write(&kept));
        run
    }

    /// Something else is watched from now on; `None`: the demo.
    pub(crate) fn watches(&self, profile: Option<String>) {
        self.change(|kept| kept.profile = profile);
    }

    /// Moves the file's time along, for as long as it is polled.
    pub(crate) async fn go_on(path: PathBuf) {
        let mut every = tokio::time::interval(EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            let path = path.clone();
            let touched = tokio::task::spawn_blocking(move || touch(&path)).await;
            if let Ok(Err(error)) = touched {
                tracing::debug!(%error, "the run's file does not follow it");
            }
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.path.clone()
    }

    /// It ends as it should.
    pub(crate) fn end(&self) {
        self.change(|kept| kept.ended = true);
    }

    fn change(&self, change: impl FnOnce(&mut Kept)) {
        // A text and two flags cannot be half changed.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let before = kept.clone();
        change(&mut kept);
        if *kept != before {
            // Under the lock, so that the last word is the last one written.
            self.told(self.write(&kept));
        }
    }

    fn write(&self, kept: &Kept) -> io::Result<()> {
        let text = serde_json::to_vec(kept).expect("its keys are words");
        private::replace(&self.path, &text)
    }

    fn told(&self, written: io::Result<()>) {
        if let Err(error) = written {
            tracing::warn!(%error, path = %self.path.display(), "the next start will not know how this run ended");
        }
    }
}

fn touch(path: &Path) -> io::Result<()> {
    File::options().append(true).open(path)?.set_modified(SystemTime::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: UnixMillis = UnixMillis(1_763_800_000_000);

    #[test]
    fn a_run_that_ended_is_told_from_one_that_was_cut() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(previous(data.path()), None);
        let run = Run::begin(data.path(), Some("acme".to_owned()), T);
        let seen = UNIX_EPOCH + Duration::from_millis(1_763_800_015_000);
        File::options().append(true).open(run.path()).unwrap().set_modified(seen).unwrap();
        let cut = previous(data.path()).unwrap();
        assert_eq!(cut.outcome, Outcome::Cut { seen: UnixMillis(1_763_800_015_000) });
        assert_eq!((cut.started, cut.profile.as_deref()), (T, Some("acme")));
        run.watches(Some("acme, globex".to_owned()));
        assert_eq!(previous(data.path()).unwrap().profile.as_deref(), Some("acme, globex"));
        run.end();
        assert_eq!(previous(data.path()).unwrap().outcome, Outcome::Ended);
        fs::write(run.path(), "{").unwrap();
        assert_eq!(previous(data.path()), None, "what is damaged tells nothing");
    }

    #[tokio::test(start_paused = true)]
    async fn the_files_time_follows_the_run() {
        let data = tempfile::tempdir().unwrap();
        let run = Run::begin(data.path(), None, T);
        let long_ago = UNIX_EPOCH + Duration::from_secs(1);
        File::options().append(true).open(run.path()).unwrap().set_modified(long_ago).unwrap();
        let seen = || fs::metadata(run.path()).unwrap().modified().unwrap();
        let followed = async {
            while seen() == long_ago {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        tokio::select! {
            () = Run::go_on(run.path()) => {}
            followed = tokio::time::timeout(4 * EVERY, followed) => followed.unwrap(),
        }
        assert_ne!(seen(), long_ago);
    }

    #[cfg(unix)]
    #[test]
    fn it_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let data = tempfile::tempdir().unwrap();
        let run = Run::begin(data.path(), None, T);
        assert_eq!(fs::metadata(run.path()).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
