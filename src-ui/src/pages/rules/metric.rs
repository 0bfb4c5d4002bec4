//! The metrics that a rule may look at, as the form offers them.

/// One metric in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Metric {
    /// As in the configuration.
    pub(super) name: &'static str,
    pub(super) word: &'static str,
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
    word: &'static str,
    of: Of,
    unit: &'static str,
    when: &'static str,
) -> Metric {
    Metric { name, word, of, unit, when }
}

pub(super) const ALL: [Metric; 16] = [
    metric("room", "Room to liquidation", Of::Vault, "%", "below"),
    metric("drop", "Drop of all collateral to liquidation", Of::Vault, "%", "below"),
    metric("ltv", "LTV", Of::Vault, "%", "above"),
    metric("ltv_of_limit", "LTV of its limit", Of::Vault, "%", "above"),
    metric("health_factor", "Health factor", Of::Vault, "", "below"),
    metric("utilization", "Utilisation", Of::VaultOrMarket, "%", "above"),
    metric("collateral", "Collateral", Of::Vault, "$", "below"),
    metric("debt", "Debt", Of::Vault, "$", "above"),
    metric("price", "Price", Of::VaultOrMarket, "$", "below"),
    metric("depeg", "Stablecoin off its peg", Of::VaultOrMarket, "%", "above"),
    metric("data_age", "Age of a vault's data", Of::Vault, "5m", "above"),
    metric("vault_status", "Status of a vault", Of::Vault, "", ""),
    metric("volatility", "Volatility", Of::Market, "%", "above"),
    metric("gas_price", "Gas price", Of::Market, "", "above"),
    metric("market_age", "Age of market data", Of::Market, "3m", "above"),
    metric("status", "A field of the platform's status", Of::Platform, "", "below"),
];

pub(super) fn of(name: &str) -> Option<&'static Metric> {
    ALL.iter().find(|metric| metric.name == name)
}

/// The word for a metric; what is not known stands for itself.
pub(super) fn word(name: &str) -> &str {
    of(name).map_or(name, |metric| metric.word)
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
