use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::Level;
use crate::cure::Cure;
use crate::units::{ChainId, Percent, Usd, VaultId};

/// A token whose price moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shock {
    pub token: SmolStr,
    pub change: PriceChange,
}

/// By how much a price moves, in thousandths of it: −124 is 12.4 % down. From −990 to 10,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i32", into = "i32")]
pub struct PriceChange(i32);

/// A price that moves further than prices do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be from −99 to 1,000 %")]
pub struct BeyondPrices;

impl PriceChange {
    /// What is left of a price under 1 % is no price.
    pub const LEAST: i32 = -990;
    pub const MOST: i32 = 10_000;

    #[must_use]
    pub fn permille(self) -> i32 {
        self.0
    }

    /// What the price is multiplied by.
    #[must_use]
    pub fn factor(self) -> Decimal {
        Decimal::new(i64::from(1_000 + self.0), 3)
    }
}

impl TryFrom<i32> for PriceChange {
    type Error = BeyondPrices;

    fn try_from(permille: i32) -> Result<Self, BeyondPrices> {
        match permille {
            Self::LEAST..=Self::MOST => Ok(Self(permille)),
            _ => Err(BeyondPrices),
        }
    }
}

impl From<PriceChange> for i32 {
    fn from(change: PriceChange) -> Self {
        change.0
    }
}

/// What a shock would do to all vaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WhatIfView {
    /// The first to fall first, [`WhatIfView::FALLS`] at most.
    pub falls: Vec<FallView>,
    /// How many fall, listed or not; all sums are over these.
    pub fallen: u32,
    pub debt: Usd,
    /// What brings all of them back to 15 % at the shocked prices: the one or the other.
    pub repay: Usd,
    pub add: Usd,
    /// Of those that stand: how many would be critical, and high.
    pub critical: u32,
    pub high: u32,
    /// Vaults that were judged.
    pub vaults: u32,
    /// Too little is known of them.
    pub unknown: u32,
    /// Too old to be judged.
    pub stale: u32,
    /// What there is to be shocked, the largest collateral first, [`WhatIfView::TOKENS`] at most.
    pub tokens: Vec<TokenView>,
}

impl WhatIfView {
    pub const FALLS: usize = 200;
    pub const TOKENS: usize = 60;
    /// Most shocks at once.
    pub const SHOCKS: usize = 20;
}

/// A vault that falls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FallView {
    pub id: VaultId,
    pub name: Option<SmolStr>,
    pub tokens: SmolStr,
    pub chain_id: Option<ChainId>,
    /// The level and the room it has now.
    pub level: Option<Level>,
    pub room: Option<Percent>,
    pub debt: Option<Usd>,
    /// How much of the way to the shocked prices is gone when it falls, from 0, where it may be liquidated already, to
    /// 100. Rounded down.
    pub at: Percent,
    /// At the shocked prices.
    pub ltv: Option<Percent>,
    pub cure: Option<Cure>,
}

/// A token that vaults hold or owe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    pub token: SmolStr,
    /// How many hold it as collateral.
    pub vaults: u32,
    pub collateral: Usd,
    pub debt: Usd,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_price_has_its_limits_on_the_bridge_too() {
        assert_eq!(PriceChange::try_from(-124).unwrap().factor().to_string(), "0.876");
        for beyond in [-991, 10_001] {
            assert_eq!(PriceChange::try_from(beyond), Err(BeyondPrices));
            assert!(serde_json::from_str::<PriceChange>(&beyond.to_string()).is_err());
        }
    }
}
