use yew::prelude::*;

use super::views::Views;
use crate::clipboard;
use crate::clock;
use crate::design::{Choice, ChoiceKind, Icon, Menu, choices};
use crate::format;
use crate::live::{Column, Levels, Section, Topic, View, table_csv, vault_count};
use crate::session::{use_live, use_session};

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
        <div class="filters" role="toolbar" aria-label="Filters">
            { chip("filter-worst-first", html! { "Worst first" }, view.sort.is_empty(), change(|view| view.sort.clear())) }
            <span class="filters-gap" />
            { chip("filter-at-risk", counted("At risk", at_risk), view.levels == Levels::AtRisk,
                change(|view| view.toggle_levels(Levels::AtRisk))) }
            { chip("filter-stale", counted("Stale", stale), view.levels == Levels::Only(Section::Stale),
                change(|view| view.toggle_levels(Levels::Only(Section::Stale)))) }
            if chains.len() > 1 {
                <span class="filters-gap" />
                { chip("filter-all-chains", html! { "All chains" }, view.chains.is_empty(), change(|view| view.chains.clear())) }
                { for chains.iter().copied().map(chain_chip) }
            }
            if view.is_filtered() {
                <button class="button quiet" data-testid="filter-clear" onclick={change(View::clear_filters)}>
                    { Icon::Close.html() }{ "Clear" }
                </button>
            }
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
                    { format!("{moved} moved · ") }<b>{ "Resume" }</b>
                </button>
            }
            <span class="shown" role="status">{ format::count(shown, "vault", "vaults") }</span>
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
            clipboard::copy(&live.read(|state| table_csv(state.chosen_rows())));
        })
    };
    let release = Callback::from(move |_: MouseEvent| {
        session.live.select(session.live.read(|state| state.selected.clone()));
    });
    html! {
        <>
            <button type="button" class="button" data-testid="copy-chosen" onclick={copy}>{ format!("Copy {chosen} as CSV") }</button>
            <button type="button" class="icon-button small" data-testid="release-chosen" aria-label="Choose none of them any more" title="Choose none (Esc)" onclick={release}>
                { Icon::Close.html() }
            </button>
        </>
    }
}

/// Which columns the table has.
#[component]
fn Columns() -> Html {
    let session = use_session();
    let hidden = use_live(Topic::Preferences, |state| state.preferences.hidden_columns.clone());
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
            Choice::new("Copy as CSV", move || {
                clipboard::copy(&session.live.read(|state| table_csv(state.shown_rows())));
            })
            .note("every vault that is shown, with all its digits")
            .test_id("copy-table")
        };
        let columns = Column::ALL.into_iter().filter(|column| column.can_hide());
        columns.map(of).chain([copy]).collect()
    });
    html! { <Menu label="Columns" class="button table-menu columns-menu" test_id="columns" choices={list} /> }
}
