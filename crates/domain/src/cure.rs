//! What brings a vault back to safety.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::Vault;
use crate::units::{Percent, Usd};
use crate::vault::Holding;

/// Room to liquidation at which a vault counts as cured.
pub const TARGET_ROOM: Percent = Percent(Decimal::from_parts(15, 0, 0, false, 0));

/// Either of these restores `target_room`. Figures are exact; whoever shows them rounds up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cure {
    pub repay: Remedy,
    pub add: Remedy,
    pub target_room: Percent,
}

/// A quantity to pay in, in dollars and, where the position has one token with a known price, in that token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Remedy {
    pub usd: Usd,
    pub tokens: Option<TokenQuantity>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenQuantity {
    pub amount: crate::Amount,
    pub token: SmolStr,
}

/// The cure of a vault with this debt, collateral value and limit; `None` where there is room enough already.
///
/// Repay = debt − 0.85·LT·collateral; add = debt/(0.85·LT) − collateral (`docs/risk.md`).
#[must_use]
pub fn cure(vault: &Vault, collateral: Usd, debt: Usd, limit: Percent) -> Option<Cure> {
    cure_to(vault, collateral, debt, limit, TARGET_ROOM)
}

/// As [`cure`], back to another room: below 100, where only a vault without debt is.
#[must_use]
pub fn cure_to(
    vault: &Vault,
    collateral: Usd,
    debt: Usd,
    limit: Percent,
    target_room: Percent,
) -> Option<Cure> {
    let hundred = Decimal::ONE_HUNDRED;
    let target_ltv =
        limit.0.checked_div(hundred)? * (hundred - target_room.0).checked_div(hundred)?;
    let repay = debt.0.checked_sub(target_ltv.checked_mul(collateral.0)?)?;
    if repay <= Decimal::ZERO {
        return None;
    }
    let add = debt.0.checked_div(target_ltv)?.checked_sub(collateral.0)?;
    Some(Cure {
        repay: remedy(Usd(repay), vault.debt.as_deref(), None),
        // Priced by the collateral value that the vault's LTV implies, which may be newer than the one sent.
        add: remedy(Usd(add), vault.collateral.as_deref(), Some(collateral)),
        target_room,
    })
}

fn remedy(usd: Usd, holdings: Option<&[Holding]>, value: Option<Usd>) -> Remedy {
    let tokens = match holdings {
        Some([only]) if !only.token.is_empty() => quantity(usd, only, value),
        _ => None,
    };
    Remedy { usd, tokens }
}

fn quantity(usd: Usd, holding: &Holding, value: Option<Usd>) -> Option<TokenQuantity> {
    let held = holding.amount.as_ref()?.value();
    let value = value.or(holding.value)?.0;
    let amount = usd.0.checked_mul(held)?.checked_div(value)?;
    Some(TokenQuantity { amount: amount.into(), token: holding.token.clone() })
}
