//! What would become of the vault at other prices, or after somebody paid: by the formulas that its figures come from.

use std::rc::Rc;

use domain::cure::Remedy;
use domain::solvency::Solvency;
use domain::units::NotANumber;
use domain::vault::Holding;
use domain::view::{Freshness, VaultDetail};
use domain::{Usd, Vault, text, what_if};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use smol_str::SmolStr;
use yew::prelude::*;

use crate::design::{Accept, Field, Slider, badge, level_style};
use crate::format::{self, NONE};
use crate::pages::what_if::{LEAST, MOST};
use crate::words::{self, vault_cure, vault_figures as figure, vault_what_if as say};

/// What is supposed.
#[derive(Clone, Debug, Default, PartialEq)]
struct Moves {
    /// By what each price is multiplied; a token that is not here stays.
    prices: Vec<(SmolStr, Decimal)>,
    repay: Usd,
    add: Usd,
}

impl Moves {
    fn factor(&self, token: &str) -> Decimal {
        let found = self.prices.iter().find(|(of, _)| of == token);
        found.map_or(Decimal::ONE, |(_, factor)| *factor)
    }

    fn set(&mut self, token: &SmolStr, factor: Decimal) {
        self.prices.retain(|(of, _)| of != token);
        if factor != Decimal::ONE {
            self.prices.push((token.clone(), factor));
        }
    }

    /// `None`: too little is known of the vault, or nothing of it would be left.
    fn applied(&self, vault: &Vault) -> Option<Vault> {
        let moved = what_if::at_prices(vault, |token| self.factor(token))?;
        if self.repay == Usd::ZERO && self.add == Usd::ZERO {
            return Some(moved);
        }
        what_if::after_paying(&moved, self.repay, self.add)
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct WhatIfProps {
    pub(crate) detail: Rc<VaultDetail>,
}

#[component]
pub(crate) fn VaultWhatIf(props: &WhatIfProps) -> Html {
    let moves = use_state_eq(Moves::default);
    let vault = what_if::vault_of(&props.detail);
    let tokens = tokens(&props.detail);
    let now = Solvency::of(&vault);
    if tokens.is_empty() || now.ltv.is_none() && now.room.is_none() {
        return Html::default();
    }
    let change = {
        let moves = moves.clone();
        move |change: &dyn Fn(&mut Moves)| {
            let mut next = (*moves).clone();
            change(&mut next);
            moves.set(next);
        }
    };
    let token = |(token, price): &(SmolStr, Option<Usd>)| {
        let factor = moves.factor(token);
        let set = {
            let (change, token) = (change.clone(), token.clone());
            move |factor: Decimal| change(&|moves: &mut Moves| moves.set(&token, factor))
        };
        price_line(token, *price, factor, set)
    };
    let dollars = |id: &'static str,
                   label: &'static str,
                   value: Usd,
                   which: fn(&mut Moves) -> &mut Usd| {
        let change = change.clone();
        let accept = Accept::new(move |text| {
            let usd = read_dollars(text)?;
            change(&|moves: &mut Moves| *which(moves) = usd);
            Ok(())
        });
        html! { <Field {id} {label} unit="$" value={in_field(text::setting(value.0))} {accept} /> }
    };
    let reset = {
        let moves = moves.setter();
        Callback::from(move |_: MouseEvent| moves.set(Moves::default()))
    };
    let untouched = *moves == Moves::default();
    let after = moves.applied(&vault);
    html! {
        <section class="card what-if" aria-label={say::title()} data-testid="vault-what-if">
            <h2 class="card-head">{ say::title() }
                <button type="button" class="button head-action" data-testid="what-if-reset" disabled={untouched} onclick={reset}>{ say::reset() }</button>
            </h2>
            <div class="what-if-parts">
                <div class="what-if-moves">
                    { for tokens.iter().map(token) }
                    <div class="form-row">
                        { dollars("what-if-repay", vault_cure::repay(), moves.repay, |moves| &mut moves.repay) }
                        { dollars("what-if-add", vault_cure::add(), moves.add, |moves| &mut moves.add) }
                    </div>
                </div>
                { outcome(&now, after.as_ref(), untouched) }
            </div>
        </section>
    }
}

fn price_line(
    token: &SmolStr,
    price: Option<Usd>,
    factor: Decimal,
    set: impl Fn(Decimal) + Clone + 'static,
) -> Html {
    let percent = (factor - Decimal::ONE) * Decimal::ONE_HUNDRED;
    let value = percent.round().to_i32().unwrap_or(0).clamp(LEAST, MOST);
    let moved = price.map(|price| Usd(price.0 * factor));
    let said = format::signed_percent(percent.to_f64().unwrap_or(0.0));
    let onchange = {
        let set = set.clone();
        Callback::from(move |percent: i32| {
            set(Decimal::ONE + Decimal::new(i64::from(percent), 2));
        })
    };
    // It takes any price, also one that is beyond the slider.
    let field = price.zip(moved).map(|(price, moved)| {
        let accept = Accept::new(move |text| {
            let wanted = read_price(text)?;
            let factor = wanted.0.checked_div(price.0).ok_or_else(say::incomparable)?;
            set(factor);
            Ok(())
        });
        let (id, label) = (format!("what-if-price-{token}"), say::price_of(token));
        html! { <Field {id} {label} unit="$" value={in_field(text::price(moved))} {accept} /> }
    });
    html! {
        <div class="what-if-token" key={token.as_str()}>
            <Slider id={format!("what-if-{token}")} label={token.to_string()} {value} least={LEAST} most={MOST} {said} {onchange} />
            { for field }
        </div>
    }
}

/// As a person would type it: with nothing between the thousands, which could be taken for the decimal sign.
fn in_field(figure: String) -> String {
    words::local(figure.replace(',', ""))
}

fn outcome(now: &Solvency, after: Option<&Vault>, untouched: bool) -> Html {
    let Some(after) = after.map(Solvency::of) else {
        return html! { <p class="what-if-outcome" role="status">{ say::none() }</p> };
    };
    let line = |name: &'static str, of: &dyn Fn(&Solvency) -> String| {
        let (before, then) = (of(now), of(&after));
        let moved = before != then;
        html! {
            <><dt>{ name }</dt>
            <dd class={moved.then_some("moved")}>{ if moved { html! { <small>{ before }{ " → " }</small> } } else { Html::default() } }{ then }</dd></>
        }
    };
    let or_none = |text: Option<String>| text.unwrap_or_else(|| NONE.to_owned());
    html! {
        <div class="what-if-outcome" role="status" data-testid="what-if-outcome" data-level={level_style(after.level)}>
            <p class="headline-level">{ badge(after.level, Freshness::Live) }<span>{ sentence(&after, untouched) }</span></p>
            <dl class="facts-list">
                { line(figure::room(), &|one| or_none(one.room.map(|room| format!("{} %", format::room(room))))) }
                { line(figure::ltv(), &|one| or_none(one.ltv.map(|ltv| format!("{} %", format::percent(ltv))))) }
                { line(figure::health(), &|one| format::health(one.health)) }
                { line(figure::liquidation_price(), &|one| or_none(one.liquidation_price.map(|price| format!("${}", format::price(price))))) }
                { line(figure::collateral(), &|one| or_none(one.collateral.map(format::usd))) }
                { line(figure::debt(), &|one| or_none(one.debt.map(format::usd))) }
            </dl>
        </div>
    }
}

fn sentence(after: &Solvency, untouched: bool) -> String {
    if untouched {
        return say::as_now().to_owned();
    }
    let falls = after.room.is_some_and(|room| room.0.is_zero());
    let usd = |remedy: &Remedy| format::usd_at_least(remedy.usd);
    match (&after.cure, falls) {
        (Some(cure), true) => say::falls_cure(&usd(&cure.repay)),
        (None, true) => say::falls().to_owned(),
        (Some(cure), false) => say::stands_cure(&usd(&cure.repay), &usd(&cure.add)),
        (None, false) => say::stands().to_owned(),
    }
}

/// Each token once, collateral first, with its price where it is known.
fn tokens(detail: &VaultDetail) -> Vec<(SmolStr, Option<Usd>)> {
    let mut tokens: Vec<(SmolStr, Option<Usd>)> = Vec::new();
    for Holding { token, .. } in detail.collateral.iter().chain(&detail.debt) {
        if !token.is_empty() && tokens.iter().all(|(known, _)| known != token) {
            tokens.push((token.clone(), None));
        }
    }
    for (token, price) in &mut tokens {
        let held = detail.collateral.iter().chain(&detail.debt);
        *price = held.filter(|holding| holding.token == *token).find_map(Holding::price);
    }
    // The only collateral's price may be newer than the value that was sent.
    if let ([only], Some(price), Some(first)) =
        (&detail.collateral[..], detail.price, tokens.first_mut())
        && only.token == first.0
    {
        first.1 = Some(price);
    }
    tokens
}

fn read_dollars(text: &str) -> Result<Usd, String> {
    let digits = words::typed(text.trim()).replace(',', "");
    if digits.is_empty() {
        return Ok(Usd::ZERO);
    }
    let why = match digits.parse::<Usd>() {
        Ok(usd) if !usd.0.is_sign_negative() => return Ok(usd),
        Ok(_) | Err(NotANumber::Negative) => say::negative(),
        Err(NotANumber::Malformed) => say::no_number(),
        Err(NotANumber::TooLarge) => say::too_large(),
    };
    Err(why.to_owned())
}

fn read_price(text: &str) -> Result<Usd, String> {
    match read_dollars(text)? {
        Usd(price) if price.is_zero() => Err(say::no_price().to_owned()),
        price => Ok(price),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, speak};

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_price_that_is_back_where_it_was_is_no_move() {
        let mut moves = Moves::default();
        moves.set(&"WETH".into(), d("0.8"));
        moves.set(&"WETH".into(), d("0.7"));
        assert_eq!((moves.factor("WETH"), moves.factor("DAI")), (d("0.7"), Decimal::ONE));
        moves.set(&"WETH".into(), d("1.00"));
        assert_eq!(moves, Moves::default());
    }

    #[test]
    fn dollars_are_typed_with_commas_or_without() {
        assert_eq!(read_dollars(" 1,234.5 ").unwrap(), Usd(d("1234.5")));
        assert_eq!(read_dollars("").unwrap(), Usd::ZERO);
        assert_eq!(read_dollars("-5").unwrap_err(), "must not be negative");
        assert_eq!(read_dollars("much").unwrap_err(), "is not a decimal number");
        assert_eq!(read_price("0").unwrap_err(), "must be more than nothing");
    }

    #[test]
    fn what_stands_in_a_field_is_read_as_what_it_is() {
        for language in Language::ALL {
            speak(language);
            for price in ["61240", "186.4", "0.6402", "1.5"] {
                let price = Usd(d(price));
                assert_eq!(read_price(&in_field(text::price(price))).unwrap(), price);
            }
            assert_eq!(in_field(text::setting(d("2000"))), "2000");
        }
        assert_eq!(read_dollars(" 1.234,5 ").unwrap(), Usd(d("1234.5")));
        assert_eq!(read_dollars("viel").unwrap_err(), "ist keine Dezimalzahl");
    }

    #[test]
    fn the_sentence_says_whether_it_stands() {
        let holding = |token: &str, value: &str| Holding {
            token: token.into(),
            amount: Some(Decimal::TEN.into()),
            value: Some(Usd(d(value))),
            last_updated: None,
        };
        let vault = Vault {
            collateral: Some(vec![holding("WETH", "20000")]),
            debt: Some(vec![holding("USDC", "12000")]),
            liquidation_threshold: Some(domain::Percent(d("82.5"))),
            ..Vault::unknown(domain::VaultId::new("V").unwrap())
        };
        let after = |factor: &str| {
            let mut moves = Moves::default();
            moves.set(&"WETH".into(), d(factor));
            sentence(&Solvency::of(&moves.applied(&vault).unwrap()), false)
        };
        assert_eq!(after("0.95"), "It would stand, with room enough.");
        assert_eq!(after("0.8"), "It would stand. Repay $780 or add $1,120 for 15 %.");
        assert_eq!(
            after("0.7"),
            "It could be liquidated. Repaying $2,190 would bring it back to 15 %."
        );
        speak(Language::German);
        assert_eq!(
            after("0.8"),
            "Der Vault hielte stand. Für 15 %: $780 zurückzahlen oder $1.120 aufstocken."
        );
        let paid = Moves { repay: Usd(d("12000")), ..Moves::default() };
        assert_eq!(Solvency::of(&paid.applied(&vault).unwrap()).debt, Some(Usd(d("0"))));
    }
}
