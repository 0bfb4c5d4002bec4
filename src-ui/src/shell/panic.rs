//! What is left when the window's own code fails: a static page part with one button. Monitoring and the
//! notifications of the operating system run in another process and do not notice.

use std::panic::PanicHookInfo;

use js_sys::{Function, Reflect};
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement};

use crate::backend;
use crate::words::shell_panic as say;

/// From now on a panic shows the overlay and is told to the shell's log.
pub(crate) fn install() {
    // Yew's own setter: one that Yew does not know of is replaced when it starts to render.
    yew::set_custom_panic_hook(Box::new(|info| {
        let message = message(info);
        web_sys::console::error_1(&message.as_str().into());
        // Timers go on and may run into the same: told once.
        if overlay(&message).is_some() {
            backend::report_panic(&message);
        }
    }));
}

fn message(info: &PanicHookInfo<'_>) -> String {
    info.to_string()
}

/// Built by hand, and with a button that needs none of our code any more. Its words are constants of the program, and which
/// language is spoken is a number that nobody holds on to: they are there whatever failed. `None`: it is there already.
fn overlay(message: &str) -> Option<()> {
    let window = web_sys::window()?;
    let document = window.document()?;
    if document.get_element_by_id("panic").is_some() {
        return None;
    }
    let overlay = element(&document, "div", "panic", None)?;
    overlay.set_id("panic");
    overlay.set_attribute("role", "alertdialog").ok()?;
    overlay.set_attribute("aria-label", say::title()).ok()?;
    let card = element(&document, "div", "panic-card", None)?;
    let parts = [("h1", "", say::title()), ("p", "", say::why()), ("pre", "", message)];
    for (tag, class, text) in parts {
        let part = element(&document, tag, class, Some(text))?;
        card.append_child(&part).ok()?;
    }
    let button: HtmlElement =
        element(&document, "button", "button primary", Some(say::reload()))?.dyn_into().ok()?;
    let reload: Function =
        Reflect::get(&window.location(), &"reload".into()).ok()?.dyn_into().ok()?;
    button.set_onclick(Some(&reload.bind0(&window.location())));
    card.append_child(&button).ok()?;
    overlay.append_child(&card).ok()?;
    document.body()?.append_child(&overlay).ok()?;
    // Nice to have only.
    drop(button.focus());
    Some(())
}

fn element(document: &Document, tag: &str, class: &str, text: Option<&str>) -> Option<Element> {
    let element = document.create_element(tag).ok()?;
    element.set_class_name(class);
    if let Some(text) = text {
        element.set_text_content(Some(text));
    }
    Some(element)
}
