use domain::view::{Target, VaultRow};
use domain::{ChainId, VaultId, text};
use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::clock::Age;
use crate::design::{Figure, Icon, badge, ltv_bar, sparkline, style_of};
use crate::format::{self, NONE};
use crate::live::Topic;
use crate::session::use_live;
use crate::shell::route;

#[derive(PartialEq, Properties)]
pub(crate) struct RowProps {
    pub(crate) id: VaultId,
    /// In the whole table, the row of heads included, from 1.
    pub(crate) number: usize,
    pub(crate) selected: bool,
    /// Asked for the vault's menu, at this place of the window.
    pub(crate) on_menu: Callback<(VaultId, i32, i32)>,
}

/// The element's id, for `aria-activedescendant`.
pub(crate) fn element_id(id: &VaultId) -> String {
    format!("line-{id}")
}

/// One vault; rendered again when its own values change and not otherwise.
#[component]
pub(crate) fn Row(props: &RowProps) -> Html {
    let id = props.id.clone();
    let entry = use_live(Topic::Vault(id.clone()), move |state| state.board.vault(&id).cloned());
    // A vault that is gone leaves the lines with the next order.
    let Some(entry) = entry else { return html! { <div class="row" role="row" /> } };
    let row = &*entry.row;
    let id = &row.id;
    let target = Target::Vault(id.clone());
    let href = route::href(&target);
    let menu = {
        let id = id.clone();
        props.on_menu.reform(move |event: MouseEvent| {
            event.prevent_default();
            event.stop_propagation();
            (id.clone(), event.client_x(), event.client_y())
        })
    };
    let onclick = Callback::from(move |event: MouseEvent| {
        // The link does it by itself, in a new window where that is asked for.
        let on_link = event
            .target()
            .and_then(|at| at.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|element| element.tag_name() == "A");
        if !on_link {
            route::open(&target);
        }
    });
    html! {
        <div class="row" role="row" id={element_id(id)} data-testid={format!("vault-row-{id}")} data-level={style_of(row)}
            aria-rowindex={props.number.to_string()} aria-selected={props.selected.to_string()} {onclick} oncontextmenu={menu.clone()}>
            <div role="gridcell" class="c-level" data-testid={format!("vault-level-{id}")} data-value={level_value(row)}>
                { badge(row.level, row.freshness) }
            </div>
            <div role="gridcell" class="c-vault" title={row.name.as_deref().map(str::to_owned)}>
                <a {href} tabindex="-1" class="vault-id">{ id.to_string() }</a>
                <span class="vault-tokens">{ row.tokens.as_str() }</span>
                <button type="button" class="row-more" tabindex="-1" aria-haspopup="menu" aria-label={format!("What can be done with {id}")} data-testid={format!("row-menu-{id}")} onclick={menu}>
                    { Icon::More.html() }
                </button>
            </div>
            <div role="gridcell" class="c-room">
                <Figure text={row.room.map_or_else(|| NONE.to_owned(), text::room)} />
            </div>
            <div role="gridcell" class="c-hf" data-testid={format!("vault-hf-{id}")}>{ format::health(row.health) }</div>
            <div role="gridcell" class="c-ltv" data-testid={format!("vault-ltv-{id}")} data-value={row.ltv.map(|ltv| ltv.to_string())} title={row.ltv.map(|ltv| format!("LTV {ltv} %"))}>
                <Figure text={row.ltv.map_or_else(|| NONE.to_owned(), text::percent)} />
                { ltv_bar(row) }
            </div>
            <div role="gridcell" class="c-price">{ or_none(row.liquidation_price.map(text::price)) }</div>
            <div role="gridcell" class="c-debt">{ or_none(row.debt.map(format::bare_usd)) }</div>
            <div role="gridcell" class="c-cure">{ or_none(row.cure.map(format::bare_usd)) }</div>
            <div role="gridcell" class="c-trend">{ sparkline(&entry.trend) }</div>
            <div role="gridcell" class="c-chain">{ row.chain_id.map(ChainId::name).unwrap_or_default() }</div>
            <div role="gridcell" class="c-age"><Age at={row.received} /></div>
        </div>
    }
}

fn level_value(row: &VaultRow) -> &'static str {
    row.level.map_or("Unknown", domain::Level::word)
}

fn or_none(figure: Option<String>) -> Html {
    figure
        .map_or_else(|| html! { <span class="none">{ NONE }</span> }, |figure| html! { { figure } })
}
