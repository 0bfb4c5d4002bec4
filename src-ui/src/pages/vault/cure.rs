//! What brings the vault to a room that somebody wants: paying back, or putting in.

use std::rc::Rc;

use domain::cure::{Cure, Remedy, TARGET_ROOM};
use domain::solvency::Solvency;
use domain::view::VaultDetail;
use domain::{Percent, Usd, Vault, text, what_if};
use rust_decimal::Decimal;
use yew::prelude::*;

use crate::design::{Accept, Field};
use crate::format;

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
    let title = format!("To get back to {} % left", text::setting(target.0));
    html! {
        <section class="card cure" aria-label="Cure" data-testid="cure">
            <h2 class="card-head">{ title }</h2>
            <div class="remedies">
                { match &cure {
                    Some(cure) => remedies(&vault, cure),
                    None => html! { <p class="remedy-none" data-testid="cure-none">{ enough(&solvency) }</p> },
                } }
                <span class="remedies-target">
                    <Field id="cure-target" label="Target" unit="% left" value={text::setting(target.0)} {accept} />
                </span>
            </div>
        </section>
    }
}

fn enough(solvency: &Solvency) -> String {
    match solvency.room {
        Some(room) => format!("It has {} % left: nothing to pay.", text::room(room)),
        None => "Nothing to pay.".to_owned(),
    }
}

fn remedies(vault: &Vault, cure: &Cure) -> Html {
    let after = |repay: Usd, add: Usd| what_if::after_paying(vault, repay, add);
    html! {
        <>
            { remedy("Repay", "cure-repay", &cure.repay, after(cure.repay.usd, Usd::ZERO).as_ref()) }
            <span class="or">{ "or" }</span>
            { remedy("Add collateral", "cure-add", &cure.add, after(Usd::ZERO, cure.add.usd).as_ref()) }
        </>
    }
}

fn remedy(name: &'static str, id: &'static str, remedy: &Remedy, after: Option<&Vault>) -> Html {
    let tokens = remedy
        .tokens
        .as_ref()
        .map(|tokens| format!("{} {}", text::at_least(tokens.amount.value()), tokens.token));
    let usd = text::usd_at_least(remedy.usd);
    let then = after.map(|vault| {
        let solvency = Solvency::of(vault);
        let price = solvency.liquidation_price.map(text::price);
        let price = price.map(|price| format!(", liquidated at ${price}")).unwrap_or_default();
        format!("then HF {}{price}", format::health(solvency.health))
    });
    html! {
        <div class="remedy" data-testid={id}>
            <span class="label">{ name }</span>
            <span class="total-figure">{ tokens.clone().unwrap_or_else(|| usd.clone()) }</span>
            if tokens.is_some() { <small>{ usd }</small> }
            { for then.map(|then| html! { <small>{ then }</small> }) }
        </div>
    }
}

/// A room that a vault with debt can have.
fn read_target(text: &str) -> Result<Percent, String> {
    let range = || "must be from 0 to 95".to_owned();
    let target: Percent = text.trim().parse().map_err(|_| range())?;
    let possible = Decimal::ZERO..=Decimal::from(95);
    if possible.contains(&target.0) { Ok(target) } else { Err(range()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_room_that_can_be_had() {
        for (text, room) in [("15", "15"), (" 7.5 ", "7.5"), ("0", "0"), ("95", "95")] {
            assert_eq!(read_target(text).unwrap().to_string(), room);
        }
        for text in ["", "-1", "96", "15 %", "much"] {
            assert_eq!(read_target(text).unwrap_err(), "must be from 0 to 95", "{text}");
        }
    }
}
