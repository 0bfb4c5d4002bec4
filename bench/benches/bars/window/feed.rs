//! What the window is fed with: rows of vaults as the shell writes them.

use anyhow::Result;
use domain::view::{Attached, TickBatch, VaultRow};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Values that each vault takes one after the other.
const TURNS: u64 = 4;
/// Points of a month's history, at most as many as the window asks for.
const POINTS: u64 = 1_440;
const MOMENT: u64 = 1_763_817_600_000;

/// The file that `shell.js` loads.
///
/// # Errors
/// The figures are none of the domain's: a program error.
pub(super) fn file(vaults: u64) -> Result<String> {
    let ids: Vec<String> = (0..vaults).map(id).collect();
    let rows = (0..vaults)
        .map(|vault| (0..TURNS).map(|turn| row(vault, turn)).collect::<Result<Vec<_>>>())
        .collect::<Result<Vec<_>>>()?;
    let file = json!({
        "ids": ids,
        "rows": rows,
        "attached": attached()?,
        "totals": totals(vaults)?,
        "detail": detail(),
        "history": history(),
    });
    Ok(file.to_string())
}

pub(super) fn id(vault: u64) -> String {
    format!("ETH-{vault:05}")
}

/// The text of a row. Debt moves with the turn, everything else follows from it.
pub(super) fn row(vault: u64, turn: u64) -> Result<String> {
    // Spread so that some are at risk and most are not.
    let spread = vault.wrapping_mul(2_654_435_761) % 1_000;
    let ltv = 20.0 + spread as f64 * 0.056 + turn as f64 * 0.037;
    let room = (1.0 - ltv / 82.5) * 100.0;
    let level = match room {
        room if room <= 8.0 => "CRITICAL",
        room if room <= 15.0 => "HIGH",
        room if room <= 25.0 => "MEDIUM",
        _ => "LOW",
    };
    let collateral = 50_000.0 + (vault % 977) as f64 * 1_000.0;
    let debt = collateral * ltv / 100.0;
    let chain = [1, 137, 42_161][vault as usize % 3];
    let money = |value: f64| format!("{value:.2}");
    let row: VaultRow = read(&json!({
        "id": id(vault),
        "name": Value::Null,
        "tokens": "WETH",
        "chainId": chain,
        "status": "ACTIVE",
        "level": level,
        "freshness": "live",
        "received": MOMENT + vault + turn * 1_000,
        "room": format!("{room:.4}"),
        "health": {"kind": "factor", "value": format!("{:.6}", 82.5 / ltv)},
        "ltv": format!("{ltv:.4}"),
        "maxLtv": "80",
        "limit": {"kind": "liquidationThreshold", "value": "82.5"},
        "liquidationPrice": money(1_936.0 * ltv / 82.5),
        "collateral": money(collateral),
        "debt": money(debt),
        "cure": (room < 15.0).then(|| money(debt * 0.1)),
    }))?;
    Ok(serde_json::to_string(&row)?)
}

fn attached() -> Result<String> {
    let attached: Attached = read(&json!({
        "version": "bench",
        "theme": "dark",
        "feed": {
            "state": {"is": "live"},
            "mode": {"is": "demo"},
            "endpoint": "bench",
            "since": MOMENT,
            "roundTrip": 1,
            "messages": 1,
            "invalid": 0,
            "duplicates": 0,
            "lastMessage": MOMENT,
            "recentInvalid": [],
        },
        "status": Value::Null,
        "notifications": [],
        "notificationsBlocked": Value::Null,
        "target": Value::Null,
    }))?;
    Ok(serde_json::to_string(&attached)?)
}

fn totals(vaults: u64) -> Result<String> {
    let batch: TickBatch = read(&json!({
        "seq": 1,
        "kind": "update",
        "vaults": [],
        "markets": [],
        "totals": {
            "vaults": vaults, "critical": 20, "high": 60, "medium": 90, "low": vaults - 170, "unknown": 0, "stale": 0,
            "collateral": "1000000", "debt": "500000", "debtAtRisk": "9000", "cure": "900", "closest": Value::Null,
        },
    }))?;
    Ok(serde_json::to_string(&batch.totals)?)
}

/// By way of its text: figures keep the digits they were sent with, which a value that was read already has no more.
fn read<T: DeserializeOwned>(value: &Value) -> Result<T> {
    Ok(serde_json::from_str(&value.to_string())?)
}

/// `"ROW"` is where the row comes.
fn detail() -> String {
    let detail = json!({
        "row": "ROW",
        "verdict": "Room enough. Nothing to do.",
        "agentId": Value::Null,
        "collateral": [],
        "debt": [],
        "measure": Value::Null,
        "price": Value::Null,
        "recomputedLtv": Value::Null,
        "reportedHealthFactor": Value::Null,
        "cure": Value::Null,
        "liquidationProtection": Value::Null,
        "createdAt": Value::Null,
        "updatedAt": Value::Null,
        "lastRiskCheck": Value::Null,
    });
    detail.to_string()
}

/// Thirty days, half an hour a point.
fn history() -> String {
    let points: Vec<Value> = (0..POINTS)
        .map(|n| {
            let value = 18.0 + (n % 97) as f64 / 10.0;
            json!({"at": MOMENT + n * 1_800_000, "min": format!("{:.3}", value - 0.4), "max": format!("{:.3}", value + 0.4), "last": format!("{value:.3}")})
        })
        .collect();
    json!({"step": 1_800, "series": [{"room": points}]}).to_string()
}
