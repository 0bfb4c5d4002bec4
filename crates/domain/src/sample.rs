//! What of a vault is kept over time: seven figures as whole numbers of a fixed unit each.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::Vault;
use crate::solvency::{self, Health, Limit};

/// A figure that is kept over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Figure {
    /// Loan to value, in percent.
    Ltv,
    /// The line the LTV must not cross, in percent.
    Limit,
    /// Room to liquidation, in percent.
    Room,
    /// Health factor; none without debt.
    Health,
    /// Value of the collateral in dollars.
    Collateral,
    /// Value of the debt in dollars.
    Debt,
    /// Dollars for one token of the only collateral; of a market, for one token.
    Price,
}

impl Figure {
    pub const ALL: [Self; 7] = [
        Self::Ltv,
        Self::Limit,
        Self::Room,
        Self::Health,
        Self::Collateral,
        Self::Debt,
        Self::Price,
    ];

    /// How many decimal places are kept. What a platform sends has fewer; what comes of a division is rounded towards
    /// safety: LTV and debt up, all else down.
    #[must_use]
    pub fn places(self) -> u32 {
        match self {
            Self::Ltv | Self::Limit | Self::Room | Self::Health => 6,
            Self::Collateral | Self::Debt => 2,
            Self::Price => 10,
        }
    }

    /// The name in exports and on the bridge.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ltv => "ltv",
            Self::Limit => "limit",
            Self::Room => "room",
            Self::Health => "health",
            Self::Collateral => "collateral",
            Self::Debt => "debt",
            Self::Price => "price",
        }
    }

    /// In units of the last place that is kept; `None` beyond about 9·10¹⁸ of them.
    fn reading(self, value: Decimal) -> Option<i64> {
        let strategy = match self {
            Self::Ltv | Self::Debt => RoundingStrategy::ToPositiveInfinity,
            _ => RoundingStrategy::ToNegativeInfinity,
        };
        let places = self.places();
        let mantissa = match places.checked_sub(value.scale()) {
            Some(missing) => value.mantissa().checked_mul(10i128.pow(missing))?,
            None => {
                let rounded = value.round_dp_with_strategy(places, strategy);
                rounded.mantissa().checked_mul(10i128.pow(places - rounded.scale()))?
            }
        };
        i64::try_from(mantissa).ok()
    }

    /// What a reading means.
    #[must_use]
    pub fn value(self, reading: i64) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(reading), self.places()).normalize()
    }
}

/// The figures of a vault, or of a market, at one moment; of each the reading in units of its last place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample([Option<i64>; Figure::ALL.len()]);

impl Sample {
    /// The same figures that [`solvency::Solvency`] shows. A vault that is closed has no more of them than was sent.
    #[must_use]
    pub fn of(vault: &Vault) -> Self {
        let ltv = solvency::ltv(vault);
        let limit = solvency::limit(vault);
        let collateral = solvency::collateral_value(vault, ltv);
        let health = match solvency::health(vault, ltv, limit) {
            (Health::Factor(factor), _) => Some(factor),
            (Health::Unknown | Health::NoDebt, reported) => reported,
        };
        let mut sample = Self::default();
        sample.set(Figure::Ltv, ltv.map(|ltv| ltv.0));
        sample.set(Figure::Limit, limit.map(Limit::percent).map(|limit| limit.0));
        sample.set(Figure::Room, solvency::room(vault, ltv, limit).map(|room| room.0));
        sample.set(Figure::Health, health.map(|health| health.0));
        sample.set(Figure::Collateral, collateral.map(|collateral| collateral.0));
        sample.set(Figure::Debt, vault.debt_value().map(|debt| debt.0));
        let price = solvency::price(vault, collateral).map(|price| short_price(price.0));
        sample.set(Figure::Price, price);
        sample
    }

    /// The price of one token.
    #[must_use]
    pub fn of_price(price: crate::Usd) -> Self {
        let mut sample = Self::default();
        sample.set(Figure::Price, Some(price.0));
        sample
    }

    #[must_use]
    pub fn reading(&self, figure: Figure) -> Option<i64> {
        self.0[figure as usize]
    }

    #[must_use]
    pub fn value(&self, figure: Figure) -> Option<Decimal> {
        self.reading(figure).map(|reading| figure.value(reading))
    }

    fn set(&mut self, figure: Figure, value: Option<Decimal>) {
        self.0[figure as usize] = value.and_then(|value| figure.reading(value));
    }
}

/// A price that a division led to has digits without a meaning. From one dollar on four places are kept, from a
/// hundredth of a cent on eight.
fn short_price(price: Decimal) -> Decimal {
    let places = if price >= Decimal::ONE {
        4
    } else if price >= Decimal::new(1, 4) {
        8
    } else {
        return price;
    };
    price.round_dp_with_strategy(places, RoundingStrategy::ToNegativeInfinity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solvency::Solvency;
    use crate::vault::VaultPatch;
    use crate::{Usd, VaultId};

    fn vault(json: &str) -> Vault {
        let mut vault = Vault::unknown(VaultId::new("V").unwrap());
        vault.apply(serde_json::from_str::<VaultPatch>(json).unwrap());
        vault
    }

    #[track_caller]
    fn check(json: &str, figure: Figure, expected: Option<&str>) {
        let value = Sample::of(&vault(json)).value(figure).map(|value| value.to_string());
        assert_eq!(value.as_deref(), expected, "{figure:?}");
    }

    const ETH_017: &str = r#"{"ltv":"76.0","liquidationThreshold":82.5,
        "collateral":{"token":"WETH","amount":"120","valueUSD":"232356.40"},
        "debt":{"token":"USDC","amount":"176590.864","valueUSD":"176590.864"}}"#;

    #[test]
    fn what_was_sent_is_kept_digit_for_digit_and_divisions_round_towards_safety() {
        check(ETH_017, Figure::Ltv, Some("76"));
        check(ETH_017, Figure::Limit, Some("82.5"));
        check(ETH_017, Figure::Room, Some("7.878787"));
        check(ETH_017, Figure::Health, Some("1.085526"));
        check(ETH_017, Figure::Collateral, Some("232356.4"));
        check(ETH_017, Figure::Debt, Some("176590.87"));
        check(ETH_017, Figure::Price, Some("1936.3033"));
    }

    #[test]
    fn what_is_not_known_is_no_figure() {
        for figure in Figure::ALL {
            check("{}", figure, None);
        }
        check(r#"{"ltv":0,"liquidationThreshold":80}"#, Figure::Health, None);
        check(r#"{"ltv":0,"liquidationThreshold":80}"#, Figure::Room, Some("100"));
        // More than all the money there is.
        check(r#"{"debt":{"token":"X","valueUSD":"99999999999999999999"}}"#, Figure::Debt, None);
    }

    #[test]
    fn it_is_what_the_window_shows() {
        let vault = vault(ETH_017);
        let (sample, shown) = (Sample::of(&vault), Solvency::of(&vault));
        let down = |value: Decimal, places| {
            value.round_dp_with_strategy(places, RoundingStrategy::ToNegativeInfinity)
        };
        assert_eq!(sample.value(Figure::Room), shown.room.map(|room| down(room.0, 6)));
        assert_eq!(sample.value(Figure::Price), shown.price.map(|price| down(price.0, 4)));
    }

    #[test]
    fn a_small_price_keeps_its_digits() {
        let price = |text: &str| {
            let sample = Sample::of_price(text.parse::<Usd>().unwrap());
            sample.value(Figure::Price).map(|value| value.to_string())
        };
        assert_eq!(price("0.0000123456").as_deref(), Some("0.0000123456"));
        assert_eq!(price("117345.12").as_deref(), Some("117345.12"));
    }
}
