//! What becomes of a vault when prices move, or when somebody pays in. Nothing is guessed: what moves is what is known of
//! the vault, and all else follows by the formulas of [`solvency`](crate::solvency).
//!
//! A vault has one liquidation threshold. Where it has several collaterals that is an average, which would move with their
//! prices; their own thresholds are not known, so it stays.

mod portfolio;

use rust_decimal::Decimal;

use crate::Vault;
use crate::cure::{Cure, cure_to};
use crate::solvency::{self, Health, Limit, Solvency};
use crate::units::{Percent, Usd};
use crate::vault::{Holding, Reported};
use crate::view::VaultDetail;

pub use portfolio::Portfolio;

/// The vault at other prices: `factor` tells for each token by how much its price is multiplied. What the platform
/// reports of it moves along, but for the risk level, of which nobody can know. `None`: several tokens are held, their
/// prices move apart, and the value of one is not known.
#[must_use]
pub fn at_prices(vault: &Vault, factor: impl Fn(&str) -> Decimal) -> Option<Vault> {
    let held = weighted(vault.collateral.as_deref(), &factor)?;
    let owed = weighted(vault.debt.as_deref(), &factor)?;
    let mut moved = vault.clone();
    for holding in moved.collateral.iter_mut().chain(&mut moved.debt).flatten() {
        let factor = factor(&holding.token);
        holding.value = holding.value.map(|value| times(value, factor));
    }
    relate(&mut moved, held, owed)?;
    Some(moved)
}

/// The vault after somebody paid back and put in so many dollars, of each token in proportion. More than is owed pays
/// off the debt. `None` where its value is not known.
#[must_use]
pub fn after_paying(vault: &Vault, repay: Usd, add: Usd) -> Option<Vault> {
    let Solvency { collateral, debt, .. } = Solvency::of(vault);
    let (collateral, debt) = (collateral?.0, debt?.0);
    let held = collateral.checked_add(add.0)?.checked_div(collateral)?;
    let owed = (debt - repay.0.min(debt)).checked_div(debt).unwrap_or(Decimal::ONE);
    let mut paid = vault.clone();
    for (holdings, factor) in [(&mut paid.collateral, held), (&mut paid.debt, owed)] {
        for holding in holdings.iter_mut().flatten() {
            holding.value = holding.value.map(|value| times(value, factor));
            let amount = holding.amount.as_ref().and_then(|held| held.value().checked_mul(factor));
            holding.amount = amount.map(Into::into);
        }
    }
    relate(&mut paid, held, owed)?;
    Some(paid)
}

/// What brings the vault to this room; `None` where it has it already, or where too little is known.
#[must_use]
pub fn cure_for(vault: &Vault, target_room: Percent) -> Option<Cure> {
    let Solvency { collateral, debt, limit, .. } = Solvency::of(vault);
    cure_to(vault, collateral?, debt?, limit?.percent(), target_room)
}

/// How far the way to the shocked prices may be gone before the vault may be liquidated, as a share of that way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fall {
    /// From 0, where it may be liquidated already, to 1.
    At(Decimal),
    Never,
    /// Too little is known to tell.
    Unknown,
}

/// Where the vault falls on the way to these prices, all of which move in step. LTV and line are both linear in how far
/// the way is gone, so this is a division and no search.
#[must_use]
pub fn fall(vault: &Vault, factor: impl Fn(&str) -> Decimal) -> Fall {
    if !solvency::is_open(vault) {
        return Fall::Never;
    }
    let used = solvency::used(vault, solvency::ltv(vault), solvency::limit(vault));
    let held = weighted(vault.collateral.as_deref(), &factor);
    let owed = weighted(vault.debt.as_deref(), &factor);
    let (Some(used), Some(held), Some(owed)) = (used, held, owed) else { return Fall::Unknown };
    let room = Decimal::ONE - used;
    if room <= Decimal::ZERO {
        return Fall::At(Decimal::ZERO);
    }
    // used · (1 + t·(owed − 1)) = 1 + t·(held − 1), solved for t.
    let Some(slope) = used.checked_mul(owed - Decimal::ONE) else { return Fall::Unknown };
    let slope = slope - (held - Decimal::ONE);
    match room.checked_div(slope) {
        Some(at) if slope > Decimal::ZERO && at <= Decimal::ONE => Fall::At(at),
        _ => Fall::Never,
    }
}

/// The vault behind its page, as far as the page tells.
#[must_use]
pub fn vault_of(detail: &VaultDetail) -> Vault {
    let row = &detail.row;
    let threshold = match row.limit {
        Some(Limit::LiquidationThreshold(threshold)) => Some(threshold),
        Some(Limit::MaxLtv(_)) | None => None,
    };
    // By it alone the vault is judged only where there is no LTV.
    let health_factor = match row.health {
        Health::Factor(factor) if row.ltv.is_none() => Some(Reported::Current(factor)),
        _ => None,
    };
    let holdings = |all: &[Holding]| (!all.is_empty()).then(|| all.to_vec());
    Vault {
        name: row.name.clone(),
        chain_id: row.chain_id,
        status: row.status,
        collateral: holdings(&detail.collateral),
        debt: holdings(&detail.debt),
        ltv: row.ltv.map(Reported::Current),
        max_ltv: row.max_ltv,
        liquidation_threshold: threshold,
        health_factor,
        ..Vault::unknown(row.id.clone())
    }
}

/// By how much the value of a side is multiplied; `None` where that takes a value that is not known.
fn weighted(holdings: Option<&[Holding]>, factor: &impl Fn(&str) -> Decimal) -> Option<Decimal> {
    let Some([first, others @ ..]) = holdings else { return Some(Decimal::ONE) };
    let in_step = factor(&first.token);
    if others.iter().all(|holding| factor(&holding.token) == in_step) {
        return Some(in_step);
    }
    let (mut before, mut after) = (Decimal::ZERO, Decimal::ZERO);
    for holding in std::iter::once(first).chain(others) {
        let value = holding.value?.0;
        before = before.checked_add(value)?;
        after = after.checked_add(value.checked_mul(factor(&holding.token))?)?;
    }
    // Nothing is there whose value could move.
    Some(after.checked_div(before).unwrap_or(Decimal::ONE))
}

/// The reported figures after both sides were multiplied. `None`: the collateral is worth nothing any more.
fn relate(vault: &mut Vault, held: Decimal, owed: Decimal) -> Option<()> {
    let spread = owed.checked_div(held)?;
    vault.risk_level = None;
    vault.ltv = vault.ltv.map(|ltv| ltv.map(|ltv| Percent(by(ltv.0, spread))));
    vault.health_factor = vault.health_factor.and_then(|reported| {
        let factor = reported.value().0.checked_div(spread)?;
        Some(reported.map(|_| crate::HealthFactor(factor)))
    });
    Some(())
}

fn times(value: Usd, factor: Decimal) -> Usd {
    Usd(by(value.0, factor))
}

/// What is too large to be calculated stays as it is: nobody owes 10²⁸ dollars.
fn by(value: Decimal, factor: Decimal) -> Decimal {
    value.checked_mul(factor).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::VaultStatus;
    use crate::{Level, VaultId};

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn holding(token: &str, amount: &str, value: &str) -> Holding {
        Holding {
            token: token.into(),
            amount: Some(d(amount).into()),
            value: (!value.is_empty()).then(|| Usd(d(value))),
            last_updated: None,
        }
    }

    fn vault(collateral: Vec<Holding>, debt: Vec<Holding>, threshold: &str) -> Vault {
        Vault {
            collateral: Some(collateral),
            debt: Some(debt),
            liquidation_threshold: Some(Percent(d(threshold))),
            ..Vault::unknown(VaultId::new("V").unwrap())
        }
    }

    /// 10 WETH at 2000, LT 82.5 %, debt 12,000: liquidated at 1454.5454…, 27.27 % below.
    fn one() -> Vault {
        vault(vec![holding("WETH", "10", "20000")], vec![holding("USDC", "12000", "12000")], "82.5")
    }

    fn weth(factor: &str) -> impl Fn(&str) -> Decimal {
        let factor = d(factor);
        move |token| if token == "WETH" { factor } else { Decimal::ONE }
    }

    #[test]
    fn at_its_liquidation_price_a_vault_has_no_room() {
        let price = Solvency::of(&one()).liquidation_price.unwrap().0;
        let moved = at_prices(&one(), |token| weth(&(price / d("2000")).to_string())(token));
        let after = Solvency::of(&moved.unwrap());
        assert_eq!(after.room.unwrap().0.round_dp(12), Decimal::ZERO);
        assert_eq!(after.ltv.unwrap().0.round_dp(12), d("82.5"));
        assert_eq!(after.price.unwrap().0.round_dp(9), price.round_dp(9));
        // Which does not move with the price.
        assert_eq!(after.liquidation_price.unwrap().0.round_dp(9), price.round_dp(9));
        assert_eq!(after.level, Some(Level::Critical));
    }

    #[test]
    fn it_falls_where_its_price_has_come_to_the_liquidation_price() {
        let Fall::At(at) = fall(&one(), weth("0.6")) else { panic!("it falls") };
        // 27.27 of 40 percent.
        assert_eq!(at.round_dp(6), d("0.681818"));
        assert_eq!(fall(&one(), weth("0.73")), Fall::Never);
        assert_eq!(fall(&one(), weth("1.5")), Fall::Never);
        assert_eq!(fall(&one(), |_| d("0.5")), Fall::Never, "both sides alike");
        let dearer = |token: &str| if token == "USDC" { d("1.5") } else { Decimal::ONE };
        let Fall::At(at) = fall(&one(), dearer) else { panic!("the debt outgrows it") };
        assert_eq!(at.round_dp(6), d("0.75"));
    }

    #[test]
    fn the_share_of_the_way_is_where_no_room_is_left() {
        let both = |token: &str| match token {
            "WETH" => d("0.55"),
            "WBTC" => d("0.8"),
            "DAI" => d("1.1"),
            _ => Decimal::ONE,
        };
        let vault = vault(
            vec![holding("WETH", "5", "9251.25"), holding("WBTC", "0.4", "24493.80")],
            vec![holding("DAI", "14000", "13995.80"), holding("USDC", "6000", "6000")],
            "79.37",
        );
        let Fall::At(at) = fall(&vault, both) else { panic!("it falls") };
        let on_the_way = |token: &str| Decimal::ONE + at * (both(token) - Decimal::ONE);
        let there = Solvency::of(&at_prices(&vault, on_the_way).unwrap());
        let shares = there.ltv.unwrap().0 / d("79.37");
        assert_eq!(shares.round_dp(12), Decimal::ONE);
    }

    #[test]
    fn what_the_platform_reports_moves_along() {
        let mut reported = one();
        // It tells of interest that its values do not have yet.
        reported.ltv = Some(Reported::Current(Percent(d("66"))));
        reported.risk_level = Some(Reported::Current(Level::Low));
        let moved = at_prices(&reported, weth("0.8")).unwrap();
        assert_eq!(solvency::ltv(&moved), Some(Percent(d("82.5"))));
        assert_eq!(Solvency::of(&moved).level, Some(Level::Critical));
        let Fall::At(at) = fall(&reported, weth("0.8")) else { panic!("it falls") };
        assert_eq!(at.round_dp(9), Decimal::ONE, "just there");
    }

    #[test]
    fn a_health_factor_alone_is_enough() {
        let mut bare = Vault::unknown(VaultId::new("V").unwrap());
        bare.health_factor = Some(Reported::Current(crate::HealthFactor(d("1.25"))));
        bare.collateral = Some(vec![holding("WETH", "1", "")]);
        let Fall::At(at) = fall(&bare, weth("0.6")) else { panic!("it falls") };
        assert_eq!(at, d("0.5"));
        let moved = Solvency::of(&at_prices(&bare, weth("0.8")).unwrap());
        assert_eq!(moved.health, Health::Factor(crate::HealthFactor(d("1.000"))));
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        let both = vec![holding("WETH", "5", ""), holding("WBTC", "0.4", "24493.80")];
        let blind = vault(both, vec![holding("USDC", "9000", "9000")], "80");
        assert_eq!(fall(&blind, weth("0.5")), Fall::Unknown);
        assert_eq!(at_prices(&blind, weth("0.5")), None);
        let mut limitless = one();
        limitless.liquidation_threshold = None;
        assert_eq!(fall(&limitless, weth("0.1")), Fall::Unknown);
        assert_eq!(at_prices(&one(), |_| Decimal::ZERO), None, "worth nothing");
    }

    #[test]
    fn what_may_be_liquidated_already_falls_first_and_what_is_closed_not_at_all() {
        let mut over = one();
        over.debt = Some(vec![holding("USDC", "17000", "17000")]);
        assert_eq!(fall(&over, weth("1.1")), Fall::At(Decimal::ZERO));
        for status in [VaultStatus::Closed, VaultStatus::Liquidated] {
            over.status = Some(status);
            assert_eq!(fall(&over, weth("0.1")), Fall::Never);
        }
    }

    #[test]
    fn paying_what_the_cure_asks_for_leads_to_its_target() {
        let target = Percent(d("40"));
        let cure = cure_for(&one(), target).unwrap();
        let room = |vault: Option<Vault>| Solvency::of(&vault.unwrap()).room.unwrap().0.round_dp(9);
        assert_eq!(room(after_paying(&one(), cure.repay.usd, Usd::ZERO)), d("40"));
        assert_eq!(room(after_paying(&one(), Usd::ZERO, cure.add.usd)), d("40"));
        assert_eq!(cure_for(&one(), Percent(d("20"))), None, "it has 27 %");
        assert_eq!(cure_for(&one(), Percent(d("100"))), None, "without debt only");
        let added = after_paying(&one(), Usd::ZERO, Usd(d("20000"))).unwrap();
        assert_eq!(
            Solvency::of(&added).liquidation_price.unwrap().0.round_dp(6),
            d("727.272727"),
            "twice as many tokens"
        );
        let free = Solvency::of(&after_paying(&one(), Usd(d("50000")), Usd::ZERO).unwrap());
        assert_eq!((free.health, free.debt), (Health::NoDebt, Some(Usd(d("0")))));
    }
}
