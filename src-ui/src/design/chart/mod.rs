//! A figure over time: bands, marks, gaps, and a crosshair that tells what was at a moment.

mod decimate;
mod scale;

use std::rc::Rc;

use domain::{Level, UnixMillis};
use web_sys::{Element, KeyboardEvent, PointerEvent};
use yew::prelude::*;

pub(crate) use decimate::Sample;
pub(crate) use scale::Scale;

use decimate::{Column, decimate, nearest};

use super::level_style;
use crate::clock;

/// Columns drawn: about one for each pixel of the widest chart there is.
const COLUMNS: u32 = 720;
/// The drawing's own units; it is stretched to whatever room there is.
const UNITS: f64 = 1_000.0;

/// A stretch of values that belongs to a level.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Band {
    pub(crate) level: Level,
    pub(crate) lower: f64,
    pub(crate) upper: f64,
    pub(crate) label: AttrValue,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    pub(crate) at: UnixMillis,
    pub(crate) level: Level,
    pub(crate) title: AttrValue,
}

#[derive(PartialEq, Properties)]
pub(crate) struct ChartProps {
    /// What is drawn, for those who do not see it.
    pub(crate) label: AttrValue,
    pub(crate) samples: Rc<Vec<Sample>>,
    pub(crate) from: UnixMillis,
    pub(crate) to: UnixMillis,
    pub(crate) scale: Scale,
    /// Decimals of the values told.
    pub(crate) decimals: usize,
    #[prop_or_default]
    pub(crate) unit: AttrValue,
    #[prop_or_default]
    pub(crate) bands: Vec<Band>,
    #[prop_or_default]
    pub(crate) marks: Vec<Mark>,
}

#[component]
pub(crate) fn Chart(props: &ChartProps) -> Html {
    let runs =
        use_memo((Rc::clone(&props.samples), props.from, props.to), |(samples, from, to)| {
            decimate(samples, *from, *to, COLUMNS)
        });
    // A moment, where the pointer or the arrow keys are.
    let cross = use_state_eq(|| None::<UnixMillis>);
    let (from, to) = (props.from, props.to);
    let width = to.0.saturating_sub(from.0).max(1);
    let onpointermove = {
        let cross = cross.setter();
        Callback::from(move |event: PointerEvent| {
            let Some(element) = event
                .current_target()
                .and_then(|at| wasm_bindgen::JsCast::dyn_into::<Element>(at).ok())
            else {
                return;
            };
            let rect = element.get_bounding_client_rect();
            let share = (f64::from(event.client_x()) - rect.left()) / rect.width().max(1.0);
            let at = from.0 + (share.clamp(0.0, 1.0) * width as f64) as i64;
            cross.set(Some(UnixMillis(at)));
        })
    };
    let onpointerleave = {
        let cross = cross.setter();
        Callback::from(move |_: PointerEvent| cross.set(None))
    };
    let onkeydown = {
        let (cross, step) = (cross.clone(), width / 100);
        Callback::from(move |event: KeyboardEvent| {
            let now = (*cross).unwrap_or(to).0;
            let next = match event.key().as_str() {
                "ArrowLeft" => now.saturating_sub(step).max(from.0),
                "ArrowRight" => now.saturating_add(step).min(to.0),
                "Home" => from.0,
                "End" => to.0,
                "Escape" if cross.is_some() => {
                    cross.set(None);
                    event.stop_propagation();
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            cross.set(Some(UnixMillis(next)));
        })
    };
    let onblur = {
        let cross = cross.setter();
        Callback::from(move |_: FocusEvent| cross.set(None))
    };
    let scale = props.scale;
    let across = |at: UnixMillis| (at.0 - from.0) as f64 / width as f64;
    let told = |value: f64| format!("{value:.*}{}", props.decimals, props.unit);
    let last = runs.last().and_then(|run| run.last());
    let found = (*cross).and_then(|at| nearest(&runs, at));
    html! {
        <div class="chart" tabindex="0" role="group" aria-label={props.label.clone()} {onpointermove} {onpointerleave} {onkeydown} {onblur}>
            <>{ for props.bands.iter().filter(|band| band.lower < scale.top).map(|band| {
                // One that begins above the axis shows no line it does not have there.
                let cut = band.upper > scale.top;
                let (upper, lower) = (scale.down(band.upper), scale.down(band.lower));
                html! {
                    <div class={classes!("band", cut.then_some("cut"))} data-level={level_style(Some(band.level))}
                        style={format!("top:{:.2}%;height:{:.2}%", upper * 100.0, (lower - upper) * 100.0)}>
                        // Two labels of thin bands would stand in each other.
                        if lower - upper > 0.08 { <span>{ &band.label }</span> }
                    </div>
                }
            }) }</>
            <svg viewBox={format!("0 0 {UNITS} {UNITS}")} preserveAspectRatio="none" aria-hidden="true">
                { for runs.iter().map(|run| html! {
                    <>
                        <path class="chart-spread" d={spread(run, scale, across)} />
                        <path class="chart-line" d={line(run, scale, across)} />
                    </>
                }) }
            </svg>
            <>{ for props.marks.iter().filter(|mark| mark.at >= from && mark.at <= to).map(|mark| html! {
                <i class="chart-mark" data-level={level_style(Some(mark.level))} title={mark.title.clone()}
                    style={format!("left:{:.2}%", across(mark.at) * 100.0)} />
            }) }</>
            <>{ for scale.ticks(4).into_iter().map(|tick| html! {
                <span class="chart-tick" aria-hidden="true" style={format!("top:{:.2}%", scale.down(tick) * 100.0)}>{ tidy(tick) }</span>
            }) }</>
            { last.map(|last| html! {
                <span class="chart-last" style={format!("top:{:.2}%", scale.down(last.last) * 100.0)}>{ told(last.last) }</span>
            }).unwrap_or_default() }
            { found.map(|column| html! {
                <>
                    <i class="chart-cross" style={format!("left:{:.2}%", across(column.at) * 100.0)} />
                    <i class="chart-dot" style={format!("left:{:.2}%;top:{:.2}%", across(column.at) * 100.0, scale.down(column.last) * 100.0)} />
                    <div class={classes!("chart-tip", (across(column.at) > 0.5).then_some("left"))} style={format!("left:{:.2}%", across(column.at) * 100.0)}>
                        { tip(column, &told) }
                    </div>
                </>
            }).unwrap_or_default() }
            <span class="visually-hidden" aria-live="polite">
                { for found.map(|column| format!("{}: {}", clock::moment(column.at), told(column.last))) }
            </span>
        </div>
    }
}

fn tip(column: &Column, told: &impl Fn(f64) -> String) -> Html {
    let spread = told(column.min) != told(column.max);
    html! {
        <>
            <time>{ clock::moment(column.at) }</time>
            <strong>{ told(column.last) }</strong>
            if spread { <small>{ format!("{} to {}", told(column.min), told(column.max)) }</small> }
        </>
    }
}

fn tidy(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn line(run: &[Column], scale: Scale, across: impl Fn(UnixMillis) -> f64) -> String {
    let mut path = String::with_capacity(run.len() * 14);
    for (index, column) in run.iter().enumerate() {
        let (x, y) = (across(column.at) * UNITS, scale.down(column.last) * UNITS);
        path.push_str(&format!("{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' }));
    }
    if let [only] = run {
        // A run of one is a dash, else nothing would be seen of it.
        path.push_str(&format!(
            "L{:.1} {:.1}",
            across(only.at) * UNITS + 1.5,
            scale.down(only.last) * UNITS
        ));
    }
    path
}

/// From the greatest values there and from the least ones back.
fn spread(run: &[Column], scale: Scale, across: impl Fn(UnixMillis) -> f64) -> String {
    let mut path = String::with_capacity(run.len() * 28);
    let there = run.iter().map(|column| (column.at, column.max));
    let back = run.iter().rev().map(|column| (column.at, column.min));
    for (index, (at, value)) in there.chain(back).enumerate() {
        let (x, y) = (across(at) * UNITS, scale.down(value) * UNITS);
        path.push_str(&format!("{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' }));
    }
    path.push('Z');
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_runs_from_edge_to_edge_and_zero_is_at_the_bottom() {
        let column = |at, last| Column { at: UnixMillis(at), min: last - 1.0, max: last, last };
        let run = [column(0, 20.0), column(2_000, 0.0)];
        let scale = Scale { bottom: 0.0, top: 25.0 };
        let across = |at: UnixMillis| at.0 as f64 / 2_000.0;
        assert_eq!(line(&run, scale, across), "M0.0 200.0L1000.0 1000.0");
        assert_eq!(
            spread(&run, scale, across),
            "M0.0 200.0L1000.0 1000.0L1000.0 1000.0L0.0 240.0Z"
        );
        assert_eq!(line(&run[..1], scale, across), "M0.0 200.0L1.5 200.0");
    }

    #[test]
    fn ticks_are_written_without_needless_digits() {
        assert_eq!((tidy(10.0), tidy(1.25), tidy(0.0)), ("10".into(), "1.25".into(), "0".into()));
    }
}
