//! A table of vaults as one writes it first with Yew: a list in the state of one component, and a component for each row
//! with the row among its properties. The window's own table is measured against it.

use std::rc::Rc;

use domain::solvency::Health;
use domain::view::{TickBatch, VaultRow};
use domain::{ChainId, text};
use wasm_bindgen::prelude::*;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
struct RowProps {
    row: Rc<VaultRow>,
}

#[component]
fn Row(props: &RowProps) -> Html {
    let row = &props.row;
    let or_none = |figure: Option<String>| figure.unwrap_or_else(|| "–".to_owned());
    let health = match row.health {
        Health::Factor(factor) => text::health_factor(factor),
        Health::NoDebt => "∞".to_owned(),
        Health::Unknown => "–".to_owned(),
    };
    let ltv = or_none(row.ltv.map(text::percent));
    html! {
        <div class="row" data-level={row.level.map(domain::Level::word)}>
            <div>{ row.level.map_or("Unknown", domain::Level::word) }</div>
            <div>{ row.id.to_string() }{ " " }{ row.tokens.as_str() }</div>
            <div>{ or_none(row.room.map(text::room)) }</div>
            <div>{ health }</div>
            <div title={format!("LTV {ltv} %")}>{ &ltv }</div>
            <div class="bar"><i style={format!("width:{ltv}%")} /></div>
            <div>{ or_none(row.liquidation_price.map(text::price)) }</div>
            <div>{ or_none(row.debt.map(text::usd_compact)) }</div>
            <div>{ or_none(row.cure.map(text::usd_compact)) }</div>
            <div>{ row.chain_id.map(ChainId::name).unwrap_or_default() }</div>
            <div data-since={row.received.to_string()}>{ age(row) }</div>
        </div>
    }
}

fn age(row: &VaultRow) -> String {
    format!("{} s", (js_sys::Date::now() as i64 - row.received.0) / 1_000)
}

#[component]
fn Table() -> Html {
    let rows = use_state(Vec::<Rc<VaultRow>>::new);
    // Outside of the component there is a function that takes what comes.
    let latest = use_mut_ref(Vec::<Rc<VaultRow>>::new);
    {
        let rows = rows.setter();
        use_effect_with((), move |()| {
            let apply = Closure::<dyn Fn(String)>::new(move |text: String| {
                let Ok(batch) = serde_json::from_str::<TickBatch>(&text) else { return };
                let mut latest = latest.borrow_mut();
                for row in batch.vaults {
                    let row = Rc::new(row);
                    match latest.iter_mut().find(|known| known.id == row.id) {
                        Some(known) => *known = row,
                        None => latest.push(row),
                    }
                }
                rows.set(latest.clone());
            });
            let apply = apply.into_js_value();
            // Cannot fail: the page's global object takes any name.
            drop(js_sys::Reflect::set(&js_sys::global(), &"apply".into(), &apply));
        });
    }
    html! {
        <main>{ for rows.iter().map(|row| html! { <Row key={row.id.as_str()} row={Rc::clone(row)} /> }) }</main>
    }
}

fn main() {
    yew::Renderer::<Table>::new().render();
}
