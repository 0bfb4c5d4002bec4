use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::MissedTickBehavior;
use wire::UnixMillis;

use crate::DemoOptions;
use crate::market::{Emission, Kind, Market};
use crate::server::{Published, Tenant};

/// How often the market is told the time. At 50,000 updates/s a batch is 500 messages, handed out under one lock.
const PACE: Duration = Duration::from_millis(10);

/// Plays the demo market into a tenant's log until it is dropped.
pub(crate) async fn play(options: DemoOptions, tenant: Arc<Tenant>) {
    let mut market = Market::new(&options, wall_clock());
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
    // Told once for each time the log is out of order, not a hundred times a second.
    let mut stored = true;
    loop {
        pace.tick().await;
        let emissions = market.advance(wall_clock());
        if !emissions.is_empty() {
            let messages = emissions.into_iter().map(published).collect();
            let published = tenant.publish(None, messages).await;
            if let (Err(error), true) = (&published, stored) {
                tracing::warn!(%error, "the demo's messages are not stored");
            }
            stored = published.is_ok();
        }
    }
}

pub(crate) fn published(emission: Emission) -> Published {
    match emission.kind {
        Kind::State { full } => Published::state(emission.ty, full, emission.json.into()),
        Kind::Event => Published::event(emission.ty, emission.json.into()),
    }
}

pub(crate) fn wall_clock() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
