use domain::cure::Remedy;
use domain::view::{FallView, Freshness, Target, WhatIfView};
use domain::{Percent, csv, text};
use rust_decimal::Decimal;
use yew::prelude::*;

use super::shocks::Shocks;
use crate::clipboard;
use crate::design::{Icon, level_icon, level_style};
use crate::format::NONE;
use crate::shell::route;

/// The vaults that fall, the first one first.
pub(super) fn falls(view: &WhatIfView, shocks: &Shocks) -> Html {
    if view.fallen == 0 {
        return html! {
            <section class="card" aria-label="Vaults that fall">
                <p class="card-empty what-if-none" data-testid="what-if-none">{ Icon::Check.html() }{ "All of them would stand." }</p>
            </section>
        };
    }
    let more = view.fallen as usize - view.falls.len();
    let common = shocks.common();
    let lines: Vec<_> = view.falls.iter().map(|fall| Line::of(fall, common.as_ref())).collect();
    let copied = csv_of(&lines);
    let copy = Callback::from(move |_: MouseEvent| clipboard::copy(&copied));
    html! {
        <section class="card" aria-label="Vaults that fall">
            <h2 class="card-head">{ "The first to fall first" }
                <button type="button" class="button head-action" data-testid="what-if-copy" onclick={copy}>{ "Copy as CSV" }</button>
            </h2>
            <div class="scroll-x">
                <table class="falls-table" data-testid="what-if-falls">
                    <thead><tr>
                        <th>{ "Vault" }</th><th>{ "Falls at" }</th><th class="wide-only">{ "Left now" }</th><th class="wide-only">{ "Debt" }</th><th>{ "Repay" }</th><th>{ "Or add" }</th>
                    </tr></thead>
                    <tbody>{ for view.falls.iter().zip(&lines).map(|(fall, line)| row(fall, line)) }</tbody>
                </table>
            </div>
            if more > 0 { <p class="card-note">{ format!("And {} more, which the sums above have.", text::group(&more.to_string())) }</p> }
        </section>
    }
}

/// A vault in words.
struct Line {
    vault: String,
    at: String,
    room: String,
    debt: String,
    repay: String,
    add: String,
}

impl Line {
    fn of(fall: &FallView, common: Option<&(String, i32)>) -> Self {
        let or_none = |text: Option<String>| text.unwrap_or_else(|| NONE.to_owned());
        let cure = fall.cure.as_ref();
        Self {
            vault: fall.id.to_string(),
            at: at(fall.at, common),
            room: or_none(fall.room.map(|room| format!("{} %", text::room(room)))),
            debt: or_none(fall.debt.map(text::usd_compact)),
            repay: or_none(cure.map(|cure| remedy(&cure.repay))),
            add: or_none(cure.map(|cure| remedy(&cure.add))),
        }
    }
}

fn row(fall: &FallView, line: &Line) -> Html {
    html! {
        <tr key={line.vault.as_str()} data-level={level_style(fall.level)} data-testid={format!("fall-{}", line.vault)}>
            <th scope="row">
                <a href={route::href(&Target::Vault(fall.id.clone()))}>{ level_icon(fall.level, Freshness::Live) }<strong>{ &line.vault }</strong></a>
                <small>{ fall.name.as_deref().unwrap_or(&fall.tokens) }</small>
            </th>
            <td>{ &line.at }</td><td class="wide-only">{ &line.room }</td><td class="wide-only">{ &line.debt }</td><td>{ &line.repay }</td><td>{ &line.add }</td>
        </tr>
    }
}

/// Where on the way it falls: as a move of the price, where all move alike.
fn at(share: Percent, common: Option<&(String, i32)>) -> String {
    if share.0.is_zero() {
        return "already".to_owned();
    }
    match common {
        Some((name, percent)) => {
            let percent = share.0 * Decimal::from(percent.abs()) / Decimal::ONE_HUNDRED;
            let sign = if common.is_some_and(|(_, percent)| *percent < 0) { '−' } else { '+' };
            format!("{name} {sign}{} %", text::room(Percent(percent)))
        }
        None => format!("{} % of the way", text::room(share)),
    }
}

fn remedy(remedy: &Remedy) -> String {
    match &remedy.tokens {
        Some(tokens) => format!("{} {}", text::at_least(tokens.amount.value()), tokens.token),
        None => text::usd_at_least(remedy.usd),
    }
}

fn csv_of(lines: &[Line]) -> String {
    let mut text = String::new();
    csv::push_line(&mut text, ["vault", "falls at", "left now", "debt", "repay", "or add"]);
    for line in lines {
        let Line { vault, at, room, debt, repay, add } = line;
        csv::push_line(&mut text, [vault, at, room, debt, repay, add].map(String::as_str));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_is_told_as_a_move_of_the_price_where_there_is_one() {
        let share = |text: &str| Percent(text.parse().unwrap());
        let weth = ("WETH".to_owned(), -20);
        assert_eq!(at(share("62.50"), Some(&weth)), "WETH −12.5 %");
        assert_eq!(at(share("0"), Some(&weth)), "already");
        let rise = ("USDC".to_owned(), 40);
        assert_eq!(at(share("25"), Some(&rise)), "USDC +10.0 %");
        assert_eq!(at(share("33.33"), None), "33.3 % of the way");
    }
}
