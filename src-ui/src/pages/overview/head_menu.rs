//! What can be done with one column.

use yew::prelude::*;

use super::heads::focus;
use super::reorder::{can_step, step};
use crate::design::{Choice, ChoiceKind, MenuList, Place, choices};
use crate::live::{Column, Side};
use crate::session::{Session, use_session};
use crate::words::overview_columns as say;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct HeadMenuProps {
    pub(crate) column: Column,
    pub(crate) place: Place,
    pub(crate) on_close: Callback<()>,
}

#[component]
pub(crate) fn HeadMenu(props: &HeadMenuProps) -> Html {
    let session = use_session();
    let column = props.column;
    let on_close = props.on_close.reform(move |()| focus(column));
    let list = choices(move || {
        let mut list =
            vec![moves(&session, column, Side::Left), moves(&session, column, Side::Right)];
        list.extend(column.can_hide().then(|| hide(&session, column)));
        list
    });
    html! { <MenuList label={say::column(column.label())} place={props.place} choices={list} {on_close} /> }
}

fn moves(session: &Session, column: Column, side: Side) -> Choice {
    let (label, keys, test_id) = match side {
        Side::Left => (say::move_left(), say::keys_left(), "head-left"),
        Side::Right => (say::move_right(), say::keys_right(), "head-right"),
    };
    let session = session.clone();
    let choice =
        Choice::new(label, move || step(&session, column, side)).note(keys).test_id(test_id);
    if can_step(column, side) { choice } else { choice.kind(ChoiceKind::Disabled) }
}

fn hide(session: &Session, column: Column) -> Choice {
    let session = session.clone();
    let hide = move || {
        session.change_preferences(|preferences| {
            preferences.hidden_columns.push(column.name().into());
        });
    };
    Choice::new(say::hide(), hide).test_id("head-hide")
}
