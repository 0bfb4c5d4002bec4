//! The browser's clock, and moments that keep their text true without rendering anything again.

use domain::UnixMillis;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::format;

pub(crate) fn now() -> UnixMillis {
    UnixMillis(js_sys::Date::now() as i64)
}

/// Calls `work` every `millis` milliseconds for as long as the page lives.
pub(crate) fn every(millis: i32, work: impl Fn() + 'static) {
    let work = Closure::<dyn Fn()>::new(work).into_js_value();
    if let Some(window) = web_sys::window() {
        // Only refuses where the page has no timers at all.
        drop(
            window.set_interval_with_callback_and_timeout_and_arguments_0(
                work.unchecked_ref(),
                millis,
            ),
        );
    }
}

/// Rewrites every [`Age`] and [`Countdown`] on the page: once a second is enough, and no component renders.
pub(crate) fn refresh() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let Ok(all) = document.query_selector_all("[data-since],[data-until]") else { return };
    let now = now();
    for index in 0..all.length() {
        if let Some(element) = all.item(index).and_then(|node| node.dyn_into().ok()) {
            write(&element, now);
        }
    }
}

fn write(element: &HtmlElement, now: UnixMillis) {
    let moment = |name| {
        element.get_attribute(name).and_then(|text: String| text.parse().ok()).map(UnixMillis)
    };
    let text = match (moment("data-since"), moment("data-until")) {
        (Some(since), _) => format::age(since, now),
        (None, Some(until)) => format::countdown(until, now),
        (None, None) => return,
    };
    if element.text_content().as_deref() != Some(&text) {
        element.set_text_content(Some(&text));
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct MomentProps {
    pub(crate) at: UnixMillis,
}

/// How long ago something was: `12 s`. Yew knows no children of it, so it does not mind the clock's writing.
#[component]
pub(crate) fn Age(props: &MomentProps) -> Html {
    let element = use_written(props.at);
    html! { <time ref={element} class="age" data-since={props.at.to_string()} /> }
}

/// How long until something is: `in 4 s`.
#[component]
pub(crate) fn Countdown(props: &MomentProps) -> Html {
    let element = use_written(props.at);
    html! { <time ref={element} class="age" data-until={props.at.to_string()} /> }
}

#[hook]
fn use_written(at: UnixMillis) -> NodeRef {
    let element = use_node_ref();
    let written = element.clone();
    use_effect_with(at, move |_| {
        if let Some(element) = written.cast::<HtmlElement>() {
            write(&element, now());
        }
    });
    element
}
