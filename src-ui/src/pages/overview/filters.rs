use yew::prelude::*;

use super::views::Views;
use crate::clipboard;
use crate::clock;
use crate::design::{Choice, ChoiceKind, Icon, Menu, choices};
use crate::live::{
    Column, ColumnOrder, Levels, Section, State, Topic, View, table_csv, vault_count,
};
use crate::session::{use_live, use_session};
use crate::words::{self, SLOT, common, overview_columns, overview_filters as say};

/// What is shown and in which order; at the end how much that is.
#[component]
pub(crate) fn Filters() -> Html {
    let session = use_session();
    let view = use_live(Topic::View, |state| state.view.clone());
    let chains = use_live(Topic::Order, |state| state.board.chains());
    let (at_risk, stale) = use_live(Topic::Totals, |state| {
        state.board.totals().map_or((0, 0), |totals| (totals.critical + totals.high, totals.stale))
    });

    let change = move |change: fn(&mut View)| {
        let live = session.live.clone();
        Callback::from(move |_: MouseEvent| live.change_view(change, clock::now()))
    };
    let session = use_session();
    let chain_chip = |chain: domain::ChainId| {
        let live = session.live.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            live.change_view(|view| view.toggle_chain(chain), clock::now());
        });
        let on = view.chains.contains(&chain);
        chip(&format!("filter-chain-{}", chain.0), html! { { chain.name() } }, on, onclick)
    };
    let counted = |word: &'static str, count: u32| {
        html! { <>{ word }if count > 0 { <span class="chip-count">{ count }</span> }</> }
    };
    html! {
        <div class="filters" role="toolbar" aria-label={say::filters()}>
            // They break among themselves, so that what stands at the end stays there.
            <span class="filter-chips">
                { chip("filter-worst-first", html! { { say::worst_first() } }, view.sort.is_empty(), change(|view| view.sort.clear())) }
                <span class="filters-gap" />
                { chip("filter-at-risk", counted(say::at_risk(), at_risk), view.levels == Levels::AtRisk,
                    change(|view| view.toggle_levels(Levels::AtRisk))) }
                { chip("filter-stale", counted(say::stale(), stale), view.levels == Levels::Only(Section::Stale),
                    change(|view| view.toggle_levels(Levels::Only(Section::Stale)))) }
                if chains.len() > 1 {
                    <span class="filters-gap" />
                    { chip("filter-all-chains", html! { { say::all_chains() } }, view.chains.is_empty(), change(|view| view.chains.clear())) }
                    { for chains.iter().copied().map(chain_chip) }
                }
                if view.is_filtered() {
                    <button class="button quiet" data-testid="filter-clear" onclick={change(View::clear_filters)}>
                        { Icon::Close.html() }{ say::clear() }
                    </button>
                }
            </span>
            <Shown />
        </div>
    }
}

fn chip(id: &str, label: Html, on: bool, onclick: Callback<MouseEvent>) -> Html {
    html! {
        <button class="chip" data-testid={id.to_owned()} aria-pressed={on.to_string()} {onclick}>{ label }</button>
    }
}

/// The number of vaults shown, and how many would move were the order not held.
#[component]
fn Shown() -> Html {
    let session = use_session();
    let (shown, moved) = use_live(Topic::Order, |state| (vault_count(&state.lines), state.moved));
    let resume = Callback::from(move |_: MouseEvent| session.live.resume(clock::now()));
    html! {
        <span class="filters-end">
            <Chosen />
            if moved > 0 {
                <button class="chip resume" data-testid="resume-order" onclick={resume}>
                    { words::set(&say::moved(&words::number(moved), SLOT), [html! { <b>{ say::resume() }</b> }]) }
                </button>
            }
            <span class="shown" role="status">{ common::vaults(shown) }</span>
            <Views />
            <Columns />
        </span>
    }
}

/// How many lines are chosen, and what can be done with them.
#[component]
fn Chosen() -> Html {
    let session = use_session();
    let chosen = use_live(Topic::View, |state| state.chosen.len());
    if chosen == 0 {
        return Html::default();
    }
    let copy = {
        let live = session.live.clone();
        Callback::from(move |_: MouseEvent| {
            clipboard::copy(&live.read(State::chosen_csv));
        })
    };
    let release = Callback::from(move |_: MouseEvent| {
        session.live.select(session.live.read(|state| state.selected.clone()));
    });
    html! {
        <>
            <button type="button" class="button" data-testid="copy-chosen" onclick={copy}>{ say::copy(&words::number(chosen)) }</button>
            <button type="button" class="icon-button small" data-testid="release-chosen" aria-label={say::release()} title={say::release_keys()} onclick={release}>
                { Icon::Close.html() }
            </button>
        </>
    }
}

/// Which columns the table has, in their order.
#[component]
fn Columns() -> Html {
    let session = use_session();
    let (hidden, order) = use_live(Topic::Preferences, |state| {
        (state.preferences.hidden_columns.clone(), state.column_order())
    });
    let list = choices(move || {
        let of = |column: Column| {
            let shown = !hidden.iter().any(|name| name == column.name());
            let session = session.clone();
            Choice::new(column.label(), move || {
                session.change_preferences(|preferences| {
                    preferences.hidden_columns.retain(|name| name != column.name());
                    if shown {
                        preferences.hidden_columns.push(column.name().into());
                    }
                });
            })
            .kind(ChoiceKind::Checked(shown))
            .test_id(format!("column-{}", column.name()))
        };
        let copy = {
            let session = session.clone();
            Choice::new(overview_columns::copy(), move || {
                let csv = |state: &State| table_csv(state.column_order(), state.shown_rows());
                clipboard::copy(&session.live.read(csv));
            })
            .note(overview_columns::copy_note())
            .test_id("copy-table")
        };
        let usual = {
            let session = session.clone();
            Choice::new(overview_columns::usual_order(), move || {
                session.change_preferences(|preferences| preferences.column_order.clear());
            })
            .test_id("usual-order")
        };
        let usual = (order != ColumnOrder::default()).then_some(usual);
        let columns = order.iter().filter(|column| column.can_hide());
        columns.map(of).chain(usual).chain([copy]).collect()
    });
    html! { <Menu label={overview_columns::columns()} class="button table-menu columns-menu" test_id="columns" choices={list} /> }
}
