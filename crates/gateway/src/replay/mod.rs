//! Plays a recording into a tenant's log, as fast as asked for.

mod renewal;
mod speed;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tracing::{info, warn};

use self::renewal::Renewal;
use crate::feed::wall_clock;
use crate::recording::{Reader, Recording};
use crate::server::{Limits, Published, Tenant, admit};

pub use speed::{Repeat, Speed, SpeedError};

/// A recording, and how it is to be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    pub recording: Recording,
    /// Default [`Speed::default`]: as it was recorded.
    pub speed: Speed,
    /// Default [`Repeat::Once`].
    pub repeat: Repeat,
}

/// Published at a time: clients get their turn in between.
const BATCH: usize = 500;
/// Between two rounds of a recording whose messages all came at once.
const PAUSE: Duration = Duration::from_secs(1);

impl Replay {
    /// Once, as it was recorded.
    #[must_use]
    pub fn new(recording: Recording) -> Self {
        Self { recording, speed: Speed::default(), repeat: Repeat::default() }
    }
}

/// Plays until its end, for ever, or until it is dropped.
pub(crate) async fn play(replay: Replay, tenant: Arc<Tenant>, limits: Limits) {
    // The messages of two gateways that play the same file into one log are different ones.
    let start = fastrand::u64(..);
    for round in 1.. {
        let begun = Instant::now();
        let renewal = Renewal::new(&replay.recording.header, replay.speed, start, round);
        match play_round(&replay, renewal, &tenant, &limits).await {
            Ok(played) => info!(round, played, "the recording has ended"),
            Err(error) => return warn!(%error, "the recording cannot be read any more"),
        }
        if replay.repeat == Repeat::Once {
            return;
        }
        sleep_until(begun + PAUSE.max(begun.elapsed())).await;
    }
}

async fn play_round(
    replay: &Replay,
    renewal: Renewal,
    tenant: &Tenant,
    limits: &Limits,
) -> anyhow::Result<u64> {
    let (_, mut reader) = Reader::open(&replay.recording.path)?;
    let (begun, played_at) = (Instant::now(), wall_clock());
    let mut played = 0;
    let mut due = begun;
    let mut batch: Vec<Published> = Vec::new();
    // Lines that cannot be played were told of when the file was opened.
    while let Some(line) = reader.next()? {
        let Ok(line) = line else { continue };
        let at = begun + replay.speed.shorten(line.at);
        // A line from before the one above it comes with that one.
        if at > due && at > Instant::now() {
            publish(tenant, &mut batch).await;
            sleep_until(at).await;
        }
        due = due.max(at);
        match renewal.renew(&line.message, played_at).and_then(|message| admit(&message, limits)) {
            Ok(published) => {
                batch.push(published);
                played += 1;
            }
            Err(reason) => warn!(ty = %line.message.ty(), reason, "not played"),
        }
        if batch.len() >= BATCH {
            publish(tenant, &mut batch).await;
            tokio::task::yield_now().await;
        }
    }
    publish(tenant, &mut batch).await;
    Ok(played)
}

async fn publish(tenant: &Tenant, batch: &mut Vec<Published>) {
    if batch.is_empty() {
        return;
    }
    if let Err(error) = tenant.publish(None, std::mem::take(batch)).await {
        warn!(%error, "messages of the recording were not stored");
    }
}
