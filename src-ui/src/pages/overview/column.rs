//! The heads of the table's columns.

use yew::prelude::*;

use crate::clock;
use crate::design::Icon;
use crate::live::{Column, Direction, Topic};
use crate::session::{use_live, use_session};

/// Name of the column in style sheets and tests.
fn style(column: Column) -> &'static str {
    match column {
        Column::Level => "level",
        Column::Vault => "vault",
        Column::Room => "room",
        Column::Health => "hf",
        Column::Ltv => "ltv",
        Column::LiquidationPrice => "price",
        Column::Debt => "debt",
        Column::Cure => "cure",
        Column::Trend => "trend",
        Column::Chain => "chain",
        Column::Age => "age",
    }
}

fn label(column: Column) -> Html {
    html! {
        { match column {
            Column::Level => "Level",
            Column::Vault => "Vault",
            Column::Room => "To liq. %",
            Column::Health => "HF",
            Column::Ltv => return html! {
                <>{ "LTV %" }<span class="key key-max" aria-hidden="true" />{ "max" }<span class="key key-limit" aria-hidden="true" />{ "liq" }</>
            },
            Column::LiquidationPrice => "Liq. price $",
            Column::Debt => "Debt $",
            Column::Cure => "Cure $",
            Column::Trend => "Trend",
            Column::Chain => "Chain",
            Column::Age => "Age",
        } }
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

/// The row of heads; each sorts by its column.
#[component]
pub(crate) fn Heads() -> Html {
    let session = use_session();
    let sort = use_live(Topic::View, |state| state.view.sort);
    let head = |(index, column): (usize, Column)| {
        let live = session.live.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            live.change_view(|view| view.sort_by(column), clock::now());
        });
        let direction = sort.filter(|sort| sort.column == column).map(|sort| sort.direction);
        let (order, arrow) = match direction {
            None => ("none", Html::default()),
            Some(Direction::Ascending) => ("ascending", Icon::Up.html()),
            Some(Direction::Descending) => ("descending", Icon::Down.html()),
        };
        let name = style(column);
        html! {
            <div role="columnheader" class={format!("c-{name}")} aria-sort={order} aria-colindex={(index + 1).to_string()}>
                <button data-testid={format!("sort-{name}")} title={explanation(column)} {onclick}>{ label(column) }{ arrow }</button>
            </div>
        }
    };
    html! {
        <div class="row heads" role="row" aria-rowindex="1">
            { for Column::ALL.into_iter().enumerate().map(head) }
        </div>
    }
}
