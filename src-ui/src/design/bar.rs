//! The LTV as a bar from 0 to 100 % with its two marks.

use domain::Percent;
use domain::solvency::Limit;
use domain::view::VaultRow;
use rust_decimal::prelude::ToPrimitive;
use yew::prelude::*;

use crate::format::fixed;

/// The bar of a row. The thin mark is the most that may be borrowed, the strong one the liquidation line.
pub(crate) fn ltv_bar(row: &VaultRow) -> Html {
    let BarPlaces { filled, max, limit } = bar_places(row);
    html! {
        <span class="bar" aria-hidden="true">
            <span class="bar-fill" style={format!("width:{}%", fixed(filled, 2))} />
            { for max.map(|at| html! { <span class="bar-max" style={format!("left:{}%", fixed(at, 2))} /> }) }
            { for limit.map(|at| html! { <span class="bar-limit" style={format!("left:{}%", fixed(at, 2))} /> }) }
        </span>
    }
}

/// What a bar is drawn of, in percent of its width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct BarPlaces {
    pub(crate) filled: f64,
    pub(crate) max: Option<f64>,
    pub(crate) limit: Option<f64>,
}

pub(crate) fn bar_places(row: &VaultRow) -> BarPlaces {
    let limit = match row.limit {
        Some(Limit::LiquidationThreshold(percent)) => Some(place(percent)),
        Some(Limit::MaxLtv(_)) | None => None,
    };
    BarPlaces { filled: row.ltv.map_or(0.0, place), max: row.max_ltv.map(place), limit }
}

fn place(percent: Percent) -> f64 {
    percent.0.to_f64().unwrap_or(0.0).clamp(0.0, 100.0)
}
