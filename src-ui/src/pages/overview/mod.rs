//! All vaults at once: what is at risk, what it takes to cure it, and every vault's distance to liquidation.

mod column;
mod filters;
mod nothing;
mod row;
mod row_menu;
mod slice;
mod table;
mod totals;

use yew::prelude::*;

use filters::Filters;
use nothing::Nothing;
use table::Table;
use totals::Totals;

use crate::live::Topic;
use crate::session::use_live;

/// The element of the table that takes the arrow keys.
pub(crate) const TABLE_ID: &str = "vaults";

#[component]
pub(crate) fn Overview() -> Html {
    let any = use_live(Topic::View, |state| state.board.vault_count() > 0);
    html! {
        <main class="page overview">
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
