//! Keys that work wherever the focus is: `Ctrl+K` the palette, `?` the list of keys, `/` search, `Esc` back or clear, `A`
//! acknowledge, `S` snooze for 10 minutes, `Z` take that back, arrows into the table.

use domain::view::{NotificationId, Target};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Document, HtmlElement, HtmlInputElement, HtmlSelectElement, KeyboardEvent};
use yew::prelude::*;

use super::top_bar::SEARCH_ID;
use super::{Overlay, route};
use crate::clock;
use crate::later::{is_loaded, is_missing};
use crate::live::Snooze;
use crate::pages::TABLE_ID;
use crate::session::Session;

/// Listens for as long as the component lives. `close_panel` closes what lies over the page and says whether
/// there was anything; `show` lays something over everything, `covered` says whether something lies there.
#[hook]
pub(super) fn use_keys(
    session: Session,
    route: Target,
    close_panel: Callback<(), bool>,
    show: Callback<Overlay>,
    covered: bool,
) {
    let latest = use_mut_ref(|| None);
    *latest.borrow_mut() = Some((session, route, close_panel, show, covered));
    use_effect_with((), move |()| {
        let pressed = Closure::<dyn Fn(KeyboardEvent)>::new(move |event: KeyboardEvent| {
            if let Some((session, route, close_panel, show, covered)) = latest.borrow().clone() {
                // What is typed into what is about to lie over the page is not meant for the page.
                if covered && !is_loaded() && !is_missing() {
                    return event.prevent_default();
                }
                on_key(&event, &session, &route, &close_panel, &show);
            }
        });
        let document = document();
        if let Some(document) = &document {
            document.set_onkeydown(Some(pressed.as_ref().unchecked_ref()));
        }
        move || {
            if let Some(document) = document {
                document.set_onkeydown(None);
            }
            drop(pressed);
        }
    });
}

fn on_key(
    event: &KeyboardEvent,
    session: &Session,
    route: &Target,
    close_panel: &Callback<(), bool>,
    show: &Callback<Overlay>,
) {
    // From any field as well: nobody types that.
    if is_palette(event) {
        event.prevent_default();
        return show.emit(Overlay::Palette);
    }
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
        return;
    }
    // A letter there looks for an option.
    if event.target().is_some_and(|at| at.has_type::<HtmlSelectElement>()) {
        return;
    }
    let field: Option<HtmlInputElement> = event.target().and_then(|at| at.dyn_into().ok());
    // One that is ticked takes no text.
    let field = field.filter(|field| !matches!(field.type_().as_str(), "checkbox" | "radio"));
    match (event.key().as_str(), field) {
        ("Escape", Some(field)) if field.id() == SEARCH_ID && !field.value().is_empty() => {
            session.live.change_view(|view| view.search.clear(), clock::now());
        }
        ("Escape", Some(field)) => drop(field.blur()),
        ("ArrowDown" | "Enter", Some(field)) if field.id() == SEARCH_ID => focus(TABLE_ID),
        (_, Some(_)) => return,
        ("/", None) => focus(SEARCH_ID),
        ("?", None) => show.emit(Overlay::Shortcuts),
        ("Escape", None) => escape(session, route, close_panel),
        ("a" | "A", None) => match firing(session, route) {
            Some(id) => session.acknowledge(&[id]),
            None => return,
        },
        ("s" | "S", None) => match firing(session, route) {
            Some(id) => session.snooze(&[id], Snooze::TenMinutes),
            None => return,
        },
        ("z" | "Z", None) => session.undo(),
        // From anywhere but a control that has a use for them itself.
        ("ArrowDown" | "ArrowUp", None) if *route == Target::Overview && is_body(event) => {
            focus(TABLE_ID);
        }
        _ => return,
    }
    event.prevent_default();
}

/// `Ctrl+K`, or `⌘K`, where nothing has used it.
fn is_palette(event: &KeyboardEvent) -> bool {
    let with = (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key();
    with && matches!(event.key().as_str(), "k" | "K") && !event.default_prevented()
}

/// The alert that is shown, or that of the vault that is shown or marked, where it wants something. What cannot be seen is
/// not meant: a row stays marked while another page is shown.
fn firing(session: &Session, route: &Target) -> Option<NotificationId> {
    session.live.read(|state| match route {
        Target::Alert(id) => state.inbox.get(*id).map(|alert| alert.id),
        Target::Vault(vault) => state.inbox.firing_for(vault),
        Target::Overview => state.inbox.firing_for(state.selected.as_ref()?),
        _ => None,
    })
}

fn escape(session: &Session, route: &Target, close_panel: &Callback<(), bool>) {
    if close_panel.emit(()) {
        return;
    }
    if *route == Target::Overview {
        session.live.change_view(crate::live::View::clear_filters, clock::now());
    } else {
        route::open(&Target::Overview);
    }
}

fn is_body(event: &KeyboardEvent) -> bool {
    event
        .target()
        .and_then(|at| at.dyn_into::<HtmlElement>().ok())
        .is_some_and(|element| element.tag_name() == "BODY")
}

fn focus(id: &str) {
    if let Some(element) = document()
        .and_then(|document| document.get_element_by_id(id))
        .and_then(|element| element.dyn_into::<HtmlElement>().ok())
    {
        // Refuses only what cannot be focused.
        drop(element.focus());
    }
}

fn document() -> Option<Document> {
    web_sys::window().and_then(|window| window.document())
}
