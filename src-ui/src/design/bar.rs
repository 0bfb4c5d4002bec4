//! The LTV as a bar from 0 to 100 % with its two marks.

use domain::Percent;
use domain::solvency::Limit;
use domain::view::VaultRow;
use rust_decimal::prelude::ToPrimitive;
use yew::prelude::*;

use crate::format::fixed;

/// The bar of a row. The thin mark is the most that may be borrowed, the strong one the liquidation line.
pub(crate) fn ltv_bar(row: &VaultRow) -> Html {
    let BarMarks { max, limit } = bar_marks(row);
    html! {
        <span class="bar" aria-hidden="true">
            <span class="bar-fill" style={format!("width:{}%", fixed(bar_filled(row), 2))} />
            { for max.map(|at| html! { <span class="bar-max" style={format!("left:{}%", fixed(at, 2))} /> }) }
            { for limit.map(|at| html! { <span class="bar-limit" style={format!("left:{}%", fixed(at, 2))} /> }) }
        </span>
    }
}

/// How much of a bar is filled, in percent of its width.
pub(crate) fn bar_filled(row: &VaultRow) -> f64 {
    row.ltv.map_or(0.0, place)
}

/// The marks on a bar, in percent of its width. They change far less often than what is filled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct BarMarks {
    pub(crate) max: Option<f64>,
    pub(crate) limit: Option<f64>,
}

pub(crate) fn bar_marks(row: &VaultRow) -> BarMarks {
    let limit = match row.limit {
        Some(Limit::LiquidationThreshold(percent)) => Some(place(percent)),
        Some(Limit::MaxLtv(_)) | None => None,
    };
    BarMarks { max: row.max_ltv.map(place), limit }
}

fn place(percent: Percent) -> f64 {
    percent.0.to_f64().unwrap_or(0.0).clamp(0.0, 100.0)
}
