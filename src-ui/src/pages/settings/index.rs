//! What is on the page, in the room beside it: a link for each card, the one that is being read marked. Links that are
//! anchors would change the address, which names the page.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, ScrollBehavior, ScrollIntoViewOptions};
use yew::prelude::*;

use super::config::use_profile;
use crate::shell::media::{REDUCED_MOTION, use_media};
use crate::shell::route;
use crate::words::{
    appearance, channels, profiles, settings as say, settings_config, settings_keys,
    settings_proof, settings_toasts,
};

/// CSS pixels below the upper edge: a card that begins above this line is the one that is read.
const LINE: f64 = 80.0;
/// As much may be left to scroll where nothing is: zoomed, a browser counts in fractions.
const REST: i32 = 2;

/// A card of the page.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Section {
    id: &'static str,
    title: &'static str,
}

/// In the order of the page. The demo has neither a connection of its own nor keys.
fn sections(profile: bool) -> Vec<Section> {
    let section = |id, title| Section { id, title };
    let mut all = vec![
        section("settings-proof", settings_proof::head()),
        section("settings-profiles", profiles::head()),
    ];
    if profile {
        all.push(section("settings-connection", settings_config::connection()));
        all.push(section("settings-keys", settings_keys::head()));
    }
    all.extend([
        section("settings-alerts", settings_config::alerts()),
        section("settings-rules", say::rules_head()),
        section("settings-channels", channels::head()),
        section("settings-start", say::start()),
        section("settings-retention", settings_config::kept()),
        section("settings-plugins", say::plugins()),
        section("settings-toasts", settings_toasts::head()),
        section("settings-appearance", appearance::head()),
    ]);
    all
}

/// The links, and what to call when the page was scrolled.
pub(super) struct Index {
    pub(super) links: Html,
    pub(super) onscroll: Callback<Event>,
}

/// Of this page, whose cards bear the ids of the sections.
#[hook]
pub(super) fn use_index(page: &NodeRef) -> Index {
    let sections = sections(use_profile().is_some());
    let current = use_state_eq(|| None::<&'static str>);
    let chosen: Rc<RefCell<Option<&'static str>>> = use_mut_ref(|| None);
    let still = use_media(REDUCED_MOTION);
    let measure = {
        let (page, sections) = (page.clone(), sections.clone());
        let (current, chosen) = (current.setter(), Rc::clone(&chosen));
        move || {
            if let Some(page) = page.cast::<HtmlElement>() {
                current.set(measured(&page, &sections, *chosen.borrow()));
            }
        }
    };
    let choose = |id: &'static str| {
        let (measure, chosen) = (measure.clone(), Rc::clone(&chosen));
        Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            chosen.replace(Some(id));
            show(id, still);
            measure();
        })
    };
    let marked = current.or_else(|| sections.first().map(|first| first.id));
    let links = html! {
        <nav class="page-index" aria-labelledby="page-index">
            <p id="page-index" class="label">{ say::on_this_page() }</p>
            <ul>{ for sections.iter().map(|Section { id, title }| html! {
                <li key={*id}><a href={route::href(&domain::view::Target::Settings)} data-testid={format!("index-{id}")}
                    aria-current={(marked == Some(*id)).then_some("true")} onclick={choose(id)}>{ title }</a></li>
            }) }</ul>
        </nav>
    };
    Index { links, onscroll: Callback::from(move |_: Event| measure()) }
}

fn measured(
    page: &HtmlElement,
    sections: &[Section],
    chosen: Option<&'static str>,
) -> Option<&'static str> {
    let begins = page.get_bounding_client_rect().top();
    let top = |id: &'static str| Some((id, card(id)?.get_bounding_client_rect().top() - begins));
    let tops: Vec<_> = sections.iter().filter_map(|section| top(section.id)).collect();
    let height = page.client_height();
    let rest = page.scroll_height() - page.scroll_top() - height;
    let scrolled =
        Scrolled { begun: page.scroll_top() > 0, over: rest < REST, height: f64::from(height) };
    read(&tops, scrolled, chosen)
}

/// How far the page is scrolled.
#[derive(Clone, Copy)]
struct Scrolled {
    begun: bool,
    /// There is nothing below.
    over: bool,
    /// Of what is in view.
    height: f64,
}

/// Which of the cards is read; each with where it begins, below the upper edge. At the end of the page no other one can
/// come up to the line: there it is the one that was chosen, or the last.
fn read(
    tops: &[(&'static str, f64)],
    scrolled: Scrolled,
    chosen: Option<&'static str>,
) -> Option<&'static str> {
    let id = |(id, _): &(&'static str, f64)| *id;
    if scrolled.over {
        let in_view = |(_, top): &&(&'static str, f64)| (0.0..scrolled.height).contains(top);
        let chosen = chosen.and_then(|chosen| tops.iter().find(|(id, _)| *id == chosen));
        if let Some(card) = chosen.filter(in_view) {
            return Some(id(card));
        }
        if scrolled.begun {
            return tops.last().map(id);
        }
    }
    tops.iter().rev().find(|(_, top)| *top <= LINE).or(tops.first()).map(id)
}

/// Scrolls a card to the top. The focus goes along, as it does with an anchor: Tab leads on from there.
fn show(id: &str, still: bool) {
    let Some(card) = card(id) else { return };
    let how = ScrollIntoViewOptions::new();
    how.set_behavior(if still { ScrollBehavior::Instant } else { ScrollBehavior::Smooth });
    // Only refuses names with spaces in them.
    drop(card.set_attribute("tabindex", "-1"));
    if let Some(card) = card.dyn_ref::<HtmlElement>() {
        let quietly = web_sys::FocusOptions::new();
        quietly.set_prevent_scroll(true);
        // Refuses only what cannot be focused.
        drop(card.focus_with_options(&quietly));
    }
    card.scroll_into_view_with_scroll_into_view_options(&how);
}

fn card(id: &str) -> Option<Element> {
    web_sys::window()?.document()?.get_element_by_id(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(
        tops: [f64; 3],
        (begun, over): (bool, bool),
        chosen: Option<&'static str>,
        expected: &str,
    ) {
        let tops: Vec<_> = ["a", "b", "c"].into_iter().zip(tops).collect();
        let scrolled = Scrolled { begun, over, height: 700.0 };
        assert_eq!(read(&tops, scrolled, chosen), Some(expected));
    }

    #[test]
    fn the_card_that_is_read_begins_above_the_line() {
        check([14.0, 300.0, 900.0], (false, false), None, "a");
        check([-200.0, 81.0, 700.0], (true, false), None, "a");
        check([-201.0, 80.0, 699.0], (true, false), None, "b");
        // What was chosen long ago says nothing of where somebody scrolled since.
        check([-201.0, 80.0, 699.0], (true, false), Some("c"), "b");
    }

    #[test]
    fn at_the_end_it_is_the_chosen_one_or_the_last() {
        check([-400.0, 200.0, 500.0], (true, true), None, "c");
        check([-400.0, 200.0, 500.0], (true, true), Some("b"), "b");
        check([-400.0, 200.0, 500.0], (true, true), Some("a"), "c");
    }

    #[test]
    fn on_a_page_that_has_room_for_all_it_is_the_chosen_one_or_the_first() {
        check([14.0, 200.0, 500.0], (false, true), None, "a");
        check([14.0, 200.0, 500.0], (false, true), Some("c"), "c");
        assert_eq!(read(&[], Scrolled { begun: false, over: true, height: 700.0 }, None), None);
    }
}
