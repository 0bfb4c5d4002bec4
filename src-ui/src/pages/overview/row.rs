use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::VaultId;
use web_sys::Element;
use yew::prelude::*;

use super::cells::{Cells, set};
use crate::live::{Live, State, Subscription, Topic};
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

/// One vault. Rendered when it comes or moves; the row itself is not Yew's: its figures are written into the page by hand,
/// each as it changes, because they change many times a second and Yew would compare the whole row each time. They stand
/// there when the row comes to the page, for between what Yew draws and its effects the browser may draw, too.
#[component]
pub(crate) fn Row(props: &RowProps) -> Html {
    let live = use_session().live;
    let painted = use_memo(props.id.clone(), |id| Painted::begin(live, id));
    match &*painted {
        Some(painted) => {
            let mark = RowMark { number: props.number, selected: props.selected, here: props.here };
            painted.mark(mark);
            Html::VRef(painted.row.clone().into())
        }
        // The page is not what it was built as.
        None => Html::default(),
    }
}

/// What a row is in its table.
#[derive(Clone, Copy, PartialEq, Eq)]
struct RowMark {
    number: usize,
    selected: bool,
    here: bool,
}

/// A row that is written into, for as long as it is kept.
struct Painted {
    row: Element,
    mark: Cell<Option<RowMark>>,
    _subscriptions: (Subscription, Subscription),
}

impl Painted {
    fn begin(live: Live, id: &VaultId) -> Option<Self> {
        let cells = Cells::build(id)?;
        let row = cells.row().clone();
        set(&row, "id", &element_id(id));
        set(&row, "data-testid", &format!("vault-row-{id}"));
        let cells = Rc::new(RefCell::new(cells));
        let arrange = {
            let (cells, live) = (Rc::clone(&cells), live.clone());
            move || cells.borrow_mut().arrange(live.read(State::column_order))
        };
        let paint = {
            let (live, id) = (live.clone(), id.clone());
            move || {
                live.read(|state| {
                    // A vault that is gone leaves the lines with the next order.
                    if let Some(entry) = state.board.vault(&id) {
                        cells.borrow_mut().paint(entry);
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
        Some(Self { row, mark: Cell::default(), _subscriptions: subscriptions })
    }

    fn mark(&self, mark: RowMark) {
        let before = self.mark.replace(Some(mark));
        if before.is_none_or(|before| before.number != mark.number) {
            set(&self.row, "aria-rowindex", &mark.number.to_string());
        }
        if before.is_none_or(|before| before.selected != mark.selected) {
            set(&self.row, "aria-selected", if mark.selected { "true" } else { "false" });
        }
        if before.is_some_and(|before| before.here) != mark.here {
            // Refuses only names with spaces in them.
            drop(match mark.here {
                true => self.row.set_attribute("data-here", "true"),
                false => self.row.remove_attribute("data-here"),
            });
        }
    }
}
