//! Files that are read again when they change: tokens, keys, certificates, and whom to call.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

/// How often files are looked at. Reading a few kilobytes costs nothing, works on every file system and through every
/// kind of link, and misses no change; a notification of the operating system does not always come.
const PERIOD: Duration = Duration::from_millis(500);

type Contents = Vec<Result<Vec<u8>, io::ErrorKind>>;

/// Files and what they held when they were read last.
#[derive(Clone)]
pub(crate) struct Files {
    paths: Vec<PathBuf>,
    known: Contents,
}

impl Files {
    /// `loaded` is what is in force already.
    pub(crate) fn loaded(paths: Vec<PathBuf>, loaded: Vec<Vec<u8>>) -> Self {
        Self { paths, known: loaded.into_iter().map(Ok).collect() }
    }

    /// And another file, as it is now.
    pub(crate) fn add(&mut self, path: PathBuf) {
        self.known.extend(contents(std::slice::from_ref(&path)));
        self.paths.push(path);
    }

    /// Waits until what they hold has changed and stays the same for a moment: an editor that does not replace a file but
    /// writes into it must not be read halfway.
    pub(crate) async fn changed(&mut self) {
        let mut seen = None;
        let mut period = tokio::time::interval(PERIOD);
        period.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            period.tick().await;
            let paths = self.paths.clone();
            let Ok(now) = tokio::task::spawn_blocking(move || contents(&paths)).await else {
                // Only a runtime that ends does not read.
                return std::future::pending().await;
            };
            if now == self.known {
                seen = None;
            } else if seen.as_ref() == Some(&now) {
                self.known = now;
                return;
            } else {
                seen = Some(now);
            }
        }
    }
}

/// What is in them may be secret.
impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Files").field(&self.paths).finish()
    }
}

/// Calls back whenever what these files hold has changed. `loaded` is what is in force already.
pub(crate) async fn on_change(paths: Vec<PathBuf>, loaded: Vec<Vec<u8>>, changed: impl Fn()) {
    let mut files = Files::loaded(paths, loaded);
    loop {
        files.changed().await;
        changed();
    }
}

fn contents(paths: &[PathBuf]) -> Contents {
    paths.iter().map(|path| std::fs::read(path).map_err(|error| error.kind())).collect()
}
