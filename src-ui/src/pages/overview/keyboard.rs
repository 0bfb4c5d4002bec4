//! The keys of the table, as grids have them: up and down through the lines, left and right through the cells of one, with
//! `Shift` choosing on the way.

use domain::VaultId;
use domain::view::Target;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement, KeyboardEvent};
use yew::prelude::*;

use super::TABLE_ID;
use super::row::element_id;
use super::table::MenuAsked;
use crate::clipboard;
use crate::clock;
use crate::live::{Hold, Side, State};
use crate::session::Session;
use crate::shell::route;

/// Rows that `PageUp` and `PageDown` walk.
const PAGE: isize = 15;
/// On the cell that the keyboard is in.
const HERE: &str = "data-at";

/// The id of a cell, for `aria-activedescendant`; it has it while the keyboard is in it.
pub(super) fn cell_id(vault: &VaultId, cell: usize) -> String {
    format!("{}-{cell}", element_id(vault))
}

pub(super) fn keys(
    session: &Session,
    cell: &UseStateHandle<Option<usize>>,
    on_menu: &MenuAsked,
) -> Callback<KeyboardEvent> {
    let (session, cell, on_menu) = (session.clone(), cell.clone(), on_menu.clone());
    Callback::from(move |event: KeyboardEvent| {
        // A head or the fold button has its own use for these keys.
        let here = event.target().and_then(|at| at.dyn_into::<HtmlElement>().ok());
        if here.is_none_or(|element| element.id() != TABLE_ID) {
            return;
        }
        // Whoever walks through the lines is about to do something with one of them.
        session.live.hold(Hold::Held, clock::now());
        let done = match event.key().as_str() {
            "ArrowDown" | "j" => walk(&session, &event, 1),
            "ArrowUp" | "k" => walk(&session, &event, -1),
            "PageDown" => walk(&session, &event, PAGE),
            "PageUp" => walk(&session, &event, -PAGE),
            "Home" => walk(&session, &event, isize::MIN),
            "End" => walk(&session, &event, isize::MAX),
            "ArrowRight" => step(&session, &cell, Side::Right),
            "ArrowLeft" => step(&session, &cell, Side::Left),
            "a" if event.ctrl_key() || event.meta_key() => {
                session.live.choose_all();
                true
            }
            "c" if event.ctrl_key() || event.meta_key() => copy(&session),
            " " => with_selected(&session, |id| session.live.choose_also(&id)),
            "Enter" => with_selected(&session, |id| route::open(&Target::Vault(id))),
            "ContextMenu" | "F10" if event.key() == "ContextMenu" || event.shift_key() => {
                with_selected(&session, |id| {
                    let (x, y) = middle_of(&id);
                    on_menu.emit((id, x, y));
                })
            }
            "Escape" => give_up(&session, &cell),
            _ => false,
        };
        if done {
            event.prevent_default();
        }
    })
}

fn walk(session: &Session, event: &KeyboardEvent, distance: isize) -> bool {
    let next = session.live.read(|state| state.neighbour(distance));
    match next {
        Some(next) if event.shift_key() => session.live.choose_to(&next),
        next => session.live.select(next),
    }
    true
}

fn with_selected(session: &Session, act: impl FnOnce(VaultId)) -> bool {
    let selected = session.live.read(|state| state.selected.clone());
    selected.map(act).is_some()
}

fn copy(session: &Session) -> bool {
    let any = session.live.read(|state| state.chosen_rows().next().is_some());
    if any {
        clipboard::copy(&session.live.read(State::chosen_csv));
    }
    any
}

/// First the cell is left, then what is chosen is let go, then the line; what is left to be given up are the filters.
fn give_up(session: &Session, cell: &UseStateHandle<Option<usize>>) -> bool {
    let (selected, any) =
        session.live.read(|state| (state.selected.clone(), !state.chosen.is_empty()));
    if cell.is_some() {
        cell.set(None);
    } else if any {
        session.live.select(selected);
    } else if selected.is_some() {
        session.live.select(None);
    } else {
        return false;
    }
    true
}

/// To the next cell that is shown; from the first one to the left back to the whole line.
fn step(session: &Session, cell: &UseStateHandle<Option<usize>>, side: Side) -> bool {
    let Some(selected) = session.live.read(|state| state.selected.clone()) else { return false };
    let shown: Vec<usize> = cells(&selected)
        .iter()
        .enumerate()
        .filter(|(_, cell)| cell.get_bounding_client_rect().width() > 0.0)
        .map(|(index, _)| index)
        .collect();
    let next = match (side, **cell) {
        (Side::Right, None) => shown.first(),
        (Side::Right, Some(at)) => shown.iter().find(|index| **index > at).or(shown.last()),
        (Side::Left, None) => return false,
        (Side::Left, Some(at)) => shown.iter().rev().find(|index| **index < at),
    }
    .copied();
    cell.set(next);
    true
}

/// Makes this cell the one that is pointed at, and no other. The cells are not Yew's, so this is not either.
pub(super) fn mark(vault: Option<&VaultId>, cell: Option<usize>) {
    let Some(document) = document() else { return };
    if let Ok(Some(before)) = document.query_selector(&format!("[{HERE}]")) {
        // Neither can fail: both names are fixed.
        drop(before.remove_attribute(HERE));
        drop(before.remove_attribute("id"));
    }
    if let (Some(vault), Some(cell)) = (vault, cell)
        && let Some(element) = cells(vault).get(cell)
    {
        drop(element.set_attribute(HERE, "true"));
        element.set_id(&cell_id(vault, cell));
    }
}

/// Of the vault's line; none where it is not on the page.
fn cells(vault: &VaultId) -> Vec<Element> {
    let line = document().and_then(|document| document.get_element_by_id(&element_id(vault)));
    let mut next = line.and_then(|line| line.first_element_child());
    let mut cells = Vec::new();
    while let Some(cell) = next {
        next = cell.next_element_sibling();
        cells.push(cell);
    }
    cells
}

/// Where the line of a vault is, in the window; its upper left corner where it is not in view.
pub(super) fn middle_of(id: &VaultId) -> (i32, i32) {
    let line = document().and_then(|document| document.get_element_by_id(&element_id(id)));
    line.map_or((0, 0), |line| {
        let rect = line.get_bounding_client_rect();
        ((rect.left() + rect.width() / 3.0) as i32, (rect.top() + rect.height() / 2.0) as i32)
    })
}

fn document() -> Option<Document> {
    web_sys::window().and_then(|window| window.document())
}
