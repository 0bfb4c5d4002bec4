//! The browser's clock, and moments that keep their text true without rendering anything again.

use domain::UnixMillis;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::prelude::*;

use crate::format;
use crate::words::{self, SLOT};

pub(crate) fn now() -> UnixMillis {
    UnixMillis(js_sys::Date::now() as i64)
}

/// The wall clock where this machine is.
pub(crate) fn local(at: UnixMillis) -> format::Local {
    let date = js_sys::Date::new(&JsValue::from_f64(at.0 as f64));
    format::Local {
        year: date.get_full_year(),
        month: date.get_month(),
        day: date.get_date(),
        hour: date.get_hours(),
        minute: date.get_minutes(),
    }
}

/// The name of the zone this machine is in: `Europe/Berlin`.
pub(crate) fn zone() -> String {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    let zone = js_sys::Reflect::get(&format.resolved_options(), &"timeZone".into());
    zone.ok().and_then(|zone| zone.as_string()).unwrap_or_else(|| "UTC".to_owned())
}

/// A moment as people write it, short: `14:20`, with the day where it is another one.
pub(crate) fn moment(at: UnixMillis) -> String {
    format::moment(local(at), local(now()))
}

/// Eight o'clock of the next day, where this machine is. The browser knows of summer time.
pub(crate) fn next_morning() -> UnixMillis {
    let today = local(now());
    let date = js_sys::Date::new_with_year_month_day_hr_min(
        today.year,
        today.month.cast_signed(),
        today.day.cast_signed() + 1,
        8,
        0,
    );
    UnixMillis(date.get_time() as i64)
}

/// Calls `work` once, `millis` milliseconds from now. While the page is hidden the browser may take a second.
pub(crate) fn soon(millis: i32, work: impl FnOnce() + 'static) {
    let work = Closure::once_into_js(work);
    if let Some(window) = web_sys::window() {
        // Only refuses where the page has no timers at all.
        drop(
            window.set_timeout_with_callback_and_timeout_and_arguments_0(
                work.unchecked_ref(),
                millis,
            ),
        );
    }
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
        if let Some(element) = all.item(index).and_then(|node| node.dyn_into::<Element>().ok()) {
            write(&element, now);
        }
    }
}

/// Where an element has the moment that its text tells the age of, in milliseconds.
pub(crate) const SINCE: &str = "data-since";

fn write(element: &Element, now: UnixMillis) {
    let moment = |name| {
        element.get_attribute(name).and_then(|text: String| text.parse().ok()).map(UnixMillis)
    };
    let text = match moment(SINCE) {
        Some(since) => format::age(since, now),
        None => match moment("data-until") {
            Some(until) => format::countdown(until, now),
            None => return,
        },
    };
    // Somebody may hold on to the text that is there: it is written into, not replaced.
    match element.first_child() {
        Some(node) if node.node_value().as_deref() == Some(&text) => {}
        Some(node) => node.set_node_value(Some(&text)),
        None => element.set_text_content(Some(&text)),
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

/// `12 s ago`, and true all the time.
pub(crate) fn ago(at: UnixMillis) -> Html {
    words::set(&words::design::ago(SLOT), [html! { <Age {at} /> }])
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
        if let Some(element) = written.cast::<Element>() {
            write(&element, now());
        }
    });
    element
}
