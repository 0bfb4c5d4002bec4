use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::MissedTickBehavior;

/// How often files are looked at. Reading a few kilobytes costs nothing, works on every file system and through every
/// kind of link, and misses no change; a notification of the operating system does not always come.
const PERIOD: Duration = Duration::from_millis(500);

type Contents = Vec<Result<Vec<u8>, io::ErrorKind>>;

/// Calls back whenever what these files hold has changed, once it stays the same for a moment: an editor that does not
/// replace a file but writes into it must not be read halfway. `loaded` is what is in force already.
pub(super) async fn on_change(paths: Vec<PathBuf>, loaded: Vec<Vec<u8>>, changed: impl Fn()) {
    let mut known: Contents = loaded.into_iter().map(Ok).collect();
    let mut seen = None;
    let mut period = tokio::time::interval(PERIOD);
    period.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        period.tick().await;
        let paths = paths.clone();
        let Ok(now) = tokio::task::spawn_blocking(move || contents(&paths)).await else {
            return;
        };
        if now == known {
            seen = None;
        } else if seen.as_ref() == Some(&now) {
            changed();
            known = now;
            seen = None;
        } else {
            seen = Some(now);
        }
    }
}

fn contents(paths: &[PathBuf]) -> Contents {
    let read = |path: &PathBuf| std::fs::read(Path::new(path)).map_err(|error| error.kind());
    paths.iter().map(read).collect()
}
