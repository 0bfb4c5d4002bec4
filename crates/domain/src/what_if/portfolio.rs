use std::cmp::Reverse;
use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use smol_str::SmolStr;

use super::{Fall, at_prices, fall};
use crate::solvency::{self, Solvency};
use crate::units::{Percent, Usd};
use crate::vault::Holding;
use crate::view::{FallView, Freshness, Shock, TokenView, VaultRow, WhatIfView};
use crate::{Level, Vault};

/// All vaults under one shock, taken in one by one.
#[derive(Debug)]
pub struct Portfolio {
    factors: Vec<(SmolStr, Decimal)>,
    view: WhatIfView,
    tokens: BTreeMap<SmolStr, TokenView>,
}

impl Portfolio {
    /// Under these shocks. Of two of one token the first counts.
    #[must_use]
    pub fn new(shocks: &[Shock]) -> Self {
        let factors = shocks.iter().map(|shock| (shock.token.clone(), shock.change.factor()));
        Self { factors: factors.collect(), view: WhatIfView::default(), tokens: BTreeMap::new() }
    }

    /// Takes a vault in. What is stale is counted and not judged: nobody knows where it stands.
    pub fn take_in(&mut self, vault: &Vault, freshness: Freshness, row: impl FnOnce() -> VaultRow) {
        if !solvency::is_open(vault) {
            return;
        }
        if freshness == Freshness::Stale {
            self.view.stale += 1;
            return;
        }
        self.note_tokens(vault);
        if self.factors.is_empty() {
            self.view.vaults += 1;
            return;
        }
        let factor = |token: &str| factor(&self.factors, token);
        let at = match fall(vault, factor) {
            Fall::Unknown => {
                self.view.unknown += 1;
                return;
            }
            Fall::Never => {
                self.view.vaults += 1;
                return self.stands(vault);
            }
            Fall::At(at) => at,
        };
        self.view.vaults += 1;
        let row = row();
        let after = at_prices(vault, factor).map(|moved| Solvency::of(&moved));
        let (ltv, cure) = after.map(|after| (after.ltv, after.cure)).unwrap_or_default();
        let view = &mut self.view;
        view.fallen += 1;
        sum(&mut view.debt, row.debt);
        sum(&mut view.repay, cure.as_ref().map(|cure| cure.repay.usd));
        sum(&mut view.add, cure.as_ref().map(|cure| cure.add.usd));
        view.falls.push(FallView {
            at: Percent(at_most_two_places(at * Decimal::ONE_HUNDRED)),
            id: row.id,
            name: row.name,
            tokens: row.tokens,
            chain_id: row.chain_id,
            level: row.level,
            room: row.room,
            debt: row.debt,
            ltv,
            cure,
        });
    }

    /// What came of it: the first to fall first, and of those that fall together the largest debt.
    #[must_use]
    pub fn view(mut self) -> WhatIfView {
        self.view.falls.sort_by(|a, b| {
            let key = |fall: &FallView| (fall.at, Reverse(fall.debt));
            key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
        });
        self.view.falls.truncate(WhatIfView::FALLS);
        let mut tokens: Vec<_> = self.tokens.into_values().collect();
        tokens.sort_by(|a, b| {
            let key = |token: &TokenView| Reverse((token.collateral, token.debt));
            key(a).cmp(&key(b)).then_with(|| a.token.cmp(&b.token))
        });
        tokens.truncate(WhatIfView::TOKENS);
        self.view.tokens = tokens;
        self.view
    }

    fn stands(&mut self, vault: &Vault) {
        let factor = |token: &str| factor(&self.factors, token);
        let touched = vault.collateral.iter().chain(&vault.debt).flatten();
        let touched = touched.map(|holding| factor(&holding.token)).any(|by| by != Decimal::ONE);
        // One that holds nothing of it is as it was.
        let moved = if touched { at_prices(vault, factor) } else { None };
        let vault = moved.as_ref().unwrap_or(vault);
        match solvency::level(vault, solvency::measure(vault)) {
            Some(Level::Critical) => self.view.critical += 1,
            Some(Level::High) => self.view.high += 1,
            _ => {}
        }
    }

    fn note_tokens(&mut self, vault: &Vault) {
        for (holdings, is_debt) in [(&vault.collateral, false), (&vault.debt, true)] {
            for Holding { token, value, .. } in holdings.iter().flatten() {
                if token.is_empty() {
                    continue;
                }
                let view = match self.tokens.get_mut(token) {
                    Some(view) => view,
                    None => self.tokens.entry(token.clone()).or_insert_with(|| TokenView {
                        token: token.clone(),
                        vaults: 0,
                        collateral: Usd::ZERO,
                        debt: Usd::ZERO,
                    }),
                };
                view.vaults += u32::from(!is_debt);
                sum(if is_debt { &mut view.debt } else { &mut view.collateral }, *value);
            }
        }
    }
}

fn factor(factors: &[(SmolStr, Decimal)], token: &str) -> Decimal {
    factors.iter().find(|(of, _)| of == token).map_or(Decimal::ONE, |(_, factor)| *factor)
}

/// Towards safety: rather too early than too late.
fn at_most_two_places(percent: Decimal) -> Decimal {
    percent.round_dp_with_strategy(2, RoundingStrategy::ToZero)
}

/// Adds what is known; a sum beyond 28 digits stays where it is.
fn sum(to: &mut Usd, value: Option<Usd>) {
    let value = value.map_or(Decimal::ZERO, |usd| usd.0);
    to.0 = to.0.checked_add(value).unwrap_or(to.0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{ChainId, VaultId};
    use crate::vault::VaultStatus;
    use crate::view::PriceChange;
    use wire::UnixMillis;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn holding(token: &str, value: &str) -> Holding {
        let value = Some(Usd(d(value)));
        Holding {
            token: token.into(),
            amount: Some(Decimal::TEN.into()),
            value,
            ..Holding::default()
        }
    }

    fn vault(id: &str, token: &str, collateral: &str, debt: &str) -> Vault {
        Vault {
            collateral: Some(vec![holding(token, collateral)]),
            debt: Some(vec![holding("USDC", debt)]),
            liquidation_threshold: Some(Percent(d("80"))),
            chain_id: Some(ChainId(1)),
            ..Vault::unknown(VaultId::new(id).unwrap())
        }
    }

    fn row(vault: &Vault) -> VaultRow {
        let solvency = Solvency::of(vault);
        VaultRow {
            id: vault.id.clone(),
            name: None,
            tokens: "".into(),
            chain_id: vault.chain_id,
            status: vault.status,
            level: solvency.level,
            freshness: Freshness::Live,
            received: UnixMillis(0),
            room: solvency.room,
            health: solvency.health,
            ltv: solvency.ltv,
            max_ltv: None,
            limit: solvency.limit,
            liquidation_price: solvency.liquidation_price,
            collateral: solvency.collateral,
            debt: solvency.debt,
            cure: None,
        }
    }

    fn shocks(all: &[(&str, i32)]) -> Vec<Shock> {
        let shock = |(token, permille): &(&str, i32)| Shock {
            token: (*token).into(),
            change: PriceChange::try_from(*permille).unwrap(),
        };
        all.iter().map(shock).collect()
    }

    fn outlook(vaults: &[Vault], all: &[(&str, i32)]) -> WhatIfView {
        let mut portfolio = Portfolio::new(&shocks(all));
        for vault in vaults {
            portfolio.take_in(vault, Freshness::Live, || row(vault));
        }
        portfolio.view()
    }

    fn fallen(view: &WhatIfView) -> Vec<(String, String)> {
        view.falls.iter().map(|fall| (fall.id.to_string(), fall.at.to_string())).collect()
    }

    #[test]
    fn vaults_fall_in_the_order_in_which_the_price_reaches_them() {
        let vaults = [
            vault("FAR", "WETH", "1000", "500"),
            vault("NEAR", "WETH", "1000", "760"),
            vault("MIDDLE", "WETH", "1000", "700"),
            vault("OTHER", "ARB", "1000", "760"),
        ];
        let view = outlook(&vaults, &[("WETH", -200)]);
        // NEAR at −5 %, MIDDLE at −12.5 %, FAR only at −37.5 %.
        let expected = [("NEAR", "25.00"), ("MIDDLE", "62.50")];
        assert_eq!(fallen(&view), expected.map(|(id, at)| (id.to_owned(), at.to_owned())));
        assert_eq!((view.vaults, view.fallen, view.unknown), (4, 2, 0));
        // Of those that stand: OTHER has 5 % left, and FAR 21.875 %.
        assert_eq!((view.critical, view.high), (1, 0));
        assert_eq!(view.debt, Usd(d("1460")));
        // 760 − 0.85·0.8·800, and 700 − 544.
        assert_eq!(view.repay, Usd(d("372")));
        let add = view.add.0.round_dp(6);
        assert_eq!(add, d("547.058824"), "760/0.68 − 800 and 700/0.68 − 800");
        let cure = view.falls[0].cure.as_ref().unwrap();
        assert_eq!(cure.repay.usd, Usd(d("216")));
        assert!(view.falls[0].ltv.unwrap().0 > d("80"));
    }

    #[test]
    fn every_fall_lies_on_its_liquidation_price() {
        for debt in ["560", "610.5", "700", "799.99"] {
            let one = vault("A", "WETH", "1000", debt);
            let view = outlook(std::slice::from_ref(&one), &[("WETH", -400)]);
            let at = view.falls[0].at.0 / Decimal::ONE_HUNDRED * d("0.4");
            let Solvency { price, liquidation_price, .. } = Solvency::of(&one);
            let there = price.unwrap().0 * (Decimal::ONE - at);
            let apart = (there - liquidation_price.unwrap().0) / there;
            assert!(apart >= Decimal::ZERO && apart < d("0.0002"), "{debt}: {apart}");
        }
    }

    #[test]
    fn tokens_are_listed_whatever_the_shock_and_the_largest_comes_first() {
        let closed = Vault { status: Some(VaultStatus::Closed), ..vault("C", "UNI", "9", "1") };
        let vaults = [vault("A", "WETH", "1000", "500"), vault("B", "ARB", "2000", "9"), closed];
        for all in [&[][..], &[("WETH", -100)]] {
            let view = outlook(&vaults, all);
            let tokens: Vec<_> = view.tokens.iter().map(|one| one.token.as_str()).collect();
            assert_eq!(tokens, ["ARB", "WETH", "USDC"]);
            assert_eq!(view.tokens[2].debt, Usd(d("509")));
            assert_eq!((view.vaults, view.fallen), (2, 0));
        }
    }

    #[test]
    fn what_is_stale_or_unknown_is_counted_and_not_judged() {
        let mut blind = vault("BLIND", "WETH", "1000", "790");
        blind.liquidation_threshold = None;
        let stale = vault("STALE", "WETH", "1000", "790");
        let mut portfolio = Portfolio::new(&shocks(&[("WETH", -500)]));
        portfolio.take_in(&blind, Freshness::Live, || row(&blind));
        portfolio.take_in(&stale, Freshness::Stale, || row(&stale));
        let view = portfolio.view();
        assert_eq!((view.vaults, view.unknown, view.stale, view.fallen), (0, 1, 1, 0));
    }

    #[test]
    fn the_list_is_limited_and_the_sums_are_not() {
        let vaults: Vec<_> =
            (0..300).map(|n| vault(&format!("V{n:03}"), "WETH", "1000", "790")).collect();
        let view = outlook(&vaults, &[("WETH", -300)]);
        assert_eq!((view.fallen, view.falls.len()), (300, WhatIfView::FALLS));
        assert_eq!(view.debt, Usd(d("237000")));
        assert_eq!(view.falls[0].id.as_str(), "V000", "where all else is equal by name");
    }
}
