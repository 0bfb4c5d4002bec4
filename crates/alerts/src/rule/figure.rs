use std::str::FromStr;

use domain::market::Market;
use domain::solvency::{self, Health};
use domain::status::SystemStatus;
use domain::tokens::{Family, family};
use domain::vault::VaultStatus;
use domain::{UnixMillis, Usd, Vault};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::metric::{MarketMetric, StatusField, VaultMetric};

/// What a metric is at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    Of(Decimal),
    /// There is nothing that could be bad: a closed vault, a vault without stablecoins.
    Fine,
    /// Nobody told.
    Unknown,
    /// Told, but nothing a number can be made of.
    Error,
}

impl From<Option<Decimal>> for Figure {
    fn from(value: Option<Decimal>) -> Self {
        value.map_or(Self::Unknown, Self::Of)
    }
}

/// Of a vault. `received` is when it was last heard of.
pub(super) fn of_vault(
    metric: VaultMetric,
    vault: &Vault,
    received: UnixMillis,
    now: UnixMillis,
) -> Figure {
    if let VaultMetric::Status(statuses) = metric {
        return vault.status.map(|status| flag(statuses.contains(status))).into();
    }
    if vault.status == Some(VaultStatus::Closed) {
        return Figure::Fine;
    }
    match metric {
        VaultMetric::Ltv => solvency::ltv(vault).map(|ltv| ltv.0).into(),
        VaultMetric::LtvOfLimit => share(
            solvency::ltv(vault).map(|ltv| ltv.0),
            solvency::limit(vault).map(|limit| limit.percent().0),
        ),
        VaultMetric::Utilization => {
            share(solvency::ltv(vault).map(|ltv| ltv.0), vault.max_ltv.map(|max| max.0))
        }
        VaultMetric::HealthFactor => match solvency::health_now(vault) {
            Health::Unknown => Figure::Unknown,
            Health::NoDebt => Figure::Of(Decimal::MAX),
            Health::Factor(hf) => Figure::Of(hf.0),
        },
        VaultMetric::Drop => match solvency::health_now(vault) {
            Health::Unknown => Figure::Unknown,
            Health::NoDebt => Figure::Of(Decimal::ONE_HUNDRED),
            Health::Factor(hf) => match Decimal::ONE_HUNDRED.checked_div(hf.0) {
                Some(used) => Figure::Of((Decimal::ONE_HUNDRED - used).max(Decimal::ZERO)),
                None => Figure::Error,
            },
        },
        VaultMetric::Room => solvency::room_left(vault).map(|room| room.0).into(),
        VaultMetric::Price => solvency::price_now(vault).map(|price| price.0).into(),
        VaultMetric::Collateral => vault.collateral_value().map(|value| value.0).into(),
        VaultMetric::Debt => vault.debt_value().map(|value| value.0).into(),
        VaultMetric::Depeg => depeg_of(vault),
        VaultMetric::Age => Figure::Of(seconds(received, now)),
        VaultMetric::Status(_) => unreachable!("dealt with above"),
    }
}

/// Of a chain's market.
pub(super) fn of_market(
    metric: &MarketMetric,
    market: &Market,
    received: UnixMillis,
    now: UnixMillis,
) -> Figure {
    let price = |token: &str| {
        market.price_feeds.get(token).copied().or_else(|| {
            let mut feeds = market.price_feeds.iter();
            feeds.find(|(name, _)| name.eq_ignore_ascii_case(token)).map(|(_, price)| *price)
        })
    };
    match metric {
        MarketMetric::Price(token) => price(token).map(|price| price.0).into(),
        MarketMetric::Depeg(token) => price(token).map(off_peg).into(),
        MarketMetric::Utilization(token) => {
            let mut known = market.utilization.iter();
            let found = known.find(|(name, _)| name.eq_ignore_ascii_case(token));
            found.map(|(_, used)| used.0).into()
        }
        MarketMetric::Volatility => market.volatility.map(|percent| percent.0).into(),
        MarketMetric::GasPrice => market.gas_price.as_ref().map(|gas| gas.value()).into(),
        MarketMetric::Age => Figure::Of(seconds(received, now)),
    }
}

/// Of the platform's status; `extra` are the fields nobody has a name for.
pub(super) fn of_status(
    field: &StatusField,
    status: &SystemStatus,
    extra: &Map<String, Value>,
) -> Figure {
    let Some(text) = status_text(&field.name, status, extra) else { return Figure::Unknown };
    if !field.is.is_empty() {
        return Figure::Of(flag(field.is.iter().any(|word| word.eq_ignore_ascii_case(&text))));
    }
    match text.as_str() {
        "true" => Figure::Of(Decimal::ONE),
        "false" => Figure::Of(Decimal::ZERO),
        text => number(text).map_or(Figure::Error, Figure::Of),
    }
}

fn status_text(name: &str, status: &SystemStatus, extra: &Map<String, Value>) -> Option<String> {
    let metrics = status.performance_metrics.as_ref();
    let amount = |amount: Option<&domain::Amount>| amount.map(|a| a.value().to_string());
    match name {
        "isRunning" => Some(status.is_running.to_string()),
        "alertsCount" => status.alerts_count.map(|n| n.to_string()),
        "marketDataCount" => status.market_data_count.map(|n| n.to_string()),
        "performanceMetrics.totalChecks" => amount(metrics?.total_checks.as_ref()),
        "performanceMetrics.averageResponseTime" => amount(metrics?.average_response_time.as_ref()),
        "performanceMetrics.errorCount" => amount(metrics?.error_count.as_ref()),
        "performanceMetrics.successRate" => amount(metrics?.success_rate.as_ref()),
        other => {
            let mut keys = other.split('.');
            let mut value = extra.get(keys.next()?)?;
            for key in keys {
                value = value.get(key)?;
            }
            match value {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                value => Some(value.to_string()),
            }
        }
    }
}

/// In plain or scientific notation.
pub(super) fn number(text: &str) -> Option<Decimal> {
    Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

fn flag(set: bool) -> Decimal {
    if set { Decimal::ONE } else { Decimal::ZERO }
}

fn seconds(from: UnixMillis, now: UnixMillis) -> Decimal {
    Decimal::new(i64::try_from(now.since(from).as_millis()).unwrap_or(i64::MAX), 3)
}

/// `part` of `whole` in percent.
fn share(part: Option<Decimal>, whole: Option<Decimal>) -> Figure {
    match part.zip(whole) {
        None => Figure::Unknown,
        Some((part, whole)) => {
            let share = part.checked_mul(Decimal::ONE_HUNDRED).and_then(|p| p.checked_div(whole));
            share.map_or(Figure::Error, Figure::Of)
        }
    }
}

fn off_peg(price: Usd) -> Decimal {
    (price.0 - Decimal::ONE).abs().saturating_mul(Decimal::ONE_HUNDRED)
}

fn depeg_of(vault: &Vault) -> Figure {
    let holdings = vault.collateral.iter().chain(&vault.debt).flatten();
    let mut worst = Figure::Fine;
    for holding in holdings.filter(|holding| family(&holding.token) == Some(Family::Dollar)) {
        let off = holding.price().map(off_peg);
        worst = match (worst, off) {
            (Figure::Of(known), Some(off)) => Figure::Of(known.max(off)),
            (_, Some(off)) => Figure::Of(off),
            (Figure::Fine, None) => Figure::Unknown,
            (worst, None) => worst,
        };
    }
    worst
}
