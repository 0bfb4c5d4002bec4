use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::MediaQueryList;
use yew::prelude::*;

/// The window is wide enough for the alert panel to stand beside the page.
pub(crate) const WIDE: &str = "(min-width: 1440px)";
/// Two lines per vault and the rail at the bottom.
pub(crate) const NARROW: &str = "(max-width: 720px)";
pub(crate) const COARSE: &str = "(pointer: coarse)";
/// Somebody wants nothing to move.
pub(crate) const REDUCED_MOTION: &str = "(prefers-reduced-motion: reduce)";
pub(crate) const PREFERS_LIGHT: &str = "(prefers-color-scheme: light)";

/// Whether the media query holds; renders again when that changes.
#[hook]
pub(crate) fn use_media(query: &'static str) -> bool {
    let holds = use_state_eq(|| list(query).is_some_and(|list| list.matches()));
    let set = holds.setter();
    use_effect_with(query, move |query| {
        let list = list(query);
        let watched = list.clone();
        let changed = Closure::<dyn Fn()>::new(move || {
            set.set(watched.as_ref().is_some_and(MediaQueryList::matches));
        });
        if let Some(list) = &list {
            list.set_onchange(Some(changed.as_ref().unchecked_ref()));
        }
        move || {
            if let Some(list) = list {
                list.set_onchange(None);
            }
            drop(changed);
        }
    });
    *holds
}

fn list(query: &str) -> Option<MediaQueryList> {
    web_sys::window().and_then(|window| window.match_media(query).ok().flatten())
}
