//! Widths of the columns that somebody gave them.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use smol_str::SmolStr;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, PointerEvent};
use yew::prelude::*;

use crate::format::fixed;
use crate::live::Column;
use crate::session::{Session, use_session};
use crate::words::overview_columns as say;

/// In CSS pixels.
const LEAST: f64 = 40.0;
const MOST: f64 = 480.0;
/// What an arrow key changes, and with `Shift`.
const STEP: f64 = 8.0;
const LEAP: f64 = 40.0;

/// As the style sheet has it, for those who are told: a column without a width of its own takes the room there is.
fn usual(column: Column) -> u16 {
    match column {
        Column::Level => 80,
        Column::Vault => 124,
        Column::Room => 62,
        Column::Health | Column::Age => 48,
        Column::Ltv => 150,
        Column::LiquidationPrice => 88,
        Column::Debt => 76,
        Column::Cure => 74,
        Column::Trend => 60,
        Column::Chain => 72,
    }
}

/// The variables that the style sheet has the columns' widths from.
///
/// A column that was given a width still shrinks where the window has no room for it: a flexible basis does not depend on
/// what stands in a cell, so all rows agree.
pub(super) fn style(widths: &BTreeMap<SmolStr, u16>) -> String {
    let known = widths.iter().filter_map(|(name, width)| Some((Column::named(name)?, *width)));
    known.map(|(column, width)| variables(column, f64::from(width))).collect()
}

fn variables(column: Column, width: f64) -> String {
    let name = column.name();
    format!("--f-{name}:0 1 {}px;--m-{name}:none;", fixed(width, 0))
}

#[derive(PartialEq, Properties)]
pub(super) struct GripProps {
    pub(super) column: Column,
    /// What was chosen.
    pub(super) width: Option<u16>,
}

/// A drag with the pointer.
#[derive(Clone, Copy)]
struct Drag {
    from: f64,
    width: f64,
}

/// The right edge of a head: dragged, or with the focus on it moved by the arrow keys. Twice clicked, or with `Delete`,
/// the column gets its usual width back.
#[component]
pub(super) fn Grip(props: &GripProps) -> Html {
    let session = use_session();
    let drag = use_memo((), |()| Cell::new(None::<Drag>));
    let column = props.column;
    let onpointerdown = {
        let drag = Rc::clone(&drag);
        Callback::from(move |event: PointerEvent| {
            let Some(grip) = grip_of(&event).filter(|_| event.button() == 0) else { return };
            event.prevent_default();
            drop(grip.set_pointer_capture(event.pointer_id()));
            drag.set(Some(Drag { from: f64::from(event.client_x()), width: width_of(&grip) }));
        })
    };
    let onpointermove = {
        let drag = Rc::clone(&drag);
        Callback::from(move |event: PointerEvent| {
            if let (Some(Drag { from, width }), Some(grip)) = (drag.get(), grip_of(&event)) {
                show(&grip, column, width + f64::from(event.client_x()) - from);
            }
        })
    };
    let onpointerup = {
        let session = session.clone();
        Callback::from(move |event: PointerEvent| {
            let Some(grip) = grip_of(&event).filter(|_| drag.take().is_some()) else { return };
            // As it came out: there may have been less room than was pulled for.
            keep(&session, column, Some(width_of(&grip)));
        })
    };
    let reset = {
        let session = session.clone();
        Callback::from(move |_: MouseEvent| keep(&session, column, None))
    };
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        let Some(grip) = event.target().and_then(|at| at.dyn_into::<HtmlElement>().ok()) else {
            return;
        };
        let by = if event.shift_key() { LEAP } else { STEP };
        let width = match event.key().as_str() {
            "ArrowLeft" => Some(width_of(&grip) - by),
            "ArrowRight" => Some(width_of(&grip) + by),
            "Home" => Some(LEAST),
            "End" => Some(MOST),
            "Delete" | "Backspace" => None,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        keep(&session, column, width);
    });
    html! {
        <span class="grip" role="separator" tabindex="0" aria-orientation="vertical" data-testid={format!("width-{}", column.name())}
            aria-label={say::width(column.label())} aria-valuemin={LEAST.to_string()} aria-valuemax={MOST.to_string()}
            aria-valuenow={props.width.unwrap_or_else(|| usual(column)).to_string()}
            aria-valuetext={props.width.map_or_else(|| say::usual_width().to_owned(), |width| say::pixels(&width.to_string()))}
            {onpointerdown} {onpointermove} onpointerup={onpointerup.clone()} onpointercancel={onpointerup} ondblclick={reset} {onkeydown} />
    }
}

fn grip_of(event: &PointerEvent) -> Option<HtmlElement> {
    event.target().and_then(|at| at.dyn_into().ok())
}

/// Of the head that the grip is at the edge of.
fn width_of(grip: &HtmlElement) -> f64 {
    grip.parent_element().map_or(LEAST, |head| head.get_bounding_client_rect().width())
}

/// While it is dragged: nothing is rendered, the browser lays the rows out anew.
fn show(grip: &HtmlElement, column: Column, width: f64) {
    let card = grip.closest(".table-card").ok().flatten();
    let Some(card) = card.and_then(|card: Element| card.dyn_into::<HtmlElement>().ok()) else {
        return;
    };
    let name = column.name();
    let width = width.clamp(LEAST, MOST);
    // Refuses nothing that is a property's value.
    drop(card.style().set_property(&format!("--f-{name}"), &format!("0 1 {}px", fixed(width, 0))));
    drop(card.style().set_property(&format!("--m-{name}"), "none"));
}

/// `None`: as it was at first.
fn keep(session: &Session, column: Column, width: Option<f64>) {
    session.change_preferences(|preferences| {
        let widths = &mut preferences.column_widths;
        match width {
            Some(width) => {
                let width = width.clamp(LEAST, MOST).round() as u16;
                widths.insert(column.name().into(), width);
            }
            None => {
                widths.remove(column.name());
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_becomes_two_variables_and_an_unknown_column_none() {
        let widths = BTreeMap::from([("debt".into(), 120), ("moon".into(), 99)]);
        assert_eq!(style(&widths), "--f-debt:0 1 120px;--m-debt:none;");
        assert_eq!(style(&BTreeMap::new()), "");
    }
}
