//! How long the core waits for the disk: never so long that values and alerts stand still behind it.

use std::time::Duration;

/// A disk that takes longer is sick. An alert is shown all the same, and written when it can be.
const PATIENCE: Duration = Duration::from_secs(2);
/// One that is known to be sick is not waited for again and again.
const BRIEF: Duration = Duration::from_millis(50);

#[derive(Debug, Default)]
pub(super) struct Disk {
    hangs: bool,
}

impl Disk {
    /// What became of it; `None` when the disk has not answered in time. What it was given it may yet write.
    pub(super) async fn wait<T>(&mut self, written: impl Future<Output = T>) -> Option<T> {
        let patience = if self.hangs { BRIEF } else { PATIENCE };
        let answer = tokio::time::timeout(patience, written).await.ok();
        self.hangs = answer.is_none();
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_disk_that_hangs_is_waited_for_once() {
        let mut disk = Disk::default();
        let mut took = async |answers: bool| {
            let begun = Instant::now();
            let answer =
                if answers { disk.wait(ready(())).await } else { disk.wait(pending()).await };
            assert_eq!(answer.is_some(), answers);
            begun.elapsed()
        };
        assert!(took(false).await >= PATIENCE);
        assert!(took(false).await < PATIENCE / 10);
        assert!(took(true).await < BRIEF);
        assert!(took(false).await >= PATIENCE, "it was well in between");
    }
}
