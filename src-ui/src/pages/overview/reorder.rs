//! Columns that are moved: a head is pulled to another place, or its column goes one place on by `Shift+Alt` and an arrow.
//!
//! Only what can be seen of the heads counts: where a head is pulled to, and which one is the next.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Element, Window};
use yew::prelude::*;

use super::heads::{Landing, below, focus, landing, next, shown_heads};
use super::table::HeadMenuAsked;
use crate::live::{Column, ColumnOrder, Side};
use crate::session::{Session, use_session};

/// CSS pixels that the pointer has to go before a click becomes a pull.
const SLACK: f64 = 5.0;
/// What moves a column, as ARIA writes keys.
const KEYS: &str = "Shift+Alt+ArrowLeft Shift+Alt+ArrowRight";

thread_local! {
    /// Whose head is to have the focus again: an element that changes its place on the page loses it.
    static FOCUS: Cell<Option<Column>> = const { Cell::new(None) };
}

/// A head that the pointer has hold of.
#[derive(Clone, Copy, Debug)]
struct Held {
    column: Column,
    from: f64,
    pulled: bool,
    landing: Option<Landing>,
}

/// What is to be seen of a pull.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pull {
    column: Column,
    landing: Option<Landing>,
}

/// What makes the heads' columns movable.
pub(super) struct Reorder {
    session: Session,
    held: Rc<RefCell<Option<Held>>>,
    pull: UseStateHandle<Option<Pull>>,
    on_menu: HeadMenuAsked,
    /// Whether a click of this `detail` only ended a pull. One of a key (0) does not.
    pub(super) dropped: Callback<i32, bool>,
    click: Rc<Cell<bool>>,
}

/// Of one head.
pub(super) struct Movable {
    pub(super) dragged: bool,
    /// The side that something would be dropped at.
    pub(super) drop: Option<&'static str>,
    pub(super) keys: Option<&'static str>,
    pub(super) onpointerdown: Callback<PointerEvent>,
    pub(super) onpointermove: Callback<PointerEvent>,
    pub(super) onpointerup: Callback<PointerEvent>,
    pub(super) onpointercancel: Callback<PointerEvent>,
    pub(super) onkeydown: Callback<KeyboardEvent>,
    pub(super) oncontextmenu: Callback<MouseEvent>,
}

#[hook]
pub(super) fn use_reorder(order: ColumnOrder, on_menu: &HeadMenuAsked) -> Reorder {
    let session = use_session();
    let held = use_mut_ref(|| None::<Held>);
    let pull = use_state_eq(|| None::<Pull>);
    let click = use_memo((), |()| Cell::new(false));
    use_effect_with(order, |_| {
        if let Some(column) = FOCUS.take() {
            focus(column);
        }
    });
    let give_up = {
        let (held, pull, click) = (Rc::clone(&held), pull.setter(), Rc::clone(&click));
        Callback::from(move |()| {
            held.take();
            pull.set(None);
            // The pointer is still down, and will be let go.
            click.set(true);
        })
    };
    use_escape(pull.is_some(), give_up);
    let dropped = {
        let click = Rc::clone(&click);
        Callback::from(move |detail: i32| click.take() && detail != 0)
    };
    Reorder { session, held, pull, on_menu: on_menu.clone(), dropped, click }
}

impl Reorder {
    pub(super) fn of(&self, column: Column) -> Movable {
        let landing = self.pull.and_then(|pull| pull.landing);
        let drop =
            landing.filter(|landing| landing.neighbour == column).map(|landing| {
                match landing.side {
                    Side::Left => "left",
                    Side::Right => "right",
                }
            });
        let movable = column.can_move();
        Movable {
            dragged: self.pull.is_some_and(|pull| pull.column == column),
            drop,
            keys: movable.then_some(KEYS),
            onpointerdown: self.down(column),
            onpointermove: self.moved(),
            onpointerup: self.up(),
            onpointercancel: self.cancelled(),
            onkeydown: self.key(column),
            oncontextmenu: self.menu(column),
        }
    }

    fn down(&self, column: Column) -> Callback<PointerEvent> {
        let (held, click) = (Rc::clone(&self.held), Rc::clone(&self.click));
        Callback::from(move |event: PointerEvent| {
            click.set(false);
            if event.button() != 0 || !column.can_move() {
                return;
            }
            if let Some(button) = button_of(&event) {
                // The pointer leaves the head. Refused where there is no such pointer, as in a test.
                drop(button.set_pointer_capture(event.pointer_id()));
            }
            let from = f64::from(event.client_x());
            held.replace(Some(Held { column, from, pulled: false, landing: None }));
        })
    }

    fn moved(&self) -> Callback<PointerEvent> {
        let (held, pull) = (Rc::clone(&self.held), self.pull.setter());
        Callback::from(move |event: PointerEvent| {
            let mut held = held.borrow_mut();
            let Some(one) = held.as_mut() else { return };
            // It was let go where nobody saw it.
            if event.buttons() & 1 == 0 {
                *held = None;
                pull.set(None);
                return;
            }
            let x = f64::from(event.client_x());
            one.pulled |= (x - one.from).abs() >= SLACK;
            if one.pulled {
                one.landing = landing(&shown_heads(), one.column, x);
                pull.set(Some(Pull { column: one.column, landing: one.landing }));
            }
        })
    }

    fn up(&self) -> Callback<PointerEvent> {
        let (session, click) = (self.session.clone(), Rc::clone(&self.click));
        let (held, pull) = (Rc::clone(&self.held), self.pull.setter());
        Callback::from(move |_: PointerEvent| {
            let Some(one) = held.take().filter(|one| one.pulled) else { return };
            click.set(true);
            pull.set(None);
            if let Some(landing) = one.landing {
                put(&session, one.column, landing);
            }
        })
    }

    fn cancelled(&self) -> Callback<PointerEvent> {
        let (held, pull) = (Rc::clone(&self.held), self.pull.setter());
        Callback::from(move |_: PointerEvent| {
            held.take();
            pull.set(None);
        })
    }

    fn key(&self, column: Column) -> Callback<KeyboardEvent> {
        let (session, on_menu) = (self.session.clone(), self.on_menu.clone());
        Callback::from(move |event: KeyboardEvent| {
            let moves = event.shift_key() && event.alt_key();
            let key = event.key();
            match key.as_str() {
                "ArrowLeft" if moves => step(&session, column, Side::Left),
                "ArrowRight" if moves => step(&session, column, Side::Right),
                "ContextMenu" | "F10" if key == "ContextMenu" || event.shift_key() => {
                    let Some((x, y)) = below(column).filter(|_| column.can_move()) else { return };
                    on_menu.emit((column, x, y));
                }
                _ => return,
            }
            event.prevent_default();
            event.stop_propagation();
        })
    }

    fn menu(&self, column: Column) -> Callback<MouseEvent> {
        let on_menu = self.on_menu.clone();
        Callback::from(move |event: MouseEvent| {
            if !column.can_move() {
                return;
            }
            event.prevent_default();
            let pointed = (event.client_x(), event.client_y());
            // A menu key points nowhere.
            let place = if pointed == (0, 0) { below(column) } else { Some(pointed) };
            if let Some((x, y)) = place {
                on_menu.emit((column, x, y));
            }
        })
    }
}

/// Moves the column past the one that is seen beside it, and has its head keep the focus.
pub(super) fn step(session: &Session, column: Column, side: Side) {
    if let Some(landing) = next(&shown_heads(), column, side) {
        FOCUS.set(Some(column));
        put(session, column, landing);
    }
}

/// Whether there is a place for it at that side.
pub(super) fn can_step(column: Column, side: Side) -> bool {
    next(&shown_heads(), column, side).is_some()
}

fn put(session: &Session, column: Column, landing: Landing) {
    session.change_preferences(|preferences| {
        let order = ColumnOrder::of(&preferences.column_order);
        preferences.column_order = order.beside(column, landing.neighbour, landing.side).names();
    });
}

fn button_of(event: &PointerEvent) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest("button").ok()?
}

/// While something is pulled `Esc` ends that and nothing else, wherever the focus is.
#[hook]
fn use_escape(pulled: bool, give_up: Callback<()>) {
    use_effect_with(pulled, move |pulled| {
        let listener = pulled.then(|| Listener::new(give_up));
        move || drop(listener)
    });
}

/// Hears every key before anything on the page does, until it is dropped.
struct Listener {
    window: Option<Window>,
    pressed: Closure<dyn Fn(KeyboardEvent)>,
}

const KEY_DOWN: &str = "keydown";

impl Listener {
    fn new(give_up: Callback<()>) -> Self {
        let pressed = Closure::<dyn Fn(KeyboardEvent)>::new(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.prevent_default();
                event.stop_immediate_propagation();
                give_up.emit(());
            }
        });
        let window = web_sys::window();
        if let Some(window) = &window {
            // Neither this nor taking it away refuses anything.
            drop(window.add_event_listener_with_callback_and_bool(
                KEY_DOWN,
                pressed.as_ref().unchecked_ref(),
                true,
            ));
        }
        Self { window, pressed }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(window) = &self.window {
            drop(window.remove_event_listener_with_callback_and_bool(
                KEY_DOWN,
                self.pressed.as_ref().unchecked_ref(),
                true,
            ));
        }
    }
}
