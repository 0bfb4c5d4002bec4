//! The metrics that a rule may look at, as the form offers them.

use crate::words::rules_metrics as say;

/// One metric in the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Metric {
    /// As in the configuration.
    pub(super) name: &'static str,
    pub(super) word: fn() -> &'static str,
    pub(super) of: Of,
    pub(super) unit: &'static str,
    /// Which side of a line is the worse one, most of the time.
    pub(super) when: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Vault,
    /// Of a vault; with a token, of a market.
    VaultOrMarket,
    Market,
    Platform,
}

const fn metric(
    name: &'static str,
    word: fn() -> &'static str,
    of: Of,
    unit: &'static str,
    when: &'static str,
) -> Metric {
    Metric { name, word, of, unit, when }
}

pub(super) const ALL: [Metric; 16] = [
    metric("room", say::room, Of::Vault, "%", "below"),
    metric("drop", say::drop, Of::Vault, "%", "below"),
    metric("ltv", say::ltv, Of::Vault, "%", "above"),
    metric("ltv_of_limit", say::ltv_of_limit, Of::Vault, "%", "above"),
    metric("health_factor", say::health_factor, Of::Vault, "", "below"),
    metric("utilization", say::utilization, Of::VaultOrMarket, "%", "above"),
    metric("collateral", say::collateral, Of::Vault, "$", "below"),
    metric("debt", say::debt, Of::Vault, "$", "above"),
    metric("price", say::price, Of::VaultOrMarket, "$", "below"),
    metric("depeg", say::depeg, Of::VaultOrMarket, "%", "above"),
    metric("data_age", say::data_age, Of::Vault, "5m", "above"),
    metric("vault_status", say::vault_status, Of::Vault, "", ""),
    metric("volatility", say::volatility, Of::Market, "%", "above"),
    metric("gas_price", say::gas_price, Of::Market, "", "above"),
    metric("market_age", say::market_age, Of::Market, "3m", "above"),
    metric("status", say::status, Of::Platform, "", "below"),
];

pub(super) fn of(name: &str) -> Option<&'static Metric> {
    ALL.iter().find(|metric| metric.name == name)
}

/// The word for a metric; what is not known stands for itself.
pub(super) fn word(name: &str) -> &str {
    of(name).map_or(name, |metric| (metric.word)())
}

impl Metric {
    /// What is not kept over time cannot be played.
    pub(super) fn is_kept(&self, of_a_token: bool) -> bool {
        match self.name {
            "vault_status" | "volatility" | "gas_price" | "market_age" | "status" => false,
            "utilization" => !of_a_token,
            _ => true,
        }
    }
}
