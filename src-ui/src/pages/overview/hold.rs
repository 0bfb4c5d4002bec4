//! While somebody is about to click or read a line, no line moves.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::clock;
use crate::live::Hold;
use crate::session::Session;

/// What tells that somebody is about to click or read a line.
pub(super) struct HoldCallbacks {
    pub(super) moved: Callback<PointerEvent>,
    pub(super) leave: Callback<PointerEvent>,
    pub(super) focus: Callback<FocusEvent>,
    pub(super) blur: Callback<FocusEvent>,
}

/// Where the person's attention is.
#[derive(Default)]
struct Attention {
    pointer: Cell<bool>,
    focus: Cell<bool>,
}

#[hook]
pub(super) fn use_hold(session: &Session) -> HoldCallbacks {
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
