use std::rc::Rc;

use domain::view::{FallView, Freshness, Target, WhatIfView};
use domain::{Percent, csv};
use rust_decimal::Decimal;
use yew::prelude::*;

use super::shocks::Shocks;
use crate::clipboard;
use crate::design::{Icon, level_icon, level_style};
use crate::format::{self, NONE};
use crate::pages::vault::remedy_amount;
use crate::shell::route;
use crate::words::{Language, language, speak, what_if, what_if_falls as say};

/// The vaults that fall, the first one first.
pub(super) fn falls(view: &Rc<WhatIfView>, shocks: &Shocks) -> Html {
    if view.fallen == 0 {
        return html! {
            <section class="card" aria-label={say::label()}>
                <p class="card-empty what-if-none" data-testid="what-if-none">{ Icon::Check.html() }{ say::none() }</p>
            </section>
        };
    }
    let more = view.fallen as usize - view.falls.len();
    let common = shocks.common();
    let line = |fall: &FallView| row(fall, &Line::of(fall, common.as_ref()));
    let copy = {
        let (view, shocks) = (Rc::clone(view), shocks.clone());
        Callback::from(move |_: MouseEvent| clipboard::copy(&csv_of(&view, &shocks)))
    };
    html! {
        <section class="card" aria-label={say::label()}>
            <h2 class="card-head">{ say::title() }
                <button type="button" class="button head-action" data-testid="what-if-copy" onclick={copy}>{ say::copy() }</button>
            </h2>
            <div class="scroll-x">
                <table class="falls-table" data-testid="what-if-falls">
                    <thead><tr>
                        <th>{ say::vault() }</th><th>{ say::falls_at() }</th><th class="wide-only">{ say::room() }</th><th class="wide-only">{ say::debt() }</th><th>{ what_if::repay() }</th><th>{ what_if::add() }</th>
                    </tr></thead>
                    <tbody>{ for view.falls.iter().map(line) }</tbody>
                </table>
            </div>
            if more > 0 { <p class="card-note">{ say::more(&format::group(&more.to_string())) }</p> }
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
            room: or_none(fall.room.map(|room| format!("{} %", format::room(room)))),
            debt: or_none(fall.debt.map(format::usd)),
            repay: or_none(cure.map(|cure| remedy_amount(&cure.repay))),
            add: or_none(cure.map(|cure| remedy_amount(&cure.add))),
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
        return say::already().to_owned();
    }
    match common {
        Some((name, percent)) => {
            let percent = share.0 * Decimal::from(percent.abs()) / Decimal::ONE_HUNDRED;
            let sign = if common.is_some_and(|(_, percent)| *percent < 0) { '−' } else { '+' };
            format!("{name} {sign}{} %", format::room(Percent(percent)))
        }
        None => say::on_the_way(&format::room(share)),
    }
}

/// For a spreadsheet, and therefore in English, whatever is spoken: it reads points, and commas would part the fields.
fn csv_of(view: &WhatIfView, shocks: &Shocks) -> String {
    let spoken = language();
    speak(Language::English);
    let common = shocks.common();
    let mut text = String::new();
    csv::push_line(&mut text, ["vault", "falls at", "left now", "debt", "repay", "or add"]);
    for fall in &view.falls {
        let Line { vault, at, room, debt, repay, add } = Line::of(fall, common.as_ref());
        csv::push_line(&mut text, [&vault, &at, &room, &debt, &repay, &add].map(String::as_str));
    }
    speak(spoken);
    text
}

#[cfg(test)]
mod tests {
    use domain::view::TokenView;
    use domain::{Usd, VaultId};

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
        speak(Language::German);
        assert_eq!(at(share("62.50"), Some(&weth)), "WETH −12,5 %");
        assert_eq!(at(share("33.33"), None), "33,3 % des Wegs");
    }

    #[test]
    fn a_spreadsheet_gets_english_whatever_is_spoken() {
        let fall = FallView {
            id: VaultId::new("ETH-017").unwrap(),
            name: None,
            tokens: "WETH/USDC".into(),
            chain_id: None,
            level: None,
            room: Some("17.84".parse().unwrap()),
            debt: Some("13600".parse().unwrap()),
            at: "62.5".parse().unwrap(),
            ltv: None,
            cure: None,
        };
        let (collateral, debt) = (Usd::ZERO, Usd::ZERO);
        let token = TokenView { token: "WETH".into(), vaults: 1, collateral, debt };
        let view = WhatIfView { falls: vec![fall], fallen: 1, ..WhatIfView::default() };
        speak(Language::German);
        let csv = csv_of(&view, &Shocks::first(&[token]));
        assert_eq!(csv.lines().nth(1).unwrap(), "ETH-017,WETH −12.5 %,17.8 %,$13.6k,–,–");
        assert_eq!(language(), Language::German);
    }
}
