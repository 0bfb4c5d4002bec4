//! The figures of one vault: LTV, health factor, room to liquidation, liquidation price, cure and level.
//!
//! Where the platform sends a figure, that one is shown; our own recomputation stands beside it when the two
//! differ by more than half a percent.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::cure::{Cure, cure};
use crate::level::Measure;
use crate::tokens::family;
use crate::units::{HealthFactor, Percent, Usd};
use crate::vault::{Holding, Reported, VaultStatus};
use crate::{Level, Vault};

/// The line a vault must not cross.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind", content = "value")]
pub enum Limit {
    /// Beyond this LTV the vault may be liquidated.
    LiquidationThreshold(Percent),
    /// Only the borrowing limit is known; it stands for both and is labelled so.
    MaxLtv(Percent),
}

impl Limit {
    #[must_use]
    pub fn percent(self) -> Percent {
        match self {
            Self::LiquidationThreshold(percent) | Self::MaxLtv(percent) => percent,
        }
    }
}

/// The health factor as it is to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind", content = "value")]
pub enum Health {
    Unknown,
    /// Shown as "∞".
    NoDebt,
    Factor(HealthFactor),
}

impl Health {
    /// As [`HealthFactor::in_brief`].
    #[must_use]
    pub fn in_brief(self) -> Self {
        match self {
            Self::Factor(factor) => Self::Factor(factor.in_brief()),
            Self::Unknown | Self::NoDebt => self,
        }
    }
}

/// Everything derived from one state of a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solvency {
    pub ltv: Option<Percent>,
    /// Debt / collateral by the values sent, where it differs from `ltv` by more than 0.5 %.
    pub recomputed_ltv: Option<Percent>,
    pub limit: Option<Limit>,
    pub health: Health,
    /// What the platform calls health factor, where it is not limit / LTV (some send collateral / debt).
    pub reported_health_factor: Option<HealthFactor>,
    /// 1 − LTV/limit in percent, never below 0: how far the collateral may fall.
    pub room: Option<Percent>,
    pub measure: Option<Measure>,
    /// `None` when nothing is known to judge by.
    pub level: Option<Level>,
    pub collateral: Option<Usd>,
    pub debt: Option<Usd>,
    /// Price of the only collateral at which the vault may be liquidated.
    pub liquidation_price: Option<Usd>,
    /// Price of the only collateral now, as LTV and debt imply it.
    pub price: Option<Usd>,
    pub cure: Option<Cure>,
}

impl Solvency {
    #[must_use]
    pub fn of(vault: &Vault) -> Self {
        let ltv = ltv(vault);
        let limit = limit(vault);
        let debt = vault.debt_value();
        let collateral = collateral_value(vault, ltv);
        let (health, reported_health_factor) = health(vault, ltv, limit);
        let measure = measure(vault);
        let single = match vault.collateral.as_deref() {
            Some([only]) => Some(only),
            _ => None,
        };
        let per_token = |value: Decimal, holding: &Holding| {
            value.checked_div(holding.amount.as_ref()?.value()).map(Usd)
        };
        Self {
            ltv,
            recomputed_ltv: ltv
                .zip(ltv_by_values(vault))
                .filter(|(shown, own)| differ(shown.0, own.0))
                .map(|(_, own)| own),
            limit,
            health,
            reported_health_factor,
            room: room(vault, ltv, limit),
            measure,
            level: level(vault, measure),
            collateral,
            debt,
            liquidation_price: (|| {
                let limit = limit?.percent().0.checked_div(Decimal::ONE_HUNDRED)?;
                let debt = debt.filter(|d| !d.0.is_zero())?;
                per_token(debt.0.checked_div(limit)?, single?)
            })(),
            price: price(vault, collateral),
            cure: (|| cure(vault, collateral?, debt?, limit?.percent()))(),
        }
    }
}

/// Whether there is still something to be liquidated: neither closed nor liquidated, as far as is known.
#[must_use]
pub fn is_open(vault: &Vault) -> bool {
    !matches!(vault.status, Some(VaultStatus::Closed | VaultStatus::Liquidated))
}

/// The figure a vault's level is judged by. Cheap: this runs for every update.
#[must_use]
pub fn measure(vault: &Vault) -> Option<Measure> {
    if matches!(vault.status, Some(VaultStatus::Closed)) {
        return None;
    }
    let ltv = ltv(vault);
    let limit = limit(vault);
    match (ltv, limit) {
        (Some(_), Some(_)) => {
            let room = room(vault, ltv, limit)?;
            Some(if correlated(vault) {
                Measure::CorrelatedRoom(room)
            } else {
                Measure::Room(room)
            })
        }
        (Some(ltv), None) => Some(Measure::Ltv(ltv)),
        (None, _) => plausible_health_factor(vault).map(Measure::HealthFactor),
    }
}

/// Whether the vault is so far from every threshold, exits included, that nothing needs to be judged: the common
/// case of a busy feed, decided by two multiplications instead of a division.
#[must_use]
pub fn is_clearly_low(vault: &Vault) -> bool {
    // 27 % of room: the exit of the widest ladder.
    const USED_AT_EXIT: Decimal = Decimal::from_parts(73, 0, 0, false, 0);
    if vault.risk_level.is_some() || vault.status == Some(VaultStatus::Closed) {
        return false;
    }
    let (Some(Reported::Current(ltv)), Some(limit)) = (vault.ltv, limit(vault)) else {
        return false;
    };
    let limit = limit.percent().0;
    // As plain integers where they are small, as figures in percent are.
    if let (Some(ltv), Some(limit)) = (millionths(ltv.0), millionths(limit)) {
        return ltv * 100 < limit * 73;
    }
    let used = ltv.0.checked_mul(Decimal::ONE_HUNDRED);
    let allowed = limit.checked_mul(USED_AT_EXIT);
    used.zip(allowed).is_some_and(|(used, allowed)| used < allowed)
}

/// A small figure in millionths; `None` where that is not exact, or too large to be calculated with.
fn millionths(figure: Decimal) -> Option<u64> {
    const POWERS: [u64; 7] = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
    let mantissa = u32::try_from(figure.mantissa()).ok()?;
    Some(u64::from(mantissa) * POWERS.get(figure.scale() as usize)?)
}

/// The worse of our own level and the platform's, as long as the latter belongs to the present figures.
#[must_use]
pub fn level(vault: &Vault, measure: Option<Measure>) -> Option<Level> {
    let reported = vault.risk_level.and_then(Reported::current);
    measure.map(Measure::level).max(reported)
}

/// The LTV to show: the platform's while it is current, else from the values, else the platform's old one.
#[must_use]
pub fn ltv(vault: &Vault) -> Option<Percent> {
    let reported = vault.ltv;
    reported
        .and_then(Reported::current)
        .or_else(|| ltv_by_values(vault))
        .or_else(|| reported.map(Reported::value))
}

fn ltv_by_values(vault: &Vault) -> Option<Percent> {
    let debt = vault.debt_value()?.0;
    if debt.is_zero() {
        return Some(Percent::ZERO);
    }
    let collateral = vault.collateral_value()?.0;
    debt.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(collateral).map(Percent)
}

/// The line the vault must not cross, as far as one is known.
#[must_use]
pub fn limit(vault: &Vault) -> Option<Limit> {
    let positive = |percent: &Percent| !percent.0.is_zero();
    vault
        .liquidation_threshold
        .filter(positive)
        .map(Limit::LiquidationThreshold)
        .or_else(|| vault.max_ltv.filter(positive).map(Limit::MaxLtv))
}

/// How far the collateral may fall, in percent; see [`Solvency::room`].
#[must_use]
pub fn room_left(vault: &Vault) -> Option<Percent> {
    room(vault, ltv(vault), limit(vault))
}

/// The health factor as it is to be shown; see [`Solvency::health`].
#[must_use]
pub fn health_now(vault: &Vault) -> Health {
    health(vault, ltv(vault), limit(vault)).0
}

/// Price of the only collateral; see [`Solvency::price`].
#[must_use]
pub fn price_now(vault: &Vault) -> Option<Usd> {
    price(vault, collateral_value(vault, ltv(vault)))
}

/// The collateral's value: the one sent, unless a newer LTV contradicts it.
pub(crate) fn collateral_value(vault: &Vault, ltv: Option<Percent>) -> Option<Usd> {
    let sent = vault.collateral_value();
    let implied = || {
        let debt = vault.debt_value()?.0;
        debt.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(ltv?.0).map(Usd)
    };
    match (sent, ltv_by_values(vault), ltv) {
        (Some(sent), Some(own), Some(shown)) if !differ(shown.0, own.0) => Some(sent),
        _ => implied().or(sent),
    }
}

/// How much of what is allowed is used, as a share: LTV / limit, or 1 / health factor. Beyond 1 the vault may be liquidated.
pub(crate) fn used(vault: &Vault, ltv: Option<Percent>, limit: Option<Limit>) -> Option<Decimal> {
    match (ltv, limit) {
        (Some(ltv), Some(limit)) => ltv.0.checked_div(limit.percent().0),
        (Some(_), None) => None,
        (None, _) => Decimal::ONE.checked_div(plausible_health_factor(vault)?.0),
    }
}

pub(crate) fn room(vault: &Vault, ltv: Option<Percent>, limit: Option<Limit>) -> Option<Percent> {
    let used = used(vault, ltv, limit)?;
    Some(Percent((Decimal::ONE - used).max(Decimal::ZERO) * Decimal::ONE_HUNDRED))
}

pub(crate) fn health(
    vault: &Vault,
    ltv: Option<Percent>,
    limit: Option<Limit>,
) -> (Health, Option<HealthFactor>) {
    let reported = vault.health_factor.and_then(Reported::current);
    let Some(ltv) = ltv else {
        return (reported.map_or(Health::Unknown, Health::Factor), None);
    };
    if ltv.0.is_zero() {
        return (Health::NoDebt, None);
    }
    match limit.and_then(|limit| limit.percent().0.checked_div(ltv.0)) {
        Some(own) => match reported {
            Some(sent) if differ(own, sent.0) => (Health::Factor(HealthFactor(own)), Some(sent)),
            Some(sent) => (Health::Factor(sent), None),
            None => (Health::Factor(HealthFactor(own)), None),
        },
        // Nothing to check it against: shown under its own name only.
        None => (Health::Unknown, reported),
    }
}

/// Dollars for one token of the only collateral, which is worth `collateral` in all.
pub(crate) fn price(vault: &Vault, collateral: Option<Usd>) -> Option<Usd> {
    let [only] = vault.collateral.as_deref()? else { return None };
    collateral?.0.checked_div(only.amount.as_ref()?.value()).map(Usd)
}

/// A health factor that can be judged by. Zero is what some platforms send for "no debt".
fn plausible_health_factor(vault: &Vault) -> Option<HealthFactor> {
    vault.health_factor.map(Reported::value).filter(|hf| !hf.0.is_zero())
}

/// Both legs of one asset family: only the spread between them can liquidate.
fn correlated(vault: &Vault) -> bool {
    let (Some(collateral), Some(debt)) = (vault.collateral.as_deref(), vault.debt.as_deref())
    else {
        return false;
    };
    let mut tokens = collateral.iter().chain(debt);
    let Some(first) = tokens.next().and_then(|holding| family(&holding.token)) else {
        return false;
    };
    !debt.is_empty() && tokens.all(|holding| family(&holding.token) == Some(first))
}

/// More than half a percent apart.
fn differ(shown: Decimal, own: Decimal) -> bool {
    let tolerance = (own * Decimal::new(5, 3)).abs();
    (shown - own).abs() > tolerance
}
