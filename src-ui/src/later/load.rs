use std::cell::{Cell, RefCell};

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::part::Part;
use crate::clock;
use crate::live::Topic;
use crate::session::use_live;

/// Draws a part: the one function of the second program that the first one knows.
type Draw = fn(&Part) -> Html;

#[derive(Clone, Copy)]
pub(super) enum State {
    Waits,
    Loaded(Draw),
    /// Its file is part of the application: this is a damaged one.
    Failed,
}

/// Milliseconds after which it is loaded in any case.
const PATIENCE: i32 = 400;

thread_local! {
    static STATE: Cell<State> = const { Cell::new(State::Waits) };
    static LOADS: Cell<bool> = const { Cell::new(false) };
    /// What is drawn anew when that changes, each under a number of its own.
    static WAITING: RefCell<Vec<(u32, UseForceUpdateHandle)>> = const { RefCell::new(Vec::new()) };
    static NUMBERS: Cell<u32> = const { Cell::new(0) };
}

/// Whether what it has can be shown at once.
pub(crate) fn is_loaded() -> bool {
    matches!(STATE.get(), State::Loaded(_))
}

/// Whether what it has cannot be shown at all.
pub(crate) fn is_missing() -> bool {
    matches!(STATE.get(), State::Failed)
}

#[cfg(not(feature = "divided"))]
async fn second() -> Result<Draw, ()> {
    Ok(Part::draw)
}

/// Everything that only this function leads to is the second program.
#[cfg(feature = "divided")]
#[wasm_split_helpers::wasm_split(later, fallible)]
fn second() -> Result<Draw, wasm_split_helpers::SplitLoaderError> {
    Ok(Part::draw)
}

/// Loads it when the first values are on the screen, so that they wait for nothing, or after a moment without any.
#[hook]
pub(crate) fn use_loading() {
    let begun = use_live(Topic::View, |state| state.board.begun);
    use_effect_with(begun, |begun| {
        if *begun {
            after_the_next_frame(load);
        }
    });
    // A window that nobody sees has no frames.
    use_effect_with((), |()| clock::soon(PATIENCE, load));
}

/// The state of the second program; asks for it at once where somebody waits.
#[hook]
pub(super) fn use_loaded(now: bool) -> (State, Callback<()>) {
    let update = use_force_update();
    let state = STATE.get();
    use_effect_with(now, move |now| {
        let number = NUMBERS.replace(NUMBERS.get().wrapping_add(1));
        if !is_loaded() {
            WAITING.with_borrow_mut(|waiting| waiting.push((number, update)));
            if *now {
                load();
            }
        } else if !matches!(state, State::Loaded(_)) {
            // It came between drawing and this.
            update.force_update();
        }
        move || WAITING.with_borrow_mut(|waiting| waiting.retain(|(other, _)| *other != number))
    });
    let again = Callback::from(|()| {
        STATE.set(State::Waits);
        load();
    });
    (state, again)
}

fn load() {
    if !matches!(STATE.get(), State::Waits) || LOADS.replace(true) {
        return;
    }
    spawn_local(async {
        let state = second().await.map_or(State::Failed, State::Loaded);
        STATE.set(state);
        LOADS.set(false);
        for (_, update) in WAITING.with_borrow(Clone::clone) {
            update.force_update();
        }
        if is_loaded() {
            WAITING.with_borrow_mut(|waiting| *waiting = Vec::new());
        }
    });
}

/// The second frame from now begins when what is drawn now has been painted.
fn after_the_next_frame(work: fn()) {
    fn frame(work: impl FnOnce() + 'static) {
        let Some(window) = web_sys::window() else { return };
        let work = Closure::once_into_js(work);
        // Cannot fail: it is a function.
        drop(window.request_animation_frame(work.unchecked_ref()));
    }
    frame(move || frame(work));
}
