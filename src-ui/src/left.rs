//! Where the person left the window. The page goes when the window is closed, so the shell keeps it, as a text that only
//! the page reads, and hands it to the next one before that draws anything.

mod watch;

use std::cell::RefCell;
use std::rc::Rc;

use domain::view::{LEFT_BYTES, Preferences, SavedView, Target, ViewName};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::live::{AlertFilter, Live, Topic, View};
use crate::pages::{begin_table_at, table_left_at};
use crate::shell::route;
use crate::{backend, clock};

/// A page may get its contents after it is shown. It is scrolled again so often, this many milliseconds apart.
const TRIES: u32 = 20;
const PAUSE: i32 = 50;

/// What cannot be read is what nobody left.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Left {
    page: Option<Target>,
    /// Sort, filters and search of the overview.
    table: Option<SavedView>,
    /// How far the table is scrolled, in CSS pixels.
    table_top: i32,
    alerts: AlertFilter,
    /// How far the page is scrolled that is shown.
    top: i32,
}

#[derive(Default)]
struct Kept {
    /// What the alerts' page shows; there is nobody else who knows while it is not shown.
    alerts: AlertFilter,
    /// As the shell has it.
    told: Left,
}

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::default();
}

/// The filter that the alerts' page begins with.
pub(crate) fn alert_filter() -> AlertFilter {
    KEPT.with_borrow(|kept| kept.alerts.clone())
}

pub(crate) fn set_alert_filter(filter: &AlertFilter) {
    KEPT.with_borrow_mut(|kept| kept.alerts.clone_from(filter));
    watch::stir();
}

/// Begins where the last page was left. A page that is named by the address stays, for it was reloaded there.
pub(crate) fn begin(live: &Live, left: &str) {
    let left = read(left);
    let Left { page, table, table_top, alerts, top } = left.clone();
    if let Some(table) = table {
        live.change_view(|view| *view = View::of(&table), clock::now());
    }
    begin_table_at(table_top);
    KEPT.with_borrow_mut(|kept| *kept = Kept { alerts, told: left });
    if let Some(page) = page.filter(|_| !is_addressed()) {
        route::open(&page);
        if top > 0 {
            scroll(page, top, 0, TRIES);
        }
    }
}

/// From now on has `keep` called with what the shell is to keep, whenever that is otherwise than what it has. Where nothing
/// is done, nothing is looked at.
pub(crate) fn watch(live: &Live, keep: impl Fn(String) + 'static) {
    let looked_at = live.clone();
    watch::begin(move || {
        let now = now(&looked_at);
        if let Some(left) = KEPT.with_borrow_mut(|kept| kept.otherwise(now)) {
            keep(written(&left));
        }
    });
    // Whoever draws the table is called when vaults come or go, too; the view itself is another one far less often.
    let (viewed, seen) = (live.clone(), RefCell::new(live.read(|state| state.view.clone())));
    let subscription = live.listen(
        Topic::View,
        Rc::new(move || {
            let fresh = viewed.read(|state| {
                let mut seen = seen.borrow_mut();
                let fresh = *seen != state.view;
                if fresh {
                    seen.clone_from(&state.view);
                }
                fresh
            });
            if fresh {
                watch::stir();
            }
        }),
    );
    // For as long as the page lives.
    std::mem::forget(subscription);
}

fn now(live: &Live) -> Left {
    Left {
        page: Some(route::current()),
        table: name()
            .map(|name| live.read(|state| state.view.saved(name, &Preferences::default()))),
        table_top: table_left_at(),
        alerts: alert_filter(),
        top: page().map_or(0, |page| page.scroll_top()),
    }
}

impl Kept {
    /// What is to be told, where it is not told yet.
    fn otherwise(&mut self, now: Left) -> Option<Left> {
        if self.told == now {
            return None;
        }
        self.told.clone_from(&now);
        Some(now)
    }
}

fn read(text: &str) -> Left {
    backend::read(text).unwrap_or_default()
}

/// What is too long to be kept is left without its longest parts, which are texts that somebody searched for.
fn written(left: &Left) -> String {
    let in_json = |left: &Left| serde_json::to_string(left).expect("its keys are words");
    let whole = in_json(left);
    if whole.len() <= LEFT_BYTES {
        return whole;
    }
    in_json(&Left { table: None, alerts: AlertFilter::default(), ..left.clone() })
}

/// No view that a person saved can be meant: this one is in no list.
fn name() -> Option<ViewName> {
    "left".parse().ok()
}

fn is_addressed() -> bool {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok());
    hash.is_some_and(|hash| !hash.is_empty())
}

fn page() -> Option<HtmlElement> {
    let document = web_sys::window()?.document()?;
    document.query_selector("main.page").ok()??.dyn_into().ok()
}

/// Scrolls the page as soon as it is long enough, unless somebody has scrolled it meanwhile, or is elsewhere.
fn scroll(at: Target, wanted: i32, last: i32, tries: u32) {
    let pause = if tries == TRIES { 0 } else { PAUSE };
    clock::soon(pause, move || {
        let Some(page) = page().filter(|_| route::current() == at) else { return };
        if page.scroll_top() != last {
            return;
        }
        page.set_scroll_top(wanted);
        let reached = page.scroll_top();
        if reached < wanted && tries > 1 {
            scroll(at, wanted, reached, tries - 1);
        }
    });
}

#[cfg(test)]
mod tests {
    use domain::VaultId;

    use super::*;
    use crate::live::StateFilter;

    fn left() -> Left {
        let mut view = View { search: "weth".to_owned(), ..View::default() };
        view.toggle_chain(domain::ChainId(137));
        Left {
            page: Some(Target::Vault(VaultId::new("a/b ü").unwrap())),
            table: Some(view.saved(name().unwrap(), &Preferences::default())),
            table_top: 640,
            alerts: AlertFilter { state: StateFilter::Open, ..AlertFilter::default() },
            top: 120,
        }
    }

    #[test]
    fn what_was_left_comes_back() {
        assert_eq!(read(&written(&left())), left());
    }

    #[test]
    fn what_is_not_known_or_damaged_is_what_nobody_left() {
        for text in
            ["", "{", "[]", "null", r#"{"page":"nowhere"}"#, r#"{"alerts":{"state":"odd"}}"#]
        {
            assert_eq!(read(text), Left::default(), "{text}");
        }
        let later = r#"{"page":"alerts","ofALaterVersion":[1],"top":7}"#;
        assert_eq!(read(later), Left { page: Some(Target::Alerts), top: 7, ..Left::default() });
    }

    #[test]
    fn a_search_without_end_is_not_kept_but_the_page_is() {
        let mut long = left();
        long.alerts.text = "ü".repeat(LEFT_BYTES);
        let text = written(&long);
        assert!(text.len() <= LEFT_BYTES);
        assert_eq!(read(&text).page, long.page);
        assert_eq!(read(&text).table_top, 640);
    }

    #[test]
    fn everything_is_told_once() {
        let mut kept = Kept::default();
        let at = |top: i32| Left { top, ..left() };
        assert_eq!(kept.otherwise(Left::default()), None, "nothing was done");
        assert_eq!(kept.otherwise(at(2)), Some(at(2)));
        assert_eq!(kept.otherwise(at(2)), None);
        assert_eq!(kept.otherwise(at(1)), Some(at(1)));
    }
}
