use web_sys::wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, HtmlElement};
use yew::prelude::*;

use crate::live::Topic;
use crate::session::use_live;
use crate::words::{Language, speak};

/// Where the language is chosen.
const CHOICE: &str = "input[name=language]";

/// The language that is spoken: the chosen one, or the system's. What is drawn below has to be drawn anew when it changes.
#[hook]
pub(crate) fn use_language() -> Language {
    let choice = use_live(Topic::Preferences, |state| state.preferences.language);
    let system = use_memo((), |()| system_languages());
    let language = Language::of(choice, system.iter().map(String::as_str));
    // At once, not after it was drawn: this is what it is drawn in.
    speak(language);
    let drawn = use_mut_ref(|| language);
    // With the old page goes the focus. Whoever chooses by the keyboard goes on from there.
    let choosing = use_mut_ref(|| false);
    if drawn.replace(language) != language {
        choosing.replace(is_choosing());
    }
    use_effect_with(language, move |language| {
        let Some(document) = document() else { return };
        if let Some(root) = document.document_element() {
            // Only refuses names with spaces in them.
            drop(root.set_attribute("lang", language.tag()));
        }
        if choosing.replace(false) {
            focus_choice(&document);
        }
    });
    language
}

fn is_choosing() -> bool {
    let focused = document().and_then(|document| document.active_element());
    focused.is_some_and(|focused| focused.matches(CHOICE).unwrap_or(false))
}

fn focus_choice(document: &Document) {
    let chosen = document.query_selector(&format!("{CHOICE}:checked")).ok().flatten();
    if let Some(chosen) = chosen.and_then(|chosen| chosen.dyn_into::<HtmlElement>().ok()) {
        // Refuses only what cannot be focused.
        drop(chosen.focus());
    }
}

fn document() -> Option<Document> {
    web_sys::window().and_then(|window| window.document())
}

/// As the browser was told, the best one first.
fn system_languages() -> Vec<String> {
    let languages = web_sys::window().map(|window| window.navigator().languages());
    languages.into_iter().flatten().filter_map(|tag: JsValue| tag.as_string()).collect()
}
