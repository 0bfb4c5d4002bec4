//! What a chart looks at, and the keys that change it.

use domain::UnixMillis;
use web_sys::KeyboardEvent;
use yew::prelude::*;

use super::Span;

/// The state of a chart, all of it the person's.
#[derive(Clone)]
pub(super) struct Looking {
    /// The stretch that is drawn; `None`: the whole.
    pub(super) zoom: UseStateHandle<Option<Span>>,
    /// Where the pointer or the arrow keys are.
    pub(super) cross: UseStateHandle<Option<UnixMillis>>,
    /// The stretch that is being marked; it may run backwards.
    pub(super) brush: UseStateHandle<Option<Span>>,
    pub(super) whole: Span,
}

impl Looking {
    /// At this stretch; at one that is all there is: at the whole.
    pub(super) fn look(&self, span: Option<Span>) {
        self.brush.set(None);
        self.zoom.set(span.filter(|span| span.width() < self.whole.width()));
    }
}

/// Of the width, for each press of an arrow key.
const STEP: f64 = 0.01;
/// For `Page Up` and `Page Down`.
const PAGE: f64 = 0.8;

/// Arrows move the crosshair, with `Shift` they mark a stretch from it; `Enter` looks at it, `+` and `-` zoom, `Page Up`
/// and `Page Down` move along, `0` shows the whole, `Esc` takes back the last of these.
pub(super) fn keys(looking: &Looking, span: Span) -> Callback<KeyboardEvent> {
    let looking = looking.clone();
    Callback::from(move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        if press(&looking, span, &event) {
            event.prevent_default();
            event.stop_propagation();
        }
    })
}

/// Whether the key was meant for the chart.
fn press(looking: &Looking, span: Span, event: &KeyboardEvent) -> bool {
    let whole = looking.whole;
    let here = looking.cross.filter(|at| span.contains(*at)).unwrap_or(span.to);
    match event.key().as_str() {
        "ArrowLeft" => to(looking, span, event, span.at(span.across(here) - STEP)),
        "ArrowRight" => to(looking, span, event, span.at(span.across(here) + STEP)),
        "Home" => to(looking, span, event, span.from),
        "End" => to(looking, span, event, span.to),
        "Enter" => match *looking.brush {
            Some(brush) => looking.look(Some(Span::between(brush.from, brush.to).marked(span))),
            None => return false,
        },
        "+" | "=" => looking.look(Some(span.scaled(0.5, here, whole))),
        "-" => looking.look(Some(span.scaled(2.0, here, whole))),
        "PageUp" => looking.look(Some(span.moved(-PAGE, whole))),
        "PageDown" => looking.look(Some(span.moved(PAGE, whole))),
        "0" => looking.look(None),
        "Escape" if looking.brush.is_some() => looking.brush.set(None),
        "Escape" if looking.zoom.is_some() => looking.look(None),
        "Escape" if looking.cross.is_some() => looking.cross.set(None),
        _ => return false,
    }
    true
}

/// The crosshair goes to a moment; with `Shift` the stretch from where it began goes along.
fn to(looking: &Looking, span: Span, event: &KeyboardEvent, at: UnixMillis) {
    let from = looking.brush.map(|brush| brush.from).or(*looking.cross).unwrap_or(span.to);
    looking.brush.set(event.shift_key().then_some(Span { from, to: at }));
    looking.cross.set(Some(at));
}
