use std::rc::Rc;

use domain::UnixMillis;
use web_sys::{HtmlElement, PointerEvent};
use yew::prelude::*;

use super::decimate::{Column, Sample, decimate, nearest};
use super::drawing::{line, spread};
use super::export::tools;
use super::keys::{Looking, keys};
use super::strip::Strip;
use super::{COLUMNS, ChartProps, Mark, Scale, Span, UNITS, tidy};
use crate::clock;
use crate::design::level_style;
use crate::format::{decimal, fixed};
use crate::words::{self, design_chart as say};

/// CSS pixels that a pointer has to go for its way to be a stretch: less is a click.
const DRAG: f64 = 6.0;
/// A mark is told with a moment that is nearer than this share of the width.
const NEAR: f64 = 0.012;

/// Series that are the same one. Two with the same values are compared sample by sample otherwise.
#[derive(Clone)]
struct Series(Rc<Vec<Sample>>);

impl PartialEq for Series {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[component]
pub(crate) fn Chart(props: &ChartProps) -> Html {
    let whole = Span { from: props.from, to: props.to };
    let looking = Looking {
        zoom: use_state_eq(|| None::<Span>),
        cross: use_state_eq(|| None::<UnixMillis>),
        brush: use_state_eq(|| None::<Span>),
        whole,
    };
    use_zoom_of(whole, &looking, props.on_zoom.clone());
    // What moved out of the whole since is not looked at any more.
    let span = looking.zoom.filter(|zoom| whole.contains(zoom.from) && whole.contains(zoom.to));
    let (zoomed, span) = (span.is_some(), span.unwrap_or(whole));

    let series = Series(Rc::clone(series(props, span)));
    let runs =
        use_memo((series, span), |(series, span)| decimate(&series.0, span.from, span.to, COLUMNS));
    let scale = match props.fit.filter(|_| zoomed) {
        Some(fit) => Scale::fit(fit, &runs),
        None => props.scale,
    };
    let told = |value: f64| format!("{}{}", decimal(value, props.decimals), props.unit);
    let last = runs.last().and_then(|run| run.last());
    let found = looking.cross.and_then(|at| nearest(&runs, at));
    let moments = moments(span, props.until_now && span.to == whole.to);
    let pointer = pointers(&looking, span);
    html! {
        <div class="chart-frame" data-zoomed={zoomed.to_string()}>
            <div class="chart" tabindex="0" role="group" aria-label={props.label.clone()} onkeydown={keys(&looking, span)} onblur={let_go(&looking)}
                onpointerdown={pointer.down} onpointermove={pointer.moved} onpointerup={pointer.up} onpointercancel={pointer.cancel} onpointerleave={pointer.leave}
                ondblclick={whole_again(&looking)}>
                <>{ for props.bands.iter().filter(|band| band.is_on(scale)).map(|band| {
                    // One that begins above the axis shows no line it does not have there.
                    let cut = band.upper > scale.top;
                    let (upper, lower) = (scale.down(band.upper), scale.down(band.lower));
                    html! {
                        <div class={classes!("band", cut.then_some("cut"))} data-level={level_style(Some(band.level))}
                            style={format!("{};height:{}%", top(upper), fixed((lower - upper) * 100.0, 2))}>
                            // Two labels of thin bands would stand in each other.
                            if lower - upper > 0.08 { <span>{ &band.label }</span> }
                        </div>
                    }
                }) }</>
                <svg viewBox={format!("0 0 {} {}", UNITS.width, UNITS.height)} preserveAspectRatio="none" aria-hidden="true">
                    { for runs.iter().map(|run| html! {
                        <>
                            <path class="chart-spread" d={spread(run, span, scale, UNITS)} />
                            <path class="chart-line" d={line(run, span, scale, UNITS)} />
                        </>
                    }) }
                </svg>
                <>{ for props.marks.iter().filter(|mark| span.contains(mark.at)).map(|mark| html! {
                    <i class="chart-mark" data-level={level_style(Some(mark.level))} title={mark.title.clone()}
                        style={left(span, mark.at)} />
                }) }</>
                <>{ for scale.ticks(4).into_iter().map(|tick| html! {
                    <span class="chart-tick" aria-hidden="true" style={top(scale.down(tick))}>{ tidy(tick) }</span>
                }) }</>
                { last.map(|last| html! {
                    <span class="chart-last" style={top(scale.down(last.last))}>{ told(last.last) }</span>
                }).unwrap_or_default() }
                { looking.brush.map(|brush| html! { <i class="chart-brush" style={stretch(span, brush)} /> }).unwrap_or_default() }
                { found.map(|column| crosshair(span, scale, column, &props.marks, &told)).unwrap_or_default() }
                <span class="visually-hidden" aria-live="polite">{ spoken(&looking, found, &told) }</span>
            </div>
            { tools(props, &looking, span, scale, &runs, &moments) }
            <div class="chart-axis" aria-hidden="true">{ for moments.iter().map(|moment| html! { <span>{ moment }</span> }) }</div>
            // One child whether it is there or not: else the plot would be built anew with it.
            { if zoomed { strip(props, &looking, span) } else { Html::default() } }
        </div>
    }
}

/// The finer one, where it holds all that is looked at.
fn series(props: &ChartProps, span: Span) -> &Rc<Vec<Sample>> {
    let covers = |detail: &Rc<Vec<Sample>>| match (detail.first(), detail.last()) {
        // It begins with what was recorded first in it, which need not be at its very beginning.
        (Some(first), Some(last)) => {
            first.at <= span.at(0.1) && last.at.0.saturating_add(last.span) >= span.at(0.9).0
        }
        _ => false,
    };
    props.detail.as_ref().filter(|detail| covers(detail)).unwrap_or(&props.samples)
}

/// Forgets the stretch when the whole is another length of time, and tells of each other one.
#[hook]
fn use_zoom_of(whole: Span, looking: &Looking, on_zoom: Option<Callback<Option<Span>>>) {
    let zoom = looking.zoom.setter();
    use_effect_with(whole.width(), move |_| zoom.set(None));
    use_effect_with(*looking.zoom, move |zoom| {
        if let Some(on_zoom) = on_zoom {
            on_zoom.emit(*zoom);
        }
    });
}

/// Five moments along the axis, the last one `now` where it is that.
fn moments(span: Span, now: bool) -> Vec<String> {
    (0..=4u8)
        .map(|quarter| match quarter {
            4 if now => words::time::now().to_owned(),
            quarter => clock::moment(span.at(f64::from(quarter) / 4.0)),
        })
        .collect()
}

struct Pointers {
    down: Callback<PointerEvent>,
    moved: Callback<PointerEvent>,
    up: Callback<PointerEvent>,
    cancel: Callback<PointerEvent>,
    leave: Callback<PointerEvent>,
}

/// The crosshair follows; with the button down a stretch is marked, and looked at in the end.
fn pointers(looking: &Looking, span: Span) -> Pointers {
    let down = {
        let looking = looking.clone();
        Callback::from(move |event: PointerEvent| {
            // The buttons over the plot are no part of it.
            let Some((plot, at)) = place(&event, span).filter(|_| event.button() == 0) else {
                return;
            };
            drop(plot.set_pointer_capture(event.pointer_id()));
            looking.brush.set(Some(Span { from: at, to: at }));
        })
    };
    let moved = {
        let looking = looking.clone();
        Callback::from(move |event: PointerEvent| {
            let Some((_, at)) = place(&event, span) else { return };
            looking.cross.set(Some(at));
            if let (Some(brush), true) = (*looking.brush, event.buttons() == 1) {
                looking.brush.set(Some(Span { from: brush.from, to: at }));
            }
        })
    };
    let up = {
        let looking = looking.clone();
        Callback::from(move |event: PointerEvent| {
            let Some((plot, at)) = place(&event, span) else { return };
            let Some(brush) = *looking.brush else { return };
            looking.brush.set(None);
            let way = (span.across(at) - span.across(brush.from)).abs();
            if way * plot.get_bounding_client_rect().width() >= DRAG {
                looking.look(Some(Span::between(brush.from, at).marked(span)));
            }
        })
    };
    let cancel = {
        let brush = looking.brush.setter();
        Callback::from(move |_: PointerEvent| brush.set(None))
    };
    let leave = {
        let cross = looking.cross.setter();
        Callback::from(move |event: PointerEvent| {
            if event.buttons() == 0 {
                cross.set(None);
            }
        })
    };
    Pointers { down, moved, up, cancel, leave }
}

/// The plot, and the moment the pointer is at.
fn place(event: &PointerEvent, span: Span) -> Option<(HtmlElement, UnixMillis)> {
    let plot = event.target_dyn_into::<web_sys::Element>()?.closest(".chart").ok()??;
    let rect = plot.get_bounding_client_rect();
    let share = (f64::from(event.client_x()) - rect.left()) / rect.width().max(1.0);
    let plot = wasm_bindgen::JsCast::dyn_into(plot).ok()?;
    Some((plot, span.at(share)))
}

fn whole_again(looking: &Looking) -> Callback<MouseEvent> {
    let looking = looking.clone();
    Callback::from(move |_: MouseEvent| looking.look(None))
}

fn let_go(looking: &Looking) -> Callback<FocusEvent> {
    let (cross, brush) = (looking.cross.setter(), looking.brush.setter());
    Callback::from(move |_: FocusEvent| {
        cross.set(None);
        brush.set(None);
    })
}

fn strip(props: &ChartProps, looking: &Looking, span: Span) -> Html {
    let look = {
        let looking = looking.clone();
        Callback::from(move |span: Span| looking.look(Some(span)))
    };
    html! { <Strip samples={Rc::clone(&props.samples)} whole={looking.whole} scale={props.scale} {span} {look} /> }
}

fn crosshair(
    span: Span,
    scale: Scale,
    column: &Column,
    marks: &[Mark],
    told: &impl Fn(f64) -> String,
) -> Html {
    let across = span.across(column.at);
    let spread = told(column.min) != told(column.max);
    let near = marks.iter().filter(|mark| (span.across(mark.at) - across).abs() < NEAR);
    html! {
        <>
            <i class="chart-cross" style={left(span, column.at)} />
            <i class="chart-dot" style={format!("{};{}", left(span, column.at), top(scale.down(column.last)))} />
            <div class={classes!("chart-tip", (across > 0.5).then_some("left"))} style={left(span, column.at)}>
                <time>{ clock::moment(column.at) }</time>
                <strong>{ told(column.last) }</strong>
                if spread { <small>{ say::range(&told(column.min), &told(column.max)) }</small> }
                { for near.map(|mark| html! { <small>{ &mark.title }</small> }) }
            </div>
        </>
    }
}

/// What is said of the crosshair, or of the stretch that is marked.
fn spoken(looking: &Looking, found: Option<&Column>, told: &impl Fn(f64) -> String) -> String {
    if let Some(brush) = *looking.brush {
        let Span { from, to } = Span::between(brush.from, brush.to);
        return say::marked(&clock::moment(from), &clock::moment(to));
    }
    let column = found.map(|column| format!("{}: {}", clock::moment(column.at), told(column.last)));
    column.unwrap_or_default()
}

fn left(span: Span, at: UnixMillis) -> String {
    format!("left:{}%", fixed(span.across(at) * 100.0, 2))
}

/// A share of the height.
fn top(down: f64) -> String {
    format!("top:{}%", fixed(down * 100.0, 2))
}

fn stretch(span: Span, part: Span) -> String {
    let part = Span::between(part.from, part.to);
    let (from, to) = (span.across(part.from).max(0.0), span.across(part.to).min(1.0));
    let width = (to - from).max(0.0) * 100.0;
    format!("left:{}%;width:{}%", fixed(from * 100.0, 2), fixed(width, 2))
}
