use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

use domain::VaultId;
use domain::view::Target;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, KeyboardEvent, ResizeObserver};
use yew::prelude::*;

use super::TABLE_ID;
use super::column::Heads;
use super::row::{Row, element_id};
use super::row_menu::RowMenu;
use super::slice::{Heights, offsets, scroll_to, slice};
use crate::clipboard;
use crate::clock;
use crate::design::{Icon, Place, section_icon, section_style};
use crate::format;
use crate::live::{Column, Fold, Hold, Line, Section, Sort, Topic, View, table_csv};
use crate::session::{Session, use_live, use_session};
use crate::shell::media::{COARSE, NARROW, use_media};
use crate::shell::route;

/// Height of the row of heads, which stays at the top.
const HEADS: u32 = 30;
/// Rows that `PageUp` and `PageDown` walk.
const PAGE: isize = 15;

/// Keys of the spacers. With one child without a key, all would be built anew whenever lines move. No vault's
/// id has a control character in it, so these are not taken.
const ABOVE: &str = "\u{1}above";
const BELOW: &str = "\u{1}below";

thread_local! {
    /// Where the table was left, for coming back from a vault's page.
    static LEFT_AT: Cell<i32> = const { Cell::new(0) };
}

/// The table of vaults: a grid of which only the lines in view are on the page.
#[component]
pub(crate) fn Table() -> Html {
    let session = use_session();
    let lines = use_live(Topic::Order, |state| Rc::clone(&state.lines));
    let selected = use_live(Topic::View, |state| state.selected.clone());
    let heights = use_heights();
    let offsets =
        use_memo((Rc::clone(&lines), heights), |(lines, heights)| offsets(lines, *heights));

    let scroller = use_node_ref();
    // Before the first measurement: enough for any screen.
    let view = use_state_eq(|| (LEFT_AT.get().max(0).unsigned_abs(), 1_400u32));
    let (top, height) = *view;
    let shown = slice(&offsets, top, height);
    let measure = {
        let (scroller, view, offsets) = (scroller.clone(), view.setter(), Rc::clone(&offsets));
        let last = shown.clone();
        move || {
            let Some(element) = scroller.cast::<HtmlElement>() else { return };
            let top = element.scroll_top();
            LEFT_AT.set(top);
            let now = (top.max(0).unsigned_abs(), element.client_height().max(0).unsigned_abs());
            // Scrolling inside of the slice renders nothing.
            if slice(&offsets, now.0, now.1) != last {
                view.set(now);
            }
        }
    };
    let sort = use_live(Topic::View, |state| state.view.sort.clone());
    use_scroll(&scroller, sort);
    use_resize(&scroller, measure.clone());
    use_in_view(&scroller, &lines, &offsets, selected.clone());
    let hold = use_hold(&session);
    let menu = use_state_eq(|| None::<(VaultId, Place)>);
    let on_menu = {
        let (menu, live) = (menu.setter(), session.live.clone());
        Callback::from(move |(id, x, y): (VaultId, i32, i32)| {
            live.select(Some(id.clone()));
            // A button that is pressed by a key has no pointer.
            let (x, y) = if (x, y) == (0, 0) { middle_of(&id) } else { (x, y) };
            menu.set(Place::at(x, y).map(|place| (id, place)));
        })
    };
    let close_menu = {
        let (menu, scroller) = (menu.setter(), scroller.clone());
        Callback::from(move |()| {
            menu.set(None);
            if let Some(table) = scroller.cast::<HtmlElement>() {
                drop(table.focus());
            }
        })
    };
    let onkeydown = keys(&session, &on_menu);
    let hidden = use_live(Topic::Preferences, |state| state.preferences.hidden_columns.join(" "));
    let columns = Column::ALL
        .iter()
        .filter(|column| !hidden.split(' ').any(|name| name == column.name()))
        .count();

    let style = format!("--row:{}px;--section:{}px", heights.row, heights.header);
    let total = offsets.last().copied().unwrap_or_default();
    let (above, below) = (offsets[shown.start], total - offsets[shown.end]);
    html! {
        <div class="table-card" {style} data-hide={hidden}>
            <div class="table" id={TABLE_ID} ref={scroller} role="grid" aria-label="Vaults" data-testid="vault-table" tabindex="0"
                aria-rowcount={(lines.len() + 1).to_string()} aria-colcount={columns.to_string()}
                aria-activedescendant={selected.as_ref().map(element_id)} {onkeydown}
                onscroll={Callback::from(move |_: Event| measure())} onfocus={hold.focus} onblur={hold.blur}>
                <Heads />
                <div class="lines" role="rowgroup" onpointermove={hold.moved} onpointerleave={hold.leave}>
                    <div key={ABOVE} aria-hidden="true" style={format!("height:{above}px")} />
                    { for shown.map(|index| line(&session, &lines[index], index, selected.as_ref(), &on_menu)) }
                    <div key={BELOW} aria-hidden="true" style={format!("height:{below}px")} />
                </div>
                if lines.is_empty() { { nothing_matches(&session) } }
            </div>
            // One child whether it is there or not: else the whole table would be built anew with it.
            { (*menu).clone().map(|(id, place)| html! { <RowMenu {id} {place} on_close={close_menu.clone()} /> }).unwrap_or_default() }
        </div>
    }
}

fn line(
    session: &Session,
    line: &Line,
    index: usize,
    selected: Option<&VaultId>,
    on_menu: &Callback<(VaultId, i32, i32)>,
) -> Html {
    // The row of heads is the first.
    let number = index + 2;
    match line {
        Line::Vault(id) => html! {
            <Row key={id.as_str()} id={id.clone()} {number} selected={selected == Some(id)} on_menu={on_menu.clone()} />
        },
        Line::Header { section, count, fold } => {
            let name = html! {
                <>
                    { section_icon(*section) }
                    <b>{ section.word() }</b>
                    <span>{ format::count(*count, "vault", "vaults") }</span>
                </>
            };
            html! {
                <div class="section" role="row" key={format!("\u{1}{}", section.word())} data-level={section_style(*section)} aria-rowindex={number.to_string()}>
                    <div role="gridcell" aria-colspan="11">
                        if *section == Section::Low { { folding(session, *fold, name) } } else { { name } }
                    </div>
                </div>
            }
        }
    }
}

fn folding(session: &Session, fold: Fold, name: Html) -> Html {
    let live = session.live.clone();
    let onclick = Callback::from(move |_: MouseEvent| {
        live.change_view(|view| view.low = view.low.toggled(), clock::now());
    });
    let (icon, expanded) = match fold {
        Fold::Open => (Icon::Up, "true"),
        Fold::Folded => (Icon::Down, "false"),
    };
    html! {
        <button class="fold" data-testid="fold-low" aria-expanded={expanded} {onclick}>{ name }{ icon.html() }</button>
    }
}

fn nothing_matches(session: &Session) -> Html {
    let live = session.live.clone();
    let onclick =
        Callback::from(move |_: MouseEvent| live.change_view(View::clear_filters, clock::now()));
    html! {
        <div class="no-match" role="status">
            <p><strong>{ "No vault matches." }</strong></p>
            <p>{ "The filters and the search leave none of the vaults." }</p>
            <button class="button" {onclick}>{ "Show all vaults" }</button>
        </div>
    }
}

#[hook]
fn use_heights() -> Heights {
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
fn use_scroll(scroller: &NodeRef, sort: Vec<Sort>) {
    let scroller = scroller.clone();
    let known = use_mut_ref(|| None);
    use_effect_with(sort, move |sort| {
        let before = known.borrow_mut().replace(sort.clone());
        if let Some(element) = scroller.cast::<HtmlElement>() {
            element.set_scroll_top(if before.is_none() { LEFT_AT.get() } else { 0 });
        }
    });
}

/// Calls the latest `measure` when the table gets another size.
#[hook]
fn use_resize(scroller: &NodeRef, measure: impl Fn() + 'static) {
    let latest: Rc<std::cell::RefCell<Box<dyn Fn()>>> =
        (*use_memo((), |()| Rc::new(std::cell::RefCell::new(Box::new(|| {}) as Box<dyn Fn()>))))
            .clone();
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
fn use_in_view(
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

/// What tells that somebody is about to click or read a line.
struct HoldCallbacks {
    moved: Callback<PointerEvent>,
    leave: Callback<PointerEvent>,
    focus: Callback<FocusEvent>,
    blur: Callback<FocusEvent>,
}

/// Where the person's attention is.
#[derive(Default)]
struct Attention {
    pointer: Cell<bool>,
    focus: Cell<bool>,
}

#[hook]
fn use_hold(session: &Session) -> HoldCallbacks {
    let attention = use_memo((), |()| Attention::default());
    let live = session.live.clone();
    use_effect_with((), move |()| move || live.hold(Hold::Free, clock::now()));

    let live = session.live.clone();
    let tell = {
        let attention = Rc::clone(&attention);
        Callback::from(move |()| {
            let held = attention.pointer.get() || attention.focus.get();
            live.hold(if held { Hold::Held } else { Hold::Free }, clock::now());
        })
    };
    let pointer = |here: bool| {
        let attention = Rc::clone(&attention);
        tell.reform(move |_: PointerEvent| attention.pointer.set(here))
    };
    let focus = {
        let attention = Rc::clone(&attention);
        tell.reform(move |event: FocusEvent| {
            // A click into the table focuses it too, but then the pointer holds it anyway.
            let element = event.target().and_then(|at| at.dyn_into::<HtmlElement>().ok());
            let by_keyboard =
                element.is_some_and(|element| element.matches(":focus-visible").unwrap_or(false));
            attention.focus.set(by_keyboard);
        })
    };
    let (moved, leave) = (pointer(true), pointer(false));
    let blur = tell.reform(move |_: FocusEvent| attention.focus.set(false));
    HoldCallbacks { moved, leave, focus, blur }
}

fn keys(session: &Session, on_menu: &Callback<(VaultId, i32, i32)>) -> Callback<KeyboardEvent> {
    let (session, on_menu) = (session.clone(), on_menu.clone());
    Callback::from(move |event: KeyboardEvent| {
        // A head or the fold button has its own use for these keys.
        let here = event.target().and_then(|at| at.dyn_into::<HtmlElement>().ok());
        if here.is_none_or(|element| element.id() != TABLE_ID) {
            return;
        }
        let distance = match event.key().as_str() {
            "ArrowDown" | "j" => 1,
            "ArrowUp" | "k" => -1,
            "PageDown" => PAGE,
            "PageUp" => -PAGE,
            "Home" => isize::MIN,
            "End" => isize::MAX,
            "Enter" => {
                if let Some(id) = session.live.read(|state| state.selected.clone()) {
                    event.prevent_default();
                    route::open(&Target::Vault(id));
                }
                return;
            }
            "ContextMenu" | "F10" if event.key() == "ContextMenu" || event.shift_key() => {
                if let Some(id) = session.live.read(|state| state.selected.clone()) {
                    event.prevent_default();
                    let (x, y) = middle_of(&id);
                    on_menu.emit((id, x, y));
                }
                return;
            }
            "c" if event.ctrl_key() || event.meta_key() => {
                let csv = session.live.read(|state| {
                    let row = &state.board.vault(state.selected.as_ref()?)?.row;
                    Some(table_csv(std::iter::once(&**row)))
                });
                if let Some(csv) = csv {
                    event.prevent_default();
                    clipboard::copy(&csv);
                }
                return;
            }
            "Escape" => {
                // Twice clears the filters: first only the mark goes.
                if session.live.read(|state| state.selected.is_some()) {
                    event.prevent_default();
                    session.live.select(None);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        let next = session.live.read(|state| state.neighbour(distance));
        session.live.select(next);
    })
}

/// Where the line of a vault is, in the window; its upper left corner where it is not in view.
fn middle_of(id: &VaultId) -> (i32, i32) {
    let document = web_sys::window().and_then(|window| window.document());
    let line = document.and_then(|document| document.get_element_by_id(&element_id(id)));
    line.map_or((0, 0), |line| {
        let rect = line.get_bounding_client_rect();
        ((rect.left() + rect.width() / 3.0) as i32, (rect.top() + rect.height() / 2.0) as i32)
    })
}
