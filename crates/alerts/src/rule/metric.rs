use std::fmt;

use domain::Language;
use domain::vault::VaultStatus;
use smol_str::SmolStr;

use super::words;

/// What a rule looks at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// One figure of each vault.
    Vault(VaultMetric),
    /// One figure of each chain's market.
    Market(MarketMetric),
    /// One field of the platform's status.
    Status(StatusField),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VaultMetric {
    /// Debt / collateral, in percent.
    Ltv,
    /// LTV / liquidation threshold (or max LTV, where that is all that is known), in percent.
    LtvOfLimit,
    /// Limit / LTV; without debt larger than any number.
    HealthFactor,
    /// 1 − 1/HF in percent: how far all collaterals together may fall.
    Drop,
    /// 1 − LTV/limit in percent.
    Room,
    /// LTV / max LTV in percent: how much of the credit line is used.
    Utilization,
    /// Of the only collateral, in dollars, as amount and value imply it.
    Price,
    /// Dollars.
    Collateral,
    /// Dollars.
    Debt,
    /// The largest distance of a stablecoin among collateral and debt from one dollar, in percent.
    Depeg,
    /// Seconds since the last update.
    Age,
    /// 1 while the status is one of these, else 0.
    Status(Statuses),
}

/// A set of vault statuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Statuses(u8);

/// The statuses by the names under which they are sent.
pub(super) const STATUSES: [(VaultStatus, &str); 4] = [
    (VaultStatus::Active, "ACTIVE"),
    (VaultStatus::Liquidated, "LIQUIDATED"),
    (VaultStatus::Closed, "CLOSED"),
    (VaultStatus::Suspended, "SUSPENDED"),
];

impl Statuses {
    fn bit(status: VaultStatus) -> u8 {
        match status {
            VaultStatus::Active => 1,
            VaultStatus::Liquidated => 2,
            VaultStatus::Closed => 4,
            VaultStatus::Suspended => 8,
        }
    }

    pub fn insert(&mut self, status: VaultStatus) {
        self.0 |= Self::bit(status);
    }

    #[must_use]
    pub fn contains(self, status: VaultStatus) -> bool {
        self.0 & Self::bit(status) != 0
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MarketMetric {
    /// Of a token, in dollars.
    Price(SmolStr),
    /// Distance of a token from one dollar, in percent.
    Depeg(SmolStr),
    /// How much of what is lent of a token is borrowed, in percent.
    Utilization(SmolStr),
    /// Percent.
    Volatility,
    /// In the platform's unit.
    GasPrice,
    /// Seconds since the chain's last market data.
    Age,
}

/// A field of the platform's status, by the name it is sent under: `performanceMetrics.successRate`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StatusField {
    pub name: SmolStr,
    /// Not empty: 1 while the field is one of these, else 0.
    pub is: Vec<SmolStr>,
}

/// What a metric is measured in, which decides how it is written and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Percent,
    Points,
    Factor,
    Usd,
    Seconds,
    /// Yes or no.
    Flag,
    Plain,
}

/// The metrics by name, with and without a token. Sorted as the documentation has them.
pub(super) const NAMES: [&str; 16] = [
    "room",
    "drop",
    "ltv",
    "ltv_of_limit",
    "health_factor",
    "utilization",
    "collateral",
    "debt",
    "price",
    "depeg",
    "data_age",
    "vault_status",
    "volatility",
    "gas_price",
    "market_age",
    "status",
];

impl Metric {
    /// The name it has in the configuration.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Vault(metric) => match metric {
                VaultMetric::Ltv => "ltv",
                VaultMetric::LtvOfLimit => "ltv_of_limit",
                VaultMetric::HealthFactor => "health_factor",
                VaultMetric::Drop => "drop",
                VaultMetric::Room => "room",
                VaultMetric::Utilization => "utilization",
                VaultMetric::Price => "price",
                VaultMetric::Collateral => "collateral",
                VaultMetric::Debt => "debt",
                VaultMetric::Depeg => "depeg",
                VaultMetric::Age => "data_age",
                VaultMetric::Status(_) => "vault_status",
            },
            Self::Market(metric) => match metric {
                MarketMetric::Price(_) => "price",
                MarketMetric::Depeg(_) => "depeg",
                MarketMetric::Utilization(_) => "utilization",
                MarketMetric::Volatility => "volatility",
                MarketMetric::GasPrice => "gas_price",
                MarketMetric::Age => "market_age",
            },
            Self::Status(_) => "status",
        }
    }

    #[must_use]
    pub fn unit(&self) -> Unit {
        match self {
            Self::Vault(metric) => match metric {
                VaultMetric::Ltv
                | VaultMetric::LtvOfLimit
                | VaultMetric::Drop
                | VaultMetric::Room
                | VaultMetric::Utilization
                | VaultMetric::Depeg => Unit::Percent,
                VaultMetric::HealthFactor => Unit::Factor,
                VaultMetric::Price | VaultMetric::Collateral | VaultMetric::Debt => Unit::Usd,
                VaultMetric::Age => Unit::Seconds,
                VaultMetric::Status(_) => Unit::Flag,
            },
            Self::Market(metric) => match metric {
                MarketMetric::Price(_) => Unit::Usd,
                MarketMetric::Depeg(_)
                | MarketMetric::Utilization(_)
                | MarketMetric::Volatility => Unit::Percent,
                MarketMetric::GasPrice => Unit::Plain,
                MarketMetric::Age => Unit::Seconds,
            },
            Self::Status(field) if field.is.is_empty() => Unit::Plain,
            Self::Status(_) => Unit::Flag,
        }
    }

    /// The values it can take, in words, and whether this is one of them.
    pub(super) fn range(&self) -> (fn(rust_decimal::Decimal) -> bool, &'static str) {
        use rust_decimal::Decimal;
        match self {
            Self::Vault(VaultMetric::Drop | VaultMetric::Room) => {
                (|v| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&v), "0 to 100 %")
            }
            Self::Vault(VaultMetric::HealthFactor) => {
                (|v| (Decimal::ZERO..=Decimal::ONE_THOUSAND).contains(&v), "0 to 1000")
            }
            Self::Vault(VaultMetric::Ltv | VaultMetric::LtvOfLimit | VaultMetric::Utilization) => (
                |v| (Decimal::ZERO..=Decimal::ONE_THOUSAND).contains(&v),
                "0 to 1000 %, 76 % being written 76",
            ),
            Self::Status(_) => (|_| true, ""),
            _ => (|v| v >= Decimal::ZERO, "never negative"),
        }
    }
}

/// As in a sentence: `room to liquidation`. In English: programs read it, too.
impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words::metric(Language::English, self))
    }
}
