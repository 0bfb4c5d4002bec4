use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wire::UnixMillis;

use crate::cure::Cure;
use crate::level::Measure;
use crate::market::{Change, Sentiment};
use crate::solvency::{Health, Limit};
use crate::units::{ChainId, HealthFactor, Percent, Usd, VaultId};
use crate::vault::{Holding, LiquidationProtection, VaultStatus};
use crate::{Amount, Level};

/// Whether a value may be shown as the present one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Freshness {
    Live,
    /// Older than three times its usual interval (60 s at least), or the feed is down: shown grey, hollow,
    /// with its age, and left out of the totals.
    Stale,
}

/// One line of the overview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VaultRow {
    pub id: VaultId,
    pub name: Option<SmolStr>,
    /// Collateral tokens, comma-separated; empty while unknown.
    pub tokens: SmolStr,
    pub chain_id: Option<ChainId>,
    pub status: Option<VaultStatus>,
    pub level: Option<Level>,
    pub freshness: Freshness,
    /// When the last update of this vault was received.
    pub received: UnixMillis,
    pub room: Option<Percent>,
    pub health: Health,
    pub ltv: Option<Percent>,
    pub max_ltv: Option<Percent>,
    pub limit: Option<Limit>,
    pub liquidation_price: Option<Usd>,
    pub collateral: Option<Usd>,
    pub debt: Option<Usd>,
    /// Dollars to repay for 15 % room; `None` where there is room enough.
    pub cure: Option<Usd>,
}

/// A vault's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VaultDetail {
    pub row: VaultRow,
    /// One sentence: how things stand and what to do.
    pub verdict: String,
    pub agent_id: Option<SmolStr>,
    pub collateral: Vec<Holding>,
    pub debt: Vec<Holding>,
    pub measure: Option<Measure>,
    pub price: Option<Usd>,
    pub recomputed_ltv: Option<Percent>,
    pub reported_health_factor: Option<HealthFactor>,
    pub cure: Option<Cure>,
    pub liquidation_protection: Option<LiquidationProtection>,
    pub created_at: Option<UnixMillis>,
    pub updated_at: Option<UnixMillis>,
    pub last_risk_check: Option<UnixMillis>,
}

/// The figures above the table. Stale vaults are counted but not summed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    pub vaults: u32,
    pub critical: u32,
    pub high: u32,
    pub medium: u32,
    pub low: u32,
    /// Live, but nothing known to judge by.
    pub unknown: u32,
    pub stale: u32,
    pub collateral: Usd,
    pub debt: Usd,
    /// Debt of the critical and high vaults.
    pub debt_at_risk: Usd,
    /// What repaying all of those to 15 % room costs.
    pub cure: Usd,
    pub closest: Option<(VaultId, Percent)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenPriceView {
    pub token: SmolStr,
    pub price: Usd,
}

/// One chain's market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MarketView {
    pub chain_id: ChainId,
    pub received: UnixMillis,
    pub freshness: Freshness,
    pub prices: Vec<TokenPriceView>,
    pub volatility: Option<Percent>,
    pub gas_price: Option<Amount>,
    pub block_number: Option<u64>,
    pub price_change_24h: Option<Change>,
    pub sentiment: Option<Sentiment>,
}

/// The platform's own health. `extra` are fields without a meaning to us, as given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusView {
    pub is_running: bool,
    pub received: UnixMillis,
    pub alerts_count: Option<u64>,
    pub market_data_count: Option<u64>,
    pub metrics: crate::status::PerformanceMetrics,
    pub extra: Vec<(SmolStr, String)>,
}
