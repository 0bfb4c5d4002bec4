use std::ops::Range;
use std::rc::Rc;

use domain::VaultId;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::TABLE_ID;
use super::column::Heads;
use super::head_menu::HeadMenuProps;
use super::hold::use_hold;
use super::keyboard::{cell_id, keys, mark};
use super::pointer::{menu_asked, pressed};
use super::row::{Row, element_id};
use super::row_menu::RowMenuProps;
use super::scroll::{Shown, use_beginning, use_heights, use_in_view, use_scroll, use_shown};
use super::slice::offsets;
use super::width;
use crate::clock;
use crate::design::{Icon, Place, section_icon, section_style};
use crate::later::{Later, Part};
use crate::live::{Chosen, Column, Fold, Line, Section, Topic, View};
use crate::session::{Session, use_live, use_session};
use crate::words::{common, overview as say};

/// Keys of the spacers. With one child without a key, all would be built anew whenever lines move. No vault's
/// id has a control character in it, so these are not taken.
const ABOVE: &str = "\u{1}above";
const BELOW: &str = "\u{1}below";

/// Where a vault's menu was asked for, in the window.
pub(super) type MenuAsked = Callback<(VaultId, i32, i32)>;

/// Where a column's menu was asked for.
pub(super) type HeadMenuAsked = Callback<(Column, i32, i32)>;

/// The table of vaults: a grid of which only the lines in view are on the page.
#[component]
pub(crate) fn Table() -> Html {
    let session = use_session();
    let lines = use_live(Topic::Order, |state| Rc::clone(&state.lines));
    let (selected, chosen) =
        use_live(Topic::View, |state| (state.selected.clone(), state.chosen.clone()));
    let sort = use_live(Topic::View, |state| state.view.sort.clone());
    let heights = use_heights();
    let offsets =
        use_memo((Rc::clone(&lines), heights), |(lines, heights)| offsets(lines, *heights));

    let scroller = use_node_ref();
    let Shown { lines: shown, onscroll } = use_shown(&scroller, &offsets);
    use_scroll(&scroller, sort);
    use_beginning(&scroller, lines.len());
    use_in_view(&scroller, &lines, &offsets, selected.clone());
    use_look(&session, &lines, &shown);
    let hold = use_hold(&session);
    let menu = use_state_eq(|| None::<(VaultId, Place)>);
    let on_menu: MenuAsked = {
        let (menu, live) = (menu.setter(), session.live.clone());
        Callback::from(move |(id, x, y): (VaultId, i32, i32)| {
            // What is chosen stays so where the menu is about it.
            if !live.read(|state| state.chosen.contains(&id)) {
                live.select(Some(id.clone()));
            }
            menu.set(Place::at(x, y).map(|place| (id, place)));
        })
    };
    let close_menu = {
        let (menu, scroller) = (menu.setter(), scroller.clone());
        Callback::from(move |()| {
            menu.set(None);
            if let Some(table) = scroller.cast::<HtmlElement>() {
                drop(table.focus());
            }
        })
    };
    // Of the row the keyboard is on, the cell it is in.
    let cell = use_state_eq(|| None::<usize>);
    let onkeydown = keys(&session, &cell, &on_menu);
    use_effect_with((selected.clone(), *cell), |(selected, cell)| mark(selected.as_ref(), *cell));
    let (hidden, widths, order) = use_live(Topic::Preferences, |state| {
        let preferences = &state.preferences;
        let widths = width::style(&preferences.column_widths);
        (preferences.hidden_columns.join(" "), widths, state.column_order())
    });
    // It is another cell that has its place now.
    use_effect_with(order, {
        let cell = cell.setter();
        move |_| cell.set(None)
    });
    let head_menu = use_state_eq(|| None::<(Column, Place)>);
    // The same one as long as the table is there, so that the heads are not drawn anew with the lines.
    let on_head_menu: HeadMenuAsked = use_callback((), {
        let menu = head_menu.setter();
        move |(column, x, y): (Column, i32, i32), ()| {
            menu.set(Place::at(x, y).map(|place| (column, place)));
        }
    });
    let close_head_menu = {
        let menu = head_menu.setter();
        Callback::from(move |()| menu.set(None))
    };
    let shown_column = |column: &Column| !hidden.split(' ').any(|name| name == column.name());
    let columns = order.iter().filter(shown_column).count();
    let last = order.iter().rev().find(shown_column).map(Column::name);

    let style = format!(
        "--row:{}px;--section:{}px;--last-known:\"{}\";{widths}",
        heights.row,
        heights.header,
        say::last_known()
    );
    let total = offsets.last().copied().unwrap_or_default();
    let (above, below) = (offsets[shown.start], total - offsets[shown.end]);
    let active =
        selected.as_ref().map(|id| cell.map_or_else(|| element_id(id), |at| cell_id(id, at)));
    let marks = Marks { selected: selected.as_ref(), chosen: &chosen };
    html! {
        <div class="table-card" {style} data-hide={hidden} data-last={last}>
            <div class="table" id={TABLE_ID} ref={scroller} role="grid" aria-label={say::vaults()} data-testid="vault-table" tabindex="0"
                aria-rowcount={(lines.len() + 1).to_string()} aria-colcount={columns.to_string()} aria-multiselectable="true"
                aria-activedescendant={active} {onkeydown} {onscroll} onfocus={hold.focus} onblur={hold.blur}>
                <Heads on_menu={on_head_menu} />
                <div class="lines" role="rowgroup" onpointermove={hold.moved} onpointerleave={hold.leave}
                    onclick={pressed(&session, &on_menu)} oncontextmenu={menu_asked(&on_menu)}>
                    <div key={ABOVE} aria-hidden="true" style={format!("height:{above}px")} />
                    { for shown.map(|index| line(&session, &lines[index], index, &marks)) }
                    <div key={BELOW} aria-hidden="true" style={format!("height:{below}px")} />
                </div>
                if lines.is_empty() { { nothing_matches(&session) } }
            </div>
            // One child whether it is there or not: else the whole table would be built anew with it.
            { (*menu).clone().map(|(id, place)| html! { <Later part={Part::RowMenu(RowMenuProps { id, place, on_close: close_menu.clone() })} /> }).unwrap_or_default() }
            { head_menu.map(|(column, place)| html! { <Later part={Part::HeadMenu(HeadMenuProps { column, place, on_close: close_head_menu })} /> }).unwrap_or_default() }
        </div>
    }
}

/// Tells which vaults are in view.
#[hook]
fn use_look(session: &Session, lines: &Rc<Vec<Line>>, shown: &Range<usize>) {
    let session = session.clone();
    let ids: Vec<_> = lines[shown.clone()]
        .iter()
        .filter_map(|line| match line {
            Line::Vault(id) => Some(id.clone()),
            Line::Header { .. } => None,
        })
        .collect();
    use_effect_with(ids, move |ids| session.look_at(ids.clone()));
}

/// Which lines stand out.
struct Marks<'a> {
    selected: Option<&'a VaultId>,
    chosen: &'a Chosen,
}

fn line(session: &Session, line: &Line, index: usize, marks: &Marks<'_>) -> Html {
    // The row of heads is the first.
    let number = index + 2;
    match line {
        Line::Vault(id) => {
            let here = marks.selected == Some(id);
            let selected = marks.chosen.contains(id) || here && marks.chosen.is_empty();
            html! { <Row key={id.as_str()} id={id.clone()} {number} {selected} {here} /> }
        }
        Line::Header { section, count, fold } => {
            let name = html! {
                <>
                    { section_icon(*section) }
                    <b>{ section.word() }</b>
                    <span>{ common::vaults(*count) }</span>
                </>
            };
            html! {
                <div class="section" role="row" key={format!("\u{1}{}", section.name())} data-level={section_style(*section)} aria-rowindex={number.to_string()}>
                    <div role="gridcell" aria-colspan="11">
                        if *section == Section::Low { { folding(session, *fold, name) } } else { { name } }
                    </div>
                </div>
            }
        }
    }
}

fn folding(session: &Session, fold: Fold, name: Html) -> Html {
    let live = session.live.clone();
    let onclick = Callback::from(move |_: MouseEvent| {
        live.change_view(|view| view.low = view.low.toggled(), clock::now());
    });
    let (icon, expanded) = match fold {
        Fold::Open => (Icon::Up, "true"),
        Fold::Folded => (Icon::Down, "false"),
    };
    html! {
        <button class="fold" data-testid="fold-low" aria-expanded={expanded} {onclick}>{ name }{ icon.html() }</button>
    }
}

fn nothing_matches(session: &Session) -> Html {
    let live = session.live.clone();
    let onclick =
        Callback::from(move |_: MouseEvent| live.change_view(View::clear_filters, clock::now()));
    html! {
        <div class="no-match" role="status">
            <p><strong>{ say::no_match() }</strong></p>
            <p>{ say::no_match_why() }</p>
            <button class="button" {onclick}>{ say::show_all() }</button>
        </div>
    }
}
