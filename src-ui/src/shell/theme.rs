use domain::view::Theme;
use yew::prelude::*;

use super::media::{PREFERS_LIGHT, use_media};
use crate::live::Topic;
use crate::session::use_live;

/// The theme that is drawn: the chosen one, or what the system prefers. Writes it on the page as well, at once: between this
/// and effects the browser may draw.
#[hook]
pub(crate) fn use_theme() -> Theme {
    let chosen = use_live(Topic::Theme, |state| state.theme);
    let light = use_media(PREFERS_LIGHT);
    let drawn = match chosen {
        Theme::System if light => Theme::Light,
        Theme::System => Theme::Dark,
        Theme::Dark | Theme::Light => chosen,
    };
    let _ = use_memo(drawn, |drawn| {
        let name = if *drawn == Theme::Light { "light" } else { "dark" };
        let document = web_sys::window().and_then(|window| window.document());
        if let Some(root) = document.and_then(|document| document.document_element()) {
            // Only refuses names with spaces in them.
            drop(root.set_attribute("data-theme", name));
        }
    });
    drawn
}
