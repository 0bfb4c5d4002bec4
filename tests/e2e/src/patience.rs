//! How long a test waits for something that will happen.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Far beyond what anything here takes on an idle machine; it only bounds a test that would never end. Software
/// rendering on two busy cores has been seen to take ten seconds for what takes one.
pub const PATIENCE: Duration = Duration::from_secs(45);

/// Between two looks at something that cannot tell when it changes (a process list, the window manager, a web page).
const INTERVAL: Duration = Duration::from_millis(50);

/// Looks again and again until `look` finds something, for [`PATIENCE`] at the most.
///
/// # Errors
/// When `look` fails, or has found nothing in time; the message then says `what` was awaited.
pub async fn until<T>(what: &str, look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    until_within(PATIENCE, what, look).await
}

/// [`until`] with a limit of its own.
///
/// # Errors
/// As [`until`].
pub async fn until_within<T>(
    limit: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        if start.elapsed() > limit {
            bail!("waited {} s in vain for {what}", limit.as_secs());
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
