//! Clicks on the lines. The cells are written by hand, so one listener above all of them finds out which was meant.

use domain::VaultId;
use domain::view::Target;
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use super::row::vault_of;
use super::table::MenuAsked;
use crate::session::Session;
use crate::shell::route;

/// What was clicked on.
struct Hit {
    at: Element,
    vault: VaultId,
}

impl Hit {
    fn of(event: &MouseEvent) -> Option<Self> {
        let at = event.target()?.dyn_into::<Element>().ok()?;
        let vault = vault_of(&at.closest(".row").ok()??)?;
        Some(Self { at, vault })
    }

    fn is_on(&self, css: &str) -> bool {
        self.at.closest(css).ok().flatten().is_some()
    }
}

/// A click opens the vault; with `Ctrl` it is chosen beside others, with `Shift` everything up to it is.
pub(super) fn pressed(session: &Session, on_menu: &MenuAsked) -> Callback<MouseEvent> {
    let (session, on_menu) = (session.clone(), on_menu.clone());
    Callback::from(move |event: MouseEvent| {
        let Some(hit) = Hit::of(&event) else { return };
        if hit.is_on(".row-more") {
            event.prevent_default();
            let (x, y) = place_of(&event, &hit);
            on_menu.emit((hit.vault, x, y));
        } else if event.ctrl_key() || event.meta_key() {
            event.prevent_default();
            session.live.choose_also(&hit.vault);
        } else if event.shift_key() {
            event.prevent_default();
            session.live.choose_to(&hit.vault);
        } else if !hit.is_on("a") {
            route::open(&Target::Vault(hit.vault));
        }
    })
}

/// The right button.
pub(super) fn menu_asked(on_menu: &MenuAsked) -> Callback<MouseEvent> {
    let on_menu = on_menu.clone();
    Callback::from(move |event: MouseEvent| {
        let Some(hit) = Hit::of(&event) else { return };
        event.prevent_default();
        let (x, y) = place_of(&event, &hit);
        on_menu.emit((hit.vault, x, y));
    })
}

/// Where the pointer is; a button that is pressed by a key has none, and no menu key has one.
fn place_of(event: &MouseEvent, hit: &Hit) -> (i32, i32) {
    match (event.client_x(), event.client_y()) {
        (0, 0) => super::keyboard::middle_of(&hit.vault),
        place => place,
    }
}
