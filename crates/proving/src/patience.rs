//! Waiting for what another program does, where nothing tells that it is done.

use std::time::{Duration, Instant};

/// What a machine that others use as well may take for anything.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(10);

/// Looks until it is so.
///
/// # Panics
/// It is not within [`PATIENCE`].
pub async fn until_so(what: &str, mut so: impl AsyncFnMut() -> bool) {
    until(what, async || so().await.then_some(())).await;
}

/// Looks until something is seen, and returns that.
///
/// # Panics
/// Nothing is seen within [`PATIENCE`].
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(PAUSE).await;
    }
}
