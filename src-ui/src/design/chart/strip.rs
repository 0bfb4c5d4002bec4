//! The whole below a part of it, and the part moved along on it.

use std::rc::Rc;

use web_sys::{Element, KeyboardEvent, PointerEvent};
use yew::prelude::*;

use super::decimate::{Sample, decimate};
use super::drawing::line;
use super::{Scale, Span, UNITS};
use crate::clock;
use crate::format::fixed;
use crate::words::design_chart as say;

/// Columns of the small drawing.
const COLUMNS: u32 = 240;
/// Of its own width, for each press of an arrow key.
const STEP: f64 = 0.1;

#[derive(PartialEq, Properties)]
pub(super) struct StripProps {
    pub(super) samples: Rc<Vec<Sample>>,
    pub(super) whole: Span,
    pub(super) scale: Scale,
    /// The part that is looked at.
    pub(super) span: Span,
    pub(super) look: Callback<Span>,
}

#[component]
pub(super) fn Strip(props: &StripProps) -> Html {
    let StripProps { whole, span, scale, .. } = *props;
    let runs = use_memo((Rc::clone(&props.samples), whole), |(samples, whole)| {
        decimate(samples, whole.from, whole.to, COLUMNS)
    });
    // While it is held.
    let held = use_state_eq(|| false);
    let center = {
        let look = props.look.clone();
        move |event: &PointerEvent| {
            let strip = event
                .target_dyn_into::<Element>()
                .and_then(|at| at.closest(".chart-strip").ok()?);
            let Some(strip) = strip else { return };
            let rect = strip.get_bounding_client_rect();
            let share = (f64::from(event.client_x()) - rect.left()) / rect.width().max(1.0);
            let middle = whole.across(span.at(0.5));
            let by = (share - middle) * whole.width() as f64 / span.width() as f64;
            look.emit(span.moved(by, whole));
        }
    };
    let onpointerdown = {
        let (center, held) = (center.clone(), held.setter());
        Callback::from(move |event: PointerEvent| {
            if let Some(at) = event.target_dyn_into::<Element>().filter(|_| event.button() == 0) {
                drop(at.set_pointer_capture(event.pointer_id()));
                held.set(true);
                center(&event);
            }
        })
    };
    let onpointermove = {
        let held = held.clone();
        Callback::from(move |event: PointerEvent| {
            if *held && event.buttons() == 1 {
                center(&event);
            }
        })
    };
    let release = {
        let held = held.setter();
        Callback::from(move |_: PointerEvent| held.set(false))
    };
    let onkeydown = {
        let look = props.look.clone();
        Callback::from(move |event: KeyboardEvent| {
            let by = match event.key().as_str() {
                "ArrowLeft" | "ArrowDown" => -STEP,
                "ArrowRight" | "ArrowUp" => STEP,
                "PageDown" => -1.0,
                "PageUp" => 1.0,
                "Home" => -f64::from(i32::MAX),
                "End" => f64::from(i32::MAX),
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            look.emit(span.moved(by, whole));
        })
    };
    let percent = |share: f64| share * 100.0;
    let (from, to) = (whole.across(span.from), whole.across(span.to));
    let now = percent(whole.across(span.at(0.5)));
    html! {
        <div class="chart-strip" role="slider" tabindex="0" data-testid="chart-strip" aria-label={say::strip()}
            aria-valuemin="0" aria-valuemax="100" aria-valuenow={fixed(now, 0)}
            aria-valuetext={say::range(&clock::moment(span.from), &clock::moment(span.to))}
            {onpointerdown} {onpointermove} onpointerup={release.clone()} onpointercancel={release} {onkeydown}>
            <svg viewBox={format!("0 0 {} {}", UNITS.width, UNITS.height)} preserveAspectRatio="none" aria-hidden="true">
                { for runs.iter().map(|run| html! { <path class="chart-line" d={line(run, whole, scale, UNITS)} /> }) }
            </svg>
            <i class="strip-window" style={format!("left:{}%;width:{}%", fixed(percent(from), 2), fixed(percent(to - from), 2))} />
        </div>
    }
}
