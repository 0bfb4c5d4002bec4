use std::cell::RefCell;
use std::rc::Rc;

use domain::VaultId;
use web_sys::Element;
use yew::prelude::*;

use super::cells::Cells;
use crate::live::{State, Topic};
use crate::session::use_session;

#[derive(PartialEq, Properties)]
pub(crate) struct RowProps {
    pub(crate) id: VaultId,
    /// In the whole table, the row of heads included, from 1.
    pub(crate) number: usize,
    pub(crate) selected: bool,
    /// The keyboard is on it.
    pub(crate) here: bool,
}

/// What the id of a row's element begins with.
const LINE: &str = "line-";

/// The element's id, for `aria-activedescendant`.
pub(crate) fn element_id(id: &VaultId) -> String {
    format!("{LINE}{id}")
}

/// The vault whose row this element is.
pub(crate) fn vault_of(row: &Element) -> Option<VaultId> {
    VaultId::new(row.id().strip_prefix(LINE)?).ok()
}

/// One vault. Rendered when it comes or moves; its figures are written into the page by hand, each as it changes, because
/// they change many times a second and Yew would compare the whole row each time. So is the order of its cells.
#[component]
pub(crate) fn Row(props: &RowProps) -> Html {
    let live = use_session().live;
    let element = use_node_ref();
    {
        let element = element.clone();
        use_effect_with(props.id.clone(), move |id| {
            let cells = element.cast::<Element>().and_then(|row| Cells::build(&row, id));
            let cells = Rc::new(RefCell::new(cells));
            let arrange = {
                let (cells, live) = (Rc::clone(&cells), live.clone());
                move || {
                    if let Some(cells) = cells.borrow_mut().as_mut() {
                        cells.arrange(live.read(State::column_order));
                    }
                }
            };
            let paint = {
                let (live, id) = (live.clone(), id.clone());
                move || {
                    live.read(|state| {
                        // A vault that is gone leaves the lines with the next order.
                        if let (Some(cells), Some(entry)) =
                            (cells.borrow_mut().as_mut(), state.board.vault(&id))
                        {
                            cells.paint(entry);
                        }
                    });
                }
            };
            arrange();
            paint();
            let subscriptions = (
                live.listen(Topic::Preferences, Rc::new(arrange)),
                live.listen(Topic::Vault(id.clone()), Rc::new(paint)),
            );
            move || drop(subscriptions)
        });
    }
    let id = &props.id;
    html! {
        <div class="row" role="row" ref={element} id={element_id(id)} data-testid={format!("vault-row-{id}")}
            aria-rowindex={props.number.to_string()} aria-selected={props.selected.to_string()} data-here={props.here.then_some("true")} />
    }
}
