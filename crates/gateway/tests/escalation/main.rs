//! Alerts beyond the desktop: a real gateway, real clients, and real HTTP servers that are called.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

mod calls;
mod client;
mod config;
mod desk;
mod receiver;
mod reload;
mod restart;

use proving::patience::{PATIENCE, until_so};
use serde_json::{Value, json};

const SECRET: &str = "a secret of sixteen bytes or more";

/// Asks again and again until it is so.
async fn until(what: &str, so: impl Fn() -> bool) {
    until_so(what, async || so()).await;
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap().as_millis()).unwrap()
}

fn alert() -> Value {
    json!({"id": "ra-1", "vaultId": "ETH-001", "severity": "CRITICAL", "category": "LTV",
        "title": "ETH-001: LTV 81 %", "message": "LTV is 81 %", "metadata": {"currentLTV": 81.10}})
}

fn critical(id: &str) -> Value {
    json!({"id": id, "severity": "CRITICAL", "message": "m"})
}
