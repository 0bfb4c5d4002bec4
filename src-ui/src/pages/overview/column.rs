//! The heads of the table's columns.

use yew::prelude::*;

use super::width::Grip;
use crate::clock;
use crate::design::Icon;
use crate::live::{Column, Direction, Topic};
use crate::session::{use_live, use_session};

fn label(column: Column) -> Html {
    match column {
        Column::Ltv => html! {
            <>{ column.label() }<span class="key key-max" aria-hidden="true" />{ "max" }<span class="key key-limit" aria-hidden="true" />{ "liq" }</>
        },
        _ => html! { { column.label() } },
    }
}

fn explanation(column: Column) -> &'static str {
    match column {
        Column::Level => "How close to liquidation",
        Column::Vault => "The vault and its collateral",
        Column::Room => "How far the collateral may fall before liquidation, rounded down",
        Column::Health => "Health factor: below 1 the vault may be liquidated",
        Column::Ltv => {
            "Debt / collateral, with the most that may be borrowed and the liquidation line"
        }
        Column::LiquidationPrice => "Price of the collateral at which the vault may be liquidated",
        Column::Debt => "What is owed",
        Column::Cure => "What to repay for 15 % left, rounded up",
        Column::Trend => "Distance to liquidation since this window opened; falling is worse",
        Column::Chain => "The blockchain",
        Column::Age => "Since the last update",
    }
}

/// The row of heads; each sorts by its column, with `Shift` behind those that are sorted by already.
#[component]
pub(crate) fn Heads() -> Html {
    let session = use_session();
    let sorts = use_live(Topic::View, |state| state.view.sort.clone());
    let (hidden, widths) = use_live(Topic::Preferences, |state| {
        let preferences = &state.preferences;
        (preferences.hidden_columns.clone(), preferences.column_widths.clone())
    });
    let head = |(index, column): (usize, Column)| {
        let live = session.live.clone();
        let onclick = Callback::from(move |event: MouseEvent| {
            let also = event.shift_key();
            live.change_view(
                |view| if also { view.sort_also_by(column) } else { view.sort_by(column) },
                clock::now(),
            );
        });
        let place = sorts.iter().position(|sort| sort.column == column);
        let (order, arrow) = match place.map(|place| sorts[place].direction) {
            None => ("none", Html::default()),
            Some(Direction::Ascending) => ("ascending", Icon::Up.html()),
            Some(Direction::Descending) => ("descending", Icon::Down.html()),
        };
        // Only one column may say so; the others say it by their number.
        let aria = if place == Some(0) { order } else { "none" };
        let number =
            place.filter(|_| sorts.len() > 1).map(|place| html! { <sup>{ place + 1 }</sup> });
        let name = column.name();
        let width = widths.get(name).copied();
        html! {
            <div role="columnheader" class={format!("c-{name}")} aria-sort={aria} aria-colindex={(index + 1).to_string()} data-sorted={place.map(|_| "true")}>
                <button type="button" data-testid={format!("sort-{name}")} title={explanation(column)} {onclick}>{ label(column) }{ arrow }{ for number }</button>
                <Grip {column} {width} />
            </div>
        }
    };
    let shown =
        Column::ALL.into_iter().filter(|column| !hidden.iter().any(|name| name == column.name()));
    html! {
        <div class="row heads" role="row" aria-rowindex="1">
            { for shown.enumerate().map(head) }
        </div>
    }
}
