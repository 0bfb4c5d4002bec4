//! Where the table is scrolled to, and which lines are in view because of it.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use domain::{UnixMillis, VaultId};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, ResizeObserver};
use yew::prelude::*;

use super::slice::{Heights, scroll_to, slice};
use crate::clock;
use crate::live::{Line, Sort};
use crate::shell::media::{COARSE, NARROW, use_media};

/// Height of the row of heads, which stays at the top.
const HEADS: u32 = 30;
/// No table is higher where nothing is known of the window.
const ANY_SCREEN: u32 = 1_400;
/// What stands above the table in any window: its bar and the filters.
const ABOVE: u32 = 100;

thread_local! {
    /// Where the table was left, for coming back from a vault's page.
    static LEFT_AT: Cell<i32> = const { Cell::new(0) };
    /// Where the table is to be as soon as it is long enough: its vaults may come after it.
    static WANTED: Cell<Option<(i32, UnixMillis)>> = const { Cell::new(None) };
}

/// Longer than the vaults take to come. After that whoever scrolls is right.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the table is, or was when it was shown last, in CSS pixels.
pub(crate) fn left_at() -> i32 {
    WANTED.get().map_or(LEFT_AT.get(), |(wanted, _)| wanted)
}

/// Has the table begin there when it is shown.
pub(crate) fn begin_at(top: i32) {
    LEFT_AT.set(top);
    WANTED.set((top > 0).then(|| (top, clock::now())));
}

/// Scrolls to where the table is to begin, each time it has become longer.
#[hook]
pub(super) fn use_beginning(scroller: &NodeRef, lines: usize) {
    let scroller = scroller.clone();
    use_effect_with(lines, move |_| {
        let (Some((wanted, since)), Some(element)) = (WANTED.get(), scroller.cast::<HtmlElement>())
        else {
            return;
        };
        element.set_scroll_top(wanted);
        if element.scroll_top() >= wanted || clock::now().since(since) > PATIENCE {
            WANTED.set(None);
        }
    });
}

/// The lines in view, and what to call when the table was scrolled.
pub(super) struct Shown {
    pub(super) lines: Range<usize>,
    pub(super) onscroll: Callback<Event>,
}

/// `offsets` is where each line begins, and where the last one ends.
#[hook]
pub(super) fn use_shown(scroller: &NodeRef, offsets: &Rc<Vec<u32>>) -> Shown {
    let view = use_state_eq(|| (LEFT_AT.get().max(0).unsigned_abs(), most_in_view()));
    let (top, height) = *view;
    let lines = slice(offsets, top, height);
    let measure = {
        let (scroller, view, offsets) = (scroller.clone(), view.setter(), Rc::clone(offsets));
        let last = lines.clone();
        move || {
            let Some(element) = scroller.cast::<HtmlElement>() else { return };
            let top = element.scroll_top();
            LEFT_AT.set(top);
            let now = (top.max(0).unsigned_abs(), element.client_height().max(0).unsigned_abs());
            // Scrolling inside of the slice renders nothing. Another height counts even where there are too few lines yet
            // for it to show.
            if now.1 != height || slice(&offsets, now.0, now.1) != last {
                view.set(now);
            }
        }
    };
    use_resize(scroller, measure.clone());
    Shown { lines, onscroll: Callback::from(move |_: Event| measure()) }
}

/// Before the first measurement: enough for this window. It does not ask for the layout, which is not made yet.
fn most_in_view() -> u32 {
    let height = web_sys::window().and_then(|window| window.inner_height().ok()?.as_f64());
    height.map_or(ANY_SCREEN, |height| (height as u32).saturating_sub(ABOVE))
}

#[hook]
pub(super) fn use_heights() -> Heights {
    let narrow = use_media(NARROW);
    let coarse = use_media(COARSE);
    match (narrow, coarse) {
        (true, _) => Heights::NARROW,
        (false, true) => Heights::TOUCH,
        (false, false) => Heights::DENSE,
    }
}

/// Begins where the table was left, and at the top after another sort.
#[hook]
pub(super) fn use_scroll(scroller: &NodeRef, sort: Vec<Sort>) {
    let scroller = scroller.clone();
    let known = use_mut_ref(|| None);
    use_effect_with(sort, move |sort| {
        let before = known.borrow_mut().replace(sort.clone());
        let wanted = if before.is_none() { LEFT_AT.get() } else { 0 };
        // Where it stands anyway at first: to set it would have everything laid out now, and again with what is still to come.
        if before.is_none() && wanted == 0 {
            return;
        }
        if let Some(element) = scroller.cast::<HtmlElement>() {
            element.set_scroll_top(wanted);
        }
    });
}

/// Calls the latest `measure` when the table gets another size.
#[hook]
fn use_resize(scroller: &NodeRef, measure: impl Fn() + 'static) {
    let latest: Rc<RefCell<Box<dyn Fn()>>> =
        (*use_memo((), |()| Rc::new(RefCell::new(Box::new(|| {}) as Box<dyn Fn()>)))).clone();
    *latest.borrow_mut() = Box::new(measure);
    let scroller = scroller.clone();
    use_effect_with((), move |()| {
        let resized = Closure::<dyn Fn()>::new(move || (latest.borrow())());
        let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(element)) = (&observer, scroller.cast::<HtmlElement>()) {
            observer.observe(&element);
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop(resized);
        }
    });
}

/// Scrolls the selected line into view when another one is selected.
#[hook]
pub(super) fn use_in_view(
    scroller: &NodeRef,
    lines: &Rc<Vec<Line>>,
    offsets: &Rc<Vec<u32>>,
    selected: Option<VaultId>,
) {
    let (scroller, lines, offsets) = (scroller.clone(), Rc::clone(lines), Rc::clone(offsets));
    use_effect_with(selected, move |selected| {
        let place = selected.as_ref().and_then(|selected| {
            lines.iter().position(|line| matches!(line, Line::Vault(id) if id == selected))
        });
        if let (Some(place), Some(element)) = (place, scroller.cast::<HtmlElement>()) {
            let top = element.scroll_top().max(0).unsigned_abs();
            let height = element.client_height().max(0).unsigned_abs().saturating_sub(HEADS);
            let line: Range<u32> = offsets[place]..offsets[place + 1];
            if let Some(top) = scroll_to(line, top, height) {
                element.set_scroll_top(top.cast_signed());
            }
        }
    });
}
