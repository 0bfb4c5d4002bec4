//! All vaults at once: what is at risk, what it takes to cure it, and every vault's distance to liquidation.

mod cells;
mod column;
mod filters;
mod head_menu;
mod heads;
mod hold;
mod keyboard;
mod nothing;
mod pointer;
mod reorder;
mod row;
mod row_menu;
mod scroll;
mod slice;
mod table;
mod totals;
mod trends;
mod views;
mod width;

use yew::prelude::*;

#[cfg(feature = "recorded")]
pub(crate) use cells::Cells as TableCells;
pub(crate) use head_menu::{HeadMenu, HeadMenuProps};
pub(crate) use row_menu::{RowMenu, RowMenuProps};
pub(crate) use scroll::{begin_at, left_at};
pub(crate) use trends::Trends;
pub(crate) use views::{SaveView, SaveViewProps};

use filters::Filters;
use nothing::Nothing;
use table::Table;
use totals::Totals;

use crate::later::{Later, Part};
use crate::live::Topic;
use crate::session::use_live;

/// The element of the table that takes the arrow keys.
pub(crate) const TABLE_ID: &str = "vaults";

#[component]
pub(crate) fn Overview() -> Html {
    let any = use_live(Topic::View, |state| state.board.vault_count() > 0);
    html! {
        <main class="page overview">
            <Later part={Part::FirstRun} />
            if any {
                <Totals />
                <Filters />
                <Table />
            } else {
                <Nothing />
            }
        </main>
    }
}
