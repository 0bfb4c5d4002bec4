//! What can be done with one vault, or with those that are chosen, without leaving the table.

use std::rc::Rc;

use domain::view::{NotificationId, Target, VaultRow};
use domain::{ChainId, VaultId, explorer};
use yew::prelude::*;

use crate::clipboard;
use crate::design::{Choice, ChoiceKind, MenuList, Place, choices};
use crate::live::{ColumnOrder, Snooze, State, table_csv};
use crate::session::{Session, use_session};
use crate::shell::route;
use crate::words::{common, number, overview_row as say};

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct RowMenuProps {
    pub(crate) id: VaultId,
    pub(crate) place: Place,
    pub(crate) on_close: Callback<()>,
}

#[component]
pub(crate) fn RowMenu(props: &RowMenuProps) -> Html {
    let session = use_session();
    let id = props.id.clone();
    let rows = use_memo(id.clone(), |id| session.live.read(|state| meant(state, id)));
    let label = match rows.as_slice() {
        [_, _, ..] => common::vaults(rows.len()),
        _ => say::vault(id.as_str()),
    };
    let list = {
        let (session, rows) = (session.clone(), Rc::clone(&rows));
        choices(move || {
            let mut list = alerts(&session, &rows);
            if rows.len() < 2 {
                let open = Target::Vault(id.clone());
                let open =
                    Choice::new(say::open(), move || route::open(&open)).test_id("menu-open");
                list.insert(0, open);
            }
            list.extend(copies(session.live.read(State::column_order), &rows, &id));
            if let [row] = rows.as_slice()
                && let Some(chain) = row.chain_id
            {
                list.extend(on_explorer(&session, row, chain));
            }
            list
        })
    };
    html! { <MenuList {label} place={props.place} choices={list} on_close={props.on_close.clone()} /> }
}

/// The rows that a menu is about: all that are chosen, where it was asked for on one of them.
fn meant(state: &State, id: &VaultId) -> Vec<Rc<VaultRow>> {
    let row = |id: &VaultId| Some(Rc::clone(&state.board.vault(id)?.row));
    if state.chosen.contains(id) {
        state.chosen_rows().filter_map(|chosen| row(&chosen.id)).collect()
    } else {
        row(id).into_iter().collect()
    }
}

fn alerts(session: &Session, rows: &[Rc<VaultRow>]) -> Vec<Choice> {
    let firing: Vec<NotificationId> = session
        .live
        .read(|state| rows.iter().filter_map(|row| state.inbox.firing_for(&row.id)).collect());
    let if_firing = |choice: Choice| {
        if firing.is_empty() {
            choice.kind(ChoiceKind::Disabled).note(say::none_waits())
        } else {
            choice
        }
    };
    let acknowledge = {
        let (session, ids) = (session.clone(), firing.clone());
        move || session.acknowledge(&ids)
    };
    let snooze = {
        let (session, ids) = (session.clone(), firing.clone());
        move || session.snooze(&ids, Snooze::TenMinutes)
    };
    vec![
        if_firing(Choice::new(say::acknowledge(), acknowledge).test_id("menu-ack")),
        if_firing(Choice::new(say::snooze(), snooze).test_id("menu-snooze")),
    ]
}

fn copies(order: ColumnOrder, rows: &Rc<Vec<Rc<VaultRow>>>, id: &VaultId) -> [Choice; 2] {
    let many = rows.len() > 1;
    let ids = {
        let (rows, id) = (Rc::clone(rows), id.clone());
        move || {
            let all: Vec<_> = rows.iter().map(|row| row.id.as_str()).collect();
            clipboard::copy(
                if all.is_empty() { id.as_str().to_owned() } else { all.join("\n") }.as_str(),
            );
        }
    };
    let csv = {
        let rows = Rc::clone(rows);
        move || clipboard::copy(&table_csv(order, rows.iter().map(|row| &**row)))
    };
    let csv_label =
        if many { say::copy_rows(&number(rows.len())) } else { say::copy_row().to_owned() };
    [
        Choice::new(if many { say::copy_ids() } else { say::copy_id() }, ids)
            .test_id("menu-copy-id"),
        Choice::new(csv_label, csv).test_id("menu-copy-row"),
    ]
}

/// Only what is an address, on a chain with a known explorer, is shown there.
fn on_explorer(session: &Session, row: &VaultRow, chain: ChainId) -> Vec<Choice> {
    let Some(page) = explorer::address_page(&row.id, chain) else { return Vec::new() };
    let host = page.split('/').nth(2).unwrap_or_default().to_owned();
    let (session, id) = (session.clone(), row.id.clone());
    vec![
        Choice::new(say::explorer(), move || session.open_explorer(id.clone(), chain))
            .note(host)
            .test_id("menu-explorer"),
        Choice::new(say::copy_link(), move || clipboard::copy(&page)),
    ]
}
