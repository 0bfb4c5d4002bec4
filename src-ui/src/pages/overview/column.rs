//! The heads of the table's columns.

use yew::prelude::*;

use super::reorder::use_reorder;
use super::table::HeadMenuAsked;
use super::width::Grip;
use crate::clock;
use crate::design::Icon;
use crate::live::{Column, Direction, Topic};
use crate::session::{use_live, use_session};
use crate::words::overview_columns as say;

fn label(column: Column) -> Html {
    match column {
        Column::Ltv => html! {
            <>{ column.label() }<span class="key key-max" aria-hidden="true" />{ say::max() }<span class="key key-limit" aria-hidden="true" />{ say::liq() }</>
        },
        _ => html! { { column.label() } },
    }
}

fn explanation(column: Column) -> &'static str {
    match column {
        Column::Level => say::level_means(),
        Column::Vault => say::vault_means(),
        Column::Room => say::room_means(),
        Column::Health => say::hf_means(),
        Column::Ltv => say::ltv_means(),
        Column::LiquidationPrice => say::price_means(),
        Column::Debt => say::debt_means(),
        Column::Cure => say::cure_means(),
        Column::Trend => say::trend_means(),
        Column::Chain => say::chain_means(),
        Column::Age => say::age_means(),
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct HeadsProps {
    pub(crate) on_menu: HeadMenuAsked,
}

/// The row of heads; each sorts by its column, with `Shift` behind those that are sorted by already, and most can be moved.
#[component]
pub(crate) fn Heads(props: &HeadsProps) -> Html {
    let session = use_session();
    let sorts = use_live(Topic::View, |state| state.view.sort.clone());
    let (hidden, widths, order) = use_live(Topic::Preferences, |state| {
        let preferences = &state.preferences;
        let (hidden, widths) = (&preferences.hidden_columns, &preferences.column_widths);
        (hidden.clone(), widths.clone(), state.column_order())
    });
    let reorder = use_reorder(order, &props.on_menu);
    let head = |(index, column): (usize, Column)| {
        let (live, dropped) = (session.live.clone(), reorder.dropped.clone());
        let onclick = Callback::from(move |event: MouseEvent| {
            // The button was let go after its column was moved.
            if dropped.emit(event.detail()) {
                return;
            }
            let also = event.shift_key();
            live.change_view(
                |view| if also { view.sort_also_by(column) } else { view.sort_by(column) },
                clock::now(),
            );
        });
        let place = sorts.iter().position(|sort| sort.column == column);
        let (sorted, arrow) = match place.map(|place| sorts[place].direction) {
            None => ("none", Html::default()),
            Some(Direction::Ascending) => ("ascending", Icon::Up.html()),
            Some(Direction::Descending) => ("descending", Icon::Down.html()),
        };
        // Only one column may say so; the others say it by their number.
        let aria = if place == Some(0) { sorted } else { "none" };
        let number =
            place.filter(|_| sorts.len() > 1).map(|place| html! { <sup>{ place + 1 }</sup> });
        let name = column.name();
        let width = widths.get(name).copied();
        let moved = reorder.of(column);
        html! {
            <div key={name} role="columnheader" class={format!("c-{name}")} aria-sort={aria} aria-colindex={(index + 1).to_string()} data-sorted={place.map(|_| "true")}
                data-column={name} data-dragged={moved.dragged.then_some("true")} data-drop={moved.drop} oncontextmenu={moved.oncontextmenu}>
                <button type="button" data-testid={format!("sort-{name}")} title={explanation(column)} aria-keyshortcuts={moved.keys} {onclick}
                    onpointerdown={moved.onpointerdown} onpointermove={moved.onpointermove} onpointerup={moved.onpointerup} onpointercancel={moved.onpointercancel}
                    onkeydown={moved.onkeydown}>{ label(column) }{ arrow }{ for number }</button>
                <Grip {column} {width} />
            </div>
        }
    };
    let shown = order.iter().filter(|column| !hidden.iter().any(|name| name == column.name()));
    html! {
        <div class="row heads" role="row" aria-rowindex="1">
            { for shown.enumerate().map(head) }
        </div>
    }
}
