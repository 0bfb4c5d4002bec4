use domain::solvency::{Limit, Solvency};
use domain::vault::Holding;
use domain::{Amount, Language, Percent, UnixMillis, Usd, Vault, text};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::say;

/// How a vault fared while its alert was open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    pub(super) first_room: Option<Percent>,
    pub(super) lowest_room: Option<Percent>,
    pub(super) worst_ltv: Option<Percent>,
    #[serde(default)]
    first: First,
    /// Since when `first` is known.
    pub(super) began: UnixMillis,
}

/// What the vault was made of when it began, as far as that was known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct First {
    /// Of the only collateral.
    price: Option<Usd>,
    collateral: Option<Only>,
    owed: Option<Only>,
    debt: Option<Usd>,
    limit: Option<Limit>,
}

/// The only collateral, or the only debt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Only {
    token: SmolStr,
    amount: Amount,
}

impl Course {
    #[must_use]
    pub fn start(vault: &Vault, solvency: &Solvency, now: UnixMillis) -> Self {
        Self {
            first_room: solvency.room,
            lowest_room: solvency.room,
            worst_ltv: solvency.ltv,
            first: First::of(vault, solvency),
            began: now,
        }
    }

    pub fn note(&mut self, vault: &Vault, solvency: &Solvency, now: UnixMillis) {
        if self.first == First::default() {
            self.began = now;
        }
        self.first.complete(First::of(vault, solvency));
        self.look(solvency.room, solvency.ltv);
    }

    /// Notes figures in passing.
    pub(crate) fn look(&mut self, room: Option<Percent>, ltv: Option<Percent>) {
        self.first_room = self.first_room.or(room);
        self.lowest_room = least(self.lowest_room, room);
        self.worst_ltv = self.worst_ltv.max(ltv);
    }

    /// `WETH −5.0 %`: how far the price of the only collateral has fallen.
    pub(super) fn fall(&self, language: Language, vault: &Vault, now: &Solvency) -> Option<String> {
        let held = only(vault.collateral.as_deref())?;
        let first = self.first.collateral.as_ref().filter(|first| first.token == held.token)?;
        let price = self.first.price?;
        let by = price.0.checked_sub(now.price?.0)?;
        let share = share(by, price.0)?;
        Some(format!("{} −{} %", first.token, language.figure(text::percent(share))))
    }

    /// `debt +13,700 USDC`, `collateral −5.00 WETH`, `threshold 82.5 → 80 %`: what beside a price has made it worse.
    pub(super) fn burdens(&self, language: Language, vault: &Vault, now: &Solvency) -> Vec<String> {
        use say::vault as of;
        let First { collateral, owed, debt, limit, .. } = &self.first;
        let mut burdens = Vec::new();
        let dollars = || {
            let (first, now) = ((*debt)?.0, now.debt?.0);
            let more = increase(first, now)?;
            Some(language.figure(text::usd_compact(Usd(more))))
        };
        let more = difference(language, owed.as_ref(), vault.debt.as_deref(), increase);
        burdens.extend(more.or_else(dollars).map(|more| of::more_debt(language, &more)));
        let less = |first, now| increase(now, first);
        let less = difference(language, collateral.as_ref(), vault.collateral.as_deref(), less);
        burdens.extend(less.map(|less| of::less_collateral(language, &less)));
        type Lowered = fn(Language, &str, &str) -> String;
        let lowered: Option<(Lowered, Percent, Percent)> = match (*limit, now.limit) {
            (Some(Limit::LiquidationThreshold(first)), Some(Limit::LiquidationThreshold(now))) => {
                Some((of::lower_threshold, first, now))
            }
            (Some(Limit::MaxLtv(first)), Some(Limit::MaxLtv(now))) => {
                Some((of::lower_max_ltv, first, now))
            }
            _ => None,
        };
        if let Some((said, first, now)) = lowered.filter(|(_, first, now)| now < first) {
            let [first, now] = [first, now].map(|limit| language.figure(text::setting(limit.0)));
            burdens.push(said(language, &first, &now));
        }
        burdens
    }
}

impl First {
    fn of(vault: &Vault, solvency: &Solvency) -> Self {
        Self {
            price: solvency.price,
            collateral: only(vault.collateral.as_deref()),
            owed: only(vault.debt.as_deref()),
            debt: solvency.debt,
            limit: solvency.limit,
        }
    }

    /// What is known only now stands for what was not known then.
    fn complete(&mut self, now: Self) {
        self.price = self.price.or(now.price);
        self.collateral = self.collateral.take().or(now.collateral);
        self.owed = self.owed.take().or(now.owed);
        self.debt = self.debt.or(now.debt);
        self.limit = self.limit.or(now.limit);
    }
}

fn only(holdings: Option<&[Holding]>) -> Option<Only> {
    let [only] = holdings? else { return None };
    let amount = only.amount.clone()?;
    (!only.token.is_empty()).then(|| Only { token: only.token.clone(), amount })
}

/// `5.00 WETH`: by how much a holding that is still of the same token differs.
fn difference(
    language: Language,
    first: Option<&Only>,
    now: Option<&[Holding]>,
    by: impl Fn(Decimal, Decimal) -> Option<Decimal>,
) -> Option<String> {
    let now = only(now)?;
    let first = first.filter(|first| first.token == now.token)?;
    let by = by(first.amount.value(), now.amount.value())?;
    Some(format!("{} {}", language.figure(text::quantity(by)), now.token))
}

/// By how much it has grown. Interest grows all the time: what is less than a tenth of a percent is none.
fn increase(first: Decimal, now: Decimal) -> Option<Decimal> {
    let by = now.checked_sub(first)?;
    let counts = if first.is_zero() { by > Decimal::ZERO } else { share(by, first).is_some() };
    counts.then_some(by)
}

/// A part of a whole; `None` when there is none, or it is less than a tenth of a percent.
fn share(part: Decimal, whole: Decimal) -> Option<Percent> {
    let share = part.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole)?;
    (share.round_dp(1) > Decimal::ZERO).then_some(Percent(share))
}

fn least(a: Option<Percent>, b: Option<Percent>) -> Option<Percent> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (known, None) | (None, known) => known,
    }
}
