use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use tracing::{info, warn};

use super::Performance;
use super::fault::Outage;
use super::player::{Play, Player};
use crate::feed::{published, wall_clock};
use crate::replay::Repeat;
use crate::server::{Published, Tenant};

/// How often the player is told the time.
const PACE: Duration = Duration::from_millis(10);
/// Handed out under one lock. A fast scenario has many messages at a time.
const BATCH: usize = 500;

/// Plays a scenario into a tenant's log until its end, or until it is dropped.
pub(crate) async fn perform(
    performance: Performance,
    tenant: Arc<Tenant>,
    outages: mpsc::Sender<Outage>,
) {
    for round in 0.. {
        play(&performance, round, &tenant, &outages).await;
        info!(round = round + 1, "the scenario has ended");
        if performance.repeat == Repeat::Once {
            return;
        }
    }
}

async fn play(
    performance: &Performance,
    round: u64,
    tenant: &Tenant,
    outages: &mpsc::Sender<Outage>,
) {
    let mut player = Player::new(performance, round, wall_clock());
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut batch: Vec<Published> = Vec::new();
    loop {
        pace.tick().await;
        let mut ended = false;
        for play in player.advance(wall_clock()) {
            // Each in its order: what comes before a fault is sent before it.
            if !matches!(play, Play::Message(_)) || batch.len() >= BATCH {
                publish(tenant, &mut batch).await;
            }
            match play {
                Play::Message(emission) => batch.push(published(emission)),
                Play::Frame(text) => tenant.interject(text),
                Play::Outage(outage) => {
                    info!(?outage, "the scenario takes the connections away");
                    // The receiver lives as long as the gateway.
                    let _ = outages.send(outage).await;
                }
                Play::End => ended = true,
            }
        }
        publish(tenant, &mut batch).await;
        if ended {
            return;
        }
    }
}

async fn publish(tenant: &Tenant, batch: &mut Vec<Published>) {
    if batch.is_empty() {
        return;
    }
    if let Err(error) = tenant.publish(None, std::mem::take(batch)).await {
        warn!(%error, "the scenario's messages were not stored");
    }
}
