//! When to look where the person is: once something has happened that may have changed it, and has been over for a moment.
//! A look costs a layout of the page, so there is none while it moves, and none while nothing happens.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::AddEventListenerOptions;

use crate::clock;

/// Milliseconds without anything before a look.
const REST: i32 = 250;
/// What may put the person elsewhere, beside what [`stir`] is called for.
const EVENTS: [&str; 3] = ["scroll", "resize", "hashchange"];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Waiting {
    /// Nothing has happened since the last look.
    #[default]
    No,
    /// For the end of a rest in which nothing has happened yet.
    Resting,
    /// Something has happened in this rest: another one has to follow.
    Stirred,
}

impl Waiting {
    /// Something happened. True: a rest begins.
    fn stir(&mut self) -> bool {
        let begins = *self == Self::No;
        *self = if begins { Self::Resting } else { Self::Stirred };
        begins
    }

    /// The rest is over. True: nothing has happened in it; else the next one begins.
    fn over(&mut self) -> bool {
        let rested = *self != Self::Stirred;
        *self = if rested { Self::No } else { Self::Resting };
        rested
    }
}

thread_local! {
    static WAITING: Cell<Waiting> = const { Cell::new(Waiting::No) };
    static LOOK: RefCell<Option<Rc<dyn Fn()>>> = const { RefCell::new(None) };
}

/// Has `look` called after whatever happens, and once at the beginning.
pub(super) fn begin(look: impl Fn() + 'static) {
    LOOK.set(Some(Rc::new(look)));
    if let Some(window) = web_sys::window() {
        let options = AddEventListenerOptions::new();
        // On its way down: what is scrolled tells nobody but those above it, and only so.
        options.set_capture(true);
        options.set_passive(true);
        let happened = Closure::<dyn Fn()>::new(stir).into_js_value();
        for event in EVENTS {
            // Only refuses a listener that is none.
            drop(window.add_event_listener_with_callback_and_add_event_listener_options(
                event,
                happened.unchecked_ref(),
                &options,
            ));
        }
    }
    stir();
}

/// Something happened that may be worth a look.
pub(super) fn stir() {
    if change(Waiting::stir) {
        rest();
    }
}

fn rest() {
    clock::soon(REST, || {
        if !change(Waiting::over) {
            return rest();
        }
        let look = LOOK.with_borrow(Clone::clone);
        if let Some(look) = look {
            look();
        }
    });
}

fn change(change: fn(&mut Waiting) -> bool) -> bool {
    let mut waiting = WAITING.get();
    let said = change(&mut waiting);
    WAITING.set(waiting);
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_look_after_all_that_happened() {
        let mut waiting = Waiting::default();
        assert!(waiting.stir(), "a rest begins");
        assert!(!waiting.stir() && !waiting.stir(), "one is under way");
        assert!(!waiting.over(), "it still moves");
        assert!(!waiting.stir());
        assert!(!waiting.over());
        assert!(waiting.over(), "now it rests");
        assert_eq!(waiting, Waiting::No, "nothing is waited for any more");
        assert!(waiting.stir());
        assert!(waiting.over());
    }
}
