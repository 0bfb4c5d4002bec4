//! The file as it lies on the disk, looked at again and again.

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior};

use super::{ConfigError, ConfigText, text};

/// The file is looked at this often. Reading a few kilobytes misses no change on any file system, through every kind of
/// link; a notification of the operating system does not always come.
const PERIOD: Duration = Duration::from_secs(2);
/// What has changed must stay the same for this long: an editor that writes into the file must not be read halfway.
const REST: Duration = Duration::from_millis(300);

/// What a look at the file found: its text, or why it cannot be read.
pub(super) type Seen = Result<ConfigText, String>;

/// What the file held when it was looked at last, and the next look.
#[derive(Debug)]
pub(super) struct Looked {
    path: PathBuf,
    seen: Seen,
    period: Option<Interval>,
}

impl Looked {
    pub(super) fn new(path: PathBuf, seen: Seen) -> Self {
        Self { path, seen, period: None }
    }

    pub(super) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// It holds that by now: we wrote it.
    pub(super) fn holds(&mut self, text: ConfigText) {
        self.seen = Ok(text);
    }

    /// Waits until the file holds something else, and rests. `false`: the runtime ends. Cancel safe.
    pub(super) async fn changed(&mut self) -> bool {
        loop {
            let period = self.period.get_or_insert_with(|| {
                let mut period = tokio::time::interval(PERIOD);
                period.set_missed_tick_behavior(MissedTickBehavior::Delay);
                period
            });
            period.tick().await;
            let Some(seen) = self.look().await else { return false };
            if seen == self.seen {
                continue;
            }
            tokio::time::sleep(REST).await;
            if self.look().await.as_ref() == Some(&seen) {
                self.seen = seen;
                return true;
            }
        }
    }

    /// `None`: the runtime ends.
    async fn look(&self) -> Option<Seen> {
        let path = self.path.clone();
        let read = move || match text(&path) {
            Ok(text) => Ok(text.unwrap_or_default().into()),
            Err(ConfigError::Unreadable { source, .. }) => Err(source.to_string()),
            Err(error) => Err(error.to_string()),
        };
        tokio::task::spawn_blocking(read).await.ok()
    }
}
