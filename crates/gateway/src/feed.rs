use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::MissedTickBehavior;
use wire::UnixMillis;

use crate::market::{Emission, Kind, Market};
use crate::server::{Published, Tenant};
use crate::{DemoOptions, Rate};

/// How often the market is told the time at the most. At 50,000 updates/s a batch is 500 messages, handed out under one
/// lock.
const FASTEST: Duration = Duration::from_millis(10);
/// And at the least, or its rows would move by jerks.
const SLOWEST: Duration = Duration::from_millis(250);
/// Messages that are worth waking everybody for: the demo runs in an application that should cost next to nothing, where
/// a wake costs more than a message.
const TOGETHER: u32 = 5;

fn pace(rate: Rate) -> Duration {
    (Duration::from_secs(TOGETHER.into()) / rate.per_second()).clamp(FASTEST, SLOWEST)
}

/// Plays the demo market into a tenant's log until it is dropped.
pub(crate) async fn play(options: DemoOptions, tenant: Arc<Tenant>) {
    let mut market = Market::new(&options, wall_clock());
    let mut pace = tokio::time::interval(pace(options.effective_rate()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calm_market_wakes_nobody_for_a_single_message() {
        let pace = |rate| pace(Rate::new(rate).unwrap()).as_millis();
        assert_eq!([1, 20, 100, 500, 50_000].map(pace), [250, 250, 50, 10, 10]);
    }
}
