//! What brings the vault to a room that somebody wants: paying back, or putting in.

use std::rc::Rc;

use domain::cure::{Cure, Remedy, TARGET_ROOM};
use domain::solvency::Solvency;
use domain::view::VaultDetail;
use domain::{Percent, Usd, Vault, what_if};
use rust_decimal::Decimal;
use yew::prelude::*;

use crate::design::{Accept, Field};
use crate::format;
use crate::words::{self, vault_cure as say};

#[derive(PartialEq, Properties)]
pub(crate) struct CalculatorProps {
    pub(crate) detail: Rc<VaultDetail>,
}

#[component]
pub(crate) fn CureCalculator(props: &CalculatorProps) -> Html {
    let target = use_state_eq(|| TARGET_ROOM);
    let accept = {
        let target = target.setter();
        Accept::new(move |text| {
            target.set(read_target(text)?);
            Ok(())
        })
    };
    let vault = what_if::vault_of(&props.detail);
    let solvency = Solvency::of(&vault);
    // Without one of these there is nothing to calculate with.
    let (Some(debt), Some(_), Some(_)) = (solvency.debt, solvency.limit, solvency.collateral)
    else {
        return Html::default();
    };
    if debt.0.is_zero() {
        return Html::default();
    }
    let cure = what_if::cure_for(&vault, *target);
    let room = format::setting(target.0);
    html! {
        <section class="card cure" aria-label={say::label()} data-testid="cure">
            <h2 class="card-head">{ say::title(&room) }</h2>
            <div class="remedies">
                { match &cure {
                    Some(cure) => remedies(&vault, cure),
                    None => html! { <p class="remedy-none" data-testid="cure-none">{ enough(&solvency) }</p> },
                } }
                <span class="remedies-target">
                    <Field id="cure-target" label={say::target()} unit={say::target_unit()} value={room} {accept} />
                </span>
            </div>
        </section>
    }
}

fn enough(solvency: &Solvency) -> String {
    match solvency.room {
        Some(room) => say::enough(&format::room(room)),
        None => say::nothing().to_owned(),
    }
}

fn remedies(vault: &Vault, cure: &Cure) -> Html {
    let after = |repay: Usd, add: Usd| what_if::after_paying(vault, repay, add);
    html! {
        <>
            { remedy(say::repay(), "cure-repay", &cure.repay, after(cure.repay.usd, Usd::ZERO).as_ref()) }
            <span class="or">{ say::or() }</span>
            { remedy(say::add(), "cure-add", &cure.add, after(Usd::ZERO, cure.add.usd).as_ref()) }
        </>
    }
}

fn remedy(name: &'static str, id: &'static str, remedy: &Remedy, after: Option<&Vault>) -> Html {
    html! {
        <div class="remedy" data-testid={id}>
            <span class="label">{ name }</span>
            <span class="total-figure">{ amount(remedy) }</span>
            if remedy.tokens.is_some() { <small>{ format::usd_at_least(remedy.usd) }</small> }
            { for after.map(|vault| html! { <small>{ then(vault) }</small> }) }
        </div>
    }
}

/// `13,700 USDC`; in dollars, where it is not one token's matter.
pub(crate) fn amount(remedy: &Remedy) -> String {
    match &remedy.tokens {
        Some(tokens) => format!("{} {}", format::at_least(tokens.amount.value()), tokens.token),
        None => format::usd_at_least(remedy.usd),
    }
}

/// What the vault is like when that was done.
fn then(after: &Vault) -> String {
    let solvency = Solvency::of(after);
    let health = format::health(solvency.health);
    match solvency.liquidation_price {
        Some(price) => say::then_price(&health, &format::price(price)),
        None => say::then(&health),
    }
}

/// A room that a vault with debt can have.
fn read_target(text: &str) -> Result<Percent, String> {
    let range = || say::target_range().to_owned();
    let target: Percent = words::typed(text.trim()).parse().map_err(|_| range())?;
    let possible = Decimal::ZERO..=Decimal::from(95);
    if possible.contains(&target.0) { Ok(target) } else { Err(range()) }
}

#[cfg(test)]
mod tests {
    use domain::Amount;
    use domain::cure::TokenQuantity;

    use super::*;
    use crate::words::{Language, speak};

    #[test]
    fn a_target_is_a_room_that_can_be_had() {
        for (text, room) in [("15", "15"), (" 7.5 ", "7.5"), ("0", "0"), ("95", "95")] {
            assert_eq!(read_target(text).unwrap().to_string(), room);
        }
        for text in ["", "-1", "96", "15 %", "much"] {
            assert_eq!(read_target(text).unwrap_err(), "must be from 0 to 95", "{text}");
        }
        speak(Language::German);
        for text in ["7,5", "7.5", &format::setting(Decimal::new(75, 1))] {
            assert_eq!(read_target(text).unwrap().to_string(), "7.5", "{text}");
        }
    }

    #[test]
    fn what_to_pay_is_written_as_the_language_writes_it() {
        let bridged = Remedy {
            usd: Usd(Decimal::from(13_601)),
            tokens: Some(TokenQuantity {
                amount: Amount::from(Decimal::from(13_601)),
                token: "USDC.e".into(),
            }),
        };
        let several = Remedy { tokens: None, ..bridged };
        assert_eq!([amount(&bridged), amount(&several)], ["13,700 USDC.e", "$13,700"]);
        speak(Language::German);
        assert_eq!([amount(&bridged), amount(&several)], ["13.700 USDC.e", "$13.700"]);
        let then = say::then_price("1,17", "1.936");
        assert_eq!(then, "danach HF 1,17, Liquidation bei $1.936");
    }
}
